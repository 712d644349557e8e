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
        // TODO step 6.2: Messages in fragments, pings between them
        //
        // Until now every frame counts as a message, and nobody answers a ping. A message begins
        // with a text or binary frame and goes on in continuations; in `begin_or_continue`, refuse
        // a continuation when none has begun, and a beginning when one has. In `end_frame`, the
        // message is complete only with the final frame. Then send fragments, too: `fragments` cuts
        // a payload that is longer than `max_frame`, and only the first frame has the message's
        // opcode. Last, `pong` answers a ping with a frame of the same payload. When
        // `ROOM_FOR_PONGS` bytes or more wait already, it keeps the payload in `self.pong` instead,
        // in the place of an older one. Pings between fragments need no more than that: they never
        // reach the assembly. (RFC 6455, sections 5.4, 5.5.2 and 5.5.3)
        //
        // Stuck? cargo course hint 6.2
        {
            self.part = Some(Part::begin(opcode));
            Ok(())
        }
    }

    /// Refuses a frame that would make the message too long, before any of it is kept.
    ///
    /// # Errors
    ///
    /// [`Fault::MessageTooLarge`].
    fn check_size(&self, payload_len: u64) -> Result<(), Fault> {
        // TODO step 6.5: Limits, and silence
        //
        // Until now a peer decides how much memory it takes, and whether we wait for ever.
        // `check_size` looks at a header: what it announces and what has come of the message
        // (`self.len()`) may be `max_message` bytes together, and no more. `check_room` looks at
        // what waits to be sent: with the new message it may be `max_buffered` bytes. `beat` is
        // asked now and then: before its deadline there is nothing to do; at the end of the quiet
        // interval a ping, and if nothing came until the next deadline, the peer is dead. (RFC
        // 6455, sections 5.5.2, 7.4.1 and 10.4)
        //
        // Stuck? cargo course hint 6.5
        Ok(())
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
        // TODO step 6.2, continued: see `Assembly::begin_or_continue` in src/assembly.rs
        self.part.take().map(Part::finish).transpose()
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
