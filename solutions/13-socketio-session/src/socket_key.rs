/// Which of a connection's sockets. A namespace that is joined again makes another one, so nothing that
/// was meant for the socket before reaches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketKey(pub(crate) u64);
