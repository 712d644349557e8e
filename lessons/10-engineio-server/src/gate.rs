use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use crate::{Refusal, RequestHead};

type Allowed = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// What [`allow_request`](crate::Builder::allow_request) was given.
#[derive(Clone)]
pub(crate) struct Gate(Arc<dyn Fn(Arc<RequestHead>) -> Allowed + Send + Sync>);

impl Gate {
    pub(crate) fn new<F, Fut>(allow: F) -> Self
    where
        F: Fn(Arc<RequestHead>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self(Arc::new(move |head| Box::pin(allow(head))))
    }

    pub(crate) async fn pass(&self, head: &Arc<RequestHead>) -> Result<(), Refusal> {
        (self.0)(Arc::clone(head)).await.map_err(|message| Refusal::Forbidden { message })
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}
