use std::fmt;

use crate::FrameError;

/// What kind of frame it is (RFC 6455, section 5.2).
///
/// The first three carry data, and a message may consist of several of them: one text or binary
/// frame, then continuations. The other three control the connection. Each stands alone, and may
/// come between the frames of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// More of the message that an earlier frame began.
    Continuation,
    /// A message of UTF-8 text begins.
    Text,
    /// A message of any bytes begins.
    Binary,
    /// The sender will say nothing more.
    Close,
    /// Asks for a pong with the same payload.
    Ping,
    /// Answers a ping.
    Pong,
}

impl Opcode {
    /// Reads the four bits of a header.
    ///
    /// # Errors
    ///
    /// [`FrameError::UnknownOpcode`]: 3 to 7 and 11 to 15 are kept for a later version of the protocol.
    pub fn from_bits(bits: u8) -> Result<Self, FrameError> {
        match bits {
            0x0 => Ok(Self::Continuation),
            0x1 => Ok(Self::Text),
            0x2 => Ok(Self::Binary),
            0x8 => Ok(Self::Close),
            0x9 => Ok(Self::Ping),
            0xa => Ok(Self::Pong),
            // "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket
            // Connection_."
            came => Err(FrameError::UnknownOpcode { came }),
        }
    }

    /// The four bits of a header.
    #[must_use]
    pub fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xa,
        }
    }

    /// Whether the frame controls the connection, rather than carry a message.
    #[must_use]
    pub fn is_control(self) -> bool {
        self.bits() & 0b1000 != 0
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Continuation => "continuation",
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Close => "close",
            Self::Ping => "ping",
            Self::Pong => "pong",
        })
    }
}
