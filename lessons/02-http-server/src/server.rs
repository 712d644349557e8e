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
        // TODO step 2.5: Stop in good order
        //
        // Until now only a kill stops the server, and it takes every answer in flight with it.
        // `serve` goes on turning until `stop` is ready, then returns what `finish` gives. `finish`
        // drops the listener, tells the connections (`self.stopping.send_replace(true)`), waits for
        // all of them together with `all_ended`, for at most `shutdown_grace`, and cuts those that
        // are left: `self.connections.abort_all()`, then `all_ended` again, for a task that was
        // aborted has still to end. Its result is `self.report`. Last, in src/connection.rs, a
        // connection that waits for the first byte of a request stops waiting when the server
        // stops: a race of `self.request_begins()` and `stopping.wait_for(|stopping| *stopping)`,
        // and if both are ready, the request wins, for it came before the stop: write it first,
        // with `biased`. (RFC 9112, section 9.6)
        //
        // What you can use: `pin!`, `timeout`,
        // `all_ended(&mut self.connections, &mut self.report)`; `wait_for` on a clone of
        // `self.stopping`, for `self` is borrowed by `self.request_begins()`.
        //
        // Stuck? cargo course hint 2.5
        loop {
            self.turn().await
        }
    }

    /// One turn: a connection that has ended is counted, or a new one gets its task.
    ///
    /// Cancellation safe: a connection that was accepted is a task before anything else is awaited.
    async fn turn(&mut self) {
        // TODO step 2.2: A task for each connection
        //
        // Until now the server accepts a connection and does nothing else until that one has ended:
        // whoever is silent keeps everybody waiting. Let the conversation run in a task of its own,
        // `self.connections.spawn(conversation)`, and wait for two things at once with
        // `tokio::select!`: that a task has ended (`self.connections.join_next()`; count it with
        // `self.report.count(&ended)`), and that a connection arrives
        // (`accept(&mut self.listener)`), the latter only if `self.has_room()`. Look for ended
        // tasks first (`biased`), so that their room is free again. `join_next()` gives `None` at
        // once when there are no tasks, and a branch whose pattern does not match leaves the race:
        // so the pattern is `Some(ended)`, and a bare name would spin for ever. Between the
        // connection and its task nothing is awaited: whoever comes at that moment would be lost.
        // (The documentation of tokio: `select!` and `JoinSet`)
        //
        // Stuck? cargo course hint 2.2
        {
            let stream = accept(&mut self.listener).await;
            self.conversation(stream).await
        }
    }

    /// Whether another connection may be accepted now.
    fn has_room(&self) -> bool {
        // TODO step 2.4, continued: see `Connection::request_begins` in src/connection.rs
        true
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
        // TODO step 2.5, continued: see `Server::serve` in src/server.rs
        todo!("step 2.5: Stop in good order (cargo course hint 2.5)")
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
