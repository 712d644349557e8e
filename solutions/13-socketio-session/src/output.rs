use socketio_packet::{EncodedPacket, Namespace, RawArgs, RawData};

use crate::{AckToken, DisconnectReason, Refusal, SocketKey};

/// What is to be done for a connection.
#[derive(Debug, PartialEq, Eq)]
// ANCHOR: output
pub enum Output<T> {
    /// Send this.
    Send(EncodedPacket),
    /// Tell the application.
    Event(Event<T>),
    /// Close the Engine.IO connection, behind what was sent.
    ///
    /// Nothing comes after this, but for an [`Event::Unanswered`] to whoever asks even then.
    Close(DisconnectReason),
}
// ANCHOR_END: output

/// News for the application.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<T> {
    /// The client asks for a namespace: [`Session::accept`](crate::Session::accept) or
    /// [`Session::refuse`](crate::Session::refuse).
    Connecting {
        /// The socket that it would be.
        key: SocketKey,
        /// Which namespace.
        nsp: Namespace,
        /// What the client shows for it.
        auth: Option<RawData>,
    },
    /// The client asked for a namespace, and was refused already: it is in as many as it may be.
    Refused {
        /// Which namespace.
        nsp: Namespace,
        /// What the client is told.
        refusal: Refusal,
    },
    /// An event came.
    Received {
        /// For this socket.
        key: SocketKey,
        /// What happened.
        name: socketio_packet::ByteString,
        /// What belongs to it.
        args: RawArgs,
        /// The right to answer, if the client waits for that.
        ack: Option<AckToken>,
    },
    /// An answer came.
    Answered {
        /// To whom.
        asker: T,
        /// It.
        args: RawArgs,
    },
    /// No answer comes.
    Unanswered {
        /// To whom.
        asker: T,
        /// Why not.
        why: NoAnswer,
    },
    /// A socket is no more. Nothing comes for it after this.
    Left {
        /// This one.
        key: SocketKey,
        /// Why.
        reason: DisconnectReason,
    },
}

/// Why an answer does not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// Its deadline came first.
    #[error("expected an answer before the timeout, came none")]
    TimedOut,
    /// The socket left.
    #[error("expected an answer, but the socket has been disconnected")]
    Disconnected,
    /// The question was never sent: the layers above may drop one, a session does not.
    #[error("expected an answer, but the question was dropped")]
    Dropped,
}
