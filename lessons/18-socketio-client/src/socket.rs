use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use socketio_packet::{AckId, EncodeError, EncodedPacket, FromArgs, Namespace, ToArgs};
use socketio_server::{Event, Handler};
use socketio_session::SocketId;
use tokio::sync::{oneshot, watch};

use crate::call::Call;
use crate::handlers::{Hook, Registered, Typed, boxed, call_once};
use crate::link::Command;
use crate::peer::Peer;
use crate::shared::Shared;
use crate::{Client, ConnectError, DisconnectReason, Problem, State};

/// One namespace of a server, as its client sees it. A clone is the same socket, and may be kept and used
/// anywhere.
#[derive(Clone)]
pub struct Socket {
    client: Client,
    peer: Arc<Peer>,
}

impl Socket {
    pub(crate) fn new(client: Client, peer: Arc<Peer>) -> Self {
        Self { client, peer }
    }

    /// Joins the namespace, and waits for the server's yes. The connection is made if there is none.
    ///
    /// # Errors
    ///
    /// [`ConnectError`]. After [`ConnectError::Unreachable`] it is tried again, as
    /// [`Builder::reconnection`](crate::Builder::reconnection) says, as long as somebody holds the socket.
    pub async fn connect(&self) -> Result<(), ConnectError> {
        let (opened, answer) = oneshot::channel();
        self.push(Command::Open { peer: Arc::clone(&self.peer), opened: Some(opened) });
        let gone = Err(ConnectError::Disconnected(DisconnectReason::ByClient));
        answer.await.unwrap_or(gone)
    }

    /// Joins the namespace, when the server can be reached: [`state`](Self::state) says when.
    pub fn open(&self) {
        self.push(Command::Open { peer: Arc::clone(&self.peer), opened: None });
    }

    /// Leaves the namespace. The connection is closed if no other is joined.
    pub fn disconnect(&self) {
        self.push(Command::Disconnect { peer: Arc::clone(&self.peer) });
    }

    /// In which namespace.
    #[must_use]
    pub fn nsp(&self) -> &Namespace {
        &self.peer.nsp
    }

    /// The server's name for it, while it is connected: another one after each reconnection, unless it was
    /// recovered.
    #[must_use]
    pub fn id(&self) -> Option<SocketId> {
        match &*self.peer.state.borrow() {
            State::Connected { id, .. } => Some(id.clone()),
            _ => None,
        }
    }

    /// Whether it is connected.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        matches!(&*self.peer.state.borrow(), State::Connected { .. })
    }

    /// Where it stands, now and from now on.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<State> {
        self.peer.state.subscribe()
    }

    /// What the client shows when it asks to join, each time: an object, `json!({ "token": … })`.
    ///
    /// # Errors
    ///
    /// If it cannot be written as JSON. What is no object is a [`Problem::Auth`], when the socket is to be connected.
    pub fn auth(&self, auth: impl Serialize) -> Result<&Self, serde_json::Error> {
        let auth = serde_json::to_value(auth)?;
        Ok(self.auth_with(async move || auth.clone()))
    }

    /// What the client shows when it asks to join, asked for anew each time: a token that does not live for
    /// ever.
    pub fn auth_with<F, Fut>(&self, auth: F) -> &Self
    where
        F: AsyncFn() -> Fut::Output,
        F: FnOnce() -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Value> + Send + 'static,
    {
        self.peer.set_auth(Arc::new(move || {
            let asked = call_once(|(), ()| auth.clone()(), (), ());
            Box::pin(async move { Some(asked.await) })
        }));
        self
    }

    /// Handles the events of a name, from now on. Of several handlers, the first answers. `connect`, `connect_error`
    /// and `disconnect` are no events: [`on_connect`](Self::on_connect) and its neighbours are for those.
    pub fn on<Shape: 'static, H: Handler<Self, Shape>>(&self, name: &str, handler: H) -> &Self {
        self.register(name, handler, false)
    }

    /// Handles the next event of a name, and no other.
    pub fn once<Shape: 'static, H: Handler<Self, Shape>>(&self, name: &str, handler: H) -> &Self {
        self.register(name, handler, true)
    }

    /// Forgets the handlers of the events of a name.
    pub fn off(&self, name: &str) -> &Self {
        let forgotten = self.peer.handlers().events.remove(name);
        drop(forgotten); // what they captured may call us, and is dropped without the lock
        self
    }

    /// Hears every event, before the handlers of its name.
    pub fn on_any<F, Fut>(&self, hook: F) -> &Self
    where
        F: AsyncFn(Self, Event) -> Fut::Output,
        F: FnOnce(Self, Event) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.peer.handlers().any.push(boxed(hook));
        self
    }

    /// Is called each time that the socket is connected, after what had waited was sent. A socket has its
    /// handlers for good: what is registered in here piles up.
    pub fn on_connect<F, Fut>(&self, hook: F) -> &Self
    where
        F: AsyncFn(Self) -> Fut::Output,
        F: FnOnce(Self) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let hook: Hook<()> = Arc::new(move |socket, ()| {
            Box::pin(call_once(|socket, ()| hook.clone()(socket), socket, ()))
        });
        self.peer.handlers().connect.push(hook);
        self
    }

    /// Is called each time that the socket could not be connected.
    pub fn on_connect_error<F, Fut>(&self, hook: F) -> &Self
    where
        F: AsyncFn(Self, ConnectError) -> Fut::Output,
        F: FnOnce(Self, ConnectError) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.peer.handlers().connect_error.push(boxed(hook));
        self
    }

    /// Is called each time that the socket was connected and is no more.
    pub fn on_disconnect<F, Fut>(&self, hook: F) -> &Self
    where
        F: AsyncFn(Self, DisconnectReason) -> Fut::Output,
        F: FnOnce(Self, DisconnectReason) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.peer.handlers().disconnect.push(boxed(hook));
        self
    }

    /// Sends an event, now or when the socket is connected: for one that nobody opens it waits, as much as
    /// [`Builder::send_buffer`](crate::Builder::send_buffer) allows. What cannot be written is a [`Problem`], and is
    /// not sent; so is an event with a reserved name, such as `connect`.
    pub fn emit(&self, name: &str, args: impl ToArgs) {
        if let Err(error) = self.try_emit(name, args) {
            self.shared().report(&Problem::Encode { name: name.to_owned(), error });
        }
    }

    /// Sends an event, now or when the socket is connected.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if an argument cannot be written. Nothing is sent then.
    pub fn try_emit(&self, name: &str, args: impl ToArgs) -> Result<(), EncodeError> {
        let peer = Arc::clone(&self.peer);
        let settings = &self.shared().settings;
        self.push(if settings.retries {
            let (id, timeout) = (peer.next_ack_id(), settings.call_timeout);
            let packet = self.encode(Some(id), name, args)?;
            Command::Retry { peer, id, packet, timeout, asker: None }
        } else {
            Command::Emit { peer, packet: self.encode(None, name, args)? }
        });
        Ok(())
    }

    /// Sends an event if it can leave at once, and drops it otherwise: for what the next one replaces.
    pub fn emit_volatile(&self, name: &str, args: impl ToArgs) {
        match self.encode(None, name, args) {
            Ok(packet) => self.push(Command::EmitVolatile { peer: Arc::clone(&self.peer), packet }),
            Err(error) => self.shared().report(&Problem::Encode { name: name.to_owned(), error }),
        }
    }

    /// Sends an event that the server is to answer. Await it for the answer.
    pub fn call<T: FromArgs>(&self, name: &str, args: impl ToArgs) -> Call<T> {
        Call::new(self, name, args)
    }

    pub(crate) fn encode(
        &self,
        ack: Option<AckId>,
        name: &str,
        args: impl ToArgs,
    ) -> Result<EncodedPacket, EncodeError> {
        EncodedPacket::event(&*self.shared().settings.parser, &self.peer.nsp, ack, name, args)
    }

    pub(crate) fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        self.client.shared()
    }

    fn register<Shape: 'static, H: Handler<Self, Shape>>(
        &self,
        name: &str,
        handler: H,
        once: bool,
    ) -> &Self {
        let handler = Arc::new(Typed::new(handler));
        let mut handlers = self.peer.handlers();
        handlers.events.entry(name.into()).or_default().push(Registered { handler, once });
        drop(handlers);
        self
    }

    fn push(&self, command: Command) {
        if let Err(error) = self.shared().link.push(command) {
            self.shared().report(&Problem::NotSent(error));
        }
        self.shared().begin(&self.client);
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.peer.fmt(f)
    }
}
