//! Lesson 13: who is in which namespace, whose an answer is, and when to give up.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};
use socketio_packet::{AckId, Bytes, Json, Message, Namespace, Packet, Parser, Reassembly};
use transcript::step;

use super::subject::{
    AckToken, Acks, CloseReason, Config, DisconnectReason, Event, Output, Refusal, Session,
    SocketId, Violation,
};
use model::{Model, act};
use scene::{Scene, event};

#[path = "13_socketio_session/model.rs"]
mod model;
#[path = "13_socketio_session/scene.rs"]
mod scene;

const SECOND: Duration = Duration::from_secs(1);

// Step 1: let a client in.

#[test]
fn s1_a_client_asks_and_is_let_in() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.client("0");
    scene.accept("/");
    scene.client(r#"0/admin,{"token":"secret"}"#);
    scene.accept("/admin");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s1_what_the_client_shows_can_be_read() {
    let _step = step!();
    let mut session: Session<()> = session(Config::default());
    session.handle_message(Message::from(r#"0/admin?a=1,{"token":"secret"}"#));
    let (nsp, auth) = match session.poll_output() {
        Some(Output::Event(Event::Connecting { nsp, auth: Some(auth), .. })) => (nsp, auth),
        other => panic!("no Connecting with an auth, but {other:?}"),
    };
    assert_eq!(nsp.as_str(), "/admin?a=1", "a query is part of the name");
    assert_eq!(auth.decode(), Ok(BTreeMap::from([("token".to_owned(), "secret".to_owned())])));
}

#[test]
fn s1_of_the_message_only_the_name_is_kept() {
    let _step = step!();
    let mut session: Session<()> = session(Config::default());
    let message = Message::from("0/admin,{}");
    session.handle_message(message.clone());
    let Some(Output::Event(Event::Connecting { nsp, .. })) = session.poll_output() else {
        panic!("expected Connecting")
    };
    assert!(!is_part_of(&nsp, &message), "the name keeps its whole message alive");
}

#[test]
fn s1_a_client_that_is_refused_may_ask_again() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.client(r#"0/admin,{"token":"guess"}"#);
    let refusal = Refusal::new("expected an admin").with_data(json!({ "retry": true }));
    scene.refuse("/admin", &refusal);
    scene.client(r#"0/admin,{"token":"secret"}"#);
    scene.accept("/admin");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s1_a_question_is_answered_once() {
    let _step = step!();
    let mut scene = Scene::joined(&["/"]);
    let said = scene.said.len();
    scene.accept("/");
    scene.refuse("/", &Refusal::from("too late"));
    assert!(scene.is_connected("/"), "accepted, and not connected");
    scene.client("0/admin,");
    scene.refuse("/admin", &Refusal::from("no"));
    scene.refuse("/admin", &Refusal::from("no"));
    scene.accept("/admin");
    assert!(!scene.is_connected("/admin"), "refused, and connected");
    assert!(!scene.session.is_connecting(scene.key("/admin")), "refused, and still waits");
    let expected =
        ["client: 0/admin,", "event: is asked for /admin", r#"server: 4/admin,{"message":"no"}"#];
    assert_eq!(scene.said[said..], expected);
}

#[test]
fn s1_two_ask_at_once_and_either_is_let_in_first() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.session.handle_message(Message::from("0/a,"));
    scene.session.handle_message(Message::from("0/b,"));
    scene.drain();
    assert_eq!(scene.said, ["event: is asked for /a", "event: is asked for /b"]);
    scene.accept("/b");
    assert!(scene.is_connected("/b"), "let in, and not connected");
    assert!(!scene.is_connected("/a"), "nobody has let it in yet");
    scene.accept("/a");
    assert!(scene.is_connected("/a"), "let in behind the other, and not connected");
    assert_eq!(scene.last(), r#"server: 0/a,{"sid":"id-2"}"#);
}

#[test]
fn s1_each_socket_has_a_key_of_its_own() {
    let _step = step!();
    let mut scene = Scene::joined(&["/", "/a"]);
    scene.client("0/b,");
    scene.refuse("/b", &Refusal::from("no"));
    let refused = scene.key("/b");
    scene.client("0/b,");
    let mut keys = vec![scene.key("/"), scene.key("/a"), refused, scene.key("/b")];
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 4, "keys: {keys:?}");
}

#[test]
fn s1_until_the_first_namespace_is_joined_the_time_runs() {
    let _step = step!();
    let mut scene = Scene::new();
    assert_eq!(scene.timeout_in(), Some(45 * SECOND), "at the beginning");
    scene.wait(10);
    scene.client("0");
    assert_eq!(scene.timeout_in(), Some(35 * SECOND), "while the client waits");
    scene.refuse("/", &Refusal::from("no"));
    assert_eq!(scene.timeout_in(), Some(35 * SECOND), "after a refusal");
    scene.client("0/admin,");
    scene.accept("/admin");
    assert_eq!(scene.timeout_in(), None, "in a namespace");
}

#[test]
fn s1_a_connection_is_in_a_bounded_number_of_namespaces() {
    let _step = step!();
    let mut scene = Scene::of(Config { max_namespaces: 2, ..Config::default() });
    scene.client("0");
    scene.client("0/a,");
    scene.client("0/b,");
    let [.., told, last] = &scene.said[..] else { panic!("much was said") };
    assert_eq!(told, r#"server: 4/b,{"message":"Too many namespaces"}"#);
    assert_eq!(last, "event: has refused /b: Too many namespaces");
    scene.refuse("/a", &Refusal::from("no"));
    scene.client("0/b,");
    assert_eq!(scene.last(), "event: is asked for /b");
}

// Step 2: events to the right socket.

#[test]
fn s2_an_event_is_the_sockets_of_its_namespace() {
    let _step = step!();
    let mut scene = Scene::joined(&["/", "/admin"]);
    scene.client(r#"2["message","hello"]"#);
    scene.client(r#"2/admin,["message","hello"]"#);
    scene.emit("/admin", "news", "for admins");
    scene.emit("/", "news", "for all");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s2_events_come_in_the_order_in_which_they_were_said() {
    let _step = step!();
    let mut session: Session<()> = session(Config::default());
    for nsp in ["", "/a,"] {
        session.handle_message(Message::from(format!("0{nsp}")));
        let Some(Output::Event(Event::Connecting { key, .. })) = session.poll_output() else {
            panic!("expected Connecting")
        };
        session.accept(key, &SocketId::from("x"));
        session.poll_output();
    }
    let numbers: Vec<u32> = (0..100).collect();
    for number in &numbers {
        let nsp = if number % 3 == 0 { "/a," } else { "" };
        session.handle_message(Message::from(format!(r#"2{nsp}["n",{number}]"#)));
    }
    let mut came = Vec::new();
    while let Some(Output::Event(Event::Received { args, .. })) = session.poll_output() {
        came.push(args.decode::<u32>().expect("a number"));
    }
    assert_eq!(came, numbers);
}

#[test]
fn s2_an_event_with_bytes_comes_when_it_is_complete() {
    let _step = step!();
    let mut scene = Scene::joined(&["/admin"]);
    scene.client(r#"51-/admin,["save",{"_placeholder":true,"num":0}]"#);
    assert!(scene.last().starts_with("client:"), "too early: {}", scene.last());
    scene.hear(Message::Binary(Bytes::from_static(&[1, 2])));
    assert_eq!(scene.last(), r#"event: save in /admin: [{"_placeholder":true,"num":0}]"#);
}

#[test]
fn s2_whoever_waits_for_an_answer_gives_the_right_to_it() {
    let _step = step!();
    let mut scene = Scene::joined(&["/"]);
    for id in [7, 0] {
        scene.client(&format!(r#"2{id}["sum",1,2]"#));
        assert_eq!(scene.last(), format!("event: sum in /: [1,2], to be answered as {id}"));
    }
    let tokens: Vec<AckId> = scene.tokens.iter().map(AckToken::id).collect();
    assert_eq!(tokens, [AckId(7), AckId(0)]);
    scene.client(r#"2["sum",1,2]"#);
    assert_eq!(scene.tokens.len(), 2, "nobody waits for this one");
}

#[test]
fn s2_packets_go_out_in_the_order_in_which_they_were_sent() {
    let _step = step!();
    let mut scene = Scene::joined(&["/"]);
    let said = scene.said.len();
    for number in [1, 2] {
        scene.session.send(scene.key("/"), event("/", None, "n", &Value::from(number)));
    }
    scene.drain();
    assert_eq!(scene.said[said..], [r#"server: 2["n",1]"#, r#"server: 2["n",2]"#]);
}

#[test]
fn s2_nothing_is_sent_to_whom_nobody_let_in() {
    let _step = step!();
    let mut scene = Scene::joined(&["/"]);
    let said = scene.said.len();
    scene.client("0/pending,");
    scene.emit("/pending", "a", 1);
    scene.client("0/refused,");
    scene.refuse("/refused", &Refusal::from("no"));
    scene.emit("/refused", "a", 1);
    let sent: Vec<&String> =
        scene.said[said..].iter().filter(|line| line.starts_with("server")).collect();
    assert_eq!(sent, [r#"server: 4/refused,{"message":"no"}"#]);
}

// Step 3: answers.

#[test]
fn s3_the_one_who_waits_longest_gives_up_last() {
    let _step = step!();
    let start = Instant::now();
    let mut acks = Acks::default();
    assert_eq!(acks.poll_timeout(), None);
    for (id, seconds, asker) in [(5, 3, "c"), (6, 1, "a"), (7, 2, "b")] {
        assert_eq!(acks.insert(AckId(id), start + seconds * SECOND, asker), None);
    }
    assert_eq!(acks.len(), 3);
    assert_eq!(acks.poll_timeout(), Some(start + SECOND), "the earliest deadline");
    assert_eq!(acks.expire(start), None, "before the first deadline");
    let late = start + 2 * SECOND;
    assert_eq!(
        [acks.expire(late), acks.expire(late), acks.expire(late)],
        [Some("a"), Some("b"), None],
        "expire, three times, at the second deadline"
    );
    assert_eq!(acks.poll_timeout(), Some(start + 3 * SECOND), "the last deadline");
    assert_eq!(acks.expire(start + 3 * SECOND), Some("c"), "at its deadline");
    assert!(acks.is_empty(), "all gave up: {acks:?}");
    assert_eq!(acks.poll_timeout(), None);
}

#[test]
fn s3_an_answer_is_taken_once_and_its_deadline_with_it() {
    let _step = step!();
    let start = Instant::now();
    let mut acks = Acks::default();
    for (id, asker) in [(0, "a"), (1, "b"), (2, "c")] {
        assert_eq!(acks.insert(AckId(id), start + SECOND, asker), None);
    }
    assert_eq!(acks.take(AckId(1)), Some("b"));
    assert_eq!(acks.take(AckId(1)), None, "a second answer");
    assert_eq!(acks.take(AckId(9)), None, "an answer that nobody waits for");
    assert_eq!(acks.len(), 2);
    let late = start + SECOND;
    assert_eq!(
        [acks.expire(late), acks.expire(late), acks.expire(late)],
        [Some("a"), Some("c"), None],
        "expire, three times, at the deadline of all"
    );
}

#[test]
fn s3_under_one_id_waits_one() {
    let _step = step!();
    let start = Instant::now();
    let mut acks = Acks::default();
    assert_eq!(acks.insert(AckId(0), start + SECOND, "first"), None);
    assert_eq!(
        acks.insert(AckId(0), start + 2 * SECOND, "second"),
        Some("first"),
        "insert gives back who waited"
    );
    assert_eq!(acks.expire(start + SECOND), None, "the deadline of the first is no more");
    assert_eq!(acks.take(AckId(0)), Some("second"));
    assert_eq!(acks.poll_timeout(), None);

    let mut scene = Scene::joined(&["/"]);
    scene.call("/", 0, 3, "first");
    scene.call("/", 0, 3, "second");
    assert_eq!(scene.last(), "event: first hears no answer: time is over");
    scene.client("30[]");
    assert_eq!(scene.last(), "event: second hears []");
}

#[test]
fn s3_answers_go_both_ways() {
    let _step = step!();
    let mut scene = Scene::joined(&["/", "/admin"]);
    scene.client(r#"2/admin,0["sum",1,2]"#);
    scene.call("/admin", 0, 10, "ann");
    scene.client(r#"3/admin,0["fine"]"#);
    scene.answer("/admin", 3);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_each_answer_is_whose_it_is() {
    let _step = step!();
    let mut scene = Scene::joined(&["/", "/admin"]);
    scene.call("/", 0, 10, "ann");
    scene.call("/admin", 0, 10, "bob");
    scene.call("/admin", 1, 10, "cid");
    for (text, expected) in [
        (r#"3/admin,1["c"]"#, r#"event: cid hears ["c"]"#),
        (r#"30["a"]"#, r#"event: ann hears ["a"]"#),
        (r#"3/admin,0["b"]"#, r#"event: bob hears ["b"]"#),
    ] {
        scene.client(text);
        assert_eq!(scene.last(), expected);
    }
}

#[test]
fn s3_an_answer_that_does_not_come() {
    let _step = step!();
    let mut scene = Scene::joined(&["/"]);
    scene.call("/", 0, 5, "ann");
    scene.call("/", 1, 2, "bob");
    scene.wait(3);
    scene.client(r#"31["too late"]"#);
    scene.client(r#"30["in time"]"#);
    scene.client(r#"30["twice"]"#);
    scene.client(r#"399["to nothing"]"#);
    scene.wait(10);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_what_is_over_leaves_no_deadline() {
    let _step = step!();
    let mut scene = Scene::joined(&["/", "/a"]);
    scene.call("/", 0, 5, "ann");
    scene.call("/a", 1, 2, "bob");
    assert_eq!(scene.timeout_in(), Some(2 * SECOND), "the earliest of all sockets");
    scene.wait(2);
    assert_eq!(scene.last(), "event: bob hears no answer: time is over");
    assert_eq!(scene.timeout_in(), Some(3 * SECOND));
    assert!(scene.session.askers().eq([&"ann"]), "ann waits, and nobody else");
    scene.client("30[]");
    assert_eq!(scene.timeout_in(), None);
    assert!(scene.session.askers().eq([""; 0].iter()), "nobody waits");
}

#[test]
fn s3_who_asks_nobody_hears_it_at_once() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.client("0/pending,");
    scene.call("/pending", 0, 5, "ann");
    let asks = "event: ann asks in /pending, and waits 5 s";
    let hears = "event: ann hears no answer: disconnected";
    assert_eq!(scene.said[scene.said.len() - 2..], [asks, hears]);
    scene.accept("/pending");
    scene.client("3/pending,0[]");
    assert_eq!(scene.last(), "client: 3/pending,0[]", "the answer to a question that was not sent");
}

// Step 4: leaving.

#[test]
fn s4_a_client_leaves_one_namespace_and_stays_in_the_other() {
    let _step = step!();
    let mut scene = Scene::joined(&["/", "/admin"]);
    scene.call("/admin", 0, 10, "ann");
    scene.client("1/admin,");
    scene.client(r#"2["message","still here"]"#);
    scene.client("0/admin,");
    scene.accept("/admin");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_what_a_client_says_before_it_knows_that_it_is_out() {
    let _step = step!();
    let mut scene = Scene::joined(&["/", "/admin"]);
    scene.call("/admin", 7, 10, "ann");
    scene.disconnect("/admin");
    scene.client(r#"2/admin,1["on its way"]"#);
    scene.client(r#"3/admin,7["on its way"]"#);
    scene.client(r#"2["message","still here"]"#);
    scene.client("0/admin,");
    scene.accept("/admin");
    scene.client(r#"2/admin,["back"]"#);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_both_may_leave_at_once() {
    let _step = step!();
    let mut scene = Scene::joined(&["/", "/admin"]);
    scene.disconnect("/admin");
    let said = scene.said.len();
    scene.client("1/admin,");
    assert_eq!(scene.said[said..], ["client: 1/admin,"], "it left already");
}

#[test]
fn s4_what_was_meant_for_the_socket_before_reaches_nobody() {
    let _step = step!();
    for leaves_by_itself in [true, false] {
        let mut scene = Scene::joined(&["/"]);
        scene.client(r#"20["question"]"#);
        scene.call("/", 5, 100, "ann");
        let before = scene.key("/");
        if leaves_by_itself {
            scene.client("1");
        } else {
            scene.disconnect("/");
        }
        for joined_again in [false, true] {
            if joined_again {
                scene.client("0");
                scene.accept("/");
            }
            let said = scene.said.len();
            scene.session.send(before, event("/", None, "a", &Value::Null));
            scene.session.accept(before, &SocketId::from("x"));
            scene.session.refuse(before, &Refusal::from("no"));
            scene.session.disconnect(before);
            scene.session.call(
                before,
                AckId(6),
                event("/", Some(AckId(6)), "a", &Value::Null),
                scene.clock.now(),
                "bob",
            );
            scene.drain();
            let expected = ["event: bob hears no answer: disconnected"];
            assert_eq!(scene.said[said..], expected);
            assert!(!scene.session.is_connected(before), "it has left");
        }
        let said = scene.said.len();
        scene.answer("/", "too late");
        scene.client(r#"35["too late"]"#);
        assert_eq!(scene.said[said..], [r#"client: 35["too late"]"#]);
        assert!(scene.is_connected("/"), "the socket that came after it");
    }
}

#[test]
fn s4_an_answer_goes_out_as_long_as_the_socket_that_was_asked_is_in() {
    let _step = step!();
    let mut scene = Scene::joined(&["/", "/admin"]);
    scene.client(r#"20["question"]"#);
    scene.client(r#"2/admin,0["question"]"#);
    scene.disconnect("/admin");
    let said = scene.said.len();
    scene.answer("/admin", "too late");
    scene.answer("/", "in time");
    assert_eq!(scene.said[said..], [r#"server: 30["in time"]"#]);
}

#[test]
fn s4_who_is_out_makes_room() {
    let _step = step!();
    let mut scene = Scene::of(Config { max_namespaces: 2, ..Config::default() });
    scene.join("/a");
    scene.join("/b");
    scene.client("1/a,");
    scene.join("/c");
    scene.disconnect("/c");
    scene.join("/d");
    scene.client("0/e,");
    assert_eq!(scene.last(), "event: has refused /e: Too many namespaces");
    assert!(scene.is_connected("/b") && scene.is_connected("/d"), "both are in");
    scene.disconnect("/b");
    scene.disconnect("/d");
    scene.join("/e");
    scene.client(r#"2/d,["on its way"]"#);
    assert!(scene.is_connected("/e"), "what was said in /d was no crime: /b was forgotten first");
}

#[test]
fn s4_the_server_closes_the_connection() {
    let _step = step!();
    let mut scene = Scene::joined(&["/", "/admin", "/gone"]);
    scene.disconnect("/gone");
    scene.call("/", 0, 10, "ann");
    scene.client("0/pending,");
    scene.transcript.phase("the server closes");
    scene.session.close();
    scene.drain();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_a_server_that_stops_does_not_send_its_clients_away() {
    let _step = step!();
    let mut scene = Scene::joined(&["/", "/admin"]);
    let said = scene.said.len();
    scene.session.shut_down();
    scene.drain();
    let expected = [
        "event: the socket in / is gone: the server is shutting down",
        "event: the socket in /admin is gone: the server is shutting down",
        "event: closes: the server is shutting down",
    ];
    assert_eq!(scene.said[said..], expected);
}

#[test]
fn s4_the_connection_below_ends() {
    let _step = step!();
    let mut scene = Scene::joined(&["/", "/admin"]);
    scene.call("/admin", 0, 10, "ann");
    scene.call("/admin", 1, 5, "bob");
    scene.client("0/pending,");
    let said = scene.said.len();
    scene.session.handle_close(CloseReason::PingTimeout);
    scene.drain();
    let why = CloseReason::PingTimeout;
    let expected = [
        format!("event: the socket in / is gone: {why}"),
        "event: ann hears no answer: disconnected".to_owned(),
        "event: bob hears no answer: disconnected".to_owned(),
        format!("event: the socket in /admin is gone: {why}"),
    ];
    assert_eq!(scene.said[said..], expected);
    scene.assert_is_over();
}

#[test]
fn s4_after_the_end_nothing_means_anything() {
    let _step = step!();
    let ends: [fn(&mut Session<&'static str>); 4] = [
        Session::close,
        Session::shut_down,
        |session| session.handle_message(Message::from("9")),
        |session| session.handle_close(CloseReason::ByClient),
    ];
    for end in ends {
        let mut scene = Scene::joined(&["/"]);
        scene.client(r#"20["question"]"#);
        scene.client("0/pending,");
        end(&mut scene.session);
        scene.drain();
        scene.assert_is_over();
    }
}

#[test]
fn s4_what_is_no_packet_ends_the_connection() {
    let _step = step!();
    for (messages, expected) in [
        (vec![Message::from("9")], "expected a packet type"),
        (vec![Message::from("2{}")], "expected"),
        (vec![Message::from(r#"2["disconnect"]"#)], "expected"),
        (vec![Message::from(r#"511-["a"]"#)], "expected at most 10 attachments"),
        (vec![Message::from(r#"51-["a"]"#), Message::from(r#"2["b"]"#)], "expected"),
        (vec![Message::Binary(Bytes::from_static(b"x"))], "expected"),
        (vec![Message::from(r#"4{"message":"no"}"#)], "expected a packet of a client"),
    ] {
        let mut scene = Scene::joined(&["/"]);
        for message in &messages {
            scene.hear(message.clone());
        }
        let closes = scene.last().strip_prefix("event: closes: ").expect("the last word");
        assert!(closes.starts_with(expected), "{messages:?}: {closes}");
        scene.assert_is_over();
    }
}

#[test]
fn s4_arguments_that_are_none_end_the_connection_too() {
    let _step = step!();
    let mut scene = Scene::joined(&["/"]);
    let problem = |text: &str| {
        let packet = Json::default().decode(Message::from(text), &mut Reassembly::default());
        let Ok(Some(Packet::Event { args, .. })) = packet else { panic!("{text}") };
        args.decode::<u8>().expect_err("it is no u8")
    };
    scene.session.handle_args_error(problem(r#"2["n","of another type"]"#));
    assert_eq!(scene.session.poll_output(), None, "that is between the applications");
    scene.session.handle_args_error(problem(r#"2["n",x]"#));
    scene.drain();
    assert!(scene.last().starts_with("event: closes: expected"), "{}", scene.last());
    assert_eq!(scene.reasons[0].reference_name(), "forced close");
    scene.assert_is_over();
}

#[test]
fn s4_who_joins_nothing_is_sent_away() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.wait(20);
    scene.client("0/pending,");
    scene.wait(30);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_who_joined_once_may_stay() {
    let _step = step!();
    let mut scene = Scene::joined(&["/"]);
    scene.client("1");
    let said = scene.said.len();
    scene.wait(100);
    assert_eq!(scene.said[said..], [""; 0]);
}

#[test]
fn s4_a_timeout_that_no_clock_holds_is_a_very_long_time() {
    let _step = step!();
    let mut scene = Scene::of(Config { connect_timeout: Duration::MAX, ..Config::default() });
    assert_eq!(scene.timeout_in(), None);
    scene.session.handle_timeout(scene.clock.now() + 1_000_000 * SECOND);
    assert_eq!(scene.session.poll_output(), None);
    scene.session.close();
    scene.drain();
    assert_eq!(scene.last(), "event: closes: the server disconnected the socket");
}

#[test]
fn s4_each_reason_has_the_word_that_javascript_knows() {
    let _step = step!();
    let mut words = Vec::new();
    for end in ["1", "9", "disconnect", "shut down", "died"] {
        let mut scene = Scene::joined(&["/"]);
        match end {
            "disconnect" => scene.session.disconnect(scene.key("/")),
            "shut down" => scene.session.shut_down(),
            "died" => scene.session.handle_close(CloseReason::PingTimeout),
            text => scene.session.handle_message(Message::from(text)),
        }
        scene.drain();
        words.extend(scene.reasons.iter().map(DisconnectReason::reference_name));
    }
    let expected = [
        "client namespace disconnect",
        "forced close",
        "server namespace disconnect",
        "server shutting down",
        "ping timeout",
    ];
    assert_eq!(words, expected);
}

#[test]
fn s4_nothing_that_a_client_says_panics() {
    let _step = step!();
    let pieces = [
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "61-",
        "/x,",
        "/y,",
        "7",
        "[]",
        "[\"a\"]",
        "{}",
        "{\"message\":1}",
        "é",
    ];
    let message = prop_oneof![
        9 => prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..4)
            .prop_map(|pieces| Message::from(pieces.concat())),
        1 => Just(Message::Binary(Bytes::from_static(b"x"))),
    ];
    proptest!(quiet(), |(messages in prop::collection::vec(message, 0..40))| {
        let mut session: Session<()> = session(Config { max_namespaces: 1, ..Config::default() });
        for message in messages {
            session.handle_message(message);
            let mut outputs = 0;
            while let Some(output) = session.poll_output() {
                outputs += 1;
                if let Output::Event(Event::Connecting { key, .. }) = output {
                    session.accept(key, &SocketId::from("x"));
                }
            }
            prop_assert!(outputs <= 3, "to one message {outputs} outputs");
        }
    });
}

// Step 5: what must close.

#[test]
fn s5_who_connects_twice_is_sent_away() {
    let _step = step!();
    let mut scene = Scene::joined(&["/", "/admin"]);
    scene.client("0/admin,");
    let expected = "expected one CONNECT to /admin, came a second";
    insta::assert_snapshot!(scene.transcript);
    assert_eq!(scene.last(), format!("event: closes: {expected}"));
    let mut pending = Scene::joined(&["/"]);
    pending.client("0/admin,");
    pending.client("0/admin,");
    assert_eq!(pending.last(), format!("event: closes: {expected}"));
    assert_eq!(pending.reasons[0].reference_name(), "forced server close");
}

#[test]
fn s5_who_speaks_where_nobody_let_it_in_is_sent_away() {
    let _step = step!();
    for (packet, came) in
        [(r#"2/x,["a"]"#, "an EVENT"), ("3/x,0[]", "an ACK"), ("1/x,", "a DISCONNECT")]
    {
        let unknown: fn(&mut Scene) = |_| {};
        let pending: fn(&mut Scene) = |scene| scene.client("0/x,");
        let refused: fn(&mut Scene) = |scene| {
            scene.client("0/x,");
            scene.refuse("/x", &Refusal::from("no"));
        };
        let left: fn(&mut Scene) = |scene| {
            scene.join("/x");
            scene.client("1/x,");
        };
        let both_left: fn(&mut Scene) = |scene| {
            scene.join("/x");
            scene.disconnect("/x");
            scene.client("1/x,");
        };
        for before in [unknown, pending, refused, left, both_left] {
            let mut scene = Scene::joined(&["/"]);
            before(&mut scene);
            scene.client(packet);
            let expected = format!(
                "event: closes: expected a CONNECT to /x that was answered first, came {came}"
            );
            assert_eq!(scene.last(), expected);
            let reason = scene.reasons.last().expect("it was in /");
            assert_eq!(reason.reference_name(), "forced server close");
            scene.assert_is_over();
        }
    }
}

#[test]
fn s5_of_the_message_that_must_not_be_only_the_name_is_kept() {
    let _step = step!();
    let mut session: Session<()> = session(Config::default());
    let message = Message::from(r#"2/admin,["delete everything"]"#);
    session.handle_message(message.clone());
    let nsp = match session.poll_output() {
        Some(Output::Close(DisconnectReason::Violation(Violation::NotConnected {
            nsp, ..
        }))) => nsp,
        other => panic!("no Close for who was not let in, but {other:?}"),
    };
    assert!(!is_part_of(&nsp, &message), "the reason keeps the whole message alive");
}

#[test]
fn s5_an_event_before_the_answer_to_a_connect() {
    let _step = step!();
    let mut scene = Scene::joined(&["/"]);
    scene.client(r#"0/admin,{"token":"guess"}"#);
    scene.client(r#"2/admin,["delete everything"]"#);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s5_whatever_happens_everybody_hears_what_they_must_and_once() {
    let _step = step!();
    let config = ProptestConfig { cases: 4 * quiet().cases, ..quiet() };
    let acts = prop::collection::vec((act(), any::<bool>(), prop::bool::weighted(0.1)), 0..60);
    proptest!(config, |(acts in acts)| {
        let mut model = Model::new();
        for (act, is_drained, may_end) in acts {
            if may_end || !model.ends_with(&act) {
                model.perform(act);
            }
            if is_drained {
                model.drain();
            }
        }
        model.finish();
    });
}

fn session<T>(config: Config) -> Session<T> {
    Session::new(Arc::new(Json::default()), config, Instant::now())
}

/// Whether the name shares the memory of the message.
fn is_part_of(nsp: &Namespace, message: &Message) -> bool {
    let Message::Text(text) = message else { panic!("expected a text") };
    text.as_bytes().as_ptr_range().contains(&nsp.as_str().as_ptr())
}

/// No file of failures: a failure prints its input.
fn quiet() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}
