//! Lesson 09: one session, on polling, while it moves, and on a WebSocket.

use std::time::{Duration, Instant};

use engineio_packet::{Bytes, EncodedMessage, Frame, Message, Sid, payload};
use proptest::prelude::*;
use transcript::{Transcript, VirtualClock, step};

use super::subject::{
    CloseReason, Config, Event, Heartbeat, Input, Output, Pulse, Rejected, Session,
};

const INTERVAL: Duration = Duration::from_secs(25);
const TIMEOUT: Duration = Duration::from_secs(20);
const SECOND: Duration = Duration::from_secs(1);

// Step 1: the heartbeat.

#[test]
fn s1_the_first_ping_is_due_after_one_interval() {
    let _step = step!();
    let (mut heartbeat, start) = heartbeat();
    assert_eq!(heartbeat.poll_timeout() - start, INTERVAL);
    assert_eq!(heartbeat.handle_timeout(start), None, "no ping at the beginning");
    assert_eq!(heartbeat.handle_timeout(start + INTERVAL), Some(Pulse::Ping));
}

#[test]
fn s1_a_pong_in_time_begins_the_next_interval() {
    let _step = step!();
    let (mut heartbeat, start) = heartbeat();
    assert_eq!(heartbeat.handle_timeout(start + INTERVAL), Some(Pulse::Ping));
    assert!(heartbeat.awaits_pong(), "after a ping the heartbeat still is in PingDue");
    let pong = start + INTERVAL + 3 * SECOND;
    heartbeat.handle_pong(pong);
    assert!(!heartbeat.awaits_pong(), "after a pong the heartbeat still is in PongDue");
    assert_eq!(heartbeat.poll_timeout() - pong, INTERVAL, "from the pong to the next ping");
    assert_eq!(heartbeat.handle_timeout(pong + INTERVAL - SECOND), None);
    assert_eq!(heartbeat.handle_timeout(pong + INTERVAL), Some(Pulse::Ping));
}

#[test]
fn s1_a_pong_that_nobody_asked_for_begins_the_next_interval_too() {
    let _step = step!();
    let (mut heartbeat, start) = heartbeat();
    heartbeat.handle_pong(start + SECOND);
    assert_eq!(heartbeat.poll_timeout() - start, SECOND + INTERVAL);
}

#[test]
fn s1_without_a_pong_the_peer_is_given_up_after_the_timeout() {
    let _step = step!();
    let (mut heartbeat, start) = heartbeat();
    assert_eq!(heartbeat.handle_timeout(start + INTERVAL), Some(Pulse::Ping));
    let deadline = start + INTERVAL + TIMEOUT;
    assert_eq!(heartbeat.poll_timeout() - start, INTERVAL + TIMEOUT);
    assert_eq!(heartbeat.handle_timeout(deadline - SECOND), None);
    assert_eq!(heartbeat.handle_timeout(deadline), Some(Pulse::Dead));
}

#[test]
fn s1_the_timeout_counts_from_the_ping_however_late_it_was() {
    let _step = step!();
    let (mut heartbeat, start) = heartbeat();
    let late = start + INTERVAL + 7 * SECOND;
    assert_eq!(heartbeat.handle_timeout(late), Some(Pulse::Ping));
    assert_eq!(heartbeat.poll_timeout() - late, TIMEOUT, "from the ping to the deadline");
}

#[test]
fn s1_another_packet_gives_the_peer_more_time_once() {
    let _step = step!();
    let (mut heartbeat, start) = heartbeat();
    heartbeat.handle_packet(start + SECOND);
    assert_eq!(heartbeat.poll_timeout() - start, INTERVAL, "no pong is due yet");
    let ping = start + INTERVAL;
    assert_eq!(heartbeat.handle_timeout(ping), Some(Pulse::Ping));
    heartbeat.handle_packet(ping + 15 * SECOND);
    let extended = 15 * SECOND + TIMEOUT;
    assert_eq!(heartbeat.poll_timeout() - ping, extended, "one timeout from the packet");
    heartbeat.handle_packet(ping + 30 * SECOND);
    assert_eq!(heartbeat.poll_timeout() - ping, extended, "not a second time");
    heartbeat.handle_pong(ping + 31 * SECOND);
    assert_eq!(heartbeat.handle_timeout(ping + 31 * SECOND + INTERVAL), Some(Pulse::Ping));
    heartbeat.handle_packet(ping + 60 * SECOND);
    assert_eq!(heartbeat.poll_timeout() - ping, 60 * SECOND + TIMEOUT, "once for each ping");
}

#[test]
fn s1_a_time_that_no_clock_holds_is_a_very_long_time() {
    let _step = step!();
    let start = Instant::now();
    let mut heartbeat = Heartbeat::start(Duration::MAX, Duration::MAX, start);
    heartbeat.handle_pong(start);
    assert_eq!(heartbeat.handle_timeout(start + Duration::from_secs(1 << 30)), None);
}

// Step 2: a GET waits, and takes all that waits.

#[test]
fn s2_the_get_that_opens_a_session_is_answered_with_the_handshake() {
    let _step = step!();
    let scene = Scene::on_polling();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s2_a_get_waits_for_a_message() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.get();
    scene.wait(3);
    scene.send("hello");
    scene.get();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s2_what_was_sent_meanwhile_goes_with_one_get_in_order() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.send("first");
    scene.send(Bytes::from_static(&[1, 2, 3]));
    scene.send("third");
    let waits = "4first".len() + 3 + "4third".len();
    assert_eq!(scene.session.buffered(), waits, "bytes buffered after three messages");
    scene.get();
    assert_eq!(scene.session.buffered(), 0, "bytes buffered after the GET took them");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s2_messages_that_are_sent_together_share_the_get_that_waits() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.get();
    assert!(scene.session.is_writable(), "is_writable() is false, though a GET waits");
    for text in ["one", "two", "three"] {
        scene.hand_in(Input::Send(Message::from(text).into())).expect("it is open");
    }
    assert!(!scene.session.is_writable(), "is_writable() is true, though messages wait already");
    scene.drain();
    assert!(!scene.session.is_writable(), "is_writable() is true, though no GET waits");
    assert_eq!(scene.last(), "server: 200 4one␞4two␞4three");
}

#[test]
fn s2_a_ping_takes_the_get_that_waits() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.get();
    scene.wait(25);
    assert_eq!(scene.last(), "server: 200 2");
}

#[test]
fn s2_a_ping_waits_for_a_get_like_any_packet() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.wait(25);
    scene.send("after the ping");
    scene.get();
    assert_eq!(scene.last(), "server: 200 2␞4after the ping");
}

// Step 3: a POST brings packets.

#[test]
fn s3_a_post_brings_messages() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.post("4hello");
    scene.post("4one\u{1e}bAQID\u{1e}4");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_a_websocket_carries_the_same_packets() {
    let _step = step!();
    let mut scene = Scene::on_websocket();
    scene.websocket("4hello");
    scene.hand_in(Input::Frame(Frame::Binary(Bytes::from_static(&[1, 2])))).expect("it is open");
    scene.drain();
    scene.send("hello to you");
    assert!(scene.session.is_writable(), "is_writable() is false on a WebSocket");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_ping_and_pong_go_on_for_as_long_as_both_are_there() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    for _ in 0..3 {
        scene.get();
        scene.wait(25);
        scene.wait(1);
        scene.post("3");
    }
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_a_message_is_no_pong_but_gives_time_once() {
    let _step = step!();
    let mut scene = Scene::on_websocket();
    scene.wait(25);
    assert_eq!(scene.last(), "server: ws 2");
    scene.wait(19);
    scene.websocket("4busy");
    assert_eq!(scene.timeout_in(), TIMEOUT);
    scene.wait(15);
    scene.websocket("4busy");
    assert_eq!(scene.timeout_in(), 5 * SECOND);
    scene.websocket("3");
    assert_eq!(scene.timeout_in(), INTERVAL);
}

#[test]
fn s3_packets_that_mean_nothing_here_are_ignored() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.post("6\u{1e}5\u{1e}4still here");
    assert_eq!(scene.events, ["hears still here"]);
}

#[test]
fn s3_any_packet_gives_a_client_time() {
    let _step = step!();
    for packet in ["4busy", "5", "6"] {
        let mut scene = Scene::on_polling();
        scene.wait(25);
        scene.wait(19);
        scene.post(packet);
        assert_eq!(scene.timeout_in(), TIMEOUT, "after {packet}");
    }
}

#[test]
fn s3_a_post_that_is_refused_harms_nothing() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.hand_in(Input::PostBegan).expect("the first");
    scene.hand_in(Input::PostRefused).expect("it is under way");
    scene.post("4a shorter one");
    assert_eq!(scene.events, ["hears a shorter one"]);
}

#[test]
fn s3_a_body_is_read_no_further_than_a_close() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.post("4heard\u{1e}1\u{1e}4too late");
    assert_eq!(scene.events, ["hears heard", "closed: closed by the client"]);
    assert!(scene.said.contains(&"server: 200 ok".to_owned()), "it is no error");
}

#[test]
fn s3_a_body_is_read_no_further_than_its_first_error() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.post("4heard\u{1e}abc\u{1e}4too late");
    assert_eq!(scene.events[0], "hears heard");
    assert_eq!(scene.events.len(), 2, "events: {:?}", scene.events);
    assert!(scene.last().starts_with("server: 400"), "{}", scene.last());
}

#[test]
fn s3_packets_that_a_client_must_not_send_end_the_session() {
    let _step = step!();
    let open = r#"0{"sid":"x","upgrades":[],"pingInterval":1,"pingTimeout":1,"maxPayload":1}"#;
    for (packet, name) in [("2", "ping"), ("2probe", "ping"), (open, "open")] {
        let by_post = (Scene::on_polling(), Input::Post(packet.into()));
        let by_frame = (Scene::on_websocket(), Input::Frame(Frame::Text(packet.into())));
        for (mut scene, input) in [by_post, by_frame] {
            let came = scene.hand_in(input);
            let Err(Rejected::Fatal(reason)) = came else { panic!("{packet} was taken: {came:?}") };
            assert_eq!(
                reason.to_string(),
                format!("expected a pong, a message or a close, came a {name} packet")
            );
            assert_eq!(reason.reference_name(), "transport error");
        }
    }
}

#[test]
fn s3_after_the_end_nothing_is_taken() {
    let _step = step!();
    let mut scene = Scene::on_websocket();
    scene.websocket("1");
    let now = scene.clock.now();
    let inputs = [
        Input::Get,
        Input::GetCancelled,
        Input::PostBegan,
        Input::Post("4".into()),
        Input::PostCancelled,
        Input::WebSocketOpened,
        Input::Frame(Frame::Text("4".into())),
        Input::WebSocketClosed,
        Input::Send(Message::from("x").into()),
        Input::Close,
    ];
    for input in inputs {
        assert_eq!(
            scene.session.handle_input(input.clone(), now),
            Err(Rejected::Closed),
            "{input:?}"
        );
    }
    scene.session.handle_timeout(now + 100 * INTERVAL);
    assert_eq!(scene.session.poll_output(), None);
    assert_eq!(scene.session.poll_timeout(), None);
    assert!(!scene.session.is_writable(), "is_writable() is true at the end");
}

// Step 4: the upgrade.

#[test]
fn s4_an_upgrade_with_a_get_in_flight() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.get();
    scene.open_websocket();
    scene.websocket("2probe");
    scene.send("sent meanwhile");
    scene.websocket("5");
    scene.websocket("4hello");
    scene.send("hello to you");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_while_a_websocket_is_tried_polling_goes_on() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.get();
    scene.open_websocket();
    assert!(scene.session.is_writable(), "is_writable() is false, though a GET waits");
    scene.send("by GET, before the probe");
    scene.get();
    scene.websocket("2probe");
    scene.get();
    scene.send("by GET, before the upgrade");
    scene.get();
    scene.post("4by POST");
    scene.websocket("5");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_what_waits_for_a_get_goes_over_the_websocket_in_order() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.send("first");
    scene.open_websocket();
    scene.send("second");
    scene.websocket("2probe");
    scene.send("third");
    let waits = "4first4second4third".len();
    assert_eq!(scene.session.buffered(), waits, "bytes buffered before the upgrade");
    scene.websocket("5");
    scene.send("fourth");
    assert_eq!(scene.session.buffered(), 0, "bytes buffered after the upgrade");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_a_get_that_came_with_the_upgrade_is_let_go() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.open_websocket();
    scene.websocket("2probe");
    scene.hand_in(Input::Get).expect("polling goes on");
    scene.hand_in(Input::Frame(Frame::Text("5".into()))).expect("the probe was answered");
    scene.drain();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_after_the_upgrade_no_request_is_taken_and_nothing_is_harmed() {
    let _step = step!();
    let mut scene = Scene::upgraded();
    assert_eq!(scene.hand_in(Input::Get), Err(Rejected::OnWebSocket));
    assert_eq!(scene.hand_in(Input::GetCancelled), Err(Rejected::OnWebSocket));
    assert_eq!(scene.hand_in(Input::PostBegan), Err(Rejected::OnWebSocket));
    assert_eq!(scene.hand_in(Input::Post("4late".into())), Err(Rejected::OnWebSocket));
    assert_eq!(scene.hand_in(Input::PostCancelled), Err(Rejected::OnWebSocket));
    assert_eq!(scene.hand_in(Input::WebSocketOpened), Err(Rejected::SecondWebSocket));
    scene.websocket("4still here");
    assert_eq!(scene.events, ["upgraded", "hears still here"]);
}

#[test]
fn s4_after_the_upgrade_the_heartbeat_begins_anew() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.wait(25);
    scene.open_websocket();
    scene.websocket("2probe");
    scene.wait(3);
    scene.websocket("5");
    assert_eq!(scene.last(), "server: ws 2");
    assert_eq!(scene.timeout_in(), INTERVAL, "the pong may have gone with the old transport");
}

#[test]
fn s4_a_server_may_refuse_to_move() {
    let _step = step!();
    let mut scene = Scene::of(Config { allow_upgrades: false, ..Config::default() });
    assert_eq!(scene.hand_in(Input::WebSocketOpened), Err(Rejected::UpgradesNotAllowed));
    scene.get();
    scene.send("still polling");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_a_probe_that_fails_leaves_polling_alive() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.transcript.phase("the first packet is no probe");
    scene.open_websocket();
    scene.websocket("4hello");
    scene.transcript.phase("a message before the upgrade");
    scene.open_websocket();
    scene.websocket("2probe");
    scene.websocket("4hello");
    scene.transcript.phase("an upgrade before the probe");
    scene.open_websocket();
    scene.websocket("5");
    scene.transcript.phase("no packet at all");
    scene.open_websocket();
    scene.websocket("abc");
    scene.transcript.phase("it closes");
    scene.open_websocket();
    scene.websocket("2probe");
    scene.close_websocket();
    scene.transcript.phase("all the while");
    scene.send("still here");
    scene.get();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_while_a_websocket_is_tried_it_takes_a_probe_and_then_an_upgrade_alone() {
    let _step = step!();
    let wrong: [&[&str]; 9] = [
        &["2"],
        &["2other"],
        &["3probe"],
        &["1"],
        &["5"],
        &["2probe", "2probe"],
        &["2probe", "1"],
        &["2probe", "6"],
        &["2probe", "3"],
    ];
    for packets in wrong {
        let mut scene = Scene::on_polling();
        scene.open_websocket();
        packets.iter().for_each(|packet| scene.websocket(packet));
        assert_eq!(scene.last(), "server: ws closes", "after {packets:?}");
        scene.post("4still here");
        assert_eq!(scene.events, ["hears still here"], "after {packets:?}");
    }
}

#[test]
fn s4_a_probe_that_was_left_half_open_is_reclaimed() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.open_websocket();
    scene.wait(4);
    scene.websocket("2probe");
    assert_eq!(scene.hand_in(Input::WebSocketOpened), Err(Rejected::SecondWebSocket));
    assert_eq!(scene.timeout_in(), 6 * SECOND, "one upgrade_timeout for the whole trial");
    scene.wait(6);
    scene.websocket("5");
    scene.open_websocket();
    scene.websocket("2probe");
    scene.websocket("5");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_a_busy_server_does_not_make_an_upgrade_late() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.open_websocket();
    scene.websocket("2probe");
    scene.clock.advance(15 * SECOND);
    scene.websocket("5");
    scene.send("on the WebSocket");
    assert_eq!(scene.last(), "server: ws 4on the WebSocket");
}

#[test]
fn s4_a_probe_that_a_busy_server_could_only_answer_late_is_given_up() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.open_websocket();
    scene.clock.advance(10 * SECOND);
    scene.websocket("2probe");
    assert_eq!(scene.last(), "server: ws closes");
}

// Step 5: what fails, and how it ends.

#[test]
fn s5_a_second_get_ends_the_session() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.get();
    scene.get();
    scene.get();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s5_a_second_post_ends_the_session() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.get();
    scene.hand_in(Input::PostBegan).expect("the first");
    let second = scene.hand_in(Input::PostBegan);
    assert_eq!(second, Err(Rejected::Fatal(CloseReason::ConcurrentPost)));
    scene.drain();
    assert_eq!(scene.said[scene.said.len() - 2], "server: 200 1");
}

#[test]
fn s5_requests_go_on_through_a_trial_that_fails() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.get();
    scene.hand_in(Input::PostBegan).expect("a GET is no POST");
    scene.open_websocket();
    scene.close_websocket();
    scene.send("to the GET that waits");
    assert_eq!(scene.last(), "server: 200 4to the GET that waits");
    scene.hand_in(Input::Get).expect("a POST is no GET");
    let second = scene.hand_in(Input::PostBegan);
    assert_eq!(second, Err(Rejected::Fatal(CloseReason::ConcurrentPost)));
}

#[test]
fn s5_a_post_goes_on_through_a_trial_that_fails_and_a_close() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.hand_in(Input::PostBegan).expect("the first");
    scene.open_websocket();
    scene.websocket("2probe");
    scene.close();
    scene.close_websocket();
    let second = scene.hand_in(Input::PostBegan);
    assert_eq!(second, Err(Rejected::Fatal(CloseReason::ConcurrentPost)));
}

#[test]
fn s5_a_get_takes_what_was_sent_whatever_ends_the_session() {
    let _step = step!();
    let died = Input::Fail(CloseReason::PingTimeout);
    for (end, last) in [(Input::Post("1".into()), "6"), (Input::Get, "1"), (died, "1")] {
        let mut scene = Scene::on_polling();
        scene.get();
        scene.hand_in(Input::Send(Message::from("last words").into())).expect("it is open");
        let _ = scene.hand_in(end);
        scene.drain();
        let answer = format!("server: 200 4last words␞{last}");
        assert_eq!(scene.said[scene.said.len() - 2], answer);
    }
}

#[test]
fn s5_a_client_that_leaves_its_request_ends_the_session() {
    let _step = step!();
    for cancelled in [Input::GetCancelled, Input::PostCancelled] {
        let mut scene = Scene::on_polling();
        scene.get();
        scene.hand_in(Input::PostBegan).expect("the first");
        let came = scene.hand_in(cancelled.clone());
        assert_eq!(came, Err(Rejected::Fatal(CloseReason::RequestCancelled)));
        scene.drain();
        let has_answer = scene.said.contains(&"server: 200 1".to_owned());
        assert_eq!(has_answer, matches!(cancelled, Input::PostCancelled), "nobody hears it");
        assert_eq!(scene.hand_in(Input::Get), Err(Rejected::Closed));
    }
}

#[test]
fn s5_whoever_drives_a_session_may_end_it() {
    let _step = step!();
    let mut scene = Scene::on_websocket();
    scene.hand_in(Input::Fail(CloseReason::TooLong { limit: 10 })).expect("it is open");
    scene.drain();
    assert_eq!(scene.said[scene.said.len() - 2], "server: ws closes");
    assert_eq!(
        scene.last(),
        "event: closed: expected a message of at most 10 bytes (max_payload), came a longer one"
    );
}

#[test]
fn s5_a_websocket_is_closed_with_its_session() {
    let _step = step!();
    let mut scene = Scene::on_websocket();
    scene.websocket("no packet");
    assert_eq!(scene.said[scene.said.len() - 2], "server: ws closes");

    let mut scene = Scene::on_polling();
    scene.get();
    scene.open_websocket();
    scene.hand_in(Input::GetCancelled).expect_err("the session ends");
    scene.drain();
    assert_eq!(scene.said[scene.said.len() - 2], "server: ws closes");
}

#[test]
fn s5_what_came_before_a_malformed_packet_counts() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.get();
    scene.post("4hello\u{1e}abc\u{1e}4never heard");
    scene.post("4nor this");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s5_the_client_closes() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.transcript.phase("on polling");
    scene.get();
    scene.post("4last words\u{1e}1\u{1e}4too late");
    let mut scene = scene.then("on a WebSocket", Scene::on_websocket);
    scene.websocket("1");
    let mut scene = scene.then("a WebSocket that just ends", Scene::on_websocket);
    scene.close_websocket();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s5_the_server_closes_a_session_whose_get_waits() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.get();
    scene.hand_in(Input::Send(Message::from("last words").into())).expect("it is open");
    scene.close();
    scene.get();
    scene.get();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s5_the_server_closes_a_session_and_the_next_get_takes_the_rest() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.send("last words");
    scene.close();
    scene.close();
    let late = scene.hand_in(Input::Send(Message::from("too late").into()));
    assert_eq!(late, Err(Rejected::Closed));
    scene.post("4unheard");
    scene.wait(29);
    assert!(!scene.session.is_writable(), "is_writable() is true, though the session is closing");
    assert_eq!(scene.hand_in(Input::WebSocketOpened), Err(Rejected::Closed));
    scene.get();
    assert_eq!(scene.timeout_in(), SECOND, "what was fetched gives no more time");
    scene.get();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s5_a_close_waits_for_a_get_no_longer_than_its_timeout() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.send("never fetched");
    scene.close();
    assert_eq!(scene.timeout_in(), 30 * SECOND, "and no ping is sent any more");
    scene.wait(10);
    scene.close();
    assert_eq!(scene.timeout_in(), 20 * SECOND, "a second close is nothing");
    scene.wait(20);
    assert_eq!(scene.events, ["closed: closed by the server"]);
    assert_eq!(scene.session.buffered(), 0, "bytes buffered at the end");
    assert_eq!(scene.session.poll_timeout(), None);
    let kept = format!("{:?}", scene.session);
    assert!(!kept.contains("never fetched"), "the outbox is kept: {kept}");
}

#[test]
fn s5_the_client_may_close_while_we_do() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.close();
    scene.post("1");
    assert_eq!(scene.events, ["closed: closed by the client"]);
}

#[test]
fn s5_the_server_closes_while_a_websocket_is_tried() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.transcript.phase("before the probe: the GET takes it");
    scene.open_websocket();
    scene.close();
    scene.get();
    let mut scene = scene.then("before the probe, with a GET", Scene::on_polling);
    scene.get();
    scene.open_websocket();
    scene.close();
    let mut scene = scene.then("after the probe: the WebSocket takes it", Scene::on_polling);
    scene.open_websocket();
    scene.websocket("2probe");
    scene.send("last words");
    scene.close();
    scene.hand_in(Input::Close).expect("a second close is nothing");
    let late = scene.hand_in(Input::Send(Message::from("too late").into()));
    assert_eq!(late, Err(Rejected::Closed));
    scene.post("4unheard");
    scene.websocket("5");
    let mut scene = scene.then("after the probe, and the WebSocket fails", Scene::on_polling);
    scene.open_websocket();
    scene.websocket("2probe");
    scene.send("last words");
    scene.close();
    scene.close_websocket();
    scene.get();
    scene.get();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s5_the_server_closes_on_a_websocket_after_what_was_sent() {
    let _step = step!();
    let mut scene = Scene::upgraded();
    scene.hand_in(Input::Send(Message::from("last words").into())).expect("it is open");
    scene.close();
    assert_eq!(
        scene.said[scene.said.len() - 4..],
        [
            "event: closes the session",
            "server: ws 4last words",
            "server: ws closes",
            "event: closed: closed by the server"
        ]
    );
}

#[test]
fn s5_seventy_seconds_with_a_peer_that_dies() {
    let _step = step!();
    let mut scene = Scene::upgraded();
    scene.wait(25);
    scene.websocket("3");
    scene.wait(25);
    scene.wait(20);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s5_a_dead_peer_is_noticed_wherever_it_was() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    scene.wait(45);
    assert_eq!(scene.last(), DEAD);

    let mut scene = Scene::on_polling();
    scene.get();
    scene.wait(25);
    scene.get();
    scene.wait(20);
    assert_eq!(scene.said[scene.said.len() - 2..], ["server: 200 1", DEAD]);

    let mut scene = Scene::on_websocket();
    scene.wait(45);
    assert_eq!(scene.said[scene.said.len() - 3..], ["server: ws 2", "server: ws closes", DEAD]);
}

#[test]
fn s5_a_dead_peer_is_noticed_while_a_websocket_is_tried() {
    let _step = step!();
    let config = Config { upgrade_timeout: Duration::from_secs(3600), ..Config::default() };
    let mut scene = Scene::of(config);
    scene.open_websocket();
    scene.websocket("2probe");
    scene.wait(45);
    assert_eq!(scene.said[scene.said.len() - 2..], ["server: ws closes", DEAD]);
}

#[test]
fn s5_a_session_says_what_its_next_timeout_is_for() {
    let _step = step!();
    let mut scene = Scene::on_polling();
    let ping_or_pong = |scene: &Scene| (scene.session.pings_next(), scene.session.awaits_pong());
    scene.wait(24);
    scene.open_websocket();
    assert_eq!(ping_or_pong(&scene), (true, false), "the ping is due before the upgrade");
    scene.wait(1);
    assert_eq!(ping_or_pong(&scene), (false, false), "the upgrade is due before the pong");
    scene.wait(9);
    assert_eq!(ping_or_pong(&scene), (false, true), "the upgrade is given up");
    scene.close();
    assert_eq!(ping_or_pong(&scene), (false, false), "a session that closes waits for a GET");
}

const DEAD: &str = "event: closed: expected an answer to a ping within ping_timeout, came none";

#[test]
fn s5_whatever_happens_no_message_is_lost_doubled_or_reordered() {
    let _step = step!();
    let acts = prop::collection::vec((act(), any::<bool>()), 0..40);
    proptest!(quiet(), |(begins_on_websocket: bool, acts in acts)| {
        let mut model = Model::new(begins_on_websocket);
        for (act, more_at_once) in acts {
            model.perform(act);
            if !more_at_once {
                model.drain();
            }
        }
        model.let_the_client_fetch_the_rest();
    });
}

/// What may happen to a session. `Said` is the number of messages.
#[derive(Clone, Debug)]
enum Act {
    Input(Input),
    Said { by_post: bool, messages: usize },
    Sends,
    Waits(Duration),
}

fn act() -> impl Strategy<Value = Act> {
    let text = |text: &'static str| Input::Frame(Frame::Text(text.into()));
    let input = prop_oneof![
        4 => Just(Input::Get),
        3 => Just(Input::WebSocketOpened),
        3 => Just(text("2probe")),
        3 => Just(text("5")),
        2 => Just(text("3")),
        2 => Just(Input::Post("3".into())),
        1 => Just(Input::PostBegan),
        1 => Just(Input::WebSocketClosed),
        1 => prop::sample::select(vec![
            Input::Close,
            Input::GetCancelled,
            Input::PostCancelled,
            Input::Post("1".into()),
            Input::Post("2".into()),
            text("1"),
            text("?"),
        ]),
    ];
    prop_oneof![
        12 => input.prop_map(Act::Input),
        4 => (any::<bool>(), 1..4_usize).prop_map(|(by_post, messages)| Act::Said { by_post, messages }),
        6 => Just(Act::Sends),
        2 => (0..30_u64).prop_map(|seconds| Act::Waits(Duration::from_secs(seconds))),
    ]
}

/// What must be true of a session, whatever happens to it.
struct Model {
    session: Session,
    now: Instant,
    get_waits: bool,
    on_websocket: bool,
    /// The application closed the session: what the client says is heard no more.
    closing: bool,
    ended: bool,
    sent: Vec<String>,
    delivered: Vec<String>,
    said: Vec<String>,
    heard: Vec<String>,
}

impl Model {
    fn new(on_websocket: bool) -> Self {
        let now = Instant::now();
        let open = if on_websocket { Session::open_websocket } else { Session::open_polling };
        let mut model = Self {
            session: open(Sid::from("A"), Config::default(), now),
            now,
            get_waits: !on_websocket,
            on_websocket,
            closing: false,
            ended: false,
            sent: vec![],
            delivered: vec![],
            said: vec![],
            heard: vec![],
        };
        model.drain();
        model
    }

    fn perform(&mut self, act: Act) {
        match act {
            Act::Input(input) => {
                let is_get = matches!(input, Input::Get);
                self.closing |= matches!(input, Input::Close);
                if self.session.handle_input(input, self.now).is_ok() {
                    self.get_waits |= is_get;
                }
            }
            Act::Said { by_post, messages } => self.say(by_post, messages),
            Act::Sends => {
                let text = format!("4{}", self.sent.len());
                let message = EncodedMessage::from_encoded_text(text.clone().into());
                let input = Input::Send(message.expect("it begins with 4"));
                if self.session.handle_input(input, self.now).is_ok() {
                    assert!(!self.closing && !self.ended);
                    self.sent.push(text);
                }
            }
            Act::Waits(time) => {
                self.now += time;
                self.session.handle_timeout(self.now);
                assert!(self.session.poll_timeout().is_none_or(|next| next > self.now));
            }
        }
    }

    /// The client sends messages where the session takes them.
    fn say(&mut self, by_post: bool, messages: usize) {
        self.drain();
        if self.ended || by_post == self.on_websocket {
            return;
        }
        let first = self.said.len();
        let texts: Vec<String> = (first..first + messages).map(|n| format!("4{n}")).collect();
        if by_post {
            let body = texts.join("\u{1e}").into();
            self.session.handle_input(Input::Post(body), self.now).expect("it polls");
        } else {
            for text in &texts {
                let frame = Input::Frame(Frame::Text(text.as_str().into()));
                self.session.handle_input(frame, self.now).expect("it is on a WebSocket");
            }
        }
        if !self.closing {
            self.said.extend(texts);
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            assert!(!self.ended, "after the end came {output:?}");
            match output {
                Output::AnswerGet(frames) => {
                    assert!(self.get_waits, "no GET waits");
                    self.get_waits = false;
                    frames.into_iter().for_each(|frame| self.deliver(frame));
                }
                Output::WebSocket(frame) => self.deliver(frame),
                Output::CloseWebSocket => {}
                Output::Event(Event::Message(Message::Text(text))) => {
                    self.heard.push(format!("4{text}"));
                }
                Output::Event(Event::Message(Message::Binary(_))) => panic!("nobody said this"),
                Output::Event(Event::Upgraded) => self.on_websocket = true,
                Output::Event(Event::Closed(_)) => self.ended = true,
            }
        }
        assert_eq!(self.heard, self.said);
        assert_eq!(self.delivered, self.sent[..self.delivered.len()]);
        assert_eq!(self.ended, self.session.poll_timeout().is_none());
        assert!(!(self.get_waits && self.session.buffered() > 0), "a GET waits for nothing");
    }

    fn deliver(&mut self, frame: Frame) {
        match frame {
            Frame::Text(text) if text.starts_with('4') => self.delivered.push(text.to_string()),
            Frame::Text(_) => {}
            Frame::Binary(_) => panic!("nobody sent this"),
        }
    }

    fn let_the_client_fetch_the_rest(&mut self) {
        self.drain();
        let had_ended = self.ended;
        if !self.on_websocket && !self.get_waits {
            self.perform(Act::Input(Input::Get));
            self.drain();
        }
        if !had_ended {
            assert_eq!(self.delivered, self.sent);
        }
    }
}

// A session, its client, and what they say.

struct Scene {
    clock: VirtualClock,
    transcript: Transcript,
    session: Session,
    /// The lines of the transcript, without times.
    said: Vec<String>,
    events: Vec<String>,
}

impl Scene {
    fn on_polling() -> Self {
        Self::of(Config::default())
    }

    fn of(config: Config) -> Self {
        let mut scene = Self::before("GET", Session::open_polling, config);
        scene.drain();
        scene
    }

    fn on_websocket() -> Self {
        let mut scene =
            Self::before("opens a WebSocket", Session::open_websocket, Config::default());
        scene.drain();
        scene
    }

    fn upgraded() -> Self {
        let mut scene = Self::on_polling();
        scene.open_websocket();
        scene.websocket("2probe");
        scene.websocket("5");
        scene
    }

    fn before(request: &str, open: fn(Sid, Config, Instant) -> Session, config: Config) -> Self {
        let clock = VirtualClock::new();
        let transcript = Transcript::timed_by(&clock, &["client", "server"]);
        transcript.message("client", "server", request);
        let session = open(Sid::from("A"), config, clock.now());
        Self { clock, transcript, session, said: Vec::new(), events: Vec::new() }
    }

    /// Another session, in the same transcript.
    fn then(self, phase: &str, next: fn() -> Self) -> Self {
        let next = next();
        self.transcript.phase(phase);
        let Self { session, events, .. } = next;
        Self { session, events, said: Vec::new(), clock: self.clock, transcript: self.transcript }
    }

    fn hand_in(&mut self, input: Input) -> Result<(), Rejected> {
        self.session.handle_input(input, self.clock.now())
    }

    fn get(&mut self) {
        self.client("GET");
        let came = self.hand_in(Input::Get);
        self.finish(came);
    }

    fn post(&mut self, body: &str) {
        self.client(&format!("POST {}", visible(body)));
        let came =
            self.hand_in(Input::PostBegan).and_then(|()| self.hand_in(Input::Post(body.into())));
        if came.is_ok() {
            self.server("200 ok");
        }
        self.finish(came);
    }

    fn open_websocket(&mut self) {
        self.client("opens a WebSocket");
        let came = self.hand_in(Input::WebSocketOpened);
        self.finish(came);
    }

    fn websocket(&mut self, text: &str) {
        self.client(&format!("ws {text}"));
        let came = self.hand_in(Input::Frame(Frame::Text(text.into())));
        self.drain();
        if let Err(Rejected::Closed) = came {
            panic!("the session was closed before");
        }
    }

    fn close_websocket(&mut self) {
        self.client("ws closes");
        let came = self.hand_in(Input::WebSocketClosed);
        self.finish(came);
    }

    fn send(&mut self, message: impl Into<Message>) {
        let message = message.into();
        self.transcript
            .event("server", shown(&Event::Message(message.clone())).replace("hears", "sends"));
        self.hand_in(Input::Send(message.into())).expect("the session is open");
        self.drain();
    }

    fn close(&mut self) {
        self.event("closes the session");
        self.hand_in(Input::Close).expect("the session is open");
        self.drain();
    }

    /// Lets time pass, and the session do what falls due on the way.
    fn wait(&mut self, seconds: u32) {
        let until = self.clock.now() + seconds * SECOND;
        while let Some(due) = self.session.poll_timeout().filter(|due| *due <= until) {
            self.clock.advance(due - self.clock.now());
            self.session.handle_timeout(due);
            self.drain();
            let next = self.session.poll_timeout();
            assert!(next != Some(due), "after handle_timeout the same deadline is due again");
        }
        self.clock.advance(until - self.clock.now());
    }

    fn timeout_in(&self) -> Duration {
        self.session.poll_timeout().expect("the session is open") - self.clock.now()
    }

    fn finish(&mut self, came: Result<(), Rejected>) {
        self.drain();
        if let Err(rejected) = came {
            self.server(&format!("400 {rejected}"));
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::AnswerGet(frames) => {
                    self.server(&format!("200 {}", visible(&payload::encode(&frames))));
                }
                Output::WebSocket(Frame::Text(text)) => self.server(&format!("ws {text}")),
                Output::WebSocket(Frame::Binary(bytes)) => {
                    self.server(&format!("ws {:02x?}", &bytes[..]));
                }
                Output::CloseWebSocket => self.server("ws closes"),
                Output::Event(event) => {
                    let event = shown(&event);
                    self.event(&event);
                    self.events.push(event);
                }
            }
        }
    }

    fn client(&mut self, said: &str) {
        self.transcript.message("client", "server", said);
        self.said.push(format!("client: {said}"));
    }

    fn server(&mut self, said: &str) {
        self.transcript.message("server", "client", said);
        self.said.push(format!("server: {said}"));
    }

    fn event(&mut self, what: &str) {
        self.transcript.event("server", what);
        self.said.push(format!("event: {what}"));
    }

    fn last(&self) -> &str {
        self.said.last().expect("something was said")
    }
}

fn shown(event: &Event) -> String {
    match event {
        Event::Message(Message::Text(text)) => format!("hears {text}"),
        Event::Message(Message::Binary(bytes)) => format!("hears {:02x?}", &bytes[..]),
        Event::Upgraded => "upgraded".to_owned(),
        Event::Closed(reason) => format!("closed: {reason}"),
    }
}

/// The separator of a payload, so that it can be seen.
fn visible(payload: &str) -> String {
    payload.replace(payload::SEPARATOR, "␞")
}

/// No file of failures: a failure prints its input.
fn quiet() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

fn heartbeat() -> (Heartbeat, Instant) {
    let start = Instant::now();
    (Heartbeat::start(INTERVAL, TIMEOUT, start), start)
}
