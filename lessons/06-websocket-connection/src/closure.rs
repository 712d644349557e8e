use thiserror::Error;

use crate::{Close, Fault};

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Closure {
    /// The peer closed it.
    #[error("closed by the peer{said}", said = said(.0))]
    ByPeer(Option<Close>),
    /// We closed it, and the peer has answered.
    #[error("closed by us, and the peer answered{said}", said = said(.0))]
    ByUs(Option<Close>),
    /// The peer broke the protocol, and was told so, unless we had closed already.
    #[error("closed with {code}: {0}", code = .0.close_code())]
    Failed(Fault),
    /// We closed it, and the peer did not answer in time.
    #[error("closed by us; expected the peer's answer within close_timeout, came none")]
    Unanswered,
    /// The peer did not answer a ping in time.
    #[error("expected an answer to a ping within the keep-alive's timeout, came nothing")]
    Silent,
    /// The TCP connection ended without a close frame.
    #[error("expected a close frame, came the end of the connection")]
    Lost,
}

fn said(close: &Option<Close>) -> String {
    close.as_ref().map_or(", without a code".to_owned(), |close| format!(" with {close}"))
}
