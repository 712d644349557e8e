use std::io::{self, ErrorKind};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::connection::Connection;
use crate::conversation::converse;
use crate::{Config, Handler, Listener, Report};

/// How long the server waits after an accept that failed for want of something: 100 ms. Nothing says
/// when there will be descriptors again, and to ask without a pause would take a whole core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Takes connections from a listener and holds a conversation on each, in a task of its
/// own.
pub struct Server<L, H> {
    listener: L,
    handler: H,
    config: Arc<Config>,
    /// The tasks. Dropped together with the server, so that none outlives it.
    connections: JoinSet<()>,
    /// Becomes true once, when the server stops.
    stopping: watch::Sender<bool>,
    report: Report,
}

impl<L: Listener, H: Handler> Server<L, H> {
    /// A server that does nothing until it [serves](Self::serve).
    pub fn new(listener: L, handler: H, config: Config) -> Self {
        Self {
            listener,
            handler,
            config: Arc::new(config),
            connections: JoinSet::new(),
            stopping: watch::Sender::new(false),
            report: Report::default(),
        }
    }

    /// Serves until `stop` is ready, then ends in good order: no further connection is accepted, idle
    /// ones are closed at once, a request that has begun to arrive is finished and answered. What is
    /// not done within `shutdown_grace` is cut. No task is left when this returns.
    pub async fn serve(mut self, stop: impl Future<Output = ()>) -> Report {
        // ANCHOR: step_2_5
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => return self.finish().await,
                () = self.turn() => {}
            }
        }
        // ANCHOR_END: step_2_5
    }

    /// One turn: a connection that has ended is counted, or a new one gets its task.
    ///
    /// Cancellation safe: a connection that was accepted is a task before anything else is awaited.
    async fn turn(&mut self) {
        // ANCHOR: step_2_2
        tokio::select! {
            biased;
            Some(ended) = self.connections.join_next() => self.report.count(&ended),
            stream = accept(&mut self.listener), if self.has_room() => {
                let conversation = self.conversation(stream);
                self.connections.spawn(conversation);
            }
        }
        // ANCHOR_END: step_2_2
    }

    /// Whether another connection may be accepted now.
    fn has_room(&self) -> bool {
        // ANCHOR: step_2_4_d
        self.connections.len() < self.config.max_connections.max(1)
        // ANCHOR_END: step_2_4_d
    }

    /// All that is to be done for one connection.
    fn conversation(&self, stream: L::Stream) -> impl Future<Output = ()> + Send + use<L, H> {
        let stopping = self.stopping.subscribe();
        let connection = Connection::new(stream, Arc::clone(&self.config), stopping);
        let handler = self.handler.clone();
        async move {
            // An error says that the client is gone, which is one of the ways to end.
            let _ = converse(connection, handler).await;
        }
    }

    /// Tells all connections to end, gives them time to do it, then cuts the rest.
    async fn finish(mut self) -> Report {
        // ANCHOR: step_2_5_b
        drop(self.listener);
        self.stopping.send_replace(true);
        let grace = self.config.shutdown_grace;
        if timeout(grace, all_ended(&mut self.connections, &mut self.report)).await.is_err() {
            self.connections.abort_all();
            all_ended(&mut self.connections, &mut self.report).await;
        }
        self.report
        // ANCHOR_END: step_2_5_b
    }
}

/// Waits until no connection is left.
async fn all_ended(connections: &mut JoinSet<()>, report: &mut Report) {
    while let Some(ended) = connections.join_next().await {
        report.count(&ended);
    }
}

/// The next connection, however long it takes.
async fn accept<L: Listener>(listener: &mut L) -> L::Stream {
    loop {
        match listener.accept().await {
            Ok(stream) => return stream,
            Err(error) if concerns_one_connection(&error) => {}
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Whether it was the connection that failed, before it was ours, and not the listener.
fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}
