mod dialling;
mod incoming;
mod outgoing;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use engineio_client::Connection;
use reconnection::{Dial, Manager};
use socketio_packet::Reassembly;
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::State;
use crate::client::WeakClient;
use crate::handlers::BoxFuture;
use crate::shared::Shared;
use crate::slot::Slot;

/// What a dial came to.
type Dialled = Result<Connection, engineio_client::ConnectError>;

/// The task of a client: it owns the machines, and runs the handlers.
struct Worker {
    shared: Arc<Shared>,
    client: WeakClient,
    manager: Manager,
    dialling: Option<(Dial, BoxFuture<Dialled>)>,
    connection: Option<(Dial, Connection)>,
    /// Connections that say goodbye.
    parting: Vec<BoxFuture<()>>,
    /// Who waits until they have, and for which connection: the next is another matter.
    closed: Vec<(Option<Dial>, oneshot::Sender<()>)>,
    reassembly: Reassembly,
    slots: Vec<Slot>,
    alarm: Option<Pin<Box<Sleep>>>,
}

/// Works until nobody holds the client any more.
pub(crate) async fn work(shared: Arc<Shared>, client: WeakClient) {
    let mut worker = Box::new(Worker::new(shared, client));
    poll_fn(|cx| worker.poll(cx)).await;
}

impl Worker {
    fn new(shared: Arc<Shared>, client: WeakClient) -> Self {
        Self {
            manager: Manager::new(shared.settings.reconnection.clone()),
            shared,
            client,
            dialling: None,
            connection: None,
            parting: Vec::new(),
            closed: Vec::new(),
            reassembly: Reassembly::default(),
            slots: Vec::new(),
            alarm: None,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            while self.take_commands() | self.obey() | self.poll_slots(cx) {}
            if self.shared.link.is_abandoned() {
                return Poll::Ready(()); // all that it holds is dropped
            }
            self.poll_parting(cx);
            if self.poll_dial(cx).is_ready()
                || self.poll_read(cx).is_ready()
                || self.poll_alarm(cx).is_ready()
            {
                continue;
            }
            if self.shared.link.sleep(cx) {
                return Poll::Pending;
            }
        }
    }

    fn poll_parting(&mut self, cx: &mut Context<'_>) {
        self.parting.retain_mut(|parting| parting.as_mut().poll(cx).is_pending());
        if self.parting.is_empty() {
            let open = self.open_dial();
            let has_gone = |(dial, _): &mut (Option<Dial>, _)| dial.is_none() || *dial != open;
            for (_, closed) in self.closed.extract_if(.., has_gone) {
                let _ = closed.send(()); // whoever waited may have given up
            }
        }
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadlines = self.slots.iter().filter_map(|slot| slot.mailroom.poll_timeout());
        let Some(due) = deadlines.chain(self.manager.poll_timeout()).min().map(Instant::from_std)
        else {
            self.alarm = None;
            return Poll::Pending;
        };
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if alarm.deadline() != due {
            alarm.as_mut().reset(due);
        }
        ready!(alarm.as_mut().poll(cx));
        let now = now();
        self.manager.handle_timeout(now, rand::random());
        for slot in &mut self.slots {
            slot.mailroom.handle_timeout(now);
        }
        Poll::Ready(())
    }

    fn open_dial(&self) -> Option<Dial> {
        self.connection.as_ref().map(|(dial, _)| *dial)
    }

    fn is_open(&self) -> bool {
        matches!(self.manager.state(), reconnection::State::Open { .. })
    }
}

/// However it ends: whoever holds a socket and waits hears of it.
impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.link.close();
        for slot in &self.slots {
            slot.peer.state.send_replace(State::Disconnected);
        }
    }
}

/// tokio's clock, which a test can stop.
fn now() -> std::time::Instant {
    Instant::now().into_std()
}
