use std::fmt;
use std::time::Instant;

use socketio_packet::{EncodedPacket, Namespace};

use crate::{Selection, SocketId};

/// What a server keeps for clients whose connection broke, so that they find on their return what they had,
/// and what they missed (Socket.IO, "Connection state recovery").
///
/// Each event that is stored bears an *offset*, as its last argument: the client shows the last one that
/// it saw. Only an event that asks for no answer, and is not volatile, is stored. Between
/// [`next_offset`](Self::next_offset) and the moment at which the event is handed to its sockets, no other
/// may come: hold one lock, or a client sees two of them in another order than the log.
pub trait RecoveryLog: fmt::Debug + Send {
    /// The offset of the next event, to be written as its last argument.
    fn next_offset(&mut self) -> String;

    /// An event was sent, as `packet`, which bears this offset.
    fn store_event(&mut self, offset: &str, event: MissedEvent, now: Instant);

    /// A connection broke. Its socket may come back.
    fn store_session(&mut self, session: LostSession, now: Instant);

    /// Somebody comes who says that they were here before: `offset` is of the last event that they saw.
    /// Whatever the answer, nobody comes back as this session again before it is stored again.
    ///
    /// # Errors
    ///
    /// [`NotRestored`]: they are somebody new.
    fn restore(
        &mut self,
        nsp: &Namespace,
        pid: &str,
        offset: Option<&str>,
        now: Instant,
    ) -> Result<Restored, NotRestored>;

    /// Forgets what is too old. When the next is: then this is to be called again.
    fn expire(&mut self, now: Instant) -> Option<Instant>;
}

/// An event that some sockets may miss.
#[derive(Clone, Debug)]
pub struct MissedEvent {
    /// In which namespace it was said.
    pub nsp: Namespace,
    /// To whom.
    pub selection: Selection,
    /// As it travels.
    pub packet: EncodedPacket,
}

/// A socket whose connection broke.
#[derive(Clone, PartialEq, Eq)]
pub struct LostSession {
    /// The namespace that it was in.
    pub nsp: Namespace,
    /// The secret by which its client is known again. It is random, and nobody else hears of it.
    pub pid: String,
    /// Who it was.
    pub id: SocketId,
    /// The rooms that it was in, the one of its own id among them.
    pub rooms: Vec<String>,
    /// What was set for it, as JSON.
    pub data: String,
}

/// Who came back, and what they missed.
#[derive(Debug)]
pub struct Restored {
    /// As it was stored.
    pub session: LostSession,
    /// What is to be sent before the reply to the CONNECT, in order.
    pub missed: Vec<EncodedPacket>,
}

/// Why somebody is treated as new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRestored {
    /// No session of this namespace has this secret, or it was kept for too long.
    #[error("expected the pid of a session that was lost a short while ago, came another")]
    UnknownSession,
    /// The client saw no event yet, so nobody knows where it stopped.
    #[error("expected the offset of the last event, came none")]
    NoOffset,
    /// This log gave no such offset.
    #[error("expected an offset of this server, came another text")]
    UnknownOffset,
    /// What came right after that offset is not kept any more.
    #[error("expected an offset after which all events are kept, came an older one")]
    Gap,
}

/// For a log: without the secret.
impl fmt::Debug for LostSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LostSession")
            .field("nsp", &self.nsp)
            .field("id", &self.id)
            .field("rooms", &self.rooms)
            .finish_non_exhaustive()
    }
}
