use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use buffering::NoAnswer;
use socketio_packet::{AckId, EncodeError, EncodedPacket, FromArgs, RawArgs, ToArgs};
use socketio_server::CallError;
use socketio_server::handling::{deadline, read_answer};
use tokio::sync::oneshot;

use crate::Socket;
use crate::link::Command;

/// A question to the server, that is sent when it is awaited: now, or when the socket is connected. Then there is the
/// answer, or a [`CallError`]; for a socket that nobody opens, [`CallError::TimedOut`].
#[must_use = "nothing is sent before it is awaited"]
#[derive(Debug)]
pub struct Call<T> {
    socket: Socket,
    packet: Result<(AckId, EncodedPacket), EncodeError>,
    timeout: Duration,
    answer: PhantomData<fn() -> T>,
}

impl<T: FromArgs> Call<T> {
    pub(crate) fn new(socket: &Socket, name: &str, args: impl ToArgs) -> Self {
        let id = socket.peer().next_ack_id();
        let packet = socket.encode(Some(id), name, args);
        Self {
            socket: socket.clone(),
            packet: packet.map(|packet| (id, packet)),
            timeout: socket.shared().settings.call_timeout,
            answer: PhantomData,
        }
    }

    /// How long to wait: [`Builder::call_timeout`](crate::Builder::call_timeout), if nothing else is said. With
    /// [`Builder::retries`](crate::Builder::retries), each time.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    async fn ask(self) -> Result<T, CallError> {
        let limit = self.timeout;
        read_answer(self.hear().await?, limit)
    }

    /// What the server answers, still as it came.
    async fn hear(self) -> Result<Result<RawArgs, NoAnswer>, EncodeError> {
        let (id, packet) = self.packet?;
        let (peer, shared) = (Arc::clone(self.socket.peer()), self.socket.shared());
        // ANCHOR: step_18_3_c
        let (asker, answer) = oneshot::channel();
        let (timeout, asker) = (self.timeout, Some(asker));
        // Whoever asks hears of it, if it is dropped.
        let _ = shared.link.push(match shared.settings.retries {
            true => Command::Retry { peer, id, packet, timeout, asker },
            false => Command::Call { peer, id, packet, deadline: deadline(timeout), asker },
        });
        shared.begin(self.socket.client());
        Ok(answer.await.unwrap_or(Err(NoAnswer::Disconnected)))
        // ANCHOR_END: step_18_3_c
    }
}

impl<T: FromArgs + 'static> IntoFuture for Call<T> {
    type Output = Result<T, CallError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.ask())
    }
}
