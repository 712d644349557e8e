use std::sync::Arc;

use websocket_handshake::Policy;

use crate::{Limits, Room};

/// All that the connections share.
#[derive(Debug)]
pub struct Chat {
    /// Who is here.
    pub room: Arc<Room>,
    /// Which pages may connect.
    pub policy: Policy,
}

impl Chat {
    /// A chat with nobody in it.
    #[must_use]
    pub fn new(limits: Limits, policy: Policy) -> Self {
        Self { room: Arc::new(Room::new(limits)), policy }
    }
}
