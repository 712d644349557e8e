use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use socketio_packet::{ArgsError, EncodeError, EncodedPacket, FromArgs, RawArgs, ToArgs};
use socketio_session::{NoAnswer, Refusal};
use thiserror::Error;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::asker::Asker;
use crate::link::{Command, Question};
use crate::peer::Peer;

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CallError {
    /// Nothing came in time.
    #[error("expected an answer within {limit:?}, came none")]
    TimedOut {
        /// The timeout.
        limit: Duration,
    },
    /// The socket left first, or had left before.
    #[error("expected an answer, but the socket has been disconnected")]
    Disconnected,
    /// Too much waits to be sent, and the question was dropped. At a server it was
    /// [volatile](crate::Broadcast::volatile), or [`SlowConsumer::DropNewest`](crate::SlowConsumer::DropNewest)
    /// says so.
    #[error(
        "expected room for the question among what waits to be sent, came none; it was dropped"
    )]
    Dropped,
    /// The other end says no.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// The answer is of another type.
    #[error("expected an answer of another type: {0}")]
    Args(ArgsError),
    /// The question could not be written. Nothing was sent.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// A question to one client, that is sent when it is awaited. Then there is the answer, or a [`CallError`].
#[must_use = "nothing is sent before it is awaited"]
#[derive(Debug)]
pub struct Call<T> {
    peer: Arc<Peer>,
    packet: Result<(socketio_packet::AckId, EncodedPacket), EncodeError>,
    timeout: Duration,
    answer: PhantomData<fn() -> T>,
}

impl<T: FromArgs> Call<T> {
    pub(crate) fn new(peer: &Arc<Peer>, name: &str, args: impl ToArgs) -> Self {
        let nsp = &peer.nsp;
        let id = nsp.next_ack_id();
        let packet = nsp.encode(Some(id), name, &args);
        Self {
            peer: Arc::clone(peer),
            packet: packet.map(|packet| (id, packet)),
            timeout: nsp.call_timeout(),
            answer: PhantomData,
        }
    }

    /// How long to wait: [`Builder::call_timeout`](crate::Builder::call_timeout), if nothing else is said.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    async fn ask(self) -> Result<T, CallError> {
        let (id, packet) = self.packet?;
        let (asker, answer) = oneshot::channel();
        let deadline = deadline(self.timeout);
        let (key, asker) = (self.peer.key, Asker::One(asker));
        let question = Question { key, id, packet, deadline, asker };
        self.peer.link.push(Command::Call(Box::new(question)));
        // The asker is dropped with the connection.
        let heard = answer.await.unwrap_or(Err(NoAnswer::Disconnected));
        read_answer(heard, self.timeout)
    }
}

impl<T: FromArgs + 'static> IntoFuture for Call<T> {
    type Output = Result<T, CallError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.ask())
    }
}

/// A time that no clock holds is a very long time.
pub fn deadline(timeout: Duration) -> std::time::Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or(now + YEAR).into_std()
}

/// What an answer says.
pub fn read_answer<T: FromArgs>(
    answer: Result<RawArgs, NoAnswer>,
    limit: Duration,
) -> Result<T, CallError> {
    // ANCHOR: step_15_3_d
    let args = answer.map_err(|why| match why {
        NoAnswer::TimedOut => CallError::TimedOut { limit },
        NoAnswer::Disconnected => CallError::Disconnected,
        NoAnswer::Dropped => CallError::Dropped,
    })?;
    if let Ok(No { error }) = args.clone().decode() {
        return Err(CallError::Refused(error));
    }
    args.decode().map_err(CallError::Args)
    // ANCHOR_END: step_15_3_d
}

/// How a no looks in the place of an answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct No {
    error: Refusal,
}
