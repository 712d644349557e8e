use engineio_packet::{Frame, Message};

use crate::{CloseReason, UpgradeError};

/// What is to be done for a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a GET. There is no other under way.
    Poll,
    /// Send a POST, with these as its payload. There is no other under way.
    Post(Vec<Frame>),
    /// Open a WebSocket, with the session's id.
    OpenWebSocket,
    /// Send this over the WebSocket.
    WebSocket(Frame),
    /// Close the WebSocket, or give up opening it.
    CloseWebSocket,
    /// Tell the application.
    Event(Event),
}

/// News for the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The server sent a message.
    Message(Message),
    /// The session moved to the WebSocket.
    Upgraded,
    /// The WebSocket that was tried is no good. The session goes on by polling.
    UpgradeFailed(UpgradeError),
    /// It is over. Nothing comes after this; a POST that is under way may say so to the server, all else
    /// may be dropped.
    Closed(CloseReason),
}
