use socketio_packet::AckId;

use crate::SocketKey;

/// The right to answer an event, once: it cannot be copied, and [`Session::answer`](crate::Session::answer)
/// takes it away.
///
/// "The receiver MUST respond with an `ACK` packet with the same event ID." (Acknowledgement) Dropped,
/// it leaves the client waiting, for ever if it set no timeout.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the client waits for an answer"]
pub struct AckToken {
    pub(crate) key: SocketKey,
    pub(crate) id: AckId,
}

impl AckToken {
    /// Under which number the client waits.
    #[must_use]
    pub fn id(&self) -> AckId {
        self.id
    }
}
