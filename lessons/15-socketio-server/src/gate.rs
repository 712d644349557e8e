use std::any::Any;
use std::fmt;
use std::sync::Arc;

use socketio_session::Refusal;

use crate::Handshake;
use crate::handler::BoxFuture;

/// What `auth` makes of a client.
pub(crate) type User = Arc<dyn Any + Send + Sync>;

pub(crate) type Wrap = Arc<dyn Fn(Handshake) -> BoxFuture<Result<(), Refusal>> + Send + Sync>;
pub(crate) type Auth = Arc<dyn Fn(Handshake) -> BoxFuture<Result<User, Refusal>> + Send + Sync>;

/// Who comes into a namespace.
#[derive(Clone, Default)]
pub(crate) struct Gate {
    pub(crate) wraps: Vec<Wrap>,
    pub(crate) auth: Option<Auth>,
}

impl Gate {
    /// Whether nobody is asked.
    pub(crate) fn is_open(&self) -> bool {
        self.wraps.is_empty() && self.auth.is_none()
    }

    /// Asks the middleware in order, then `auth`.
    pub(crate) async fn pass(self: Arc<Self>, handshake: Handshake) -> Result<User, Refusal> {
        // TODO step 15.5: Who comes in, and what must end
        //
        // `pass` asks the middleware of a namespace in order, and then `auth`, which makes a user
        // of the handshake. The first no is the last word. Where there is no `auth`, the user is
        // `()`.
        //
        // `run` is middleware of single events: the one at `at` gets the event and a `Next` that
        // goes on behind it. What it refuses, the client is refused.
        //
        // `fits` holds what waits for a slow client below `max_buffered`. A packet goes with all
        // its attachments or not at all, so it asks for room for all of its messages. If there is
        // none, the policy decides: `Disconnect` is `self.overflow()`, `DropNewest` is nothing; in
        // both cases it did not fit.
        //
        // `Slot::leave` is for a socket that is no more: `peer.leave()`, then the handlers of
        // `on_disconnecting`, which still see its rooms, then out of all rooms; at last the visit
        // ends (`member.visit = None`). A handler may panic here too: catch that, go on with the
        // next, and give the `Problem` back. `Namespaces::leave` counts the visits of a dynamic
        // namespace, and with the last it is closed (`self.close(inner)`), which takes the lock
        // again. (Socket.IO, "Middlewares", "Dynamic namespaces")
        //
        // Stuck? cargo course hint 15.5
        todo!("step 15.5: Who comes in, and what must end (cargo course hint 15.5)")
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("wraps", &self.wraps.len())
            .field("auth", &self.auth.is_some())
            .finish()
    }
}
