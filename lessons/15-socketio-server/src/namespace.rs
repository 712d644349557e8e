use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use socketio_packet::{ArgsError, EncodeError, FromArgs, RawArgs, ToArgs};
use socketio_rooms::Selection;
use socketio_session::{DisconnectReason, Refusal};

use crate::adapter::Message;
use crate::answer::Answer;
use crate::broadcast::RemoteSocket;
use crate::gate::User;
use crate::handler::{BoxFuture, Typed, call_once};
use crate::inner::Inner;
use crate::peer::Peer;
use crate::{Broadcast, CallAll, Event, Handler, Handshake, Next, Socket};

/// A part of the application with a conversation of its own. A clone is the same namespace.
///
/// What is registered here is so once, for all sockets that come later.
pub struct Namespace<U = ()> {
    inner: Arc<Inner>,
    user: PhantomData<fn() -> U>,
}

impl Namespace<()> {
    /// Asks who a client is. It gets what the client shows (`auth` in JavaScript, `{}` if nothing), and what
    /// it makes of it is [`Socket::user`]. `Err` keeps the client out, which hears why.
    ///
    /// # Panics
    ///
    /// If the namespace has an `auth` already: then handlers may count on its type.
    pub fn auth<F, T, U, E, Fut>(&self, auth: F) -> Namespace<U>
    where
        F: AsyncFn(Handshake, T) -> Fut::Output,
        F: FnOnce(Handshake, T) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<U, E>> + Send,
        T: DeserializeOwned + Send,
        U: Send + Sync + 'static,
        E: Into<Refusal>,
    {
        let ask = move |handshake: Handshake| {
            let auth = auth.clone();
            Box::pin(async move {
                let shown = handshake.auth().map_err(|error| Refusal::new(error.to_string()))?;
                let user = call_once(auth, handshake, shown).await.map_err(Into::into)?;
                Ok(Arc::new(user) as User)
            }) as BoxFuture<_>
        };
        let name = &self.inner.name;
        self.inner.change_gate(|gate| {
            assert!(
                gate.auth.is_none(),
                "expected one auth for the namespace {name}, came a second"
            );
            gate.auth = Some(Arc::new(ask));
        });
        Namespace { inner: Arc::clone(&self.inner), user: PhantomData }
    }
}

impl<U> Namespace<U> {
    pub(crate) fn new(inner: Arc<Inner>) -> Self {
        Self { inner, user: PhantomData }
    }
}

impl<U: Send + Sync + 'static> Namespace<U> {
    /// Middleware: asked before `auth`, in the order of registration. `Err` keeps the client out, which hears
    /// why.
    pub fn wrap<F, E, Fut>(&self, wrap: F) -> Self
    where
        F: AsyncFn(Handshake) -> Fut::Output,
        F: FnOnce(Handshake) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send,
        E: Into<Refusal>,
    {
        let ask = move |handshake: Handshake| {
            let wrap = wrap.clone();
            Box::pin(async move {
                let asked = call_once(|handshake, ()| wrap(handshake), handshake, ());
                asked.await.map_err(Into::into)
            }) as BoxFuture<_>
        };
        self.inner.change_gate(|gate| gate.wraps.push(Arc::new(ask)));
        self.clone()
    }

    /// Middleware of each event: it goes on with [`Next::run`], with this event or another, or refuses.
    pub fn wrap_packet<F, E, Fut>(&self, wrap: F) -> Self
    where
        F: AsyncFn(Socket<U>, Event, Next) -> Fut::Output,
        F: FnOnce(Socket<U>, Event, Next) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer, E>> + Send + 'static,
        E: Into<Refusal>,
    {
        let layer = move |peer: &Arc<Peer>, event, next| {
            let (wrap, socket) = (wrap.clone(), Socket::new(Arc::clone(peer)));
            Box::pin(async move {
                let wrapped = call_once(|event, next| wrap(socket, event, next), event, next);
                wrapped.await.map_err(Into::into)
            }) as BoxFuture<_>
        };
        self.inner.change_handlers(|handlers| handlers.layers.push(Arc::new(layer)));
        self.clone()
    }

    /// When a client has come in. Its first event is handled when this has returned.
    pub fn on_connect<H: Handler<Socket<U>, fn()>>(&self, handler: H) -> Self {
        let handler = Arc::new(Typed::<H, U, fn()>::new(handler));
        self.inner.change_handlers(|handlers| handlers.connect.push(handler));
        self.clone()
    }

    /// When an event of this name comes. With several for one name all are called, in order, and the first
    /// answers.
    pub fn on<Shape: 'static, H: Handler<Socket<U>, Shape>>(&self, name: &str, handler: H) -> Self {
        let handler = Arc::new(Typed::<H, U, Shape>::new(handler));
        self.inner.change_handlers(|handlers| {
            handlers.events.entry(name.into()).or_default().push(handler);
        });
        self.clone()
    }

    /// When any event comes, before the handlers of its name.
    pub fn on_any<F, Fut>(&self, handler: F) -> Self
    where
        F: AsyncFn(Socket<U>, Event) -> Fut::Output,
        F: FnOnce(Socket<U>, Event) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let any = move |peer: &Arc<Peer>, event| {
            let socket = Socket::new(Arc::clone(peer));
            Box::pin(call_once(handler.clone(), socket, event)) as BoxFuture<()>
        };
        self.inner.change_handlers(|handlers| handlers.any.push(Arc::new(any)));
        self.clone()
    }

    /// When any event is sent to a socket, to it alone or to many: for a log, say. It must not block, nor send
    /// to this socket in its turn. Answers are no events, and what is dropped is not sent.
    pub fn on_any_outgoing<F>(&self, handler: F) -> Self
    where
        F: Fn(Socket<U>, &Event) + Send + Sync + 'static,
    {
        let outgoing = move |peer: &Arc<Peer>, event: &Event| {
            handler(Socket::new(Arc::clone(peer)), event);
        };
        self.inner.change_handlers(|handlers| handlers.outgoing.push(Arc::new(outgoing)));
        self.clone()
    }

    /// When a client leaves, while it still is in its rooms. It must not block.
    pub fn on_disconnecting<F>(&self, handler: F) -> Self
    where
        F: Fn(Socket<U>, &DisconnectReason) + Send + Sync + 'static,
    {
        let disconnecting = move |peer: &Arc<Peer>, reason: &DisconnectReason| {
            handler(Socket::new(Arc::clone(peer)), reason);
        };
        self.inner.change_handlers(|handlers| handlers.disconnecting.push(Arc::new(disconnecting)));
        self.clone()
    }

    /// When a client has left, and all that it said before has been handled.
    pub fn on_disconnect<F, Fut>(&self, handler: F) -> Self
    where
        F: AsyncFn(Socket<U>, DisconnectReason) -> Fut::Output,
        F: FnOnce(Socket<U>, DisconnectReason) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let disconnect = move |peer: &Arc<Peer>, reason| {
            let socket = Socket::new(Arc::clone(peer));
            Box::pin(call_once(handler.clone(), socket, reason)) as BoxFuture<()>
        };
        self.inner.change_handlers(|handlers| handlers.disconnect.push(Arc::new(disconnect)));
        self.clone()
    }

    /// How many events of one socket may be handled at the same time: 1, so that they are handled in order.
    pub fn concurrent(&self, events: usize) -> Self {
        self.inner.change_handlers(|handlers| handlers.beside = events.saturating_sub(1));
        self.clone()
    }

    /// Those who are in this room.
    pub fn to(&self, room: &str) -> Broadcast {
        self.everybody().to(room)
    }

    /// Those who are not in this room.
    pub fn except(&self, room: &str) -> Broadcast {
        self.everybody().except(room)
    }

    /// Everybody, for a [`Broadcast`]'s further settings.
    pub fn everybody(&self) -> Broadcast {
        Broadcast::new(&self.inner, Selection::default())
    }

    /// Sends an event to everybody.
    pub fn emit(&self, name: &str, args: impl ToArgs) {
        self.everybody().emit(name, args);
    }

    /// Sends an event to everybody.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if an argument cannot be written. Nothing is sent then.
    pub fn try_emit(&self, name: &str, args: impl ToArgs) -> Result<(), EncodeError> {
        self.everybody().try_emit(name, args)
    }

    /// Sends an event that everybody is to answer. Await it for the answers.
    pub fn call<T: FromArgs>(&self, name: &str, args: impl ToArgs) -> CallAll<T> {
        self.everybody().call(name, args)
    }

    /// Who is here.
    pub async fn fetch(&self) -> Vec<RemoteSocket> {
        self.everybody().fetch().await
    }

    /// Its name, with the slash.
    #[must_use]
    pub fn name(&self) -> &str {
        self.inner.name.as_str()
    }

    /// Those whom a selection means.
    pub fn select(&self, selection: Selection) -> Broadcast {
        Broadcast::new(&self.inner, selection)
    }

    /// When another server [emits](Self::server_side_emit) an event of this name to the servers. One
    /// handler for each name.
    pub fn on_server_side<F, A, Fut>(&self, name: &str, handler: F) -> Self
    where
        F: AsyncFn(A) -> Fut::Output,
        F: FnOnce(A) -> Fut + Clone + Send + Sync + 'static,
        A: FromArgs + Send,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let handle = move |args: RawArgs| {
            let handler = handler.clone();
            let begun = A::from_args(args)?;
            Ok(Box::pin(call_once(|args, ()| handler(args), begun, ())) as BoxFuture<()>)
        };
        self.inner.change_handlers(|handlers| {
            handlers.server_side.insert(name.into(), Arc::new(handle));
        });
        self.clone()
    }

    /// Sends an event to the other servers themselves. What cannot be written is a
    /// [`Problem`](crate::Problem), and is not sent.
    pub fn server_side_emit(&self, name: &str, args: impl ToArgs) {
        let message = Message { name, args: &args, volatile: false, compress: true };
        self.inner.adapter().server_side_emit(&self.inner.name, &message);
    }

    /// For an adapter: an event came from another server.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] if the handler takes other arguments.
    pub async fn handle_server_side(&self, name: &str, args: RawArgs) -> Result<(), ArgsError> {
        let handler = self.inner.handlers().server_side.get(name).map(Arc::clone);
        if let Some(handler) = handler {
            handler(args)?.await;
        }
        Ok(())
    }
}

impl<U> Clone for Namespace<U> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), user: PhantomData }
    }
}

impl<U> fmt::Debug for Namespace<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
