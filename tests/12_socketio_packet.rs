//! Lesson 12: events and acknowledgements as packets, and bytes beside them.

use std::collections::BTreeMap;

use engineio_packet::Frame;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use transcript::step;

use super::subject::{
    AckId, Args, ByteString, Bytes, DecodeError, Decoder, EncodeError, EncodedPacket, Message,
    Namespace, Packet, RawArgs,
};

// Step 1: an event as text.

#[test]
fn s1_an_event_is_a_two_and_an_array() {
    let _step = step!();
    assert_eq!(texts(&event("hello", "you")), [r#"2["hello","you"]"#]);
    assert_eq!(texts(&event("sum", &Args((1, "two", [3])))), [r#"2["sum",1,"two",[3]]"#]);
    assert_eq!(texts(&event("ping", &Args(()))), [r#"2["ping"]"#]);
    assert_eq!(texts(&event("nothing", &())), [r#"2["nothing",null]"#]);
    assert_eq!(texts(&event("list", &Args(vec![1, 2]))), [r#"2["list",1,2]"#]);
    assert_eq!(texts(&event("none", &Args(Vec::<u8>::new()))), [r#"2["none"]"#]);
}

#[test]
fn s1_the_header_says_where_and_what_is_to_be_answered() {
    let _step = step!();
    let admin = Namespace::new("/admin");
    let to_admin = EncodedPacket::event(&admin, Some(AckId(12)), "hello", "you");
    assert_eq!(texts(&to_admin.expect("JSON")), [r#"2/admin,12["hello","you"]"#]);
    let answer = EncodedPacket::ack(&admin, AckId(12), &Args((1, 2)));
    assert_eq!(texts(&answer.expect("JSON")), ["3/admin,12[1,2]"]);
    let answer = EncodedPacket::ack(&Namespace::MAIN, AckId(0), &Args(()));
    assert_eq!(texts(&answer.expect("JSON")), ["30[]"]);
}

#[test]
fn s1_connect_and_disconnect() {
    let _step = step!();
    let (main, admin) = (Namespace::MAIN, Namespace::new("admin"));
    let token = BTreeMap::from([("token", "secret")]);
    let nothing = None::<&()>;
    assert_eq!(texts(&EncodedPacket::connect(&main, nothing).expect("JSON")), ["0"]);
    assert_eq!(texts(&EncodedPacket::connect(&admin, nothing).expect("JSON")), ["0/admin,"]);
    let with_token = EncodedPacket::connect(&admin, Some(&token)).expect("JSON");
    assert_eq!(texts(&with_token), [r#"0/admin,{"token":"secret"}"#]);
    let refused = BTreeMap::from([("message", "Invalid namespace")]);
    let refused = EncodedPacket::connect_error(&Namespace::new("/x"), &refused).expect("JSON");
    assert_eq!(texts(&refused), [r#"4/x,{"message":"Invalid namespace"}"#]);
    assert_eq!(texts(&EncodedPacket::disconnect(&main)), ["1"]);
    assert_eq!(texts(&EncodedPacket::disconnect(&admin)), ["1/admin,"]);
}

#[test]
fn s1_a_packet_is_encoded_once_for_all() {
    let _step = step!();
    let packet = event("news", "to everyone");
    let [first, second] = [packet.clone(), packet]
        .map(|packet| packet.encoded_messages().next().expect("a text").into_frame());
    let (Frame::Text(first), Frame::Text(second)) = (first, second) else { panic!("texts") };
    assert_eq!(&*first, r#"42["news","to everyone"]"#);
    assert_eq!(first.as_ptr(), second.as_ptr(), "the same bytes");
}

// Step 2: a text as a packet.

#[test]
fn s2_an_event_is_read_as_far_as_its_name() {
    let _step = step!();
    let Packet::Event { nsp, ack, name, args } = decode(r#"2/admin,12["hello",{"a":1},2]"#) else {
        panic!("this is an event")
    };
    assert_eq!((nsp.as_str(), ack, &*name), ("/admin", Some(AckId(12)), "hello"));
    assert_eq!(&**args.json(), r#"["hello",{"a":1},2]"#, "as it came");
}

#[test]
fn s2_every_header_is_read_as_the_reference_reads_it() {
    let _step = step!();
    let seen = |text: &str| match decode(text) {
        Packet::Event { nsp, ack, name, .. } => {
            (nsp.to_string(), ack.map(|id| id.0), name.to_string())
        }
        other => panic!("expected an event, came {other:?}"),
    };
    let expected = |nsp: &str, ack, name: &str| (nsp.to_owned(), ack, name.to_owned());
    assert_eq!(seen(r#"2["a"]"#), expected("/", None, "a"));
    assert_eq!(seen(r#"20["a"]"#), expected("/", Some(0), "a"));
    assert_eq!(seen(r#"2/x,["a"]"#), expected("/x", None, "a"));
    assert_eq!(seen(r#"2/x?token=1&b=[],7["a"]"#), expected("/x?token=1&b=[]", Some(7), "a"));
    assert_eq!(seen(r#"2 ["a"]"#.replace(' ', "").as_str()), expected("/", None, "a"));
    assert_eq!(seen(r#"2[ "a" , 1 ]"#), expected("/", None, "a"));
    assert_eq!(seen("2[12,1]"), expected("/", None, "12"));
    assert_eq!(seen("2[-1.5e3]"), expected("/", None, "-1.5e3"));
}

#[test]
fn s2_a_name_may_hold_any_escape() {
    let _step = step!();
    for (text, expected) in [
        (r#"2["\u00e9t\u00e9",1]"#, "été"),
        (r#"2["a\"b"]"#, "a\"b"),
        (r#"2["\ud83d\ude00"]"#, "😀"),
        (r#"2["tab\t"]"#, "tab\t"),
        (r#"2["été"]"#, "été"),
        (r#"2[""]"#, ""),
    ] {
        let Packet::Event { name, .. } = decode(text) else { panic!("this is an event") };
        assert_eq!(&*name, expected);
    }
}

#[test]
fn s2_the_other_packets() {
    let _step = step!();
    let main = Namespace::MAIN;
    let x = Namespace::new("/x");
    let data = |text: &str| ByteString::from(text);
    assert_eq!(decode("0"), Packet::Connect { nsp: main.clone(), data: data("") });
    assert_eq!(decode("0/x"), Packet::Connect { nsp: x.clone(), data: data("") });
    assert_eq!(
        decode(r#"0/x,{"a":1}"#),
        Packet::Connect { nsp: x.clone(), data: data(r#"{"a":1}"#) }
    );
    assert_eq!(decode("1"), Packet::Disconnect { nsp: main.clone() });
    assert_eq!(decode("1/x,"), Packet::Disconnect { nsp: x.clone() });
    assert_eq!(
        decode(r#"4"no""#),
        Packet::ConnectError { nsp: main.clone(), data: data(r#""no""#) }
    );
    assert_eq!(decode(r#"4/x,{}"#), Packet::ConnectError { nsp: x.clone(), data: data("{}") });
    let Packet::Ack { nsp, id, args } = decode(r#"3/x,7[1,"two"]"#) else { panic!("an ack") };
    assert_eq!((nsp, id), (x, AckId(7)));
    let answer: Args<(u8, String)> = args.decode().expect("of these types");
    assert_eq!(answer, Args((1, "two".to_owned())));
}

// Step 3: arguments become values.

#[test]
fn s3_one_argument_is_one_value() {
    let _step = step!();
    assert_eq!(args_of(r#"2["n",7]"#).decode::<u8>(), Ok(7));
    assert_eq!(args_of(r#"2["n",[1,2]]"#).decode::<(u8, u8)>(), Ok((1, 2)));
    assert_eq!(args_of(r#"2["n",null]"#).decode::<Option<u8>>(), Ok(None));
    let problem = |text: &str| args_of(text).decode::<u8>().expect_err("it is no u8").to_string();
    assert!(problem(r#"2["n"]"#).starts_with("expected one argument, came none"));
    assert!(problem(r#"2["n",1,2]"#).starts_with("expected one argument, came more"));
    assert!(problem(r#"2["n","1"]"#).starts_with(r#"invalid type: string "1", expected u8"#));
    assert!(problem(r#"2["n",]"#).contains("line 1"));
}

#[test]
fn s3_several_arguments_are_a_tuple() {
    let _step = step!();
    let Args((a, b)): Args<(u8, String)> = args_of(r#"2["n",1,"two"]"#).decode().expect("they are");
    assert_eq!((a, &*b), (1, "two"));
    assert!(args_of(r#"2["n",1]"#).decode::<Args<(u8, u8)>>().is_err());
    assert!(args_of(r#"2["n",1,2,3]"#).decode::<Args<(u8, u8)>>().is_err());
    assert_eq!(args_of(r#"2["n"]"#).decode::<Args<[u8; 0]>>(), Ok(Args([])));
    assert_eq!(args_of(r#"2["n",1,2,3]"#).decode::<Args<Vec<u8>>>(), Ok(Args(vec![1, 2, 3])));
}

#[test]
fn s3_arguments_may_be_passed_on_unread() {
    let _step = step!();
    let args: RawArgs =
        args_of(r#"2["n", {"b" :1.0,"a":"\u00e9"},2]"#).decode().expect("anything is");
    assert_eq!(texts(&event("again", &args)), [r#"2["again",{"b" :1.0,"a":"\u00e9"},2]"#]);
}

// Step 4: bytes.

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Picture {
    name: String,
    data: Bytes,
    versions: Vec<Version>,
    thumbnail: Option<Bytes>,
    by_size: BTreeMap<String, Bytes>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Version {
    Raw(Bytes),
    Cut { left: u8, data: Bytes },
    Pair(Bytes, Bytes),
    None,
}

fn picture() -> Picture {
    let bytes = |text: &'static str| Bytes::from_static(text.as_bytes());
    Picture {
        name: "cat".to_owned(),
        data: bytes("data"),
        versions: vec![
            Version::Raw(bytes("raw")),
            Version::None,
            Version::Cut { left: 1, data: bytes("cut") },
            Version::Pair(bytes("a"), bytes("b")),
        ],
        thumbnail: Some(bytes("thumb")),
        by_size: BTreeMap::from([("xl".to_owned(), bytes("large"))]),
    }
}

#[test]
fn s4_bytes_travel_beside_the_text() {
    let _step = step!();
    let packet = event("picture", &Args((picture(), Bytes::from_static(&[1, 2]))));
    let mut messages = packet.messages();
    let Some(Message::Text(text)) = messages.next() else { panic!("a text comes first") };
    insta::assert_snapshot!(text);
    let bytes: Vec<Message> = messages.collect();
    let expected = ["data", "raw", "cut", "a", "b", "thumb", "large", "\u{1}\u{2}"];
    assert_eq!(bytes, expected.map(|text| Message::Binary(Bytes::from(text))));
}

#[test]
fn s4_bytes_are_found_again_at_any_depth() {
    let _step = step!();
    let packet = event("picture", &Args((picture(), Bytes::from_static(&[1, 2]))));
    let mut decoder = Decoder::default();
    let mut came: Vec<_> =
        packet.messages().map(|message| decoder.decode(message).expect("they fit")).collect();
    let last = came.pop().flatten();
    assert_eq!(came, [const { None }; 8], "nothing before the last attachment");
    let Some(Packet::Event { args, .. }) = last else { panic!("an event") };
    let Args((again, bytes)): Args<(Picture, Bytes)> = args.decode().expect("as it was sent");
    assert_eq!(again, picture());
    assert_eq!(bytes, [1, 2].as_slice());
}

#[test]
fn s4_an_acknowledgement_may_hold_bytes() {
    let _step = step!();
    let ack = EncodedPacket::ack(&Namespace::new("/x"), AckId(3), &Bytes::from_static(&[9]));
    let ack = ack.expect("bytes are fine");
    let text = r#"61-/x,3[{"_placeholder":true,"num":0}]"#;
    assert_eq!(
        ack.messages().collect::<Vec<_>>(),
        [Message::from(text), Message::Binary(Bytes::from_static(&[9]))]
    );
}

#[test]
fn s4_a_placeholder_means_an_attachment_that_came() {
    let _step = step!();
    let read = |placeholder: &str| {
        let mut decoder = Decoder::default();
        let text = format!(r#"51-["n",{placeholder}]"#);
        decoder.decode(Message::from(text)).expect("a header");
        let packet = decoder.decode(Message::Binary(Bytes::from_static(b"x")));
        let Ok(Some(Packet::Event { args, .. })) = packet else { panic!("an event") };
        args.decode::<Bytes>().map_err(|error| error.to_string())
    };
    assert_eq!(read(r#"{"_placeholder":true,"num":0}"#), Ok(Bytes::from_static(b"x")));
    assert_eq!(read(r#"{"num":0,"_placeholder":true}"#), Ok(Bytes::from_static(b"x")));
    let wrong = read(r#"{"_placeholder":true,"num":1}"#).expect_err("there is none");
    assert!(wrong.starts_with("expected one of 1 attachments, came number 1"), "{wrong}");
    assert!(read(r#"{"_placeholder":false,"num":0}"#).is_err());
    assert!(read(r#"{"_placeholder":true,"num":-1}"#).is_err());
    assert!(read("[1,2]").is_err());
}

// Step 5: what is refused.

#[test]
fn s5_each_wrong_packet_is_refused_and_told_why() {
    let _step = step!();
    let refusals = [
        "",
        "7",
        "x",
        "é",
        "5",
        "51",
        "5-[\"a\"]",
        "50-[\"a\"]",
        "51x-[\"a\"]",
        "511-[\"a\"]",
        "599999999999999999999999-[\"a\"]",
        "2",
        "2{}",
        "2[]",
        "2[\"a\"",
        "2[\"a]",
        "2[\"a\\\"]",
        "2[null]",
        "2[true]",
        "2[{}]",
        "2[\"a\"x]",
        "2abc[\"a\"]",
        "2[\"connect\"]",
        "2[\"disconnecting\"]",
        "2[\"newListener\",1]",
        "2[\"c\\u006fnnect\"]",
        "3[]",
        "31",
        "31{}",
        "399999999999999999999[]",
        "39007199254740993[]",
        "1{}",
        "1/x,[]",
        "0[]",
        "0\"a\"",
        "0{",
        "4",
        "4[]",
        "41",
    ];
    let report: String = refusals
        .iter()
        .map(|text| {
            let refusal = Decoder::default().decode(Message::from(*text));
            let refusal = refusal.expect_err(text);
            format!("{text:<30} {refusal}\n")
        })
        .collect();
    insta::assert_snapshot!(report);
}

#[test]
fn s5_attachments_come_when_they_were_announced_and_only_then() {
    let _step = step!();
    let bytes = || Message::Binary(Bytes::from_static(b"x"));
    let mut decoder = Decoder::default();
    assert_eq!(decoder.decode(bytes()), Err(DecodeError::UnexpectedBytes));
    assert_eq!(decoder.decode(Message::from(r#"52-["a"]"#)), Ok(None));
    assert_eq!(decoder.decode(bytes()), Ok(None));
    let text = decoder.decode(Message::from(r#"2["b"]"#));
    assert_eq!(text, Err(DecodeError::TextInstead { missing: 1 }));
    assert!(matches!(decoder.decode(bytes()), Ok(Some(Packet::Event { .. }))));
    assert_eq!(decoder.decode(bytes()), Err(DecodeError::UnexpectedBytes));
}

#[test]
fn s5_a_packet_has_a_bounded_number_of_attachments() {
    let _step = step!();
    let announce = |limit, count: usize| {
        Decoder::new(limit).decode(Message::from(format!(r#"5{count}-["a"]"#)))
    };
    assert_eq!(announce(10, 10), Ok(None));
    assert_eq!(announce(10, 11), Err(DecodeError::TooManyAttachments { limit: 10, came: 11 }));
    assert_eq!(announce(2, 3), Err(DecodeError::TooManyAttachments { limit: 2, came: 3 }));
}

#[test]
fn s5_what_json_cannot_express_is_not_sent() {
    let _step = step!();
    let map = BTreeMap::from([((1, 2), 3)]);
    let error = EncodedPacket::event(&Namespace::MAIN, None, "a", &map).expect_err("no string key");
    assert_eq!(error.to_string(), "expected a value that JSON can express: key must be a string");
    let error = EncodedPacket::event(&Namespace::MAIN, None, "a", &Args("text"));
    assert_eq!(error, Err(EncodeError::NoTuple { came: "\"text\"".to_owned() }));
    let error = EncodedPacket::event(&Namespace::MAIN, None, "disconnect", "x");
    assert!(matches!(error, Err(EncodeError::ReservedName { .. })));
}

#[test]
fn s5_whatever_is_sent_is_read_as_it_was() {
    let _step = step!();
    proptest!(quiet(), |(
        nsp in "/[a-z?=&é]{0,9}", ack in proptest::option::of(0..=1_u64 << 53),
        name in "\\PC{0,9}", texts: Vec<String>, attachments in prop::collection::vec(any::<Vec<u8>>(), 0..9),
    )| {
        let attachments: Vec<Bytes> = attachments.into_iter().map(Bytes::from).collect();
        let nsp = Namespace::new(&nsp);
        let sent = Args((texts, attachments));
        let packet = EncodedPacket::event(&nsp, ack.map(AckId), &name, &sent).expect("JSON");
        let mut decoder = Decoder::default();
        let mut came = None;
        for message in packet.messages() {
            prop_assert!(came.is_none());
            came = decoder.decode(message).expect("what we send is right");
        }
        let Some(Packet::Event { nsp: nsp_too, ack: ack_too, name: name_too, args }) = came else {
            panic!("an event")
        };
        prop_assert_eq!((nsp_too, ack_too, &*name_too), (nsp, ack.map(AckId), &*name));
        prop_assert_eq!(args.decode(), Ok(sent));
    });
}

#[test]
fn s5_no_text_panics() {
    let _step = step!();
    proptest!(quiet(), |(text in r#"[0-7]?[0-9]{0,2}-?(/[a-z]{0,2},?)?[0-9]{0,3}[\[{"\\a-z0-9:,}\]é]{0,12}"#)| {
        let mut decoder = Decoder::default();
        if let Ok(Some(Packet::Event { args, .. } | Packet::Ack { args, .. })) =
            decoder.decode(Message::from(text))
        {
            let _ = args.clone().decode::<Args<(Bytes, String)>>();
            let _ = args.decode::<BTreeMap<String, Vec<Bytes>>>();
        }
    });
}

fn event(name: &str, args: &(impl super::subject::ToArgs + ?Sized)) -> EncodedPacket {
    EncodedPacket::event(&Namespace::MAIN, None, name, args).expect("this is JSON")
}

fn texts(packet: &EncodedPacket) -> Vec<String> {
    let texts = packet.messages().map(|message| match message {
        Message::Text(text) => text.to_string(),
        Message::Binary(bytes) => panic!("expected texts alone, came {bytes:?}"),
    });
    texts.collect()
}

fn decode(text: &str) -> Packet {
    let packet = Decoder::default().decode(Message::from(text));
    packet.unwrap_or_else(|error| panic!("{text}: {error}")).expect("no attachments are to come")
}

fn args_of(text: &str) -> RawArgs {
    match decode(text) {
        Packet::Event { args, .. } => args,
        other => panic!("expected an event, came {other:?}"),
    }
}

/// No file of failures: a failure prints its input.
fn quiet() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}
