//! Lesson 12: events and acknowledgements as packets, and bytes beside them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::sync::mpsc;

use engineio_packet::Frame;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use transcript::{Transcript, step};

use super::subject::{
    AckId, Args, ArgsError, ByteString, Bytes, DecodeError, EncodeError, EncodedMessage,
    EncodedPacket, Json, Message, Namespace, Outgoing, Packet, Parser, RawArgs, Reassembly, ToArgs,
};

// Step 1: what stands before the payload.

#[test]
fn s1_a_packet_says_in_which_namespace_it_is_meant() {
    let _step = step!();
    let main = Namespace::MAIN;
    for (text, nsp) in [
        ("1", main.clone()),
        ("1/", main.clone()),
        ("1/admin,", Namespace::new("admin")),
        ("1/admin", Namespace::new("/admin")),
        ("1/x?token=1&b=[],", Namespace::new("/x?token=1&b=[]")),
        ("1/é,", Namespace::new("/é")),
    ] {
        assert_eq!(decode(text), Packet::Disconnect { nsp }, "{text}");
    }
}

#[test]
fn s1_a_long_namespace_can_be_told_by_its_beginning() {
    let _step = step!();
    let beginning = |text: &str| decode(text).nsp().beginning().to_owned();
    assert_eq!(beginning("1/admin,"), "/admin");
    let (short, long) = ("é".repeat(59), "é".repeat(100));
    assert_eq!(beginning(&format!("1/{short},")), format!("/{short}"));
    assert_eq!(beginning(&format!("1/{long},")), format!("/{short}"));
}

#[test]
fn s1_a_connect_may_bring_an_object() {
    let _step = step!();
    let seen = |text: &str| match decode(text) {
        Packet::Connect { nsp, data } => (nsp.to_string(), data.map(|data| data.decode())),
        other => panic!("expected a connect, came {other:?}"),
    };
    let token = || Some(Ok(BTreeMap::from([("token".to_owned(), 1)])));
    assert_eq!(seen("0"), ("/".to_owned(), None));
    assert_eq!(seen("0/x"), ("/x".to_owned(), None));
    assert_eq!(seen(r#"0{"token":1}"#), ("/".to_owned(), token()));
    assert_eq!(seen(r#"0/x,{"token":1}"#), ("/x".to_owned(), token()));
    let two = BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]);
    assert_eq!(seen(r#"0/x,{"a":1,"b":2}"#), ("/x".to_owned(), Some(Ok(two))));
    assert!(matches!(seen(r#"0{"token":""}"#).1, Some(Err(ArgsError::OtherType { .. }))));
}

#[test]
fn s1_what_a_client_shows_need_not_keep_its_message() {
    let _step = step!();
    let text = ByteString::from(r#"0{"a":1}"#);
    let packet = Json::default().decode(Message::Text(text.clone()), &mut Reassembly::default());
    let Ok(Some(Packet::Connect { data: Some(data), .. })) = packet else { panic!("an object") };
    let kept = data.detached();
    assert!(!text.as_bytes().is_unique(), "a piece of its message");
    drop(data);
    assert!(text.as_bytes().is_unique(), "nobody needs it any more");
    assert_eq!(kept.decode(), Ok(json!({ "a": 1 })));
}

#[test]
fn s1_a_refusal_brings_an_object_or_a_string() {
    let _step = step!();
    let seen = |text: &str| match decode(text) {
        Packet::ConnectError { nsp, data } => {
            (nsp.to_string(), data.decode::<Value>().expect("JSON").to_string())
        }
        other => panic!("expected a refusal, came {other:?}"),
    };
    assert_eq!(seen(r#"4"no""#), ("/".to_owned(), r#""no""#.to_owned()));
    assert_eq!(seen(r#"4/x,{"message":1}"#), ("/x".to_owned(), r#"{"message":1}"#.to_owned()));
}

#[test]
fn s1_digits_before_the_payload_are_an_ack_id() {
    let _step = step!();
    for (text, expected) in [
        ("30[]", ("/", 0)),
        ("37[1]", ("/", 7)),
        ("3007[1]", ("/", 7)),
        ("3/x,12[]", ("/x", 12)),
        ("3/x1,12[] ", ("/x1", 12)),
        ("39007199254740992[]", ("/", 1 << 53)),
    ] {
        let packet = decode(text);
        let Packet::Ack { id, .. } = packet else { panic!("an acknowledgement: {text}") };
        assert_eq!((packet.nsp().as_str(), id.0), expected, "{text}");
    }
    assert_eq!(try_decode("3[]"), Err(DecodeError::NoAckId { kind: '3' }));
    // JavaScript counts no further, and a u64 not much.
    for digits in ["9007199254740993", "99999999999999999999"] {
        let refusal = try_decode(&format!("3{digits}[]"));
        assert_eq!(refusal, Err(DecodeError::AckId { came: digits.to_owned() }));
    }
    let many = try_decode(&format!("3{}[]", "9".repeat(1000)));
    assert_eq!(
        many,
        Err(DecodeError::AckId { came: "9".repeat(60) }),
        "the first 60 of 1000 digits"
    );
}

// Step 2: the name, and the arguments when their type is known.

#[test]
fn s2_an_event_is_read_as_far_as_its_name() {
    let _step = step!();
    let Packet::Event { nsp, ack, name, .. } = decode(r#"2/admin,12["hello",{"a":1},oops]"#) else {
        panic!("this is an event")
    };
    assert_eq!((nsp.as_str(), ack, &*name), ("/admin", Some(AckId(12)), "hello"));
}

#[test]
fn s2_a_name_is_the_first_element() {
    let _step = step!();
    for (text, expected) in [
        (r#"2["a"]"#, "a"),
        (r#"2["a","b"]"#, "a"),
        ("2[ \"a\"\t,\r\n1 ] ", "a"),
        ("2[\"a\"\n]\n", "a"),
        (r#"2[""]"#, ""),
        (r#"2["été",1]"#, "été"),
        ("2[\"\u{7f}\u{80}\"]", "\u{7f}\u{80}"),
        (r#"2["a,b]"]"#, "a,b]"),
        ("2[12]", "12"),
        ("2[12,1]", "12"),
        ("2[ -1.5e3 ]", "-1.5e3"),
    ] {
        assert_eq!(name_of(text), expected, "{text}");
    }
}

#[test]
fn s2_a_name_may_hold_any_escape() {
    let _step = step!();
    for (text, expected) in [
        (r#"2["\u00e9t\u00e9",1]"#, "été"),
        (r#"2["a\"b"]"#, "a\"b"),
        (r#"2["\\"]"#, "\\"),
        (r#"2["\ud83d\ude00" ]"#, "😀"),
        (r#"2["tab\t"]"#, "tab\t"),
    ] {
        assert_eq!(name_of(text), expected, "{text}");
    }
}

#[test]
fn s2_a_name_is_not_copied() {
    let _step = step!();
    let text = ByteString::from(r#"2["hello","\n"]"#);
    let packet = Json::default().decode(Message::Text(text.clone()), &mut Reassembly::default());
    let Ok(Some(Packet::Event { name, .. })) = packet else { panic!("an event") };
    assert_eq!(name.as_ptr(), text[3..].as_ptr(), "the same bytes");
}

#[test]
fn s2_an_event_without_a_name_is_refused() {
    let _step = step!();
    for text in [
        "2",
        "2{}",
        "2[]",
        "2[,]",
        "2[null]",
        "2[true]",
        "2[{}]",
        "2[-]",
        "2[01]",
        "2[1x]",
        "2[\"a\"x]",
        "2[\"a]",
        "2[\"a\\\"]",
        "2[\"\\x\"]",
        "2[\"\\u0061\"x]",
        "2[\"a\nb\"]",
        "2[\"a\tb\"]",
        "2[\u{c}\"a\"]",
        "2[\"a\"",
        "2[\"a\",1",
        "2[\"a\"}]",
        "2\"a\"]",
    ] {
        let refusal = try_decode(text);
        assert!(matches!(refusal, Err(DecodeError::Payload { .. })), "{text}: {refusal:?}");
    }
}

#[test]
fn s2_one_argument_is_one_value() {
    let _step = step!();
    assert_eq!(args_of(r#"2["n",7]"#).decode::<u8>(), Ok(7));
    assert_eq!(args_of(r#"2["n",[1,2]]"#).decode::<(u8, u8)>(), Ok((1, 2)));
    assert_eq!(args_of(r#"2["n",null]"#).decode::<Option<u8>>(), Ok(None));
    assert_eq!(args_of(r#"2["n",null]"#).decode::<()>(), Ok(()));
    let problem = |text: &str| args_of(text).decode::<u8>().expect_err("it is no u8").to_string();
    assert!(problem(r#"2["n"]"#).starts_with("expected an argument, came none"));
    assert!(problem(r#"2["n",1,2]"#).starts_with("expected fewer arguments, came more"));
    assert!(problem(r#"2["n","1"]"#).starts_with(r#"invalid type: string "1", expected u8"#));
}

#[test]
fn s2_an_argument_that_did_not_come_is_nothing() {
    let _step = step!();
    assert_eq!(args_of(r#"2["n"]"#).decode::<()>(), Ok(()));
    assert_eq!(args_of(r#"2["n"]"#).decode::<Option<u8>>(), Ok(None));
    assert_eq!(args_of(r#"2["n"]"#).decode::<Args<()>>(), Ok(Args(())));
    assert!(args_of(r#"2["n",1]"#).decode::<()>().is_err());
    assert!(args_of(r#"2["n",1]"#).decode::<Args<()>>().is_err());
    assert!(args_of(r#"2["n"]"#).decode::<Value>().is_err());
}

#[test]
fn s2_several_arguments_are_a_tuple() {
    let _step = step!();
    let Args((a, b)): Args<(u8, String)> = args_of(r#"2["n",1,"two"]"#).decode().expect("they are");
    assert_eq!((a, &*b), (1, "two"));
    assert!(args_of(r#"2["n",1]"#).decode::<Args<(u8, u8)>>().is_err());
    let problem =
        args_of(r#"2["n",1,2,3]"#).decode::<Args<(u8, u8)>>().expect_err("three are too many");
    assert!(problem.to_string().starts_with("expected fewer arguments, came more"), "{problem}");
    assert_eq!(args_of(r#"2["n",1,2,3]"#).decode::<Args<Vec<u8>>>(), Ok(Args(vec![1, 2, 3])));
    let Packet::Ack { args, .. } = decode(r#"37[1,"two"]"#) else { panic!("an answer") };
    assert_eq!(args.decode(), Ok(Args((1, "two".to_owned()))), "an answer has no name");
}

#[test]
fn s2_what_may_not_be_meant_is_left_out_where_the_type_takes_that() {
    let _step = step!();
    let news = || args_of(r#"2["news","text","1.a"]"#).prefer_first(1);
    assert_eq!(news().decode(), Ok("text".to_owned()));
    assert_eq!(news().decode(), Ok(Args(("text".to_owned(), "1.a".to_owned()))), "it was meant");
    assert_eq!(news().decode(), Ok(Args(vec!["text".to_owned()])));
    let alone = || args_of(r#"2["where","here"]"#).prefer_first(0);
    assert_eq!(alone().decode(), Ok("here".to_owned()));
    assert_eq!(alone().decode(), Ok(None::<String>));
    assert!(news().decode::<u8>().is_err());
    assert!(args_of(r#"2["news",1,2,x]"#).prefer_first(1).decode::<u8>().is_err(), "no JSON");
}

#[test]
fn s2_whose_mistake_it_is_can_be_told() {
    let _step = step!();
    let is_malformed = |text: &str| {
        let error = args_of(text).decode::<u8>().expect_err("it is no u8");
        matches!(error, ArgsError::Malformed { .. })
    };
    for text in [r#"2["n",x]"#, r#"2["n",]"#, r#"2["n",1]]"#, r#"2["n",1 2]"#, r#"2["n","]"#] {
        assert!(is_malformed(text), "{text}");
    }
    for text in [r#"2["n",300]"#, r#"2["n",{}]"#, r#"2["n"]"#, r#"2["n","\ud800"]"#] {
        assert!(!is_malformed(text), "{text}");
    }
}

// Step 3: say it.

#[test]
fn s3_connect_and_disconnect() {
    let _step = step!();
    let (main, admin) = (Namespace::MAIN, Namespace::new("admin"));
    let encode = |packet| texts(&Json::default().encode(&packet).expect("JSON"));
    assert_eq!(encode(Outgoing::Connect { nsp: &main, data: None }), ["0"]);
    assert_eq!(encode(Outgoing::Connect { nsp: &admin, data: None }), ["0/admin,"]);
    assert_eq!(encode(Outgoing::Disconnect { nsp: &main }), ["1"]);
    assert_eq!(encode(Outgoing::Disconnect { nsp: &admin }), ["1/admin,"]);
}

#[test]
fn s3_an_event_is_a_two_and_an_array() {
    let _step = step!();
    assert_eq!(texts(&event("hello", "you")), [r#"2["hello","you"]"#]);
    assert_eq!(texts(&event("nothing", ())), [r#"2["nothing",null]"#]);
}

#[test]
fn s3_several_arguments_are_elements_of_the_same_array() {
    let _step = step!();
    assert_eq!(texts(&event("sum", Args((1, "two", [3])))), [r#"2["sum",1,"two",[3]]"#]);
    assert_eq!(texts(&event("list", Args(vec![1, 2]))), [r#"2["list",1,2]"#]);
    assert_eq!(texts(&event("one", Args(([0],)))), [r#"2["one",[0]]"#]);
    assert_eq!(texts(&event("ping", Args(()))), [r#"2["ping"]"#]);
    assert_eq!(texts(&event("none", Args(Vec::<u8>::new()))), [r#"2["none"]"#]);
    let map = serde_json::json!({ "b": 1 });
    for (value, came) in [("text".into(), r#""text""#), (1.into(), "1"), (map, r#"{"b":1}"#)] {
        let error = try_event("a", Args(value)).expect_err("it is no tuple");
        assert_eq!(error, EncodeError::NoTuple { came: came.to_owned() });
    }
}

#[test]
fn s3_the_header_says_where_and_what_is_to_be_answered() {
    let _step = step!();
    let (json, admin) = (Json::default(), Namespace::new("/admin"));
    let to_admin = EncodedPacket::event(&json, &admin, Some(AckId(12)), "hello", "you");
    assert_eq!(texts(&to_admin.expect("JSON")), [r#"2/admin,12["hello","you"]"#]);
    let answer = |nsp, id, args: &dyn ToArgs| {
        texts(&json.encode(&Outgoing::Ack { nsp, id: AckId(id), args }).expect("JSON"))
    };
    assert_eq!(answer(&admin, 12, &Args((1, 2))), ["3/admin,12[1,2]"]);
    assert_eq!(answer(&admin, 12, &"one"), [r#"3/admin,12["one"]"#]);
    assert_eq!(answer(&Namespace::MAIN, 0, &Args(())), ["30[]"]);
}

#[test]
fn s3_what_belongs_to_a_connect_stands_alone() {
    let _step = step!();
    let json = Json::default();
    let (admin, x) = (Namespace::new("/admin"), Namespace::new("/x"));
    let token = BTreeMap::from([("token", "secret")]);
    let connect = json.encode(&Outgoing::Connect { nsp: &admin, data: Some(&token) });
    assert_eq!(texts(&connect.expect("JSON")), [r#"0/admin,{"token":"secret"}"#]);
    let message = BTreeMap::from([("message", "Invalid namespace")]);
    let refusal = json.encode(&Outgoing::ConnectError { nsp: &x, data: &message });
    assert_eq!(texts(&refusal.expect("JSON")), [r#"4/x,{"message":"Invalid namespace"}"#]);
}

#[test]
fn s3_a_packet_is_encoded_once_for_all() {
    let _step = step!();
    let packet = event("news", "to everyone");
    let [first, second] = [packet.clone(), packet.clone()]
        .map(|packet| packet.encoded_messages().next().expect("a text").into_frame());
    let (Frame::Text(first), Frame::Text(second)) = (first, second) else { panic!("texts") };
    assert_eq!(&*first, r#"42["news","to everyone"]"#);
    assert_eq!(first.as_ptr(), second.as_ptr(), "the same bytes");
    assert_eq!(packet.size(), first.len());
}

/// What a thread says when what it used is dropped.
struct LastWords(mpsc::Sender<std::thread::Result<Vec<String>>>);

impl Drop for LastWords {
    fn drop(&mut self) {
        let said = catch_unwind(|| texts(&event("bye", 1)));
        self.0.send(said).expect("the test listens");
    }
}

#[test]
fn s3_a_thread_may_speak_when_it_ends() {
    let _step = step!();
    thread_local!(static LAST: RefCell<Option<LastWords>> = const { RefCell::new(None) });
    assert_eq!(texts(&event("hello", 1)), [r#"2["hello",1]"#]);
    let (words, last) = mpsc::channel();
    let thread = std::thread::spawn(|| {
        LAST.set(Some(LastWords(words))); // what a thread used first goes last
        event("hello", 1)
    });
    thread.join().expect("it ends");
    let said = last.recv().expect("it spoke").expect("without a panic");
    assert_eq!(said, [r#"2["bye",1]"#]);
}

#[test]
fn s3_arguments_may_be_passed_on_unread() {
    let _step = step!();
    let args = args_of(r#"2["n", {"b" :1.0,"a":"\u00e9"},2]"#);
    let expected = [r#"2["again",{"b" :1.0,"a":"\u00e9"},2]"#];
    assert_eq!(texts(&event("again", &args)), expected);
    let args: RawArgs = args.decode().expect("whatever came");
    assert_eq!(texts(&event("again", args)), expected);
    let broken = try_event("again", args_of(r#"2["n",x]"#)).expect_err("it is no JSON");
    assert!(matches!(broken, EncodeError::Value { .. }), "{broken}");
}

#[test]
fn s3_any_value_is_written_as_serde_json_writes_it() {
    let _step = step!();
    proptest!(quiet(), |(
        text in text_of("ab é😀\u{7f}\u{1f}\n\"\\/"), other in text_of("a\"1"), key: u64, letter: char,
    )| {
        let raw = |json: String| RawValue::from_string(json).expect("JSON");
        let raw = [raw(serde_json::to_string(&text)?), raw(key.to_string()), raw("true".to_owned())];
        let said = [
            Said::Nothing,
            Said::Text(&text),
            Said::Pair(&other, letter),
            Said::More { text: &text, raw: &raw, others: BTreeMap::from([(&text, &other)]) },
        ];
        let tree = json!({ &text: [&other, { "text": text }], &other: null });
        let sent = (said, tree, Some(&text), &raw, BTreeMap::from([(key, &other)]), letter, key);
        let expected = serde_json::to_string(&sent)?;
        prop_assert_eq!(texts(&event("n", sent)), [format!(r#"2["n",{expected}]"#)]);
    });
}

#[derive(Serialize)]
enum Said<'a> {
    Nothing,
    Text(&'a str),
    Pair(&'a str, char),
    More { text: &'a str, raw: &'a [Box<RawValue>], others: BTreeMap<&'a String, &'a String> },
}

#[test]
fn s3_what_cannot_be_said_is_not_sent() {
    let _step = step!();
    let error = try_event("a", BTreeMap::from([((1, 2), 3)])).expect_err("no string key");
    let expected = "expected a value that the parser can write: key must be a string";
    assert_eq!(error.to_string(), expected);
    let nsp = Namespace::new("/a,b");
    let error = Json::default().encode(&Outgoing::Connect { nsp: &nsp, data: None });
    assert_eq!(error, Err(EncodeError::Namespace { name: "/a,b".to_owned() }));
}

// Step 4: bytes.

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Picture {
    name: String,
    data: Bytes,
    versions: Vec<Version>,
    thumbnail: Option<Thumbnail>,
    by_size: BTreeMap<String, Bytes>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Thumbnail(Bytes);

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
        thumbnail: Some(Thumbnail(bytes("thumb"))),
        by_size: BTreeMap::from([("xl".to_owned(), bytes("large"))]),
    }
}

#[test]
fn s4_two_conversations_on_one_connection() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    let (json, mut reassembly) = (Json::default(), Reassembly::default());
    let (main, admin) = (Namespace::MAIN, Namespace::new("/admin"));
    let say = |from: &str, to: &str, packet: Result<EncodedPacket, EncodeError>| {
        for message in packet.expect("it can be said").encoded_messages() {
            transcript.message(from, to, as_sent(&message));
        }
    };
    let mut hear = |packet: &EncodedPacket| {
        let came = packet.messages().filter_map(|message| {
            json.decode(message, &mut reassembly).expect("what was sent is a packet")
        });
        came.last().expect("all of it was sent")
    };
    let sid = |sid: &'static str| BTreeMap::from([("sid", sid)]);
    let token = BTreeMap::from([("token", "123")]);
    for (nsp, data, answer) in
        [(&main, None, sid("wZX3oN0b")), (&admin, Some(token), sid("oSO0Opak"))]
    {
        let data = data.as_ref().map(|data| data as &dyn ToArgs);
        say("client", "server", json.encode(&Outgoing::Connect { nsp, data }));
        say("server", "client", json.encode(&Outgoing::Connect { nsp, data: Some(&answer) }));
    }
    say("client", "server", EncodedPacket::event(&json, &main, None, "message", "hello"));
    let save = Args(("cat.png", Bytes::from_static(b"\x89PNG\r\n")));
    let save = EncodedPacket::event(&json, &admin, Some(AckId(0)), "save", save).expect("bytes");
    say("client", "server", Ok(save.clone()));
    let Packet::Event { nsp, ack: Some(id), name, args } = hear(&save) else { panic!("an event") };
    let Args((file, data)): Args<(String, Bytes)> = args.decode().expect("of these types");
    transcript.event("server", format!("{name} in {nsp}: {file}, {} bytes", data.len()));
    say("server", "client", EncodedPacket::ack(&json, &nsp, id, "saved"));
    say("client", "server", json.encode(&Outgoing::Disconnect { nsp: &admin }));
    insta::assert_snapshot!(transcript);
}

#[test]
fn s4_bytes_travel_beside_the_text() {
    let _step = step!();
    let packet = event("picture", Args((picture(), Bytes::from_static(&[1, 2]))));
    let mut messages = packet.messages();
    let Some(Message::Text(text)) = messages.next() else { panic!("a text comes first") };
    insta::assert_snapshot!(text);
    let bytes: Vec<Message> = messages.collect();
    let expected = ["data", "raw", "cut", "a", "b", "thumb", "large", "\u{1}\u{2}"];
    assert_eq!(bytes, expected.map(|text| Message::Binary(Bytes::from(text))));
    let encoded: Vec<_> = packet.encoded_messages().map(|message| message.into_frame()).collect();
    assert_eq!(encoded[0], Frame::Text(format!("4{text}").into()));
    assert_eq!(encoded[8], Frame::Binary(Bytes::from_static(&[1, 2])));
    assert_eq!(
        packet.size(),
        text.len() + 1 + 24,
        "with what stands before the text, and all bytes"
    );
}

#[test]
fn s4_bytes_are_found_again_at_any_depth() {
    let _step = step!();
    let packet = event("picture", Args((picture(), Bytes::from_static(&[1, 2]))));
    let (json, mut reassembly) = (Json::default(), Reassembly::default());
    let mut came: Vec<_> = packet
        .messages()
        .map(|message| json.decode(message, &mut reassembly).expect("they fit"))
        .collect();
    let last = came.pop().flatten();
    assert_eq!(came, [const { None }; 8], "nothing before the last attachment");
    let Some(Packet::Event { args, .. }) = last else { panic!("an event") };
    assert_eq!(args.attachments().len(), 8);
    let again = event("picture", &args);
    assert_eq!(again, packet, "passed on unread");
    let Args((again, bytes)): Args<(Picture, Bytes)> = args.decode().expect("as it was sent");
    assert_eq!(again, picture());
    assert_eq!(bytes, [1, 2].as_slice());
}

#[test]
fn s4_an_acknowledgement_may_hold_bytes() {
    let _step = step!();
    let nsp = Namespace::new("/x");
    let bytes = Bytes::from_static(&[9]);
    let ack = EncodedPacket::ack(&Json::default(), &nsp, AckId(3), &bytes).expect("bytes are fine");
    let messages: Vec<Message> = ack.messages().collect();
    let text = r#"61-/x,3[{"_placeholder":true,"num":0}]"#;
    assert_eq!(messages, [Message::from(text), Message::Binary(bytes.clone())]);
    let (json, mut reassembly) = (Json::default(), Reassembly::default());
    let [first, last] = messages.try_into().expect("two");
    assert_eq!(json.decode(first, &mut reassembly), Ok(None));
    let Ok(Some(Packet::Ack { args, .. })) = json.decode(last, &mut reassembly) else {
        panic!("an answer")
    };
    assert_eq!(args.decode(), Ok(bytes));
}

#[test]
fn s4_what_is_kept_need_not_keep_its_messages() {
    let _step = step!();
    let text = ByteString::from(r#"51-["a",{"_placeholder":true,"num":0},1]    "#);
    let bytes = Bytes::from(vec![4]);
    let (parser, mut reassembly) = (Json::default(), Reassembly::default());
    assert_eq!(parser.decode(Message::Text(text.clone()), &mut reassembly), Ok(None));
    let args = match parser.decode(Message::Binary(bytes.clone()), &mut reassembly) {
        Ok(Some(Packet::Event { args, .. })) => args,
        other => panic!("expected an event, came {other:?}"),
    };
    let kept = args.detached();
    assert!(!text.as_bytes().is_unique() && !bytes.is_unique(), "pieces of their messages");
    drop(args);
    assert!(text.as_bytes().is_unique() && bytes.is_unique(), "nobody needs them any more");
    assert_eq!(kept.decode(), Ok(Args((Bytes::from(vec![4]), 1))));
}

#[test]
fn s4_what_is_no_placeholder_is_no_bytes() {
    let _step = step!();
    let read = |value: &str| {
        let (json, mut reassembly) = (Json::default(), Reassembly::default());
        let text = Message::from(format!(r#"51-["n",{value}]"#));
        assert_eq!(json.decode(text, &mut reassembly), Ok(None), "{value}");
        let packet = json.decode(Message::Binary(Bytes::from_static(b"x")), &mut reassembly);
        let Ok(Some(Packet::Event { args, .. })) = packet else { panic!("an event") };
        args.decode::<Bytes>()
    };
    for placeholder in [
        r#"{"_placeholder":true,"num":0}"#,
        r#"{"num":0,"_placeholder":true}"#,
        r#"{"\u005fplaceholder":true,"more":[{}],"num":0}"#,
        r#"{"_placeholder":false,"num":7,"num":0,"_placeholder":true}"#,
    ] {
        assert_eq!(read(placeholder), Ok(Bytes::from_static(b"x")), "{placeholder}");
    }
    for other in [
        r#"{"_placeholder":false,"num":0}"#,
        r#"{"_placeholder":1,"num":0}"#,
        r#"{"num":0}"#,
        "[true,0]",
        r#""x""#,
        "0",
        "true",
        "null",
    ] {
        let refusal = read(other);
        assert!(matches!(refusal, Err(ArgsError::OtherType { .. })), "{other}: {refusal:?}");
    }
    let unannounced = args_of(r#"2["n",{"_placeholder":true,"num":0}]"#).decode::<Bytes>();
    assert!(matches!(unannounced, Err(ArgsError::OtherType { .. })), "{unannounced:?}");
}

#[test]
fn s4_no_more_bytes_are_read_than_came() {
    let _step = step!();
    let (json, mut reassembly) = (Json::default(), Reassembly::default());
    let mut read = |places: &[usize]| {
        let place = |num| format!(r#"{{"_placeholder":true,"num":{num}}}"#);
        let places: Vec<String> = places.iter().map(place).collect();
        let text = format!(r#"52-["n",[{}]]"#, places.join(","));
        assert_eq!(json.decode(Message::from(text), &mut reassembly), Ok(None));
        let mut bytes =
            |bytes| json.decode(Message::Binary(Bytes::from_static(bytes)), &mut reassembly);
        assert_eq!(bytes(b"one"), Ok(None));
        let Ok(Some(Packet::Event { args, .. })) = bytes(b"two") else { panic!("an event") };
        args.decode::<Vec<Bytes>>()
    };
    assert_eq!(read(&[1, 0]), Ok(vec![Bytes::from_static(b"two"), Bytes::from_static(b"one")]));
    let again = read(&[0, 1, 0]);
    assert!(matches!(again, Err(ArgsError::OtherType { .. })), "{again:?}");
}

#[test]
fn s4_no_value_pretends_to_be_bytes() {
    let _step = step!();
    for num in [0, 7] {
        let value = serde_json::json!({ "_placeholder": true, "num": num });
        let beside = try_event("n", Args((&value, Bytes::from_static(b"x"))));
        assert_eq!(beside, Err(EncodeError::Placeholder));
        assert!(try_event("n", &value).is_ok(), "without bytes it is an object");
    }
    let (json, mut reassembly) = (Json::default(), Reassembly::default());
    let text = Message::from(r#"51-["n"]"#);
    assert_eq!(json.decode(text, &mut reassembly), Ok(None));
    let packet = json.decode(Message::Binary(Bytes::from_static(b"x")), &mut reassembly);
    let Ok(Some(Packet::Event { args, .. })) = packet else { panic!("an event") };
    assert!(try_event("n", args).is_ok(), "as it came, it means what it meant");
    let words = r#"{"_placeholder":true}"#;
    assert!(try_event("n", Args((words, Bytes::from_static(b"x")))).is_ok(), "it is a text");
}

#[test]
fn s4_bytes_belong_to_a_packet_that_announced_them() {
    let _step = step!();
    let (json, mut reassembly) = (Json::default(), Reassembly::default());
    let mut decode = |message: Message| json.decode(message, &mut reassembly);
    let bytes = || Message::Binary(Bytes::from_static(b"x"));
    assert_eq!(decode(bytes()), Err(DecodeError::UnexpectedBytes));
    assert_eq!(decode(Message::from(r#"52-["a"]"#)), Ok(None));
    assert_eq!(decode(bytes()), Ok(None));
    assert!(matches!(decode(bytes()), Ok(Some(Packet::Event { .. }))));
    assert_eq!(decode(bytes()), Err(DecodeError::UnexpectedBytes));
    assert!(matches!(decode(Message::from(r#"2["b"]"#)), Ok(Some(_))), "and on it goes");
}

#[test]
fn s4_what_belongs_to_a_connect_holds_no_bytes() {
    let _step = step!();
    let (json, nsp) = (Json::default(), Namespace::MAIN);
    let data = BTreeMap::from([("token", Bytes::from_static(b"x"))]);
    let connect = json.encode(&Outgoing::Connect { nsp: &nsp, data: Some(&data) });
    assert_eq!(connect, Err(EncodeError::BytesInData));
}

#[test]
fn s4_whatever_is_sent_is_read_as_it_was() {
    let _step = step!();
    proptest!(quiet(), |(
        nsp in text_of("/az?=&é"), ack in prop::option::of(0..=1_u64 << 53),
        name in text_of("a\"\\,[]{}:é😀\n\0 "), texts in prop::collection::vec(text_of("\"\\é\u{7f}\u{1e}"), 0..4),
        attachments in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..9),
    )| {
        let attachments: Vec<Bytes> = attachments.into_iter().map(Bytes::from).collect();
        let (json, nsp) = (Json::default(), Namespace::new(&nsp));
        let sent = Args((texts, attachments));
        let packet = EncodedPacket::event(&json, &nsp, ack.map(AckId), &name, sent.clone());
        let mut reassembly = Reassembly::default();
        let mut came = None;
        for message in packet.expect("JSON").messages() {
            prop_assert!(came.is_none());
            came = json.decode(message, &mut reassembly).expect("what we send is right");
        }
        let Some(Packet::Event { nsp: nsp_too, ack: ack_too, name: name_too, args }) = came else {
            panic!("an event")
        };
        prop_assert_eq!((nsp_too, ack_too, &*name_too), (nsp, ack.map(AckId), &*name));
        prop_assert_eq!(args.decode(), Ok(sent));
    });
}

#[test]
fn s4_no_text_panics() {
    let _step = step!();
    let pieces = [
        "0",
        "2",
        "3",
        "5",
        "51-",
        "61-1",
        "62-",
        "/x,",
        "/",
        ",",
        "-",
        "7",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "\\",
        "\\u00",
        "\"a\"",
        "[\"a\"",
        "é",
        ":",
        "1",
        " ",
        "true",
        "\"_placeholder\":true",
        "\"num\":0",
    ];
    let begin = ["", "2[\"a\",", "2/x,7[", "51-[\"a\",", "62-7[{", "61-7[{\"_placeholder\":true,"];
    let begin = prop::sample::select(begin.to_vec());
    let rest = prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..10);
    let end = prop::sample::select(vec!["", "]", "}]"]);
    proptest!(quiet(), |(begin in begin, rest in rest, end in end)| {
        let (json, mut reassembly) = (Json::default(), Reassembly::default());
        let refused = json.decode(Message::Binary(Bytes::new()), &mut reassembly);
        prop_assert_eq!(refused, Err(DecodeError::UnexpectedBytes));
        let text = Message::from(begin.to_owned() + &rest.concat() + end);
        let mut packet = json.decode(text, &mut reassembly);
        while packet == Ok(None) {
            packet = json.decode(Message::Binary(Bytes::new()), &mut reassembly);
        }
        if let Ok(Some(Packet::Event { args, .. } | Packet::Ack { args, .. })) = packet {
            let _ = args.clone().decode::<Args<(Bytes, String)>>();
            let _ = args.clone().decode::<BTreeMap<String, Vec<Bytes>>>();
            let _ = try_event("again", args);
        }
    });
}

// Step 5: what is refused.

#[test]
fn s5_a_packet_has_a_bounded_number_of_attachments() {
    let _step = step!();
    let announce = |limit, count: &str| {
        let text = Message::from(format!(r#"5{count}-["a"]"#));
        Json::new(limit).decode(text, &mut Reassembly::default())
    };
    assert_eq!(announce(10, "10"), Ok(None));
    assert_eq!(announce(10, "007"), Ok(None));
    assert_eq!(announce(10, "11"), Err(DecodeError::TooManyAttachments { limit: 10, came: 11 }));
    assert_eq!(announce(2, "3"), Err(DecodeError::TooManyAttachments { limit: 2, came: 3 }));
    let huge = announce(10, "99999999999999999999999");
    assert_eq!(huge, Err(DecodeError::TooManyAttachments { limit: 10, came: usize::MAX }));
}

#[test]
fn s5_nothing_comes_between_attachments() {
    let _step = step!();
    let (json, mut reassembly) = (Json::default(), Reassembly::default());
    let mut decode = |message: Message| json.decode(message, &mut reassembly);
    assert_eq!(decode(Message::from(r#"53-["a"]"#)), Ok(None));
    assert_eq!(decode(Message::Binary(Bytes::from_static(b"x"))), Ok(None));
    let text = decode(Message::from(r#"2["b"]"#));
    assert_eq!(text, Err(DecodeError::TextInstead { missing: 2 }));
}

#[test]
fn s5_nobody_may_send_a_name_that_means_something_else() {
    let _step = step!();
    for name in
        ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]
    {
        let expected = Err(DecodeError::ReservedName { name: name.to_owned() });
        assert_eq!(try_decode(&format!(r#"2["{name}",1]"#)), expected);
        let expected = EncodeError::ReservedName { name: name.to_owned() };
        assert_eq!(try_event(name, "x"), Err(expected));
    }
    assert!(try_decode(r#"2["c\u006fnnect"]"#).is_err());
    for free in ["connected", "error"] {
        assert_eq!(name_of(&format!(r#"2["{free}"]"#)), free);
    }
}

#[test]
fn s5_a_placeholder_means_an_attachment_that_is_to_come() {
    let _step = step!();
    for array in [
        r#"["n",{"_placeholder":true,"num":1}]"#,
        r#"["n",{"a":[1,{"_placeholder":true,"num":1}]}]"#,
        r#"["n",{"_placeholder":true,"num":-1}]"#,
        r#"["n",{"_placeholder":true,"num":0.5}]"#,
        r#"["n",{"_placeholder":true,"num":"0"}]"#,
        r#"["n",{"_placeholder":true}]"#,
        r#"["n",{"_placeholder":true,"num":1,"\ud06e\ud075\ud06d":0}]"#,
        r#"["n",{"_placeholder":true,"num":1,"\uD06e\uD075\uD06d":0}]"#,
        r#"["n",x]"#,
        r#"["n"]]"#,
    ] {
        for text in [format!("51-{array}"), format!("61-7{array}")] {
            let refusal = try_decode(&text);
            assert!(matches!(refusal, Err(DecodeError::Placeholder { .. })), "{text}: {refusal:?}");
        }
    }
    for array in [r#"["n",{"_placeholder":0,"num":9},null,-1,1.5,true,"a"]"#, r#"["n"]"#] {
        assert_eq!(try_decode(&format!("51-{array}")), Ok(None), "{array}");
    }
    for half_an_emoji in [r#"51-["n","\ud83d"]"#, r#"51-["n",{"\uDE00":1}]"#] {
        assert_eq!(try_decode(half_an_emoji), Ok(None), "{half_an_emoji} is JSON");
    }
    let args = args_of(r#"2["n",{"_placeholder":true,"num":9}]"#);
    assert!(args.decode::<Value>().is_ok(), "without attachments it is an object");
}

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
        "500-[\"a\"]",
        "51x-[\"a\"]",
        "511-[\"a\"]",
        "2",
        "2{}",
        "2[]",
        "2[\"a\"",
        "2abc[\"a\"]",
        "2[\"connect\"]",
        "51-[\"a\",{\"_placeholder\":true,\"num\":1}]",
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
        "0{}}",
        "4",
        "4[]",
        "41",
        "4\"",
    ];
    let report: String = refusals
        .iter()
        .map(|text| {
            let refusal = try_decode(text).expect_err(text);
            format!("{text:<42} {refusal}\n")
        })
        .collect();
    insta::assert_snapshot!(report);
}

fn event(name: &str, args: impl ToArgs) -> EncodedPacket {
    try_event(name, args).expect("this is JSON")
}

fn try_event(name: &str, args: impl ToArgs) -> Result<EncodedPacket, EncodeError> {
    EncodedPacket::event(&Json::default(), &Namespace::MAIN, None, name, args)
}

fn texts(packet: &EncodedPacket) -> Vec<String> {
    let texts = packet.messages().map(|message| match message {
        Message::Text(text) => text.to_string(),
        Message::Binary(bytes) => panic!("expected texts alone, came {bytes:?}"),
    });
    texts.collect()
}

fn as_sent(message: &EncodedMessage) -> &[u8] {
    match message.frame() {
        Frame::Text(text) => text.as_bytes(),
        Frame::Binary(bytes) => bytes,
    }
}

fn try_decode(text: &str) -> Result<Option<Packet>, DecodeError> {
    Json::default().decode(Message::from(text), &mut Reassembly::default())
}

fn decode(text: &str) -> Packet {
    let packet = try_decode(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    packet.expect("no attachments are to come")
}

fn name_of(text: &str) -> ByteString {
    match decode(text) {
        Packet::Event { name, .. } => name,
        other => panic!("expected an event, came {other:?}"),
    }
}

fn args_of(text: &str) -> RawArgs {
    match decode(text) {
        Packet::Event { args, .. } => args,
        other => panic!("expected an event, came {other:?}"),
    }
}

/// Up to nine of these characters.
fn text_of(characters: &str) -> impl Strategy<Value = String> + use<> {
    let characters: Vec<char> = characters.chars().collect();
    let text = prop::collection::vec(prop::sample::select(characters), 0..9);
    text.prop_map(String::from_iter)
}

/// No file of failures: a failure prints its input.
fn quiet() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}
