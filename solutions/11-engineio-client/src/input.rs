use engineio_packet::{ByteString, Frame};

use crate::CloseReason;

/// What happened to a session.
#[derive(Clone, Debug)]
pub enum Input {
    /// The GET was answered, with this body.
    PollAnswered(ByteString),
    /// The POST was answered.
    PostAnswered,
    /// The WebSocket that was asked for is open.
    WebSocketOpened,
    /// A message came over the WebSocket.
    Frame(Frame),
    /// The WebSocket ended, or could not be opened.
    WebSocketClosed,
    /// A request failed, or something else that no session survives.
    Fail(CloseReason),
    /// The application closes the session. What was sent before is delivered first, if it can be.
    Close,
}
