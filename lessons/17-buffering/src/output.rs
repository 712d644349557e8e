use socketio_session::NoAnswer;

/// What is to be done for one namespace of a client.
#[derive(Debug, PartialEq, Eq)]
pub enum Output<P, E, T> {
    /// Send this.
    Send(P),
    /// An event came: tell the application.
    Received(E),
    /// The socket is connected, and all that waited is on its way: tell the application.
    Connected,
    /// This is not sent. Who asks with it hears of it as well.
    Dropped {
        /// It.
        packet: P,
        /// Why.
        why: Dropped,
    },
    /// No answer comes.
    Unanswered {
        /// To whom.
        asker: T,
        /// Why not.
        why: NoAnswer,
    },
}

/// Why a packet is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Dropped {
    /// It is volatile.
    #[error("expected a connection that takes a volatile event at once, came none; it is dropped")]
    Volatile,
    /// More was to wait than may.
    #[error("expected fewer packets while there is no connection; one is dropped")]
    Overflow,
}

/// More came before the reply to the CONNECT than may wait. The connection is to be closed: of what comes
/// later, the offset would say that nothing is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the reply to CONNECT, came more events than may wait for it")]
pub struct EarlyFlood;
