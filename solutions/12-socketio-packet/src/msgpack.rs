//! Packets as MessagePack, as npm's `socket.io-msgpack-parser` has them: one map, bytes in their place.

mod decode;
mod elements;
mod encode;
mod take;

use engineio_packet::Message;

pub(crate) use decode::{read_args, read_value};
pub(crate) use elements::Elements;

use crate::{DecodeError, EncodeError, EncodedPacket, Outgoing, Packet, Parser, Reassembly};

/// The parser of npm's `socket.io-msgpack-parser`: each packet is one binary message.
#[derive(Clone, Copy, Debug, Default)]
pub struct MsgPack;

impl Parser for MsgPack {
    fn encode(&self, packet: &Outgoing<'_>) -> Result<EncodedPacket, EncodeError> {
        encode::encode(packet)
    }

    fn decode(&self, message: Message, _: &mut Reassembly) -> Result<Option<Packet>, DecodeError> {
        match message {
            Message::Binary(bytes) => decode::decode(&bytes).map(Some),
            Message::Text(_) => Err(DecodeError::NotMsgPack {
                problem: "a text; do both ends use this parser?".to_owned(),
            }),
        }
    }
}
