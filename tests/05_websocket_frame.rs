//! Lesson 05: bytes to the parts of frames, a frame to bytes.

use std::fmt::Write;

use proptest::prelude::*;
use transcript::{Transcript, step};

use super::subject::{
    Config, FirstBytes, Frame, FrameDecoder, FrameError, FrameHeader, HeaderBytes, MaskKey, Opcode,
    Part, Role,
};

/// The key of the RFC's examples.
const KEY: MaskKey = MaskKey([0x37, 0xfa, 0x21, 0x3d]);

// Step 1: take the first two bytes apart.

#[test]
fn s1_each_bit_of_the_first_two_bytes_has_a_meaning() {
    let _step = step!();
    let bytes =
        [[0x81, 0x05], [0x01, 0x83], [0x80, 0x7d], [0x89, 0xfe], [0xc2, 0x7f], [0x0b, 0xff]];
    let read = |bytes: [u8; 2]| {
        let FirstBytes { is_final, reserved, opcode, is_masked, length } = FirstBytes::parse(bytes);
        let last = if is_final { "final" } else { "not final" };
        let masked = if is_masked { "masked" } else { "not masked" };
        format!("{last}, reserved {reserved:03b}, opcode {opcode:#x}, {masked}, length {length}")
    };
    insta::assert_snapshot!(
        bytes.map(|pair| format!("{}\n  {}", bits(pair), read(pair))).join("\n")
    );
}

#[test]
fn s1_every_two_bytes_can_be_put_together_again() {
    let _step = step!();
    for number in 0..=u16::MAX {
        let bytes = number.to_be_bytes();
        assert_eq!(bits(FirstBytes::parse(bytes).to_bytes()), bits(bytes));
    }
    let close = FirstBytes { is_final: true, reserved: 0, opcode: 8, is_masked: true, length: 2 };
    assert_eq!(bits(close.to_bytes()), bits([0x88, 0x82]));
}

// Step 2: a length in three forms.

#[test]
fn s2_a_length_takes_the_shortest_of_three_forms() {
    let _step = step!();
    let lengths = [0, 1, 125, 126, 127, 255, 256, 65_535, 65_536, 1 << 40, (1 << 63) - 1];
    let mut table = String::new();
    for length in lengths {
        let header = binary(length, None).to_bytes();
        writeln!(table, "{length:>19}  {}", hex(&header)).expect("a String takes every write");
        let expected = Ok(Some((binary(length, None), header.len())));
        assert_eq!(decoded(&header), expected, "of {}", hex(&header));
    }
    insta::assert_snapshot!(table);
}

#[test]
fn s2_a_header_is_read_when_its_last_byte_is_here() {
    let _step = step!();
    for (length, mask) in [(5, None), (300, None), (70_000, None), (5, Some(KEY)), (300, Some(KEY))]
    {
        let header = binary(length, mask);
        let mut bytes = header.to_bytes().to_vec();
        for count in 0..bytes.len() {
            assert_eq!(decoded(&bytes[..count]), Ok(None), "of {}", hex(&bytes));
        }
        let len = bytes.len();
        bytes.extend(b"the payload is not looked at");
        assert_eq!(decoded(&bytes), Ok(Some((header, len))));
    }
}

#[test]
fn s2_no_header_is_longer_than_fourteen_bytes() {
    let _step = step!();
    let longest = binary(70_000, Some(KEY)).to_bytes();
    assert_eq!(hex(&longest), "82 ff 00 00 00 00 00 01 11 70 37 fa 21 3d");
    assert_eq!(longest.len(), HeaderBytes::MAX);
}

#[test]
fn s2_six_opcodes_have_a_meaning() {
    let _step = step!();
    let read = |opcode: u8| match decoded(&[0x80 | opcode, 0]) {
        Ok(Some((header, _))) => header.opcode.to_string(),
        other => shown(other),
    };
    let table = (0..16).map(|opcode| format!("{opcode:>2}  {}", read(opcode)));
    insta::assert_snapshot!(table.collect::<Vec<_>>().join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn s2_every_header_survives_the_wire(header in any_header()) {
        let _step = step!();
        let bytes = header.to_bytes();
        prop_assert_eq!(decoded(&bytes), Ok(Some((header, bytes.len()))));
    }
}

// Step 3: mask on words.

#[test]
fn s3_the_mask_of_the_rfc_turns_hello_into_its_example() {
    let _step = step!();
    let mut payload = *b"Hello";
    KEY.apply(&mut payload, 0);
    assert_eq!(hex(&payload), "7f 9f 4d 51 58");
    KEY.apply(&mut payload, 0);
    assert_eq!(&payload, b"Hello", "twice is not at all");
}

#[test]
fn s3_a_client_masks_and_a_server_does_not() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    let long = "-".repeat(126);
    let payloads = [
        (Opcode::Text, "Hello"),
        (Opcode::Ping, "Hello"),
        (Opcode::Binary, ""),
        (Opcode::Text, long.as_str()),
    ];
    for (opcode, payload) in payloads {
        let frame = Frame { is_final: true, opcode, payload: payload.as_bytes() };
        transcript.message("client", "server", hex_shown(&encoded(frame, Some(KEY))));
        transcript.note(&format!("{opcode}, {} bytes", payload.len()));
        transcript.message("server", "client", hex_shown(&encoded(frame, None)));
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn s3_a_frame_is_appended_to_what_waits_to_be_sent() {
    let _step = step!();
    let mut out = b"before".to_vec();
    text(b"Hello").encode(Some(KEY), &mut out);
    text(b"Hello").encode(Some(KEY), &mut out);
    let frame = encoded(text(b"Hello"), Some(KEY));
    assert_eq!(out, [b"before", frame.as_slice(), frame.as_slice()].concat());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn s3_byte_i_is_masked_with_byte_i_modulo_four_of_the_key(
        key: [u8; 4], payload in short_payload(), offset in likely_offset(),
    ) {
        let _step = step!();
        let expected: Vec<u8> = payload
            .iter()
            .zip(0..)
            .map(|(byte, index): (_, u64)| byte ^ key[((offset + index) % 4) as usize])
            .collect();
        let mut masked = payload.clone();
        MaskKey(key).apply(&mut masked, offset);
        prop_assert_eq!(hex(&masked), hex(&expected));
        MaskKey(key).apply(&mut masked, offset);
        prop_assert_eq!(hex(&masked), hex(&payload));
    }

    #[test]
    fn s3_a_payload_may_be_masked_in_pieces(key: [u8; 4], payload in payload(), cut: u16) {
        let _step = step!();
        let cut = usize::from(cut) % (payload.len() + 1);
        let mut whole = payload.clone();
        MaskKey(key).apply(&mut whole, 0);
        let mut pieces = payload;
        let (first, second) = pieces.split_at_mut(cut);
        MaskKey(key).apply(first, 0);
        MaskKey(key).apply(second, cut as u64);
        prop_assert_eq!(pieces, whole);
    }
}

// Step 4: frames out of a stream.

#[test]
fn s4_the_examples_of_the_rfc_are_understood() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    let mut server = FrameDecoder::new(Config::new(Role::Server));
    let mut client = FrameDecoder::new(Config::new(Role::Client));
    transcript.phase("a text");
    send(&transcript, TO_CLIENT, &mut client, "81 05 48 65 6c 6c 6f");
    transcript.phase("the same, masked");
    send(&transcript, TO_SERVER, &mut server, "81 85 37 fa 21 3d 7f 9f 4d 51 58");
    transcript.phase("the same, in two fragments");
    send(&transcript, TO_CLIENT, &mut client, "01 03 48 65 6c");
    send(&transcript, TO_CLIENT, &mut client, "80 02 6c 6f");
    transcript.phase("a ping and its answer");
    send(&transcript, TO_CLIENT, &mut client, "89 05 48 65 6c 6c 6f");
    send(&transcript, TO_SERVER, &mut server, "8a 85 37 fa 21 3d 7f 9f 4d 51 58");
    transcript.phase("256 bytes");
    send(&transcript, TO_CLIENT, &mut client, &format!("82 7e 01 00{}", " 2e".repeat(256)));
    transcript.phase("64 KiB");
    send(
        &transcript,
        TO_CLIENT,
        &mut client,
        &format!("82 7f 00 00 00 00 00 01 00 00{}", " 2e".repeat(65_536)),
    );
    insta::assert_snapshot!(transcript);
}

#[test]
fn s4_a_frame_may_come_in_pieces() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    let mut server = FrameDecoder::new(Config::new(Role::Server));
    for piece in ["81", "85 37", "fa 21 3d", "7f 9f", "4d 51 58"] {
        send(&transcript, TO_SERVER, &mut server, piece);
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn s4_two_frames_may_come_in_one_piece() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    let mut server = FrameDecoder::new(Config::new(Role::Server));
    send(&transcript, TO_SERVER, &mut server, "81 82 37 fa 21 3d 5f 93 89 80 37 fa 21 3d 81 85 37");
    send(&transcript, TO_SERVER, &mut server, "fa 21 3d 7f 9f 4d 51 58");
    insta::assert_snapshot!(transcript);
}

#[test]
fn s4_a_payload_is_unmasked_where_it_lies() {
    let _step = step!();
    let mut bytes = encoded(text(b"Hello"), Some(KEY));
    let place = bytes.as_ptr_range();
    let mut decoder = FrameDecoder::new(Config::new(Role::Server));
    let (parts, _) = parts_of(&mut decoder, &mut bytes);
    let pieces: Vec<&mut [u8]> = parts
        .into_iter()
        .filter_map(|part| match part {
            Part::Payload(piece) => Some(piece),
            _ => None,
        })
        .collect();
    assert_eq!(pieces, [b"Hello"]);
    assert!(pieces.iter().all(|piece| place.contains(&piece.as_ptr())), "the caller's own bytes");
}

#[test]
fn s4_a_payload_may_be_longer_than_32_bits_count() {
    let _step = step!();
    let config = Config { max_payload: u64::MAX, ..Config::new(Role::Client) };
    let mut bytes = from_hex("82 7f 00 00 00 01 00 00 00 00 61");
    let (parts, _) = parts_of(&mut FrameDecoder::new(config), &mut bytes);
    assert_eq!(parts, [Part::Header(binary(1 << 32, None)), Part::Payload(&mut [b'a'])]);
}

#[test]
fn s4_a_connection_that_is_idle_costs_less_than_a_hundred_bytes() {
    let _step = step!();
    let mut decoder = FrameDecoder::new(Config::new(Role::Server));
    let frames = read(&mut decoder, &[&encoded(text(&[b'a'; 1000]), Some(KEY))]);
    assert_eq!(frames.0.len(), 1);
    assert_eq!(decoder.buffered(), 0);
    assert!(size_of::<FrameDecoder>() < 100, "came {}", size_of::<FrameDecoder>());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn s4_frames_survive_the_wire_in_both_directions(frames in any_frames(), key: [u8; 4]) {
        let _step = step!();
        for (reader, mask) in [(Role::Server, Some(MaskKey(key))), (Role::Client, None)] {
            let mut bytes = Vec::new();
            for (is_final, opcode, payload) in &frames {
                Frame { is_final: *is_final, opcode: *opcode, payload }.encode(mask, &mut bytes);
            }
            prop_assert_eq!(all_of(reader, &[&bytes]), (frames.clone(), None));
        }
    }

    #[test]
    fn s4_every_split_of_the_bytes_gives_the_same_frames(
        frames in any_frames(), key: [u8; 4], cuts in prop::collection::vec(any::<u16>(), 0..12),
    ) {
        let _step = step!();
        let mut bytes = Vec::new();
        for (is_final, opcode, payload) in &frames {
            let frame = Frame { is_final: *is_final, opcode: *opcode, payload };
            frame.encode(Some(MaskKey(key)), &mut bytes);
        }
        let mut cuts: Vec<usize> =
            cuts.into_iter().map(|cut| usize::from(cut) % (bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect();
        prop_assert_eq!(all_of(Role::Server, &pieces), (frames.clone(), None));
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(all_of(Role::Server, &single), (frames, None));
    }

    #[test]
    fn s4_no_bytes_make_it_panic_or_keep_more_than_a_header(
        pieces in prop::collection::vec(prop::collection::vec(likely_byte(), 0..40), 0..20),
    ) {
        let _step = step!();
        for role in [Role::Server, Role::Client] {
            let mut decoder = FrameDecoder::new(Config::new(role));
            for piece in &pieces {
                read(&mut decoder, &[piece]);
                prop_assert!(decoder.buffered() < HeaderBytes::MAX);
            }
        }
        prop_assert_eq!(all_of(Role::Client, &[b"\x81\x01a"]).0.len(), 1, "and reads what is right");
    }
}

// Step 5: refuse what a peer must not send.

#[test]
fn s5_a_client_masks_and_a_server_does_not() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    let mut server = FrameDecoder::new(Config::new(Role::Server));
    let mut client = FrameDecoder::new(Config::new(Role::Client));
    let line = b"GET /counter.js HTTP/1.1\r\n";
    transcript.phase("a page chose these bytes, and no mask has changed them");
    let chosen = encoded(text(line), None);
    transcript.message("client", "server", &chosen);
    receive(&transcript, "server", &mut server, chosen);
    transcript.phase("a mask where none belongs");
    let masked = encoded(text(line), Some(KEY));
    transcript.message("server", "client", &masked);
    receive(&transcript, "client", &mut client, masked);
    insta::assert_snapshot!(transcript);
}

#[test]
fn s5_reserved_bits_are_zero() {
    let _step = step!();
    insta::assert_snapshot!(refusals(
        Role::Client,
        &["91 00", "a1 00", "c1 00", "f1 00", "d9 00", "81 00"]
    ));
}

#[test]
fn s5_a_control_frame_is_short_and_whole() {
    let _step = step!();
    let headers = ["88 7e 00 7e", "89 7e", "8a 7f", "08 00", "09 00", "0a 00", "8a 7d", "01 7d"];
    insta::assert_snapshot!(refusals(Role::Client, &headers));
}

#[test]
fn s5_a_length_has_one_form() {
    let _step = step!();
    let headers = [
        "82 7e 00 00",
        "82 7e 00 7d",
        "82 7e 00 7e",
        "82 7f 00 00 00 00 00 00 00 7d",
        "82 7f 00 00 00 00 00 00 ff ff",
        "82 7f 00 00 00 00 00 01 00 00",
        "82 7f 80 00 00 00 00 00 00 00",
        "82 7f ff ff ff ff ff ff ff ff",
    ];
    insta::assert_snapshot!(refusals(Role::Client, &headers));
}

#[test]
fn s5_a_payload_beyond_the_limit_is_refused_at_its_header() {
    let _step = step!();
    insta::assert_snapshot!(refusals(
        Role::Client,
        &[
            "82 7f 00 00 00 00 00 10 00 00",
            "82 7f 00 00 00 00 00 10 00 01",
            "82 7f 7f ff ff ff ff ff ff ff"
        ]
    ));
}

#[test]
fn s5_a_length_is_refused_before_the_key_has_come() {
    let _step = step!();
    insta::assert_snapshot!(refusals(
        Role::Server,
        &["82 fe 00 05", "82 ff 00 00 00 00 00 10 00 00", "82 ff 00 00 00 00 00 10 00 01"]
    ));
}

#[test]
fn s5_the_limit_is_exact_and_can_be_chosen() {
    let _step = step!();
    let mut decoder = FrameDecoder::new(Config { max_payload: 3, ..Config::new(Role::Client) });
    let (frames, error) = read(&mut decoder, &[b"\x82\x03abc", b"\x82\x04abcd"]);
    assert_eq!(frames, [(true, Opcode::Binary, b"abc".to_vec())]);
    assert_eq!(error, Some(FrameError::PayloadTooLarge { limit: 3, came: 4 }));
    assert_eq!(error.map(FrameError::close_code), Some(1009));
}

#[test]
fn s5_a_refusal_is_final_and_comes_after_two_bytes() {
    let _step = step!();
    let mut decoder = FrameDecoder::new(Config::new(Role::Server));
    let error = read(&mut decoder, &[b"\x81", b"\x05"]).1.expect("the mask is missing");
    assert_eq!(error, FrameError::NotMasked);
    assert_eq!(error.close_code(), 1002);
    let after = encoded(text(b"Hello"), Some(KEY));
    assert_eq!(read(&mut decoder, &[&after]), (Vec::new(), Some(error)));
    assert_eq!(decoder.buffered(), 0);
}

#[test]
fn s5_a_header_that_is_taken_is_the_one_that_would_be_sent() {
    let _step = step!();
    let in_two_bytes = [0, 125, 126, 0xffff].map(|length: u64| length << 48);
    let in_eight_bytes = [125, 126, 0xffff, 0x1_0000, 1 << 20, (1 << 20) + 1, 1 << 63];
    let lengths = [in_two_bytes.as_slice(), &in_eight_bytes].concat();
    for (start, length) in (0..=u16::MAX).flat_map(|start| lengths.iter().map(move |l| (start, l)))
    {
        let bytes = [&start.to_be_bytes()[..], &length.to_be_bytes(), &KEY.0].concat();
        for role in [Role::Server, Role::Client] {
            let config = Config::new(role);
            if let Ok(Some((header, len))) = FrameHeader::decode(&bytes, &config) {
                let case = || format!("{role:?} reads {}", hex(&bytes));
                assert_eq!(*header.to_bytes(), bytes[..len], "{}", case());
                assert_eq!(header.mask.is_some(), role == Role::Server, "a mask: {}", case());
                assert!(header.payload_len <= config.max_payload, "{}", case());
            }
        }
    }
}

// What the tests share.

/// Whether it is final, what it is, what it carries.
type Whole = (bool, Opcode, Vec<u8>);

fn text(payload: &[u8]) -> Frame<'_> {
    Frame { is_final: true, opcode: Opcode::Text, payload }
}

fn binary(payload_len: u64, mask: Option<MaskKey>) -> FrameHeader {
    FrameHeader { is_final: true, opcode: Opcode::Binary, mask, payload_len }
}

fn encoded(frame: Frame<'_>, mask: Option<MaskKey>) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame.encode(mask, &mut bytes);
    bytes
}

/// What a header says, to the end that is to read it: its mask shows which that is.
fn decoded(bytes: &[u8]) -> Result<Option<(FrameHeader, usize)>, FrameError> {
    let is_masked = bytes.get(1).is_some_and(|byte| byte & 0x80 != 0);
    let role = if is_masked { Role::Server } else { Role::Client };
    FrameHeader::decode(bytes, &Config { role, max_payload: u64::MAX })
}

/// All frames in these pieces, as far as they are complete, and the error at their end.
fn all_of(role: Role, pieces: &[&[u8]]) -> (Vec<Whole>, Option<FrameError>) {
    read(&mut FrameDecoder::new(Config::new(role)), pieces)
}

fn read(decoder: &mut FrameDecoder, pieces: &[&[u8]]) -> (Vec<Whole>, Option<FrameError>) {
    let mut frames: Vec<Whole> = Vec::new();
    let mut current: Option<Whole> = None;
    for piece in pieces {
        let mut bytes = piece.to_vec();
        let (parts, error) = parts_of(decoder, &mut bytes);
        for part in parts {
            match part {
                Part::Header(FrameHeader { is_final, opcode, .. }) => {
                    current = Some((is_final, opcode, Vec::new()));
                }
                Part::Payload(piece) => {
                    if let Some((_, _, payload)) = &mut current {
                        payload.extend_from_slice(piece);
                    }
                }
                Part::End => frames.extend(current.take()),
            }
        }
        if error.is_some() {
            return (frames, error);
        }
    }
    (frames, None)
}

/// The parts of one piece. A part takes some of it or ends what did, so there is an end to them.
fn parts_of<'a>(
    decoder: &mut FrameDecoder,
    mut input: &'a mut [u8],
) -> (Vec<Part<'a>>, Option<FrameError>) {
    let mut parts = Vec::new();
    loop {
        let before = input.len();
        match decoder.next_part(&mut input) {
            Ok(Some(part)) => {
                let ends = part == Part::End && parts.last() != Some(&Part::End);
                assert!(ends || input.len() < before, "{part:?} takes no byte: it comes for ever");
                parts.push(part);
            }
            Ok(None) => {
                assert_eq!(input.len(), 0, "bytes that `None` leaves in the input");
                return (parts, None);
            }
            Err(error) => return (parts, Some(error)),
        }
    }
}

/// Who sends, who reads.
type Route = [&'static str; 2];

const TO_SERVER: Route = ["client", "server"];
const TO_CLIENT: Route = ["server", "client"];

/// Bytes travel; what the decoder makes of them is said where they arrive.
fn send(transcript: &Transcript, [from, to]: Route, decoder: &mut FrameDecoder, hex: &str) {
    let bytes = from_hex(hex);
    transcript.message(from, to, hex_shown(&bytes));
    receive(transcript, to, decoder, bytes);
}

fn receive(transcript: &Transcript, to: &str, decoder: &mut FrameDecoder, mut bytes: Vec<u8>) {
    let (parts, error) = parts_of(decoder, &mut bytes);
    let mut frame = Vec::new();
    for part in &parts {
        frame.push(part_shown(part));
        if *part == Part::End {
            transcript.event(to, frame.join("; "));
            frame.clear();
        }
    }
    match error {
        Some(error) => frame.push(format!("refuses with {}: {error}", error.close_code())),
        None if parts.last() == Some(&Part::End) => return,
        None => frame.push("needs more bytes".to_owned()),
    }
    transcript.event(to, frame.join("; "));
}

fn part_shown(part: &Part<'_>) -> String {
    match part {
        Part::Header(header) => header_shown(header),
        Part::Payload(piece) if piece.len() > 20 => format!("payload: {} bytes", piece.len()),
        Part::Payload(piece) => format!("payload: {}", piece.escape_ascii()),
        Part::End => "end".to_owned(),
    }
}

fn header_shown(header: &FrameHeader) -> String {
    let FrameHeader { is_final, opcode, mask, payload_len } = header;
    let last = if *is_final { "final" } else { "more to follow" };
    let masked = if mask.is_some() { ", masked" } else { "" };
    format!("header: {opcode}, {last}, {payload_len} bytes{masked}")
}

/// Each header with what `role` says to it.
fn refusals(role: Role, headers: &[&str]) -> String {
    let row = |header: &&str| {
        let result = FrameHeader::decode(&from_hex(header), &Config::new(role));
        format!("{header}\n  {}\n", shown(result))
    };
    headers.iter().map(row).collect()
}

fn shown(result: Result<Option<(FrameHeader, usize)>, FrameError>) -> String {
    match result {
        Ok(Some((header, _))) => header_shown(&header),
        Ok(None) => "needs more bytes".to_owned(),
        Err(error) => format!("{}: {error}", error.close_code()),
    }
}

fn bits([first, second]: [u8; 2]) -> String {
    format!("{first:08b} {second:08b}")
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}

/// Of a long frame the beginning: its header is what there is to see.
fn hex_shown(bytes: &[u8]) -> String {
    match bytes.len() {
        0..=32 => hex(bytes),
        len => format!("{} … ({len} bytes in all)", hex(&bytes[..16])),
    }
}

fn from_hex(hex: &str) -> Vec<u8> {
    hex.split(' ').map(|byte| u8::from_str_radix(byte, 16).expect("two digits")).collect()
}

fn any_opcode() -> impl Strategy<Value = Opcode> {
    prop::sample::select(
        [
            Opcode::Continuation,
            Opcode::Text,
            Opcode::Binary,
            Opcode::Close,
            Opcode::Ping,
            Opcode::Pong,
        ]
        .as_slice(),
    )
}

/// A header that may be sent.
fn any_header() -> impl Strategy<Value = FrameHeader> {
    let bits = (any::<bool>(), any_opcode(), prop::option::of(any::<[u8; 4]>()));
    (bits, any::<u64>(), 0..64_u32).prop_map(|((is_final, opcode, key), length, zeros)| {
        let is_control = opcode.is_control();
        let length = length >> 1 >> zeros;
        FrameHeader {
            is_final: is_final || is_control,
            opcode,
            mask: key.map(MaskKey),
            payload_len: if is_control { length % 126 } else { length },
        }
    })
}

/// Frames that may be sent, with payloads of every form of length.
fn any_frames() -> impl Strategy<Value = Vec<Whole>> {
    let frame = (any::<bool>(), any_opcode(), payload()).prop_map(
        |(is_final, opcode, mut payload): Whole| {
            if opcode.is_control() {
                payload.truncate(125);
            }
            (is_final || opcode.is_control(), opcode, payload)
        },
    );
    prop::collection::vec(frame, 0..6)
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => prop::collection::vec(any::<u8>(), 0..40),
        4 => prop::collection::vec(any::<u8>(), 100..300),
        1 => (any::<u8>(), 65_530..65_540_usize).prop_map(|(byte, len)| vec![byte; len]),
    ]
}

/// Several words and a rest: a short one is what can be read in a failure.
fn short_payload() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..24)
}

/// Offsets at the beginning, and where 32 bits end.
fn likely_offset() -> impl Strategy<Value = u64> {
    prop_oneof![0..8_u64, (1 << 32) - 16..(1_u64 << 32)]
}

/// Bytes of which headers are made, so that random input gets beyond the first two.
fn likely_byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        4 => prop::sample::select(b"\x00\x01\x02\x7d\x7e\x7f\x80\x81\x82\x83\x88\x89\x8a\xfe\xff".as_slice()),
        1 => any::<u8>(),
    ]
}
