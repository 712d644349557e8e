use engineio_packet::Bytes;

use crate::{DecodeError, Packet, RawArgs};

/// The packet of a connection whose attachments are still to come, if there is one.
#[derive(Debug, Default)]
pub struct Reassembly(Option<Box<Pending>>);

#[derive(Debug)]
struct Pending {
    packet: Packet,
    missing: usize,
}

impl Reassembly {
    /// A packet came, and so many attachments belong to it.
    pub(crate) fn begin(&mut self, packet: Packet, attachments: usize) {
        self.0 = Some(Box::new(Pending { packet, missing: attachments }));
    }

    /// Bytes came. The packet, if they are the last of it.
    pub(crate) fn take_bytes(&mut self, bytes: Bytes) -> Result<Option<Packet>, DecodeError> {
        // ANCHOR: step_12_4_b
        let pending = self.0.as_mut().ok_or(DecodeError::UnexpectedBytes)?;
        pending.push(bytes);
        if pending.missing > 0 {
            return Ok(None);
        }
        Ok(self.0.take().map(|pending| pending.packet))
        // ANCHOR_END: step_12_4_b
    }

    /// A text came. It is no attachment, and nothing may stand between them.
    pub(crate) fn refuse_text(&self) -> Result<(), DecodeError> {
        // ANCHOR: step_12_5_b
        match &self.0 {
            Some(pending) => Err(DecodeError::TextInstead { missing: pending.missing }),
            None => Ok(()),
        }
        // ANCHOR_END: step_12_5_b
    }
}

impl Pending {
    fn push(&mut self, bytes: Bytes) {
        if let Packet::Event { args: RawArgs { attachments, .. }, .. }
        | Packet::Ack { args: RawArgs { attachments, .. }, .. } = &mut self.packet
        {
            attachments.push(bytes);
        }
        self.missing -= 1;
    }
}
