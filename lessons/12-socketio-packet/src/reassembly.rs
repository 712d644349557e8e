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
        // TODO step 12.4, continued: see `Placeholders::write_placeholder` in src/json/write.rs
        todo!("step 12.4: Bytes beside the text (cargo course hint 12.4)")
    }

    /// A text came. It is no attachment, and nothing may stand between them.
    pub(crate) fn refuse_text(&self) -> Result<(), DecodeError> {
        // TODO step 12.5, continued: see `refuse_too_many` in src/json/header.rs
        Ok(())
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
