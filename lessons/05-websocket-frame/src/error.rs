use thiserror::Error;

use crate::Opcode;

/// Why a frame is refused. All of these are the peer's doing.
///
/// The text says what was expected, what came and what to do: it fits in the reason of a close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// An opcode without a meaning.
    #[error("expected opcode 0, 1, 2, 8, 9 or 10, came {came}")]
    UnknownOpcode {
        /// Four bits.
        came: u8,
    },
    /// A bit is set that belongs to an extension.
    #[error("expected the reserved bits 000, came {came:03b}; no extension was agreed")]
    ReservedBits {
        /// Three bits.
        came: u8,
    },
    /// A control frame that is not final.
    #[error("expected a whole {opcode} frame, came a fragment; send it in one frame")]
    FragmentedControl {
        /// What kind of frame.
        opcode: Opcode,
    },
    /// A control frame with a long payload.
    #[error("expected a {opcode} of at most 125 bytes, came a longer one; shorten it")]
    LongControl {
        /// What kind of frame.
        opcode: Opcode,
    },
    /// A client sent a frame as a server does.
    #[error("expected a masked frame, as a client sends, came one without a mask")]
    NotMasked,
    /// A server sent a frame as a client does.
    #[error("expected a frame without a mask, as a server sends, came a masked one")]
    Masked,
    /// The length is not in its shortest form.
    #[error("expected the length {length} in its shortest form, came in {bytes} bytes")]
    LongerForm {
        /// How many bytes it took, after the first two.
        bytes: u8,
        /// The length that they say.
        length: u64,
    },
    /// The length has 64 bits.
    #[error("expected a length below 2^63, came {came:#x}")]
    ImpossibleLength {
        /// In bytes.
        came: u64,
    },
    /// The payload is announced to be too long.
    #[error("expected at most {limit} bytes of payload (max_payload), came {came}; send less")]
    PayloadTooLarge {
        /// In bytes.
        limit: u64,
        /// In bytes.
        came: u64,
    },
}

impl FrameError {
    /// The code to close the connection with (RFC 6455, section 7.4.1): 1009 for a payload that is
    /// too large, 1002 for all else.
    #[must_use]
    pub fn close_code(self) -> u16 {
        match self {
            Self::PayloadTooLarge { .. } => 1009,
            _ => 1002,
        }
    }
}
