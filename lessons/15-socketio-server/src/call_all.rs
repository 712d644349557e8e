use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use socketio_packet::{EncodedPacket, FromArgs, ToArgs};
use socketio_session::NoAnswer;
use tokio::sync::oneshot;

use crate::asker::{Asker, Heard};
use crate::broadcast::Broadcast;
use crate::call::{CallError, deadline, read_answer};
use crate::link::{Command, Question};

type Answers = Vec<Heard>;

/// A question to many clients, that is sent when it is awaited. There comes one result for each of them; the whole is
/// an error only if the question could not be written.
#[must_use = "nothing is sent before it is awaited"]
#[derive(Debug)]
pub struct CallAll<T> {
    broadcast: Broadcast,
    packet: Result<(socketio_packet::AckId, EncodedPacket), CallError>,
    timeout: Duration,
    answer: PhantomData<fn() -> T>,
}

impl<T: FromArgs> CallAll<T> {
    pub(crate) fn new(broadcast: Broadcast, name: &str, args: impl ToArgs) -> Self {
        let nsp = &broadcast.nsp;
        let id = nsp.next_ack_id();
        let packet = broadcast.encode(Some(id), name, &args);
        let packet = packet.map(|packet| (id, packet)).map_err(CallError::Encode);
        let timeout = nsp.call_timeout();
        Self { broadcast, packet, timeout, answer: PhantomData }
    }

    /// How long to wait: [`Builder::call_timeout`](crate::Builder::call_timeout), if nothing else is said.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    async fn ask(self) -> Result<Vec<Result<T, CallError>>, CallError> {
        let (id, packet) = self.packet?;
        let peers = self.broadcast.peers();
        let elsewhere = self.broadcast.call_elsewhere(&packet, self.timeout);
        let (collector, answers) = Collector::new(peers.len(), self.broadcast.volatile);
        let deadline = deadline(self.timeout);
        for peer in peers {
            let (packet, asker) = (packet.clone(), Asker::Many(Arc::clone(&collector)));
            let question = Question { key: peer.key, id, packet, deadline, asker };
            peer.link.push(Command::Call(Box::new(question)));
        }
        drop(collector);
        let mut answers = answers.await.unwrap_or_default();
        answers.extend(elsewhere.await);
        Ok(answers.into_iter().map(|heard| read_answer(heard, self.timeout)).collect())
    }
}

impl<T: FromArgs + 'static> IntoFuture for CallAll<T> {
    type Output = Result<Vec<Result<T, CallError>>, CallError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.ask())
    }
}

/// Gathers the answers of many. It is complete when the last that knows of it has let it go.
#[derive(Debug)]
pub(crate) struct Collector {
    asked: usize,
    pub(crate) volatile: bool,
    answers: Mutex<Answers>,
    done: Option<oneshot::Sender<Answers>>,
}

impl Collector {
    fn new(asked: usize, volatile: bool) -> (Arc<Self>, oneshot::Receiver<Answers>) {
        let (done, answers) = oneshot::channel();
        (Arc::new(Self { asked, volatile, answers: Mutex::default(), done: Some(done) }), answers)
    }

    pub(crate) fn hear(&self, heard: Heard) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
    }

    pub(crate) fn listens(&self) -> bool {
        self.done.as_ref().is_some_and(|done| !done.is_closed())
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let answers = self.answers.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Who ended before it was asked.
        answers.resize(self.asked, Err(NoAnswer::Disconnected));
        if let Some(done) = self.done.take() {
            let _ = done.send(std::mem::take(answers));
        }
    }
}
