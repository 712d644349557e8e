use tokio::task::JoinError;

/// How the connections of a [`Server`](crate::Server) ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Report {
    /// Those that came to an end by themselves.
    pub served: usize,
    /// Those that were cut, because the grace period of a stop was over.
    pub cut: usize,
    /// Those whose task panicked. That is a bug of this crate, for a handler's panic is answered, or of
    /// the protocol that the connection was changed to.
    pub panicked: usize,
}

impl Report {
    pub(crate) fn count(&mut self, ended: &Result<(), JoinError>) {
        match ended {
            Ok(()) => self.served += 1,
            Err(error) if error.is_panic() => self.panicked += 1,
            Err(_) => self.cut += 1,
        }
    }
}
