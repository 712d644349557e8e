//! Lesson 08: packets, as frames and as payloads.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use transcript::{Transcript, step};

use super::subject::{
    ByteString, Bytes, EncodedMessage, Frame, Handshake, Message, Packet, PacketError, Sid,
    Transport, payload,
};

// Step 1: take a packet apart.

#[test]
fn s1_the_first_character_is_the_type_and_the_rest_the_payload() {
    let _step = step!();
    assert_eq!(read("4hello"), Ok(text_message("hello")));
    assert_eq!(read("4"), Ok(text_message("")));
    assert_eq!(read("44"), Ok(text_message("4")));
    assert_eq!(read("4κόσμε 😀"), Ok(text_message("κόσμε 😀")));
    assert_eq!(read("2"), Ok(Packet::Ping("".into())));
    assert_eq!(read("2probe"), Ok(Packet::Ping(Packet::PROBE)));
    assert_eq!(read("3probe"), Ok(Packet::Pong(Packet::PROBE)));
    assert_eq!(read("1"), Ok(Packet::Close));
    assert_eq!(read("5"), Ok(Packet::Upgrade));
    assert_eq!(read("6"), Ok(Packet::Noop));
}

#[test]
fn s1_the_length_of_a_message_counts_bytes_and_not_its_type() {
    let _step = step!();
    for (came, expected) in [("4", 0), ("4a", 1), ("4κόσμε 😀", 15)] {
        match read(came) {
            Ok(Packet::Message(message)) => {
                assert_eq!((message.len(), message.is_empty()), (expected, expected == 0));
            }
            other => panic!("expected a message, came {other:?}"),
        }
    }
}

#[test]
fn s1_close_upgrade_and_noop_have_no_payload_to_read() {
    let _step = step!();
    assert_eq!(read("1bye"), Ok(Packet::Close));
    assert_eq!(read("5now"), Ok(Packet::Upgrade));
    assert_eq!(read("6hello"), Ok(Packet::Noop));
}

#[test]
fn s1_what_is_no_packet_is_refused_in_words() {
    let _step = step!();
    let texts = ["4 is a message", "", "7", "hello", "B", " 4", "é", "\u{feff}4", "0{}"];
    insta::assert_snapshot!(table(&texts, |text| told(&read(text))));
}

#[test]
fn s1_a_payload_is_a_part_of_the_text_that_came() {
    let _step = step!();
    for came in ["4hello", "2probe", "3probe"] {
        let text = ByteString::from(came.to_owned());
        let place = text.as_bytes().as_ptr_range();
        let payload = match Packet::decode(Frame::Text(text.clone())) {
            Ok(Packet::Message(Message::Text(payload))) => payload,
            Ok(Packet::Ping(payload) | Packet::Pong(payload)) => payload,
            other => panic!("expected a packet with a payload, came {other:?}"),
        };
        let expected = place.start.wrapping_add(1)..place.end;
        assert_eq!(payload.as_bytes().as_ptr_range(), expected, "{came}: no copy, but a part");
    }
}

#[test]
fn s1_any_text_is_read_or_refused_by_its_first_character() {
    let _step = step!();
    // What begins with 0 or b is for later steps.
    let text = prop_oneof!["[1-7]\\PC*", "[^0b]\\PC*"];
    proptest!(quietly(), |(text in text)| {
        let unknown = text.chars().next().filter(|kind| !('1'..='6').contains(kind));
        prop_assert_eq!(read(&text).err(), unknown.map(|came| PacketError::UnknownType { came }));
    });
}

// Step 2: say a packet.

#[test]
fn s2_each_packet_has_one_form() {
    let _step = step!();
    assert_eq!(Packet::Close.encode(), text("1"));
    assert_eq!(Packet::Ping("".into()).encode(), text("2"));
    assert_eq!(Packet::Ping(Packet::PROBE).encode(), text("2probe"));
    assert_eq!(Packet::Pong(Packet::PROBE).encode(), text("3probe"));
    assert_eq!(text_message("hello").encode(), text("4hello"));
    assert_eq!(text_message("").encode(), text("4"));
    assert_eq!(Packet::Upgrade.encode(), text("5"));
    assert_eq!(Packet::Noop.encode(), text("6"));
}

#[test]
fn s2_the_handshake_comes_first_of_all() {
    let _step = step!();
    let packet = Packet::Open(handshake("lv_VI97HAXpY6yYWAAAC", &[Transport::WebSocket]));
    assert_eq!(packet.encode(), text(FROM_THE_REFERENCE));
}

#[test]
fn s2_a_binary_message_is_its_bare_bytes() {
    let _step = step!();
    for bytes in [&b""[..], b"4hello", &[0, 255]] {
        assert_eq!(bytes_message(bytes).encode(), binary(bytes));
        assert_eq!(Packet::decode(binary(bytes)), Ok(bytes_message(bytes)));
    }
    let bytes = Bytes::from(vec![1, 2, 3]);
    match Packet::Message(bytes.clone().into()).encode() {
        Frame::Binary(frame) => assert_eq!(frame.as_ptr(), bytes.as_ptr(), "the same bytes"),
        other => panic!("expected a binary frame, came {other:?}"),
    }
}

#[test]
fn s2_a_message_is_encoded_once_for_everyone() {
    let _step = step!();
    let for_anna = EncodedMessage::from(Message::from("hello"));
    let for_ben = for_anna.clone();
    assert_eq!(for_anna.frame(), &text("4hello"));
    match (for_anna.into_frame(), for_ben.into_frame()) {
        (Frame::Text(anna), Frame::Text(ben)) => {
            assert_eq!(anna.as_bytes().as_ptr(), ben.as_bytes().as_ptr(), "the same bytes");
        }
        other => panic!("expected two texts, came {other:?}"),
    }
    let bytes = EncodedMessage::from(Message::from(vec![1, 2]));
    assert_eq!(bytes, EncodedMessage::from_bytes(Bytes::from_static(&[1, 2])));
    assert_eq!(bytes.into_frame(), binary(&[1, 2]));
}

#[test]
fn s2_a_text_that_is_encoded_already_begins_with_the_type() {
    let _step = step!();
    let encoded = |text: &str| EncodedMessage::from_encoded_text(text.into());
    assert_eq!(encoded("4hello"), Ok(Message::from("hello").into()));
    assert_eq!(encoded("4"), Ok(Message::from("").into()));
    for (text, came) in [("", None), ("hello", Some('h')), ("2", Some('2')), ("bAQ", Some('b'))] {
        assert_eq!(encoded(text), Err(PacketError::NotAMessage { came }));
    }
}

#[test]
fn s2_a_packet_survives_a_frame() {
    let _step = step!();
    proptest!(quietly(), |(packet in any_packet_but_open())| {
        prop_assert_eq!(Packet::decode(packet.encode()), Ok(packet));
    });
}

// Step 3: bytes as text.

#[test]
fn s3_bytes_become_b_and_base64() {
    let _step = step!();
    // The examples of RFC 4648, section 10, and the two characters that the URL's alphabet changes.
    let examples = [
        (&b""[..], "b"),
        (b"f", "bZg=="),
        (b"fo", "bZm8="),
        (b"foo", "bZm9v"),
        (b"foob", "bZm9vYg=="),
        (b"foobar", "bZm9vYmFy"),
        (&[1, 2, 3, 4], "bAQIDBA=="),
        (&[0xfb, 0xff, 0xbf], "b+/+/"),
    ];
    for (bytes, expected) in examples {
        assert_eq!(binary(bytes).to_text(), expected);
        assert_eq!(read(expected), Ok(bytes_message(bytes)));
    }
    assert_eq!(text("4hello").to_text(), "4hello", "what is text stays as it is");
}

#[test]
fn s3_padding_may_be_left_out() {
    let _step = step!();
    for text in ["bAQIDBA==", "bAQIDBA=", "bAQIDBA"] {
        assert_eq!(read(text), Ok(bytes_message(&[1, 2, 3, 4])));
    }
}

#[test]
fn s3_the_lines_of_an_android_client_are_one() {
    let _step = step!();
    let bytes = [b'a'; 100];
    let lines = [["YWFh"; 19].concat(), "YWFh".repeat(14) + "YQ=="];
    assert_eq!(read(&format!("b{}\n{}\n", lines[0], lines[1])), Ok(bytes_message(&bytes)));
    assert_eq!(read(&format!("b{}\r\n{}", lines[0], lines[1])), Ok(bytes_message(&bytes)));
    assert_eq!(read("bAQ==\n"), Ok(bytes_message(&[1])));
    assert_eq!(read("b\n"), Ok(bytes_message(b"")));
    assert_eq!(read("bA\nQI\nD"), Ok(bytes_message(&[1, 2, 3])), "lines of any length");
}

#[test]
fn s3_nothing_but_a_line_break_is_skipped() {
    let _step = step!();
    for text in ["b AQID", "bAQID ", "bAQID\t", "bAQ\0ID", "bAQ==\nID"] {
        if let Ok(packet) = read(text) {
            panic!("expected {text:?} to be refused, came {packet:?}");
        }
    }
}

#[test]
fn s3_what_is_no_base64_is_refused_in_words() {
    let _step = step!();
    let texts = ["bAQID", "bA", "b=", "b!!", "bAQ ID", "bAQ==ID", "b-_-_", "bAQIDBB==", "bé"];
    insta::assert_snapshot!(table(&texts, |text| told(&read(text))));
}

#[test]
fn s3_the_length_is_known_before_the_text_is_made() {
    let _step = step!();
    for count in (0..20).chain([1000]) {
        let frame = binary(&vec![7; count]);
        assert_eq!(frame.to_text().len(), frame.text_len());
        assert_eq!((frame.len(), frame.is_empty()), (count, count == 0));
        let text = text(&"é".repeat(count));
        assert_eq!((text.len(), text.is_empty()), (2 * count, count == 0));
        assert_eq!(text.to_text().len(), text.text_len());
    }
}

#[test]
fn s3_a_packet_survives_as_text() {
    let _step = step!();
    proptest!(quietly(), |(packet in any_packet_but_open())| {
        let frame = packet.encode();
        let text = frame.to_text();
        prop_assert_eq!(text.len(), frame.text_len());
        prop_assert_eq!(Packet::decode(Frame::Text(text)), Ok(packet));
    });
}

#[test]
fn s3_no_base64_makes_it_panic() {
    let _step = step!();
    proptest!(quietly(), |(text in "b[A-Za-z0-9+/=\\-_ \r\né]{0,40}")| {
        if let Ok(packet) = read(&text) {
            prop_assert_eq!(read(&packet.encode().to_text()), Ok(packet));
        }
    });
    assert!(read("bAQID").is_ok(), "and yet it reads what is right");
}

// Step 4: several packets in one body.

#[test]
fn s4_packets_share_a_body_and_need_a_frame_each() {
    let _step = step!();
    let said = [
        text_message("hello"),
        Packet::Ping("".into()),
        text_message(r#"{"text":"two\nlines"}"#),
        bytes_message(&[1, 2, 3, 4]),
        text_message(""),
    ];
    let frames: Vec<Frame> = said.iter().map(Packet::encode).collect();
    let transcript = Transcript::untimed(&["server", "client"]);
    transcript.phase("over HTTP: the body of one answer");
    let body = ByteString::from(payload::encode(&frames));
    transcript.message("server", "client", &body);
    for packet in read_body(&body) {
        transcript.event("client", told(&packet));
    }
    transcript.phase("over a WebSocket: five messages");
    for frame in frames {
        match &frame {
            Frame::Text(text) => transcript.message("server", "client", text),
            Frame::Binary(bytes) => transcript.message("server", "client", bytes),
        }
        transcript.event("client", told(&Packet::decode(frame)));
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn s4_the_separator_stands_between_packets_only() {
    let _step = step!();
    assert_eq!(payload::encode(&[]), "");
    assert_eq!(payload::encode(&[text("4hello")]), "4hello");
    assert_eq!(payload::encode(&[text("4"), binary(b""), text("6")]), "4\u{1e}b\u{1e}6");
}

#[test]
fn s4_what_came_before_a_bad_packet_came_all_the_same() {
    let _step = step!();
    let bodies =
        ["", "4a", "\u{1e}4a", "4a\u{1e}", "4a\u{1e}\u{1e}4b", "4a\u{1e}7\u{1e}4b", "4€\u{1e}bAQ"];
    insta::assert_snapshot!(table(&bodies, |body| {
        let packets = read_body(&body.into());
        packets.iter().map(told).collect::<Vec<_>>().join("\n  ")
    }));
}

#[test]
fn s4_a_text_with_a_separator_in_it_is_torn() {
    let _step = step!();
    let transcript = Transcript::untimed(&["server", "client"]);
    for (phase, said) in
        [("a text as it is", "look\u{1e}1"), ("a text as JSON", r#""look\u001e1""#)]
    {
        transcript.phase(phase);
        let body = ByteString::from(payload::encode(&[text_message(said).encode()]));
        transcript.message("server", "client", &body);
        for packet in read_body(&body) {
            transcript.event("client", told(&packet));
        }
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn s4_after_the_last_frame_there_is_none() {
    let _step = step!();
    let mut frames = payload::decode(&"4a\u{1e}6".into());
    assert_eq!(frames.next(), Some(text("4a")));
    assert_eq!(frames.next(), Some(text("6")));
    assert_eq!((frames.next(), frames.next()), (None, None));
}

#[test]
fn s4_a_body_of_a_million_separators_is_read_in_one_pass() {
    let _step = step!();
    let body = ByteString::from("\u{1e}".repeat(1_000_000));
    assert_eq!(payload::decode(&body).take(1_000_002).count(), 1_000_001);
}

#[test]
fn s4_the_frames_are_parts_of_the_body() {
    let _step = step!();
    let body = ByteString::from("4hello\u{1e}2\u{1e}4world".to_owned());
    let place = body.as_bytes().as_ptr_range();
    let frames = frames_of(&body);
    assert_eq!(frames, [text("4hello"), text("2"), text("4world")]);
    for frame in frames {
        match frame {
            Frame::Text(text) => {
                assert!(place.contains(&text.as_bytes().as_ptr()), "{text} is a copy");
            }
            other => panic!("expected a text, came {other:?}"),
        }
    }
}

#[test]
fn s4_packets_survive_a_body() {
    let _step = step!();
    proptest!(quietly(), |(packets in vec(any_packet_but_open(), 1..10))| {
        let frames: Vec<Frame> = packets.iter().map(Packet::encode).collect();
        let body = ByteString::from(payload::encode(&frames));
        prop_assert_eq!(read_body(&body), packets.into_iter().map(Ok).collect::<Vec<_>>());
    });
}

#[test]
fn s4_no_body_makes_it_panic_or_loses_a_byte() {
    let _step = step!();
    proptest!(quietly(), |(body in "[1-7b\u{1d}-\u{1f}AQ=é\n]{0,40}")| {
        let body = ByteString::from(body);
        let frames = frames_of(&body);
        prop_assert_eq!(payload::encode(&frames), &*body);
        for frame in frames {
            let _ = Packet::decode(frame);
        }
    });
}

// Step 5: agree on how it goes.

#[test]
fn s5_fifteen_random_bytes_make_an_id_for_a_url() {
    let _step = step!();
    assert_eq!(Sid::from_random([0; 15]).as_str(), "AAAAAAAAAAAAAAAAAAAA");
    assert_eq!(Sid::from_random([0xff; 15]).as_str(), "____________________");
    assert_eq!(Sid::from_random(*b"fifteen bytes !").to_string(), "ZmlmdGVlbiBieXRlcyAh");
    assert_eq!(Sid::from_random([0xfb; 15]).as_str(), "-_v7-_v7-_v7-_v7-_v7");
}

#[test]
fn s5_a_server_says_how_the_connection_will_go() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    let sid = Sid::from_random(*b"fifteen bytes !");
    for (transport, upgrades) in
        [(Transport::Polling, vec![Transport::WebSocket]), (Transport::WebSocket, vec![])]
    {
        transcript.message("client", "server", format!("transport={transport}"));
        let sent = Handshake { upgrades, ..handshake(sid.as_str(), &[]) };
        let frame = Packet::Open(sent.clone()).encode();
        transcript.message("server", "client", frame.to_text());
        assert_eq!(Packet::decode(frame), Ok(Packet::Open(sent)));
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn s5_the_words_of_the_reference_are_understood() {
    let _step = step!();
    let expected = handshake("lv_VI97HAXpY6yYWAAAC", &[Transport::WebSocket]);
    assert_eq!(read(FROM_THE_REFERENCE), Ok(Packet::Open(expected)));
}

#[test]
fn s5_what_a_client_does_not_know_it_ignores() {
    let _step = step!();
    let with = |upgrades: &str, more: &str| {
        let json = format!(
            r#"0{{"upgrades":{upgrades},"pingTimeout":20000,"sid":"s","pingInterval":25000{more}}}"#
        );
        read(&json)
    };
    let expected = |upgrades: &[Transport], max_payload| {
        Ok(Packet::Open(Handshake { max_payload, ..handshake("s", upgrades) }))
    };
    let both = [Transport::WebSocket, Transport::Polling];
    assert_eq!(with(r#"["websocket","polling"]"#, ""), expected(&both, None));
    let unknown = r#"["webtransport","WebSocket","Polling"," polling","websocket2",""]"#;
    assert_eq!(with(unknown, ""), expected(&[], None));
    assert_eq!(with(r#"["webtransport","websocket"]"#, ""), expected(&both[..1], None));
    assert_eq!(with(r#"["web\u0073ocket"]"#, ""), expected(&both[..1], None));
    assert_eq!(
        with("[]", r#","maxPayload":1000000,"tea":{"milk":[1]}"#),
        expected(&[], Some(1_000_000))
    );
    assert_eq!(with("[]", r#","maxPayload":null"#), expected(&[], None));
}

#[test]
fn s5_what_is_not_said_is_left_out() {
    let _step = step!();
    let sent = Handshake {
        max_payload: None,
        ping_timeout: Duration::MAX,
        ..handshake(Sid::from_random([0; 15]).as_str(), &[])
    };
    assert_eq!(
        sent.to_json(),
        r#"{"sid":"AAAAAAAAAAAAAAAAAAAA","upgrades":[],"pingInterval":25000,"pingTimeout":18446744073709551615}"#
    );
}

#[test]
fn s5_what_is_no_handshake_is_refused_in_words() {
    let _step = step!();
    let texts = [
        FROM_THE_REFERENCE,
        "0",
        r#"0{"upgrades":[],"sid":1}"#,
        r#"0{"upgrades":"websocket"}"#,
        r#"0{"upgrades":null}"#,
        r#"0{"upgrades":[1]}"#,
        r#"0{"upgrades":[],"sid":"s","pingInterval":-1}"#,
        r#"0{"upgrades":[],"sid":"s","pingInterval":25000}"#,
        r#"0{"upgrades":[],"sid":"s","pingInterval":1,"pingTimeout":1}."#,
    ];
    insta::assert_snapshot!(table(&texts, |text| told(&read(text))));
}

#[test]
fn s5_any_packet_survives_in_both_forms() {
    let _step = step!();
    let packets = vec(prop_oneof![any_packet_but_open(), any_open()], 1..10);
    proptest!(quietly(), |(packets in packets)| {
        let frames: Vec<Frame> = packets.iter().map(Packet::encode).collect();
        let body = ByteString::from(payload::encode(&frames));
        let expected: Vec<_> = packets.into_iter().map(Ok).collect();
        prop_assert_eq!(&read_body(&body), &expected);
        prop_assert_eq!(frames.into_iter().map(Packet::decode).collect::<Vec<_>>(), expected);
    });
    read(FROM_THE_REFERENCE).expect("and so does the handshake of the reference");
}

#[test]
fn s5_no_handshake_makes_it_panic() {
    let _step = step!();
    proptest!(quietly(), |(upgrades in "[\\[\\]\"a-w,\\\\{}:]{0,20}", number in any::<i128>())| {
        let json = format!(
            r#"0{{"sid":"s","pingInterval":{number},"pingTimeout":{number},"upgrades":{upgrades}}}"#
        );
        if let Ok(packet) = read(&json) {
            prop_assert_eq!(Packet::decode(packet.encode()), Ok(packet));
        }
    });
    assert!(read(FROM_THE_REFERENCE).is_ok(), "and yet it reads what is right");
}

// What the tests share.

/// What engine.io 6.6 says with its default settings.
const FROM_THE_REFERENCE: &str = r#"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

fn handshake(sid: &str, upgrades: &[Transport]) -> Handshake {
    Handshake {
        sid: sid.into(),
        upgrades: upgrades.to_vec(),
        ping_interval: Duration::from_secs(25),
        ping_timeout: Duration::from_secs(20),
        max_payload: Some(1_000_000),
    }
}

fn text(text: &str) -> Frame {
    Frame::Text(text.into())
}

fn binary(bytes: &[u8]) -> Frame {
    Frame::Binary(Bytes::copy_from_slice(bytes))
}

fn text_message(text: &str) -> Packet {
    Packet::Message(text.into())
}

fn bytes_message(bytes: &[u8]) -> Packet {
    Packet::Message(bytes.to_vec().into())
}

fn read(came: &str) -> Result<Packet, PacketError> {
    Packet::decode(text(came))
}

fn read_body(body: &ByteString) -> Vec<Result<Packet, PacketError>> {
    frames_of(body).into_iter().map(Packet::decode).collect()
}

/// The frames of a body, and at most one too many, should they never end.
fn frames_of(body: &ByteString) -> Vec<Frame> {
    payload::decode(body).take(body.matches(payload::SEPARATOR).count() + 2).collect()
}

/// A packet in words, or why it is none.
fn told(read: &Result<Packet, PacketError>) -> String {
    let with = |kind: &str, payload: &str| match payload {
        "" => kind.to_owned(),
        payload => format!("{kind}: {payload}"),
    };
    match read {
        Ok(Packet::Open(handshake)) => format!("open, for {}", handshake.sid),
        Ok(Packet::Close) => "close".to_owned(),
        Ok(Packet::Ping(payload)) => with("ping", payload),
        Ok(Packet::Pong(payload)) => with("pong", payload),
        Ok(Packet::Message(Message::Text(text))) => with("message", text),
        Ok(Packet::Message(Message::Binary(bytes))) => {
            let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            with("message of bytes", &hex.join(" "))
        }
        Ok(Packet::Upgrade) => "upgrade".to_owned(),
        Ok(Packet::Noop) => "noop".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Each input with what it gives.
fn table(inputs: &[&str], read: impl Fn(&str) -> String) -> String {
    inputs.iter().map(|input| format!("{}\n  {}\n", shown(input), read(input))).collect()
}

fn shown(input: &str) -> String {
    match input {
        "" => "(nothing)".to_owned(),
        _ => input.replace(payload::SEPARATOR, r"\x1e").replace('\u{feff}', r"\u{feff}"),
    }
}

/// Texts without the separator: see `s4_a_text_with_a_separator_in_it_is_torn`.
fn any_packet_but_open() -> impl Strategy<Value = Packet> {
    let text = "[^\u{1e}]{0,20}".prop_map(ByteString::from);
    let message = prop_oneof![
        text.clone().prop_map(Message::Text),
        vec(any::<u8>(), 0..40).prop_map(Message::from)
    ];
    prop_oneof![
        4 => message.prop_map(Packet::Message),
        1 => text.clone().prop_map(Packet::Ping),
        1 => text.prop_map(Packet::Pong),
        1 => prop_oneof![Just(Packet::Close), Just(Packet::Upgrade), Just(Packet::Noop)],
    ]
}

fn any_open() -> impl Strategy<Value = Packet> {
    let transport = prop_oneof![Just(Transport::Polling), Just(Transport::WebSocket)];
    let millis = || any::<u64>().prop_map(Duration::from_millis);
    (any::<String>(), vec(transport, 0..3), millis(), millis(), any::<Option<u64>>()).prop_map(
        |(sid, upgrades, ping_interval, ping_timeout, max_payload)| {
            let sid = sid.as_str().into();
            Packet::Open(Handshake { sid, upgrades, ping_interval, ping_timeout, max_payload })
        },
    )
}

/// What fails is printed, and not kept in a file beside the tests.
fn quietly() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}
