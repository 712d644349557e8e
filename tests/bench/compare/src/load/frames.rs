//! Frames as a client writes and reads them (RFC 6455, section 5.2). The mask is 0: the server unmasks all
//! the same, and the load need not.

use anyhow::{Result, ensure};
use bytes::{Buf, Bytes, BytesMut};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

#[derive(Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) opcode: Opcode,
    pub(super) payload: Bytes,
}

/// Appends what stands before a payload of this length.
pub(super) fn write_head(opcode: Opcode, length: usize, output: &mut Vec<u8>) {
    output.push(0x80 | opcode as u8);
    match length {
        0..126 => output.push(0x80 | length as u8),
        126..0x1_0000 => {
            output.push(0x80 | 126);
            output.extend((length as u16).to_be_bytes());
        }
        _ => {
            output.push(0x80 | 127);
            output.extend((length as u64).to_be_bytes());
        }
    }
    output.extend([0; 4]);
}

/// Takes the first frame; none if it is not complete.
pub(super) fn read(input: &mut BytesMut) -> Result<Option<Frame>> {
    let &[first, second, ref rest @ ..] = &input[..] else {
        return Ok(None);
    };
    let opcode = match first {
        0x81 => Opcode::Text,
        0x82 => Opcode::Binary,
        0x88 => Opcode::Close,
        0x89 => Opcode::Ping,
        0x8a => Opcode::Pong,
        _ => anyhow::bail!("expected a whole message in a frame, came {first:#04x}"),
    };
    ensure!(second < 0x80, "expected a frame without a mask, came {second:#04x}");
    let (head, length) = match (second, rest) {
        (126, &[a, b, ..]) => (4, u16::from_be_bytes([a, b]).into()),
        (127, &[a, b, c, d, e, f, g, h, ..]) => {
            (10, u64::from_be_bytes([a, b, c, d, e, f, g, h]) as usize)
        }
        (126 | 127, _) => return Ok(None),
        (length, _) => (2, usize::from(length)),
    };
    ensure!(length <= 1 << 20, "expected a frame of 1 MiB at most, came {length} bytes");
    if input.len() < head + length {
        return Ok(None);
    }
    input.advance(head);
    Ok(Some(Frame { opcode, payload: input.split_to(length).freeze() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_s_frames_of_every_length() {
        for (head, length) in [
            (&[0x81, 3][..], 3),
            (&[0x81, 126, 1, 0], 256),
            (&[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0], 65_536),
        ] {
            let mut input = BytesMut::from(head);
            input.extend_from_slice(&vec![b'x'; length]);
            let last = input.split_off(input.len() - 1);
            assert_eq!(read(&mut input).expect("valid"), None, "one byte is missing");
            input.unsplit(last);
            let frame = read(&mut input).expect("valid").expect("complete");
            assert_eq!((frame.opcode, frame.payload.len()), (Opcode::Text, length));
            assert!(input.is_empty());
        }
    }

    #[test]
    fn what_no_server_should_send_is_an_error() {
        for wrong in
            [&[0x01, 0][..], &[0x83, 0], &[0x81, 0x81], &[0x82, 127, 1, 0, 0, 0, 0, 0, 0, 0]]
        {
            read(&mut BytesMut::from(wrong)).expect_err("refused");
        }
    }

    #[test]
    fn what_a_client_writes_has_its_length_and_a_mask() {
        for (length, expected) in [
            (125, &[0x82, 0x80 | 125][..]),
            (126, &[0x82, 0x80 | 126, 0, 126]),
            (65_536, &[0x82, 0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let mut output = Vec::new();
            write_head(Opcode::Binary, length, &mut output);
            assert_eq!(output, [expected, &[0; 4]].concat());
        }
    }
}
