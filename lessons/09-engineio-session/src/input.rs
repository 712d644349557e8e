use engineio_packet::{ByteString, EncodedMessage, Frame};

use crate::CloseReason;

/// What happened to a session.
#[derive(Clone, Debug)]
pub enum Input {
    /// A GET came. It waits until [`Output::AnswerGet`](crate::Output::AnswerGet).
    Get,
    /// The client left while its GET waited.
    GetCancelled,
    /// A POST came; its body is still to be read.
    PostBegan,
    /// The body of the POST.
    Post(ByteString),
    /// The client left before its POST had ended.
    PostCancelled,
    /// The body of the POST is not taken, because it is too long, say. The client is told by the
    /// answer to its POST; the session goes on as if it had not come.
    PostRefused,
    /// A WebSocket with this session's id was opened.
    WebSocketOpened,
    /// A message came over the WebSocket.
    Frame(Frame),
    /// The WebSocket ended, one way or another.
    WebSocketClosed,
    /// The application sends.
    Send(EncodedMessage),
    /// The application closes the session. What was sent before is delivered first, if it can be.
    Close,
    /// Whoever drives the session found a reason to end it at once.
    Fail(CloseReason),
}
