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
        // ANCHOR: step_11_2_c
        let length = match self.state {
            State::Closing { .. } | State::Pausing { closing: true, .. } | State::Closed => {
                return Err(SendError::Closed);
            }
            State::WebSocket => frame.len(),
            State::Polling(_) | State::Probing { .. } | State::Pausing { .. } => frame.text_len(),
        };
        if let Some(limit) = self.handshake.max_payload
            && length as u64 > limit
        {
            return Err(SendError::TooLong { limit, came: length as u64 });
        }
        let limit = self.config.max_buffered;
        if self.buffered + length > limit {
            return Err(SendError::Full { limit });
        }
        Ok(())
        // ANCHOR_END: step_11_2_c
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
