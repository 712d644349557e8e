use crate::{Closure, Message};

/// News for the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The peer said something.
    Message(Message),
    /// It is over; nothing comes after this. Send what is to be sent, then close the TCP connection.
    Closed(Closure),
}
