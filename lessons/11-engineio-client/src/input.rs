use engineio_packet::{ByteString, Frame};

/// What happened to a session.
#[derive(Clone, Debug)]
pub enum Input {
    /// The GET was answered, with this body.
    PollAnswered(ByteString),
    /// The GET was not answered as it should.
    PollFailed {
        /// What came instead.
        problem: String,
    },
    /// The POST was answered.
    PostAnswered,
    /// The POST was not answered as it should.
    PostFailed {
        /// What came instead.
        problem: String,
    },
    /// The WebSocket that was asked for is open.
    WebSocketOpened,
    /// A message came over the WebSocket.
    Frame(Frame),
    /// The WebSocket ended, or could not be opened.
    WebSocketClosed {
        /// Why.
        problem: String,
    },
    /// The application closes the session. What was sent before is delivered first, if it can be.
    Close,
}
