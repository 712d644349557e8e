use crate::{Config, FrameError, FrameHeader, HeaderBytes};

/// Bytes to the parts of frames, however the bytes were cut.
///
/// ```text
///             header complete            payload complete
///   Header ──────────────────▶ Payload ──────────────────▶ Header
///    │  ▲                       │  ▲
///    └──┘ some of it            └──┘ some of it
/// ```
///
/// The bytes stay in the caller's buffer. What the decoder gives of a payload is the caller's own
/// bytes, unmasked in place; what it keeps is the beginning of a header, at most 13 bytes. An error
/// is final: where the next frame would begin is no longer known.
#[derive(Debug)]
pub struct FrameDecoder {
    config: Config,
    state: State,
}

/// What bytes turn out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// A frame begins.
    Header(FrameHeader),
    /// A piece of its payload, not empty, unmasked.
    Payload(&'a mut [u8]),
    /// The frame is complete.
    End,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// These bytes of a header have come.
    Header(HeaderBytes),
    /// `given` bytes of the payload were given out.
    Payload {
        header: FrameHeader,
        given: u64,
    },
    Failed(FrameError),
}

impl FrameDecoder {
    /// A decoder at the start of a connection, right after the handshake.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { config, state: State::Header(HeaderBytes::default()) }
    }

    /// Takes the next part off the front of `input`, or gives `None` when all of it is taken and
    /// more bytes are needed.
    ///
    /// # Errors
    ///
    /// When the bytes break the protocol or go beyond the limit; from then on always the same error.
    pub fn next_part<'a>(
        &mut self,
        input: &mut &'a mut [u8],
    ) -> Result<Option<Part<'a>>, FrameError> {
        match self.state {
            State::Header(begun) => {
                let header = self.take_header(begun, input);
                header.inspect_err(|error| self.state = State::Failed(*error))
            }
            State::Payload { header, given } => Ok(self.take_payload(header, given, input)),
            State::Failed(error) => Err(error),
        }
    }

    /// How many bytes are kept until the rest of their header comes.
    #[must_use]
    pub fn buffered(&self) -> usize {
        match self.state {
            State::Header(begun) => begun.len(),
            _ => 0,
        }
    }

    /// Adds to the header that has `begun`. Reads no further than to its end.
    fn take_header<'a>(
        &mut self,
        begun: HeaderBytes,
        input: &mut &'a mut [u8],
    ) -> Result<Option<Part<'a>>, FrameError> {
        // ANCHOR: step_5_4
        let mut bytes = begun;
        bytes.extend(input);
        let Some((header, len)) = FrameHeader::decode(&bytes, &self.config)? else {
            *input = &mut [];
            self.state = State::Header(bytes);
            return Ok(None);
        };
        take(len - begun.len(), input);
        self.state = State::Payload { header, given: 0 };
        Ok(Some(Part::Header(header)))
        // ANCHOR_END: step_5_4
    }

    /// Gives as much of the payload as is there, or ends the frame when all of it was given.
    fn take_payload<'a>(
        &mut self,
        header: FrameHeader,
        given: u64,
        input: &mut &'a mut [u8],
    ) -> Option<Part<'a>> {
        // ANCHOR: step_5_4_b
        if given == header.payload_len {
            self.state = State::Header(HeaderBytes::default());
            return Some(Part::End);
        }
        let missing = usize::try_from(header.payload_len - given).unwrap_or(usize::MAX);
        let piece = take(missing.min(input.len()), input);
        if piece.is_empty() {
            return None;
        }
        if let Some(key) = header.mask {
            key.apply(piece, given);
        }
        self.state = State::Payload { header, given: given + piece.len() as u64 };
        Some(Part::Payload(piece))
        // ANCHOR_END: step_5_4_b
    }
}

/// Takes `count` bytes off the front of `input`, which holds as many.
fn take<'a>(count: usize, input: &mut &'a mut [u8]) -> &'a mut [u8] {
    input.split_off_mut(..count).expect("no more is taken than `input` holds")
}
