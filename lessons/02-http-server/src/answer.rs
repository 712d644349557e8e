use std::fmt;
use std::pin::Pin;

use http_message::Response;
use tokio::io::{AsyncRead, AsyncWrite};

/// What a [`Handler`](crate::Handler) answers.
#[derive(Debug)]
pub enum Answer {
    /// The request is answered. HTTP goes on, unless the response says otherwise.
    Response(Response),
    /// HTTP is over on this connection.
    Upgrade(Upgrade),
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self::Response(response)
    }
}

/// A change to another protocol (RFC 9110, section 7.8): the answer that says so, and who speaks it.
pub struct Upgrade {
    pub(crate) response: Response,
    pub(crate) speak: Speak,
}

/// Boxed, because each protocol is another type.
pub(crate) type Speak =
    Box<dyn FnOnce(Upgraded) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

impl Upgrade {
    /// Sends `response`, then runs `speak` on the connection, in the connection's own task: it counts
    /// as one of `max_connections` while it runs, and is cut when a stop's grace period is over.
    pub fn new<F>(response: Response, speak: impl FnOnce(Upgraded) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { response, speak: Box::new(|upgraded| Box::pin(speak(upgraded))) }
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade").field("response", &self.response).finish_non_exhaustive()
    }
}

/// A connection that speaks HTTP no more.
pub struct Upgraded {
    /// The connection itself.
    pub stream: Box<dyn Stream>,
    /// What the client sent after the request and before it had the answer. It belongs to the new
    /// protocol, and comes before anything that the stream gives.
    pub early: Vec<u8>,
}

/// Bytes both ways: what is left when HTTP is taken away.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}
