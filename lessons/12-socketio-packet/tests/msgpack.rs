//! The second parser. Its bytes are compared with the reference's in `tests/interop`.
#![cfg(feature = "msgpack")]

use std::collections::BTreeMap;

use lesson_12_socketio_packet::{
    AckId, Args, ArgsError, Bytes, DecodeError, EncodeError, EncodedPacket, Json, Message, MsgPack,
    Namespace, Outgoing, Packet, Parser, RawArgs, Reassembly, ToArgs,
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Picture {
    name: String,
    data: Bytes,
    kind: Kind,
    thumbnail: Option<Bytes>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Cat,
    Cut { left: u8, data: Bytes },
}

#[test]
fn an_event_is_one_message_with_its_bytes_in_place() {
    let bytes = || Bytes::from_static(&[1, 2]);
    let picture = |kind| Picture { name: "é".into(), data: bytes(), kind, thumbnail: None };
    let sent = (picture(Kind::Cat), picture(Kind::Cut { left: 1, data: bytes() }), 1.5, ());
    let packet = event("picture", Args(&sent));
    let Ok(Some(Packet::Event { nsp, ack, name, args })) = decode(&packet) else {
        panic!("an event")
    };
    assert_eq!((nsp.as_str(), ack, &*name), ("/x", Some(AckId(7)), "picture"));
    assert_eq!(event("picture", &args), packet, "passed on unread");
    assert_eq!(args.decode(), Ok(Args(sent)));
}

#[test]
fn these_are_the_bytes() {
    let cut = Kind::Cut { left: 1, data: Bytes::from_static(&[9]) };
    let Some(Message::Binary(bytes)) = event("a", cut).messages().next() else { panic!("bytes") };
    let data = b"\x92\xa1a\x81\xa3Cut\x82\xa4left\x01\xa4data\xc4\x01\x09";
    let expected = [&b"\x84\xa4type\x02\xa3nsp\xa2/x\xa4data"[..], data, b"\xa2id\x07"].concat();
    assert_eq!(bytes, expected);
}

#[test]
fn what_is_not_one_packet_is_refused() {
    let read =
        |bytes: &[u8]| MsgPack.decode(Message::from(bytes.to_vec()), &mut Reassembly::default());
    let connect = b"\x82\xa4type\x00\xa3nsp\xa1/";
    assert!(matches!(read(connect), Ok(Some(Packet::Connect { data: None, .. }))));
    assert!(read(&[&connect[..], &[0]].concat()).is_err(), "more follows");
    assert!(read(&connect[..connect.len() - 1]).is_err(), "the end is missing");
    let with_data = |kind: u8, data: &[u8]| {
        let packet = [&b"\x84\xa4type"[..], &[kind], b"\xa3nsp\xa1/\xa2id\x01\xa4data", data];
        read(&packet.concat())
    };
    const UNDEFINED: &[u8] = &[0xd4, 0, 0];
    for (kind, data) in [(0, UNDEFINED), (0, b"\x80"), (1, UNDEFINED), (3, b"\x90"), (4, b"\xa0")] {
        assert!(with_data(kind, data).is_ok(), "{kind} {data:?}");
    }
    let refused: [(u8, &[u8]); 9] = [
        (0, b"\x90"),
        (0, b"\xc0"),
        (1, b"\x80"),
        (2, UNDEFINED),
        (3, b"\x80"),
        (3, b"\x01"),
        (4, b"\x90"),
        (4, UNDEFINED),
        (5, b"\x90"),
    ];
    for (kind, data) in refused {
        let refusal = with_data(kind, data);
        assert!(
            matches!(refusal, Err(DecodeError::NotMsgPack { .. })),
            "{kind} {data:?}: {refusal:?}"
        );
    }
}

#[test]
fn several_arguments_none_and_one() {
    let read = |args: &dyn ToArgs| {
        let packet = MsgPack.encode(&Outgoing::Ack { nsp: &Namespace::MAIN, id: AckId(1), args });
        match decode(&packet.expect("it can be written")) {
            Ok(Some(Packet::Ack { args, .. })) => args,
            other => panic!("expected an answer, came {other:?}"),
        }
    };
    assert_eq!(read(&Args((1, "two"))).decode(), Ok(Args((1, "two".to_owned()))));
    assert_eq!(read(&Args(vec![0; 20])).decode(), Ok(Args(vec![0; 20])));
    assert_eq!(read(&Args(())).decode(), Ok(Args(())));
    assert_eq!(read(&Args(())).decode(), Ok(()));
    assert_eq!(read(&"one").decode(), Ok("one".to_owned()));
    assert_eq!(read(&()).decode(), Ok(None::<u8>));
    let error = read(&Args((1, 2))).decode::<u8>().expect_err("two are too many");
    assert!(matches!(error, ArgsError::OtherType { .. }), "{error}");
    let error = EncodedPacket::ack(&MsgPack, &Namespace::MAIN, AckId(1), Args("text"));
    assert!(matches!(error, Err(EncodeError::NoTuple { .. })), "{error:?}");
}

#[test]
fn a_wrong_type_is_named_and_so_is_the_right_one() {
    let problem_of = |args: &dyn ToArgs| {
        let event = event("n", args);
        let Ok(Some(Packet::Event { args, .. })) = decode(&event) else { panic!("an event") };
        let read = args.decode::<Args<(u8, String)>>();
        read.expect_err("these are others").to_string()
    };
    let problem = problem_of(&Args(("one", "two")));
    assert_eq!(problem, "invalid type: string \"one\", expected u8");
    let problem = problem_of(&Args((1, [2])));
    assert_eq!(problem, "invalid type: sequence, expected a string");
    let problem = problem_of(&Args((Bytes::from_static(b"one"), "two")));
    assert_eq!(problem, "expected another type, came Bin8");
}

#[test]
fn undefined_is_read_as_null_wherever_it_stands() {
    // An event `a` with undefined, { x: undefined, y: three bytes that look like one }.
    let packet = *b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x93\xa1a\xd4\0\0\x82\xa1x\xd4\0\0\xa1y\xc4\x03\xd4\0\0";
    let decoded = MsgPack.decode(Message::from(packet.to_vec()), &mut Reassembly::default());
    let Ok(Some(Packet::Event { args, .. })) = decoded else { panic!("an event") };
    let values = BTreeMap::from([
        ("x".to_owned(), None),
        ("y".to_owned(), Some(Bytes::from_static(&[0xd4, 0, 0]))),
    ]);
    assert_eq!(args.decode(), Ok(Args((None::<u8>, values))));

    let welcome = *b"\x83\xa4type\x00\xa3nsp\xa1/\xa4data\x82\xa3sid\xa1A\xa3pid\xd4\0\0";
    let decoded = MsgPack.decode(Message::from(welcome.to_vec()), &mut Reassembly::default());
    let Ok(Some(Packet::Connect { data: Some(data), .. })) = decoded else { panic!("a connect") };
    let said = BTreeMap::from([("sid".to_owned(), Some("A".to_owned())), ("pid".to_owned(), None)]);
    assert_eq!(data.decode(), Ok(said));
}

#[test]
fn a_name_is_a_string_or_a_number_and_not_a_reserved_one() {
    let read = |name: &dyn ToArgs| {
        // An answer whose first element is the name is an event, but for its type.
        let packet =
            MsgPack.encode(&Outgoing::Ack { nsp: &Namespace::MAIN, id: AckId(1), args: name });
        let Some(Message::Binary(bytes)) = packet.expect("it can be written").messages().next()
        else {
            panic!("one message of bytes")
        };
        let mut bytes = bytes.to_vec();
        let kind = bytes.iter().position(|byte| *byte == 3).expect("the type");
        bytes[kind] = 2;
        MsgPack.decode(Message::from(bytes), &mut Reassembly::default())
    };
    let name = |packet| match packet {
        Ok(Some(Packet::Event { name, .. })) => name,
        other => panic!("expected an event, came {other:?}"),
    };
    assert_eq!(&*name(read(&"a")), "a");
    assert_eq!(&*name(read(&12)), "12");
    assert!(matches!(read(&"connect"), Err(DecodeError::ReservedName { .. })));
    for refused in [read(&()), read(&Args(())), read(&true), read(&[1]), read(&Bytes::new())] {
        assert!(matches!(refused, Err(DecodeError::NotMsgPack { .. })), "{refused:?}");
    }
}

#[test]
fn a_connect_brings_an_object_and_a_refusal_too() {
    let nsp = Namespace::new("/x");
    let token = BTreeMap::from([("token".to_owned(), 1)]);
    let packet = MsgPack.encode(&Outgoing::Connect { nsp: &nsp, data: Some(&token) });
    let Ok(Some(Packet::Connect { nsp: came, data: Some(data) })) = decode(&packet.expect("a map"))
    else {
        panic!("a connect")
    };
    assert_eq!((&came, data.decode()), (&nsp, Ok(token)));
    assert!(data.decode::<u8>().is_err());
    let packet = MsgPack.encode(&Outgoing::Connect { nsp: &nsp, data: None }).expect("no data");
    assert_eq!(decode(&packet), Ok(Some(Packet::Connect { nsp: nsp.clone(), data: None })));
    let packet = MsgPack.encode(&Outgoing::Disconnect { nsp: &nsp }).expect("no data");
    assert_eq!(decode(&packet), Ok(Some(Packet::Disconnect { nsp: nsp.clone() })));
    let packet = MsgPack.encode(&Outgoing::ConnectError { nsp: &nsp, data: &"no" }).expect("text");
    let Ok(Some(Packet::ConnectError { data, .. })) = decode(&packet) else { panic!("a refusal") };
    assert_eq!(data.decode(), Ok("no".to_owned()));
}

#[test]
fn a_namespace_begins_with_a_slash_whatever_came() {
    for (name, expected) in [("x", "/x"), ("/x", "/x"), ("", "/"), ("/", "/")] {
        let mut packet = b"\x82\xa4type\x01\xa3nsp".to_vec();
        packet.push(0xa0 | u8::try_from(name.len()).expect("a short name"));
        packet.extend_from_slice(name.as_bytes());
        let message = Message::Binary(packet.into());
        let packet = MsgPack.decode(message, &mut Reassembly::default());
        assert_eq!(
            packet,
            Ok(Some(Packet::Disconnect { nsp: Namespace::new(expected) })),
            "{name:?}"
        );
        assert_eq!(Namespace::new(name).as_str(), expected);
    }
}

#[test]
fn arguments_of_one_parser_are_not_written_by_the_other() {
    let args = |parser: &dyn Parser| -> RawArgs {
        let packet =
            EncodedPacket::event(parser, &Namespace::MAIN, None, "a", 1).expect("a number");
        let message = packet.messages().next().expect("one");
        match parser.decode(message, &mut Reassembly::default()) {
            Ok(Some(Packet::Event { args, .. })) => args,
            other => panic!("expected an event, came {other:?}"),
        }
    };
    let json = Json::default();
    let again =
        |parser: &dyn Parser, args| EncodedPacket::event(parser, &Namespace::MAIN, None, "a", args);
    assert_eq!(again(&json, args(&MsgPack)), Err(EncodeError::OtherParser));
    assert_eq!(again(&MsgPack, args(&json)), Err(EncodeError::OtherParser));
}

#[test]
fn a_text_is_no_packet() {
    let refusal = MsgPack.decode(Message::from("2[\"a\"]"), &mut Reassembly::default());
    let expected = "expected a packet in MessagePack, came a text; do both ends use this parser?";
    assert_eq!(refusal.expect_err("a text").to_string(), expected);
}

/// Nobody reads them on the way, so each has to be passed over at its right length.
#[test]
fn values_of_each_kind_are_passed_on() {
    let long = |head: &[u8], len| [head, &vec![b'x'; len]].concat();
    let nulls = |head: &[u8], len| [head, &vec![0xc0; len]].concat();
    let values = [
        vec![1],
        vec![0xe0],
        vec![0xc0],
        vec![0xc2],
        vec![0xc3],
        long(b"\xcc", 1),
        long(b"\xd0", 1),
        long(b"\xcd", 2),
        long(b"\xd1", 2),
        long(b"\xca", 4),
        long(b"\xce", 4),
        long(b"\xd2", 4),
        long(b"\xcb", 8),
        long(b"\xcf", 8),
        long(b"\xd3", 8),
        long(b"\xa2", 2),
        long(b"\xd9\x28", 40),
        long(b"\xda\x01\x02", 258),
        long(b"\xdb\0\x01\0\x02", 65538),
        long(b"\xc4\x28", 40),
        long(b"\xc5\x01\x02", 258),
        long(b"\xc6\0\x01\0\x02", 65538),
        nulls(b"\x92", 2),
        nulls(b"\xdc\x01\x02", 258),
        nulls(b"\xdd\0\x01\0\x02", 65538),
        nulls(b"\x82", 4),
        nulls(b"\xde\x01\x02", 516),
        nulls(b"\xdf\0\x01\0\x02", 131_076),
        long(b"\xd4", 2),
        long(b"\xd5", 3),
        long(b"\xd6", 5),
        long(b"\xd7", 9),
        long(b"\xd8", 17),
        long(b"\xc7\x02", 3),
        long(b"\xc8\x01\x02", 259),
        long(b"\xc9\0\x01\0\x02", 65539),
    ];
    for value in values {
        let head = &value[..value.len().min(5)];
        let packet = unread(&[&b"\x93\xa1a"[..], &value, b"\x01"].concat());
        let Ok(Some(Packet::Event { nsp, ack, name, args })) = packet else {
            panic!("expected an event with {head:02x?}, came {packet:?}")
        };
        let again = EncodedPacket::event(&MsgPack, &nsp, ack, &name, args).expect("as it came");
        let Some(Message::Binary(again)) = again.messages().next() else { panic!("bytes") };
        assert!(again.ends_with(&[&value[..], b"\x01"].concat()), "{head:02x?}");
        let cut = unread(&[b"\x92\xa1a", &value[..value.len() - 1]].concat());
        assert!(cut.is_err(), "{head:02x?}");
    }
}

/// Sent on, each would make somebody's parser throw.
#[test]
fn what_not_all_peers_can_read_is_refused() {
    for value in [
        &b"\xa1\xff"[..],
        b"\xd9\x02\xc3(",
        b"\xda\0\x01\xff",
        b"\xdb\0\0\0\x01\xff",
        b"\x91\xa1\x80",
        b"\x81\xa1\xff\x01",
        b"\xc1",
    ] {
        let came = unread(&[b"\x92\xa1a", value].concat());
        assert!(matches!(came, Err(DecodeError::NotMsgPack { .. })), "{value:02x?}: {came:?}");
    }
}

/// What is deeper is refused, and ends no thread.
#[test]
fn depth_is_bounded() {
    for (depth, is_taken) in [(120, true), (130, false), (900_000, false)] {
        let nested = [vec![0x91; depth], vec![0xc0]].concat();
        let start =
            [&[0x84, 0xa4][..], b"type", &[3, 0xa3], b"nsp", &[0xa1, b'/', 0xa2], b"id", &[1]];
        let packet = [start.concat(), [&[0xa4][..], b"data", &nested].concat()].concat();
        let came = MsgPack.decode(Message::from(packet), &mut Reassembly::default());
        assert_eq!(came.is_ok(), is_taken, "{depth}");
    }
}

#[test]
fn what_is_kept_need_not_keep_its_message() {
    let unknown = [&b"\xa7padding\xda\x03\xe8"[..], &[b'x'; 1000]].concat();
    let message =
        Bytes::from([b"\x84\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1a\x01", &unknown[..]].concat());
    let packet = MsgPack.decode(Message::Binary(message.clone()), &mut Reassembly::default());
    let Ok(Some(Packet::Event { args, .. })) = packet else { panic!("an event") };
    let kept = args.detached();
    assert!(!message.is_unique(), "they are a piece of their message");
    drop(args);
    assert!(message.is_unique(), "nobody needs it any more");
    assert_eq!(kept.decode(), Ok(1));
}

#[test]
fn no_bytes_panic() {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let packet =
        event("a", Args(("b", Bytes::from_static(&[1]), [1.5], BTreeMap::from([("c", 1)]))));
    let Some(Message::Binary(packet)) = packet.messages().next() else { panic!("bytes") };
    proptest!(config, |(at in 0..packet.len(), byte: u8, cut in 0..packet.len())| {
        let mut bytes = packet.to_vec();
        bytes[at] = byte;
        bytes.truncate(packet.len().max(cut * 2) - cut);
        let came = MsgPack.decode(Message::from(bytes), &mut Reassembly::default());
        if let Ok(Some(Packet::Event { args, .. } | Packet::Ack { args, .. })) = came {
            let _ = args.clone().decode::<Args<(String, Bytes)>>();
            let _ = args.clone().decode::<BTreeMap<String, u8>>();
            let _ = EncodedPacket::ack(&MsgPack, &Namespace::MAIN, AckId(1), args);
        }
    });
}

/// An event whose array is given as bytes.
fn unread(array: &[u8]) -> Result<Option<Packet>, DecodeError> {
    let packet = [&b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data"[..], array].concat();
    MsgPack.decode(Message::from(packet), &mut Reassembly::default())
}

fn event(name: &str, args: impl ToArgs) -> EncodedPacket {
    EncodedPacket::event(&MsgPack, &Namespace::new("/x"), Some(AckId(7)), name, args)
        .expect("it can be written")
}

fn decode(packet: &EncodedPacket) -> Result<Option<Packet>, DecodeError> {
    let message = packet.messages().next().expect("one message");
    MsgPack.decode(message, &mut Reassembly::default())
}
