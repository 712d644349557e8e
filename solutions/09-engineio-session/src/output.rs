use engineio_packet::{Frame, Message};

use crate::CloseReason;

/// What is to be done for a session.
#[derive(Clone, Debug, PartialEq, Eq)]
// ANCHOR: output
pub enum Output {
    /// Answer the GET that waits, with these as its payload.
    AnswerGet(Vec<Frame>),
    /// Send this over the WebSocket.
    WebSocket(Frame),
    /// Close the WebSocket.
    CloseWebSocket,
    /// Tell the application.
    Event(Event),
}
// ANCHOR_END: output

/// News for the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The client sent a message.
    Message(Message),
    /// The session moved to the WebSocket.
    Upgraded,
    /// It is over. Nothing comes after this.
    Closed(CloseReason),
}
