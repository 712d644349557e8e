//! How a connection reads: bytes to frames, and what each frame means.

use websocket_frame::{FrameHeader, Opcode, Part};

use super::Connection;
use crate::state::State;
use crate::{Close, Event, Fault};

/// The frame whose payload comes next.
#[derive(Debug)]
pub(super) enum Arriving {
    Data { is_final: bool },
    Control { opcode: Opcode, payload: Vec<u8> },
}

impl Connection {
    pub(super) fn read_unread(&mut self) {
        let mut unread = std::mem::take(&mut self.unread);
        let mut input = unread.rest();
        self.read_some(&mut input);
        let left = input.len();
        unread.keep(left);
        self.unread = unread;
    }

    /// Reads up to the next news, or to the end of what the peer may say.
    pub(super) fn read_some(&mut self, input: &mut &mut [u8]) {
        if let Err(fault) = self.read(input) {
            self.fail(fault);
        }
        if !self.may_peer_speak() {
            *input = &mut [];
        }
    }

    /// Reads parts of frames off the front of `input`, as long as the connection is listening.
    fn read(&mut self, input: &mut &mut [u8]) -> Result<(), Fault> {
        // ANCHOR: step_6_1
        while self.is_listening()
            && let Some(part) = self.decoder.next_part(input)?
        {
            match part {
                Part::Header(header) => self.begin_frame(&header)?,
                Part::Payload(piece) => self.take_piece(piece)?,
                Part::End => self.end_frame()?,
            }
        }
        Ok(())
        // ANCHOR_END: step_6_1
    }

    /// Whether to read on: the application has fetched all news, and the peer has not closed yet.
    fn is_listening(&self) -> bool {
        self.events.is_empty() && self.may_peer_speak()
    }

    fn may_peer_speak(&self) -> bool {
        matches!(self.state, State::Open | State::Closing { .. })
    }

    fn begin_frame(&mut self, header: &FrameHeader) -> Result<(), Fault> {
        let FrameHeader { opcode, is_final, .. } = *header;
        if opcode.is_control() {
            self.frame = Arriving::Control { opcode, payload: Vec::new() };
            return Ok(());
        }
        self.frame = Arriving::Data { is_final };
        self.assembly.begin(header)
    }

    fn take_piece(&mut self, piece: &[u8]) -> Result<(), Fault> {
        match &mut self.frame {
            Arriving::Data { .. } => self.assembly.push(piece),
            Arriving::Control { payload, .. } => {
                payload.extend_from_slice(piece);
                Ok(())
            }
        }
    }

    fn end_frame(&mut self) -> Result<(), Fault> {
        match std::mem::replace(&mut self.frame, Arriving::Data { is_final: true }) {
            Arriving::Data { is_final } => {
                let message = self.assembly.end_frame(is_final)?;
                self.events.extend(message.map(Event::Message));
            }
            Arriving::Control { opcode: Opcode::Close, payload } => {
                self.take_close(Close::parse(&payload)?);
            }
            // After our close no pong may follow.
            Arriving::Control { opcode: Opcode::Ping, payload } if self.is_open() => {
                self.outbox.pong(payload);
            }
            // A pong has shown that the peer is there, as everything does that comes.
            Arriving::Control { .. } => {}
        }
        Ok(())
    }
}
