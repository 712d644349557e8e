use std::fmt;

use websocket_frame::{Frame, MaskKey, Opcode};

use crate::{Close, Config, Message, SendError};

/// As long as fewer bytes than this wait to be sent, each ping is answered.
const ROOM_FOR_PONGS: usize = 4096;

/// Draws a mask key for each frame. Only a client has one.
pub(crate) type Masks = Box<dyn FnMut() -> MaskKey + Send>;

/// What waits to be sent, as the bytes of frames.
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    /// The answer to the latest ping, if there was no room for it among the bytes.
    pong: Option<Vec<u8>>,
    masks: Option<Masks>,
    max_frame: usize,
    max_buffered: usize,
}

impl Outbox {
    pub(crate) fn new(config: &Config, masks: Option<Masks>) -> Self {
        let (max_frame, max_buffered) = (config.max_frame.max(1), config.max_buffered);
        Self { bytes: Vec::new(), pong: None, masks, max_frame, max_buffered }
    }

    /// Takes a message to be sent.
    pub(crate) fn message(&mut self, message: &Message) -> Result<(), SendError> {
        let (opcode, payload) = message.as_frame();
        self.check_room(payload.len())?;
        self.fragments(opcode, payload);
        Ok(())
    }

    /// Refuses a message for which there is no room.
    ///
    /// # Errors
    ///
    /// [`SendError::Full`].
    fn check_room(&self, came: usize) -> Result<(), SendError> {
        // TODO step 6.5, continued: see `Assembly::check_size` in src/assembly.rs
        Ok(())
    }

    /// Appends a message in frames of at most `max_frame` bytes, at least one.
    fn fragments(&mut self, mut opcode: Opcode, payload: &[u8]) {
        // TODO step 6.2, continued: see `Assembly::begin_or_continue` in src/assembly.rs
        self.frame(true, opcode, payload)
    }

    pub(crate) fn ping(&mut self) {
        self.frame(true, Opcode::Ping, b"");
    }

    /// Answers a ping, or owes the answer when much waits already. "If an endpoint receives a Ping
    /// frame and has not yet sent Pong frame(s) in response to previous Ping frame(s), the endpoint
    /// MAY elect to send a Pong frame for only the most recently processed Ping frame." (section
    /// 5.5.3)
    ///
    /// So a flood of pings costs a few kilobytes, however slowly the peer reads.
    pub(crate) fn pong(&mut self, payload: Vec<u8>) {
        // TODO step 6.2, continued: see `Assembly::begin_or_continue` in src/assembly.rs
        drop(payload)
    }

    /// The last frame: a pong that is still owed is not sent any more.
    pub(crate) fn close(&mut self, close: Option<&Close>) {
        self.pong = None;
        let payload = close.map(Close::to_payload).unwrap_or_default();
        self.frame(true, Opcode::Close, &payload);
    }

    /// Everything that waits. What it took of memory goes with it.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        if let Some(payload) = self.pong.take() {
            self.frame(true, Opcode::Pong, &payload);
        }
        let bytes = std::mem::take(&mut self.bytes);
        (!bytes.is_empty()).then_some(bytes)
    }

    /// Appends one frame: a client's is masked with a key of its own.
    fn frame(&mut self, is_final: bool, opcode: Opcode, payload: &[u8]) {
        // TODO step 6.1, continued: see `Connection::read` in src/connection/reading.rs
        todo!("step 6.1: A message comes back (cargo course hint 6.1)")
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("waiting", &self.bytes.len())
            .field("pong", &self.pong)
            .finish_non_exhaustive()
    }
}
