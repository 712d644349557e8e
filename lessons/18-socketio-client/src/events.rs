use reconnection::ManagerEvent;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// So many events wait for who is slow to take them. Then the oldest are lost.
pub(crate) const KEPT: usize = 64;

/// What happens to the connection, from now on.
#[derive(Debug)]
pub struct Events(pub(crate) broadcast::Receiver<ManagerEvent>);

impl Events {
    /// The next; `None` once the client has ended. It can be cancelled. Who is more than 64 behind misses the oldest.
    pub async fn next(&mut self) -> Option<ManagerEvent> {
        loop {
            match self.0.recv().await {
                Ok(event) => return Some(event),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
