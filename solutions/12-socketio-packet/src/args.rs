/// Several arguments, as a tuple or a list: `Args((1, "two"))`. Any other type is one argument.
///
/// `Args(())` is none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Args<T>(pub T);
