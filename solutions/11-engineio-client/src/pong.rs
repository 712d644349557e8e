use std::collections::VecDeque;

use engineio_packet::{ByteString, Frame, Packet};

/// Whether this frame says nothing that the last of those that wait does not say: one pong answers all
/// pings before it. Else a server that pings and never reads would fill our memory.
pub(crate) fn is_second_pong(frame: &Frame, waiting: &VecDeque<Frame>) -> bool {
    waiting.back() == Some(frame) && *frame == Packet::Pong(ByteString::new()).encode()
}
