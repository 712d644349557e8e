//! Clients that may come back as who they were. Beside the lesson, whose steps let everybody in as somebody new.

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use socketio_packet::{EncodedPacket, Json, Message, Namespace};

use super::subject::{CloseReason, Config, Event, Output, Session, SocketId, SocketKey};

fn session() -> Session<()> {
    Session::new(Arc::new(Json::default()), Config::default(), Instant::now())
}

fn connecting(session: &mut Session<()>, connect: &str) -> SocketKey {
    session.handle_message(Message::from(connect));
    match session.poll_output() {
        Some(Output::Event(Event::Connecting { key, .. })) => key,
        other => panic!("expected Connecting, came {other:?}"),
    }
}

fn let_in(session: &mut Session<()>, key: SocketKey, missed: Vec<EncodedPacket>) {
    session.accept_recoverable(key, &SocketId::from("who"), "secret", missed);
}

fn news(number: u32) -> EncodedPacket {
    EncodedPacket::event(&Json::default(), &Namespace::MAIN, None, "news", json!(number))
        .expect("a number is JSON")
}

fn said(session: &mut Session<()>) -> Vec<String> {
    let packets = std::iter::from_fn(|| session.poll_output()).map(|output| match output {
        Output::Send(packet) => packet,
        other => panic!("expected a packet, came {other:?}"),
    });
    let texts = packets.flat_map(|packet| packet.messages().collect::<Vec<_>>());
    texts.map(|message| format!("{message:?}")).collect()
}

fn texts(expected: &[&'static str]) -> Vec<String> {
    expected.iter().map(|text| format!("{:?}", Message::from(*text))).collect()
}

#[test]
fn what_was_missed_goes_in_order_before_the_reply_and_what_is_new_behind_it() {
    let mut session = session();
    let key = connecting(&mut session, "0");
    let_in(&mut session, key, vec![news(1), news(2)]);
    session.send(key, news(3));
    let expected =
        [r#"2["news",1]"#, r#"2["news",2]"#, r#"0{"sid":"who","pid":"secret"}"#, r#"2["news",3]"#];
    assert_eq!(said(&mut session), texts(&expected));
    assert!(session.is_connected(key));
    assert_eq!(session.poll_timeout(), None, "nobody waits for a CONNECT any more");
}

#[test]
fn the_reply_names_its_namespace() {
    let mut session = session();
    let key = connecting(&mut session, "0/admin,{}");
    let_in(&mut session, key, Vec::new());
    assert_eq!(said(&mut session), texts(&[r#"0/admin,{"sid":"who","pid":"secret"}"#]));
}

#[test]
fn nobody_comes_back_who_does_not_ask() {
    let mut session = session();
    let key = connecting(&mut session, "0");
    let_in(&mut session, key, Vec::new());
    said(&mut session);
    let_in(&mut session, key, vec![news(1)]);
    assert_eq!(said(&mut session), texts(&[]), "who is in");

    session.disconnect(key);
    while session.poll_output().is_some() {}
    let_in(&mut session, key, vec![news(1)]);
    assert_eq!(said(&mut session), texts(&[]), "who was made to leave");

    let late = connecting(&mut session, "0/late,");
    session.handle_close(CloseReason::ByClient);
    while session.poll_output().is_some() {}
    let_in(&mut session, late, vec![news(1)]);
    assert_eq!(said(&mut session), texts(&[]), "who asked on a connection that has ended");
}
