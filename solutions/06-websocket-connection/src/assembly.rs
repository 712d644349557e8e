use websocket_frame::{FrameHeader, Opcode};

use crate::text::Text;
use crate::{Fault, Message};

/// Data frames to messages (RFC 6455, section 5.4).
///
/// ```text
///            text, binary                    final
///   nothing ──────────────▶ a part of it ───────────▶ a message, and nothing
///                             │     ▲
///                             └─────┘ continuation
/// ```
#[derive(Debug)]
pub(crate) struct Assembly {
    max_message: usize,
    /// The message that has begun.
    part: Option<Part>,
}

/// What has come of a message.
#[derive(Debug)]
enum Part {
    Text(Text),
    Binary(Vec<u8>),
}

impl Assembly {
    pub(crate) fn new(max_message: usize) -> Self {
        Self { max_message, part: None }
    }

    /// A data frame begins.
    pub(crate) fn begin(&mut self, header: &FrameHeader) -> Result<(), Fault> {
        self.begin_or_continue(header.opcode)?;
        self.check_size(header.payload_len)
    }

    /// Begins a message, or goes on with the one that has begun.
    ///
    /// # Errors
    ///
    /// [`Fault::NothingToContinue`], or [`Fault::Unfinished`] when a message begins inside another:
    /// "The fragments of one message MUST NOT be interleaved between the fragments of another message"
    /// (section 5.4).
    fn begin_or_continue(&mut self, opcode: Opcode) -> Result<(), Fault> {
        // ANCHOR: step_6_2
        match (opcode, &self.part) {
            (Opcode::Continuation, Some(_)) => Ok(()),
            (Opcode::Continuation, None) => Err(Fault::NothingToContinue),
            (came, Some(_)) => Err(Fault::Unfinished { came }),
            (_, None) => {
                self.part = Some(Part::begin(opcode));
                Ok(())
            }
        }
        // ANCHOR_END: step_6_2
    }

    /// Refuses a frame that would make the message too long, before any of it is kept.
    ///
    /// # Errors
    ///
    /// [`Fault::MessageTooLarge`].
    fn check_size(&self, payload_len: u64) -> Result<(), Fault> {
        // ANCHOR: step_6_5
        let came = payload_len.saturating_add(self.len() as u64);
        if came > self.max_message as u64 {
            return Err(Fault::MessageTooLarge { limit: self.max_message, came });
        }
        Ok(())
        // ANCHOR_END: step_6_5
    }

    /// How much of a message has come, in bytes.
    pub(crate) fn len(&self) -> usize {
        match &self.part {
            Some(Part::Text(text)) => text.len(),
            Some(Part::Binary(bytes)) => bytes.len(),
            None => 0,
        }
    }

    /// A piece of the frame's payload.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<(), Fault> {
        match &mut self.part {
            Some(Part::Text(text)) => text.push(piece),
            Some(Part::Binary(bytes)) => {
                bytes.extend_from_slice(piece);
                Ok(())
            }
            None => Ok(()), // a payload comes after its header, which began a message or was refused
        }
    }

    /// The frame is complete, and with the last one the message.
    pub(crate) fn end_frame(&mut self, is_final: bool) -> Result<Option<Message>, Fault> {
        // ANCHOR: step_6_2_b
        if !is_final {
            return Ok(None);
        }
        self.part.take().map(Part::finish).transpose()
        // ANCHOR_END: step_6_2_b
    }
}

impl Part {
    fn begin(opcode: Opcode) -> Self {
        if opcode == Opcode::Text { Self::Text(Text::default()) } else { Self::Binary(Vec::new()) }
    }

    fn finish(self) -> Result<Message, Fault> {
        match self {
            // Of a message that came in pieces, the room that they did not need is given back.
            Self::Text(text) => text.finish().map(|mut text| {
                text.shrink_to_fit();
                Message::Text(text)
            }),
            Self::Binary(mut bytes) => {
                bytes.shrink_to_fit();
                Ok(Message::Binary(bytes))
            }
        }
    }
}
