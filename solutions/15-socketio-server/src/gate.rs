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
        // ANCHOR: step_15_5
        for wrap in &self.wraps {
            wrap(handshake.clone()).await?;
        }
        match &self.auth {
            Some(auth) => auth(handshake).await,
            None => Ok(Arc::new(())),
        }
        // ANCHOR_END: step_15_5
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
