use std::fmt;
use std::sync::Arc;

use subtle::ConstantTimeEq;

/// What only one person knows: a key, or the desk's token.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    /// This is it.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self(secret.into())
    }

    /// Whether somebody knows it.
    ///
    /// `==` stops at the first byte that differs, so how long it takes says how many were right: who may try often
    /// enough guesses one byte after the other. This looks at all of them.
    #[must_use]
    pub fn is(&self, shown: &str) -> bool {
        // ANCHOR: step_20_4
        self.0.as_bytes().ct_eq(shown.as_bytes()).into()
        // ANCHOR_END: step_20_4
    }
}

/// For a log: without it.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
