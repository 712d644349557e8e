use engineio_packet::{EncodedMessage, Frame};

use super::{Session, state::State};
use crate::{Output, SendError, pong::is_second_pong};

impl Session {
    /// Takes a message to be sent.
    ///
    /// # Errors
    ///
    /// [`SendError`]. The message is not sent then, and the session goes on.
    pub fn send(&mut self, message: EncodedMessage) -> Result<(), SendError> {
        let frame = message.into_frame();
        self.check(&frame)?;
        self.send_frame(frame);
        Ok(())
    }

    fn check(&self, frame: &Frame) -> Result<(), SendError> {
        // TODO step 11.2, continued: see `take_batch` in src/batch.rs
        Ok(())
    }

    pub(super) fn send_frame(&mut self, frame: Frame) {
        if let State::WebSocket = self.state {
            self.output.push_back(Output::WebSocket(frame));
        } else if !is_second_pong(&frame, &self.outbox) {
            self.buffered += frame.text_len();
            self.outbox.push_back(frame);
        }
    }
}
