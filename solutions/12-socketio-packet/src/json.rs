//! Packets as texts, with bytes beside them: the parser that every peer has.

mod decode;
mod elements;
mod encode;
mod header;
mod name;
mod placeholder;
mod read;
mod strings;
mod write;

use engineio_packet::Message;

pub(crate) use elements::Elements;
pub(crate) use read::{read_args, read_value};

use crate::{DecodeError, EncodeError, EncodedPacket, Outgoing, Packet, Parser, Reassembly};

/// How many attachments a packet may have, if nothing else is said.
pub const MAX_ATTACHMENTS: usize = 10;

/// The parser that every peer has: a text, and the bytes in it as messages of their own.
#[derive(Clone, Copy, Debug)]
pub struct Json {
    max_attachments: usize,
}

impl Json {
    /// A parser that takes so many attachments in one packet, and no more.
    #[must_use]
    pub const fn new(max_attachments: usize) -> Self {
        Self { max_attachments }
    }
}

impl Default for Json {
    fn default() -> Self {
        Self::new(MAX_ATTACHMENTS)
    }
}

impl Parser for Json {
    fn encode(&self, packet: &Outgoing<'_>) -> Result<EncodedPacket, EncodeError> {
        encode::encode(packet)
    }

    fn decode(
        &self,
        message: Message,
        reassembly: &mut Reassembly,
    ) -> Result<Option<Packet>, DecodeError> {
        match message {
            Message::Text(text) => decode::decode(&text, self.max_attachments, reassembly),
            Message::Binary(bytes) => reassembly.take_bytes(bytes),
        }
    }
}
