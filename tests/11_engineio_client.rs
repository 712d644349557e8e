//! Lesson 11: the client's end of a session, and the ways to a server.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use engineio_packet::{Bytes, EncodedMessage, Frame, Message, payload};
use engineio_server::Server;
use engineio_session as server;
use futures_util::{SinkExt, StreamExt};
use proptest::prelude::*;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use transcript::{Transcript, VirtualClock, step, within};

use self::host::{Guest, Host};
use self::network::{Answers, Proxy, Rule, answer};
use super::subject::{
    Builder, Client, CloseReason, Config, ConnectError, Connection, Event, Input, OpenError,
    Output, SendError, Session, Transport, TransportError, Transports, take_batch,
};

#[path = "11_engineio_client/host.rs"]
mod host;
#[path = "11_engineio_client/network.rs"]
mod network;

const OPEN: &str = r#"0{"sid":"A","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#;
const OPEN_POLLING_ONLY: &str =
    r#"0{"sid":"A","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#;
const SECOND: Duration = Duration::from_secs(1);

// Step 1: the handshake.

#[test]
fn s1_a_session_begins_with_a_poll_and_tries_a_websocket() {
    let _step = step!();
    let scene = Scene::opened(OPEN);
    assert_eq!(scene.session.sid().as_str(), "A");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s1_a_websocket_is_tried_only_if_both_ends_want_it() {
    let _step = step!();
    assert_eq!(Scene::opened(OPEN_POLLING_ONLY).said, ["client: GET"]);
    assert_eq!(Scene::opened(&OPEN.replace("websocket", "polling")).said, ["client: GET"]);
    let stay = Config { upgrade: false, ..Config::default() };
    assert_eq!(Scene::with(OPEN, stay).said, ["client: GET"]);
}

#[test]
fn s1_a_session_may_begin_on_a_websocket() {
    let _step = step!();
    let mut scene = Scene::on_websocket();
    assert_eq!(scene.said, [""; 0], "nothing is to be done");
    scene.send("hello");
    assert_eq!(scene.said, ["client: ws 4hello"]);
}

#[test]
fn s1_whatever_is_no_handshake_is_told_from_one() {
    let _step = step!();
    let now = Instant::now();
    let refused = |body: &str| {
        let polling = Session::open_polling(&body.into(), Config::default(), now);
        let websocket = Session::open_websocket(Frame::Text(body.into()), Config::default(), now);
        let error = polling.expect_err("this is no handshake");
        assert_eq!(websocket.expect_err("nor is it over a WebSocket"), error);
        error
    };
    assert!(matches!(refused(""), OpenError::Malformed(_)));
    assert!(matches!(refused("<html>"), OpenError::Malformed(_)));
    assert!(matches!(refused("0{}"), OpenError::Malformed(_)));
    let error = refused("4hello").to_string();
    assert!(error.starts_with("expected an open packet first (0 and JSON), came "), "{error}");
    assert!(error.contains("hello"), "what came is told: {error}");
    assert!(error.ends_with("is this an Engine.IO server?"), "{error}");
}

#[test]
fn s1_a_request_that_fails_ends_the_session() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN);
    scene.input(Input::PollFailed { problem: "expected 200, came 502".to_owned() });
    assert_eq!(
        scene.said[scene.said.len() - 2..],
        ["client: ws closes", "event: closed: the GET failed: expected 200, came 502"]
    );
    scene.poll_answered("4late");
    scene.websocket("4late");
    assert_eq!(scene.last(), "server: ws 4late", "nothing comes of it");
}

#[test]
fn s1_a_websocket_that_ends_ends_the_session() {
    let _step = step!();
    let mut scene = Scene::on_websocket();
    scene.websocket_closes();
    assert_eq!(scene.said, ["server: ws closes", "event: closed: the WebSocket ended: it ended"]);
}

// Step 2: as much as one POST carries.

#[test]
fn s2_what_was_sent_together_travels_together() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN_POLLING_ONLY);
    for text in ["one", "two"] {
        scene.session.send(Message::from(text).into()).expect("there is room");
    }
    scene
        .session
        .send(Message::from(Bytes::from_static(&[1, 2, 3])).into())
        .expect("there is room");
    scene.drain();
    assert_eq!(scene.last(), "client: POST 4one␞4two␞bAQID");
}

#[test]
fn s2_while_a_post_is_under_way_messages_wait() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN_POLLING_ONLY);
    scene.send("first");
    scene.send("second");
    scene.send("third");
    let buffered = scene.session.buffered();
    assert_eq!(buffered, "4second4third".len(), "bytes wait: the first is in a POST");
    scene.input(Input::PostAnswered);
    assert_eq!(scene.session.buffered(), 0, "bytes wait: all are in a POST");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s2_a_batch_is_as_long_as_the_server_takes_and_no_longer() {
    let _step = step!();
    let frames = ["4aaaa", "4bbbb", "4cccc"].map(|text| Frame::Text(text.into()));
    for (limit, counts) in [
        (1, vec![1, 1, 1]),
        (10, vec![1, 1, 1]),
        (11, vec![2, 1]),
        (16, vec![2, 1]),
        (17, vec![3]),
        (1000, vec![3]),
    ] {
        let mut waiting = VecDeque::from(frames.clone());
        let mut came = vec![];
        let mut order = vec![];
        while !waiting.is_empty() {
            let batch = take_batch(&mut waiting, Some(limit));
            assert!(!batch.is_empty(), "one frame in any case, with at most {limit} bytes");
            came.push(batch.len());
            order.extend(batch);
        }
        assert_eq!(came, counts, "with at most {limit} bytes a payload");
        assert_eq!(order, frames);
    }
    let mut waiting = VecDeque::from(frames);
    assert_eq!(take_batch(&mut waiting, None).len(), 3, "a server that names no limit");
}

#[test]
fn s2_base64_counts() {
    let _step = step!();
    let bytes = Frame::Binary(Bytes::from_static(&[0; 9]));
    assert_eq!(bytes.text_len(), 13);
    for (limit, count) in [(26, 1), (27, 2)] {
        let mut waiting = VecDeque::from([bytes.clone(), bytes.clone()]);
        let batch = take_batch(&mut waiting, Some(limit));
        assert_eq!(batch.len(), count, "twice 13 bytes, with at most {limit}");
        assert!(payload::encode(&batch).len() as u64 <= limit);
    }
}

#[test]
fn s2_a_message_that_no_post_carries_is_refused_at_once() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN_POLLING_ONLY);
    let fits = "x".repeat(99);
    scene.send(&*fits);
    assert_eq!(
        scene.session.send(Message::from("x".repeat(100)).into()),
        Err(SendError::TooLong { limit: 100, came: 101 })
    );
    let bytes = Message::from(vec![0; 75]);
    for mut scene in [scene, Scene::opened(OPEN)] {
        assert_eq!(
            scene.session.send(bytes.clone().into()),
            Err(SendError::TooLong { limit: 100, came: 101 }),
            "in base64, also while a WebSocket is tried"
        );
    }
    let mut scene = Scene::on_websocket();
    scene.session.send(bytes.into()).expect("on a WebSocket bytes are bytes");
    scene.session.send(Message::from(vec![0; 100]).into()).expect("and have no type");
    assert_eq!(
        scene.session.send(Message::from(vec![0; 101]).into()),
        Err(SendError::TooLong { limit: 100, came: 101 })
    );
}

#[test]
fn s2_what_waits_has_a_bound() {
    let _step = step!();
    let config = Config { max_buffered: 20, ..Config::default() };
    let mut scene = Scene::with(OPEN_POLLING_ONLY, config);
    scene.send("under way");
    scene.send("nine byte");
    scene.send("and these");
    assert_eq!(scene.session.buffered(), 20, "bytes wait behind the POST");
    assert_eq!(scene.session.send(Message::from("").into()), Err(SendError::Full { limit: 20 }));
    assert_eq!(
        scene.session.send(Message::from("x".repeat(100)).into()),
        Err(SendError::TooLong { limit: 100, came: 101 }),
        "to wait would not help"
    );
    scene.input(Input::PostAnswered);
    scene.send("again");
}

#[test]
fn s2_what_was_cut_still_waits() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN_POLLING_ONLY);
    scene.send("under way");
    scene.send("x".repeat(59));
    scene.send("y".repeat(59));
    scene.input(Input::PostAnswered);
    assert_eq!(scene.session.buffered(), 60, "bytes wait: one of the two messages");
}

#[test]
fn s2_a_close_waits_no_longer_than_its_timeout() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN_POLLING_ONLY);
    scene.send("under way");
    scene.close();
    assert_eq!(scene.session.send(Message::from("late").into()), Err(SendError::Closed));
    assert_eq!(scene.timeout_in(), 5 * SECOND);
    scene.wait(5);
    assert_eq!(scene.last(), "event: closed: closed by the client");
    assert_eq!(scene.session.poll_timeout(), None);
}

#[test]
fn s2_a_get_that_fails_while_we_close_harms_nothing() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN_POLLING_ONLY);
    scene.send("under way");
    scene.send("last words");
    scene.close();
    scene.input(Input::PollFailed { problem: "it broke".to_owned() });
    scene.input(Input::PostAnswered);
    assert_eq!(scene.last(), "client: POST 4last words");
    scene.input(Input::PostAnswered);
    assert_eq!(scene.last(), "client: POST 1");
    scene.input(Input::PostFailed { problem: "it broke".to_owned() });
    assert_eq!(scene.last(), "event: closed: the POST failed: it broke");
}

// Step 3: silence, and what the server says.

#[test]
fn s3_a_ping_is_answered_and_begins_the_silence_anew() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN_POLLING_ONLY);
    assert_eq!(scene.timeout_in(), 45 * SECOND);
    scene.wait(25);
    scene.poll_answered("2");
    assert_eq!(scene.timeout_in(), 45 * SECOND);
    scene.wait(44);
    assert!(!scene.has_ended());
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_one_pong_answers_all_pings_before_it() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN_POLLING_ONLY);
    scene.send("under way");
    for _ in 0..100 {
        scene.poll_answered("2\u{1e}2\u{1e}2");
    }
    assert_eq!(scene.session.buffered(), 1, "a server that takes no POST does not fill our memory");
    scene.input(Input::PostAnswered);
    assert_eq!(scene.last(), "client: POST 3");
}

#[test]
fn s3_a_server_that_falls_silent_is_given_up() {
    let _step = step!();
    for mut scene in [Scene::opened(OPEN_POLLING_ONLY), Scene::on_websocket()] {
        scene.wait(44);
        assert!(!scene.has_ended());
        scene.wait(1);
        assert_eq!(
            scene.last(),
            "event: closed: expected a ping every pingInterval, and pingTimeout at most after it, came none"
        );
    }
}

#[test]
fn s3_only_a_ping_ends_the_silence() {
    let _step = step!();
    let mut scene = Scene::on_websocket();
    scene.wait(30);
    scene.websocket("4hello");
    scene.websocket("6");
    scene.websocket("3");
    assert_eq!(scene.timeout_in(), 15 * SECOND, "no ping for 30 of 45 s, whatever else came");
    scene.websocket("2with a payload");
    assert_eq!(scene.timeout_in(), 45 * SECOND, "a ping has come");
    assert_eq!(scene.last(), "client: ws 3");
}

#[test]
fn s3_messages_are_heard_in_order_and_the_next_poll_leaves() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN_POLLING_ONLY);
    scene.poll_answered("4one\u{1e}bAQID\u{1e}6\u{1e}4two");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_packets_may_follow_the_handshake() {
    let _step = step!();
    let scene = Scene::opened(&format!("{OPEN_POLLING_ONLY}\u{1e}4early"));
    assert_eq!(scene.said, ["event: message early", "client: GET"]);
}

#[test]
fn s3_the_server_closes() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN_POLLING_ONLY);
    scene.poll_answered("4last words\u{1e}1\u{1e}4too late");
    assert_eq!(
        scene.said,
        [
            "client: GET",
            "server: 200 4last words␞1␞4too late",
            "event: message last words",
            "event: closed: closed by the server"
        ]
    );
    let mut scene = Scene::on_websocket();
    scene.websocket("1");
    assert_eq!(
        scene.said,
        ["server: ws 1", "client: ws closes", "event: closed: closed by the server"]
    );
}

#[test]
fn s3_what_a_server_must_not_send_ends_the_session() {
    let _step = step!();
    for packet in [OPEN, "5", "x", "", "b?"] {
        let mut scene = Scene::opened(OPEN_POLLING_ONLY);
        scene.poll_answered(&format!("4heard\u{1e}{packet}\u{1e}4unheard"));
        assert!(scene.said.contains(&"event: message heard".to_owned()), "{packet}");
        assert!(!scene.said.contains(&"event: message unheard".to_owned()), "{packet}");
        assert!(scene.last().starts_with("event: closed: expected "), "{packet}");
        assert!(scene.has_ended(), "{packet}");
    }
}

#[test]
fn s3_a_server_that_is_not_understood_learns_that_it_is_over() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN_POLLING_ONLY);
    scene.poll_answered("5");
    assert_eq!(scene.said[scene.said.len() - 2], "client: POST 1");
    let mut scene = Scene::opened(OPEN_POLLING_ONLY);
    scene.send("under way");
    scene.poll_answered("5");
    let posts = scene.said.iter().filter(|line| line.contains("POST")).count();
    assert_eq!(posts, 1, "two at once could overtake each other");
}

#[test]
fn s3_until_a_probe_is_answered_polling_goes_on() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN);
    scene.input(Input::WebSocketOpened);
    scene.poll_answered("4by GET");
    scene.send("by POST");
    scene.input(Input::PostAnswered);
    scene.poll_answered("6");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_whatever_else_is_under_way_silence_is_noticed() {
    let _step = step!();
    let patient = Duration::from_secs(3600);
    let config = Config { upgrade_timeout: patient, close_timeout: patient, ..Config::default() };
    let mut scene = Scene::with(OPEN, config.clone());
    scene.input(Input::WebSocketOpened);
    assert_eq!(scene.timeout_in(), 45 * SECOND);
    scene.wait(45);
    assert!(scene.has_ended());
    let mut scene = Scene::with(OPEN_POLLING_ONLY, config);
    scene.close();
    assert_eq!(scene.timeout_in(), 45 * SECOND);
}

#[tokio::test]
async fn s3_a_server_that_is_gone_does_not_hold_a_flush() {
    let _step = step!();
    let quick = Server::builder().ping_interval(SECOND / 4).ping_timeout(SECOND / 4);
    let host = Host::of(quick, async |mut connection: engineio_server::Connection| {
        connection.flush().await;
        std::future::pending::<()>().await;
        drop(connection);
    })
    .await;
    let builder = Client::builder(&host.url()).transports(Transports::WebSocketOnly);
    let mut connection = connect(builder, Transport::WebSocket).await;
    for _ in 0..16 {
        connection.send(vec![0; 900_000]).expect("there is room");
    }
    within("the end of patience", connection.flush()).await;
    assert_eq!(connection.close_reason(), Some(&CloseReason::PingTimeout));
}

#[tokio::test]
async fn s3_a_server_that_pings_and_never_reads_does_not_fill_our_memory() {
    let _step = step!();
    let packets = [vec![OPEN_WIDE], vec!["2"; 1000], vec!["4hello"]].concat();
    let (url, _server) = speaks_and_never_reads(packets).await;
    let builder = Client::builder(&url).transports(Transports::WebSocketOnly);
    let mut connection = connect(builder, Transport::WebSocket).await;
    let length = 900_000;
    for _ in 0..16 {
        connection.send(vec![0; length]).expect("there is room");
    }
    assert_eq!(next(&mut connection).await, Message::from("hello"));
    let waits = connection.buffered();
    assert!(waits > length, "expected the server's connection to be full, {waits} bytes wait");
    assert_eq!(waits % length, 1, "one pong behind the messages");
}

#[tokio::test]
async fn s3_a_pong_and_messages_leave_while_others_come_or_wait() {
    let _step = step!();
    let (tell, mut heard) = mpsc::unbounded_channel();
    let (url, dialled) = one_websocket().await;
    let mut server = JoinSet::new();
    server.spawn(async move {
        let mut websocket = dialled.await;
        for packet in [vec![OPEN_WIDE, "2"], vec!["4"; 1000]].concat() {
            websocket.feed(packet.into()).await.expect("the client reads");
        }
        websocket.flush().await.expect("the client reads");
        while let Some(Ok(message)) = websocket.next().await {
            tell.send(message.to_string()).expect("the test listens");
        }
    });
    let builder = Client::builder(&url).transports(Transports::WebSocketOnly);
    let mut connection = connect(builder, Transport::WebSocket).await;
    next(&mut connection).await;
    // Not in place of anything: the application takes a while over each message.
    let pause = SECOND / 100;
    tokio::time::sleep(pause).await;
    next(&mut connection).await;
    let pong = within("a pong, with messages left to read", heard.recv()).await;
    assert_eq!(pong.as_deref(), Some("3"));

    let closed = std::future::poll_fn(|cx| connection.poll_closed(cx));
    assert!(tokio::time::timeout(pause, closed).await.is_err(), "all is read and nothing taken");
    connection.send("hello").expect("there is room");
    tokio::time::sleep(pause).await;
    next(&mut connection).await;
    let hello = within("a message, with messages left to take", heard.recv()).await;
    assert_eq!(hello.as_deref(), Some("4hello"));
}

const OPEN_WIDE: &str =
    r#"0{"sid":"A","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

/// Where a server of one WebSocket listens, and that WebSocket, once a client has dialled.
async fn one_websocket() -> (String, impl Future<Output = WebSocketStream<TcpStream>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let dialled = async move {
        let (stream, _) = listener.accept().await.expect("the client dials");
        let accepted = tokio_tungstenite::accept_async(stream).await;
        accepted.expect("the client asks for a WebSocket")
    };
    (url, dialled)
}

/// A server of one WebSocket, until the task is dropped.
async fn speaks_and_never_reads(packets: Vec<&'static str>) -> (String, JoinSet<()>) {
    let (url, dialled) = one_websocket().await;
    let mut server = JoinSet::new();
    server.spawn(async move {
        let mut websocket = dialled.await;
        for packet in packets {
            websocket.send(packet.into()).await.expect("the client reads");
        }
        std::future::pending::<()>().await;
    });
    (url, server)
}

// Step 4: the upgrade.

#[test]
fn s4_an_upgrade_waits_for_the_requests_that_are_under_way() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN);
    scene.send("by POST");
    scene.input(Input::WebSocketOpened);
    scene.websocket("3probe");
    scene.send("waits");
    assert_eq!(
        scene.session.send(Message::from(vec![0; 75]).into()),
        Err(SendError::TooLong { limit: 100, came: 101 }),
        "it may have to go by POST yet"
    );
    scene.poll_answered("6");
    scene.input(Input::PostAnswered);
    assert_eq!(scene.session.transport(), Transport::WebSocket, "what `transport()` says");
    scene.send("by WebSocket");
    scene.websocket("4hello");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_a_websocket_that_fails_harms_nothing() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN);
    scene.websocket_closes();
    scene.send("still here");
    let mut scene = scene.then("another answer than 3probe", OPEN);
    scene.input(Input::WebSocketOpened);
    scene.websocket("4hello");
    let mut scene = scene.then("no answer in time", OPEN);
    scene.input(Input::WebSocketOpened);
    scene.wait(10);
    scene.websocket_closes();
    let mut scene = scene.then("after the probe was answered", OPEN);
    scene.input(Input::WebSocketOpened);
    scene.websocket("3probe");
    scene.send("waits");
    scene.websocket_closes();
    let mut scene = scene.then("the same, and a POST is under way", OPEN);
    scene.send("under way");
    scene.input(Input::WebSocketOpened);
    scene.websocket("3probe");
    scene.send("waits");
    scene.poll_answered("6");
    scene.websocket_closes();
    scene.input(Input::PostAnswered);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_we_close() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN_POLLING_ONLY);
    scene.send("under way");
    scene.send("last words");
    scene.close();
    scene.input(Input::PostAnswered);
    scene.input(Input::PostAnswered);
    scene.poll_answered("6");
    scene.input(Input::PostAnswered);
    let mut scene = scene.then("while a WebSocket is tried", OPEN);
    scene.input(Input::WebSocketOpened);
    scene.close();
    scene.input(Input::PostAnswered);
    let mut scene = scene.then("while the requests end", OPEN);
    scene.input(Input::WebSocketOpened);
    scene.websocket("3probe");
    scene.send("last words");
    scene.close();
    let late = scene.session.send(Message::from("late").into());
    assert_eq!(late, Err(SendError::Closed), "closed while it pauses: `check` refuses (step 11.2)");
    scene.poll_answered("6");
    let mut scene = scene.then("and the WebSocket fails", OPEN);
    scene.input(Input::WebSocketOpened);
    scene.websocket("3probe");
    scene.send("last words");
    scene.close();
    scene.websocket_closes();
    scene.input(Input::PostAnswered);
    scene.input(Input::PostAnswered);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_only_3probe_answers_the_probe() {
    let _step = step!();
    for other in ["3", "3other", "2probe", "6", "?"] {
        let mut scene = Scene::opened(OPEN);
        scene.input(Input::WebSocketOpened);
        scene.websocket(other);
        assert!(scene.last().starts_with("event: upgrade failed: expected 3probe"), "{other}");
    }
    let mut scene = Scene::opened(OPEN);
    scene.input(Input::WebSocketOpened);
    scene.websocket("3probe");
    scene.websocket("4too early");
    assert_eq!(scene.said[scene.said.len() - 2], "client: ws closes");
    assert!(scene.last().starts_with("event: upgrade failed: "));
    scene.poll_answered("6");
    assert_eq!(scene.last(), "client: GET");
}

#[test]
fn s4_requests_that_do_not_end_give_the_upgrade_up() {
    let _step = step!();
    let mut scene = Scene::opened(OPEN);
    scene.wait(4);
    scene.input(Input::WebSocketOpened);
    scene.websocket("3probe");
    scene.send("waits");
    assert_eq!(scene.timeout_in(), 6 * SECOND);
    scene.wait(6);
    assert!(scene.last().starts_with("client: POST 4waits"), "{}", scene.last());
    assert_eq!(scene.timeout_in(), 35 * SECOND);
}

#[test]
fn s4_whatever_the_server_does_nothing_is_lost_doubled_or_reordered() {
    let _step = step!();
    proptest!(quiet(), |(on_websocket: bool, acts in prop::collection::vec(act(), 0..60))| {
        let mut model = Model::new(on_websocket);
        for act in acts {
            model.perform(act);
        }
        model.let_the_rest_leave();
    });
}

#[test]
fn s4_client_and_server_lose_nothing_however_long_each_thing_takes() {
    let _step = step!();
    proptest!(quiet(), |(script in prop::collection::vec(0..16_u8, 0..200), upgrades: bool)| {
        let mut both = Both::new(upgrades);
        for choice in script {
            both.act(choice);
        }
        both.settle();
        prop_assert_eq!(&both.heard_by_client, &both.sent_by_server);
        prop_assert_eq!(&both.heard_by_server, &both.sent_by_client);
    });
}

// Step 5: the way to a server.

#[tokio::test]
async fn s5_a_proxy_that_forbids_websockets_leaves_polling() {
    let _step = step!();
    insta::assert_snapshot!(live_behind(Rule::Forbid).await);
}

#[tokio::test]
async fn s5_a_proxy_that_cuts_websockets_leaves_polling() {
    let _step = step!();
    insta::assert_snapshot!(live_behind(Rule::Cut).await);
}

#[tokio::test]
async fn s5_a_proxy_that_never_answers_a_websocket_leaves_polling() {
    let _step = step!();
    insta::assert_snapshot!(live_behind(Rule::Stall).await);
}

#[tokio::test]
async fn s5_where_a_websocket_passes_the_session_moves_to_it() {
    let _step = step!();
    insta::assert_snapshot!(live_behind(Rule::Pass).await);
}

#[tokio::test]
async fn s5_websocket_first_falls_back_to_polling_and_stays() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "proxy", "server"]);
    for (rule, phase) in [
        (Rule::Forbid, "a proxy that forbids WebSockets"),
        (Rule::Cut, "one that cuts them"),
        (Rule::Stall, "one that never answers them"),
    ] {
        transcript.phase(phase);
        let (host, mut guest) = Guest::at(Server::builder()).await;
        let proxy = Proxy::before(host.address, rule, &transcript).await;
        let builder = Client::builder(&proxy.url())
            .transports(Transports::WebSocketFirst)
            .connect_timeout(2 * SECOND);
        let mut connection = connect(builder, Transport::Polling).await;
        connection.send(Message::from("hello")).expect("there is room");
        within("hello to leave", connection.drained()).await;
        let mut heard = guest.hear().await;
        if heard.starts_with("the end: ") {
            // Of the session that had begun on the WebSocket.
            heard = guest.hear().await;
        }
        assert_eq!(heard, "hello");
    }
    insta::assert_snapshot!(transcript);
}

#[tokio::test]
async fn s5_what_was_tried_and_why_it_failed_is_told() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "proxy", "server"]);
    let host = Host::echo(Server::builder()).await;
    let proxy = Proxy::before(host.address, Rule::Forbid, &transcript).await;
    let failed = |url: &str, transports| {
        let builder = Client::builder(url).transports(transports).connect_timeout(2 * SECOND);
        async { within("the end of the attempts", builder.connect()).await.expect_err("it cannot") }
    };
    assert_eq!(
        failed(&proxy.url(), Transports::WebSocketOnly).await.to_string(),
        "no connection, by websocket: expected status 101 Switching Protocols, came 403 Forbidden (no WebSockets here)"
    );

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let nobody = format!("http://{}", listener.local_addr().expect("it is bound"));
    drop(listener);
    let error = failed(&nobody, Transports::WebSocketFirst).await;
    let ConnectError::NoTransport(attempts) = &error else { panic!("it came to {error}") };
    assert_eq!(
        attempts.iter().map(|attempt| attempt.transport).collect::<Vec<_>>(),
        [Transport::WebSocket, Transport::Polling]
    );
    for attempt in attempts {
        assert!(matches!(attempt.error, TransportError::Unreachable { .. }), "{attempt}");
        assert!(attempt.to_string().contains("onnection refused"), "{attempt}");
    }

    let silent = Answers::with(|_| None).await;
    assert_eq!(
        failed(&silent.url(), Transports::WebSocketFirst).await.to_string(),
        "no connection, by websocket: expected a handshake within 2s (connect_timeout), came none; \
         by polling: expected a handshake within 2s (connect_timeout), came none"
    );
}

#[tokio::test]
async fn s5_an_answer_that_is_none_of_engine_io_is_told() {
    let _step = step!();
    let page = "<html>Sign in to the network</html>";
    let padded = format!(" {page}");
    let (long, longest) = ("x".repeat(201), format!("{}\n", "x".repeat(200)));
    for (status, body, expected) in [
        ("200 OK", page, "expected a packet type from 0 to 6, or b for base64, came '<'"),
        ("200 OK", "4hello", "expected an open packet first (0 and JSON), came "),
        ("502 Bad Gateway", page, "expected status 200 OK, came 502 Bad Gateway"),
        ("502 Bad Gateway", &padded, "expected status 200 OK, came 502 Bad Gateway"),
        ("502 Bad Gateway", &long, "expected status 200 OK, came 502 Bad Gateway"),
        (
            "502 Bad Gateway",
            &longest,
            &format!("expected status 200 OK, came 502 Bad Gateway ({})", longest.trim()),
        ),
        (
            "502 Bad Gateway",
            r#"{"message":"<html>"}"#,
            "expected status 200 OK, came 502 Bad Gateway",
        ),
        ("404 Not Found", "no\u{7} bell", "expected status 200 OK, came 404 Not Found"),
        (
            "400 Bad Request",
            r#"{"code":5,"message":"Unsupported protocol version"}"#,
            "expected status 200 OK, came 400 Bad Request (Unsupported protocol version)",
        ),
        (
            "404 Not Found",
            " no such page\n",
            "expected status 200 OK, came 404 Not Found (no such page)",
        ),
    ] {
        let body = body.to_owned();
        let server = Answers::with(move |_| Some(answer(status, "", &body))).await;
        let error = within("an answer", Client::builder(&server.url()).connect()).await;
        let error = error.expect_err("there is no handshake").to_string();
        let error = error.strip_prefix("no connection, by polling: ").expect("it was tried");
        assert!(error.starts_with(expected), "expected {expected}, came {error}");
        assert_eq!(error.ends_with(')'), expected.ends_with(')'), "no brackets but for what helps");
    }
}

#[tokio::test]
async fn s5_a_refusal_is_read_to_its_end_however_it_travels() {
    let _step = step!();
    let chunked = "Transfer-Encoding: chunked\r\n\r\n\
        15\r\n{\"code\":0,\"message\":\"\r\n13\r\nTransport unknown\"}\r\n0\r\n\r\n";
    let server =
        Answers::with(move |_| Some(format!("HTTP/1.1 400 Bad Request\r\n{chunked}"))).await;
    let builder = Client::builder(&server.url()).transports(Transports::WebSocketFirst);
    let error = within("an answer", builder.connect()).await.expect_err("it is a refusal");
    assert_eq!(
        error.to_string(),
        "no connection, by websocket: expected status 101 Switching Protocols, came 400 Bad Request (Transport unknown); \
         by polling: expected status 200 OK, came 400 Bad Request (Transport unknown)"
    );
}

#[tokio::test]
async fn s5_an_answer_to_another_request_is_no_websocket() {
    let _step = step!();
    let another = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    for (protocol, accept) in [("websocket", Some(another)), ("h2c", None)] {
        let server = Answers::with(move |request| {
            if !request.is_upgrade() {
                return Some(answer("200 OK", "", "no"));
            }
            let accept = accept.map_or_else(|| accept_of(request), str::to_owned);
            Some(switching(protocol, &accept))
        })
        .await;
        let builder = Client::builder(&server.url()).transports(Transports::WebSocketFirst);
        let error = within("an answer", builder.connect()).await.expect_err("it is no WebSocket");
        let ConnectError::NoTransport(attempts) = error else { panic!("came {error}") };
        assert_eq!(attempts[0].error, TransportError::NotWebSocket);
        assert_eq!(attempts.len(), 2, "and polling was tried");
    }
}

#[tokio::test]
async fn s5_a_message_in_many_fragments_has_the_same_limit() {
    let _step = step!();
    // RFC 6455, section 5.4: a text that goes on, and its continuation, which goes on, too.
    let piece = "x".repeat(125);
    let fragments = ["\u{1}\u{7d}", &piece, "\u{0}\u{7d}", &piece].concat();
    let server = Answers::with(move |request| match request.is_upgrade() {
        true => Some(switching("websocket", &accept_of(request)) + &fragments),
        false => Some(answer("200 OK", "", OPEN_POLLING_ONLY)),
    })
    .await;
    let builder = Client::builder(&server.url()).max_incoming(200);
    connect(builder.clone().transports(Transports::PollingOnly), Transport::Polling).await;
    let only = builder.transports(Transports::WebSocketOnly).connect();
    let error = within("an answer", only).await.expect_err("there is no handshake");
    assert_eq!(
        error.to_string(),
        "no connection, by websocket: expected at most 200 bytes (max_incoming) at once, came more"
    );
}

fn accept_of(request: &network::HttpMessage) -> String {
    let key = request.header("sec-websocket-key").expect("the client asks for a WebSocket");
    tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes())
}

fn switching(protocol: &str, accept: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

#[tokio::test]
async fn s5_every_way_carries_texts_and_bytes() {
    let _step = step!();
    let host = Host::echo(Server::builder()).await;
    for (transports, begins_on, stays_on) in [
        (Transports::PollingOnly, Transport::Polling, Transport::Polling),
        (Transports::PollingThenUpgrade, Transport::Polling, Transport::WebSocket),
        (Transports::WebSocketFirst, Transport::WebSocket, Transport::WebSocket),
        (Transports::WebSocketOnly, Transport::WebSocket, Transport::WebSocket),
    ] {
        let mut connection =
            connect(Client::builder(&host.url()).transports(transports), begins_on).await;
        if transports == Transports::PollingThenUpgrade {
            assert_eq!(next_event(&mut connection).await, Event::Upgraded);
        }
        assert_eq!(connection.transport(), stays_on);
        for message in [Message::from("é"), Message::from(vec![0, 255]), Message::from("")] {
            connection.send(message.clone()).expect("there is room");
            assert_eq!(next(&mut connection).await, message);
        }
        connection.close();
        assert_eq!(within("the end", connection.next()).await, None);
        assert_eq!(connection.close_reason(), Some(&CloseReason::ByClient));
        assert_eq!(connection.transport(), stays_on, "and was on it to the end");
    }
}

#[tokio::test]
async fn s5_a_thousand_messages_each_way_across_an_upgrade_keep_their_order() {
    let _step = step!();
    let host = Host::of(Server::builder().max_payload(2000), thousand).await;
    let transcript = Transcript::untimed(&["client", "proxy", "server"]);
    let slow = Rule::Delay(Duration::from_millis(3));
    let proxy = Proxy::before(host.address, slow, &transcript).await;
    let mut connection = connect(Client::builder(&proxy.url()), Transport::Polling).await;
    for number in 0..WINDOW {
        connection.send(numbered(number)).expect("there is room");
    }
    let (mut heard, mut heard_after_the_upgrade) = (0, 0);
    while heard < THOUSAND {
        match next_event(&mut connection).await {
            Event::Message(message) => {
                assert_eq!(message, numbered(heard));
                if heard + WINDOW < THOUSAND {
                    connection.send(numbered(heard + WINDOW)).expect("there is room");
                }
                heard += 1;
                heard_after_the_upgrade +=
                    u32::from(connection.transport() == Transport::WebSocket);
            }
            Event::Upgraded => {}
            other => panic!("came {other:?}"),
        }
    }
    assert!((1..1000).contains(&heard_after_the_upgrade), "{heard_after_the_upgrade}");
    assert_eq!(next(&mut connection).await, Message::from("all heard"));
}

const THOUSAND: usize = 1000;

/// So many are on their way at once: an upgrade takes a few round trips, and this a hundred.
const WINDOW: usize = 10;

/// Says a thousand messages, and hears as many.
async fn thousand(mut connection: engineio_server::Connection) {
    for number in 0..WINDOW {
        connection.send(numbered(number)).expect("there is room");
    }
    for number in 0..THOUSAND {
        assert_eq!(connection.next().await, Some(numbered(number)));
        if number + WINDOW < THOUSAND {
            connection.send(numbered(number + WINDOW)).expect("there is room");
        }
    }
    connection.send(Message::from("all heard")).expect("there is room");
    while connection.next().await.is_some() {}
}

fn numbered(number: usize) -> Message {
    Message::from(number.to_string())
}

#[tokio::test]
async fn s5_a_next_that_is_cancelled_loses_nothing() {
    let _step = step!();
    let host = Host::of(Server::builder(), thousand).await;
    let mut connection = connect(Client::builder(&host.url()), Transport::Polling).await;
    let mut heard = 0;
    let mut sent = 0;
    within("a thousand messages", async {
        while heard < THOUSAND {
            if sent < THOUSAND {
                connection.send(numbered(sent)).expect("there is room");
                sent += 1;
            }
            tokio::select! {
                biased;
                message = connection.next() => {
                    assert_eq!(message, Some(numbered(heard)));
                    heard += 1;
                }
                () = tokio::task::yield_now() => {}
            }
        }
    })
    .await;
    assert_eq!(next(&mut connection).await, Message::from("all heard"));
}

#[tokio::test]
async fn s5_a_close_delivers_what_was_sent() {
    let _step = step!();
    for (transports, begins_on) in WAYS {
        // Small payloads, so that polling needs several.
        let (host, mut guest) = Guest::at(Server::builder().max_payload(1000)).await;
        let mut connection =
            connect(Client::builder(&host.url()).transports(transports), begins_on).await;
        for number in 0..1000 {
            connection.send(Message::from(number.to_string())).expect("there is room");
        }
        connection.close();
        assert_eq!(connection.send(Message::from("late")), Err(SendError::Closed));
        assert_eq!(within("the end", connection.next()).await, None);
        assert_eq!(within("the end once more", connection.next()).await, None);
        assert_eq!(connection.close_reason(), Some(&CloseReason::ByClient));
        for number in 0..1000 {
            assert_eq!(guest.hear().await, number.to_string());
        }
        assert!(guest.hear().await.starts_with("the end: "));
    }
}

#[tokio::test]
async fn s5_a_producer_of_much_waits_until_it_has_left() {
    let _step = step!();
    for (transports, begins_on) in WAYS {
        let (host, mut guest) = Guest::at(Server::builder()).await;
        let limit = 1 << 20;
        let builder = Client::builder(&host.url()).transports(transports).max_buffered(limit);
        let mut connection = connect(builder, begins_on).await;
        let message = Message::from("x".repeat(300_000));
        let mut waits = 0;
        for _ in 0..20 {
            while let Err(error) = connection.send(message.clone()) {
                waits += 1;
                assert_eq!(error, SendError::Full { limit });
                assert!(connection.buffered() <= limit);
                within("what was sent to leave", connection.drained()).await;
                assert_eq!(connection.buffered(), 0);
            }
        }
        assert_eq!(waits, 6, "three fit, and the fourth waits");
        within("the rest to leave", connection.drained()).await;
        for _ in 0..20 {
            assert_eq!(guest.hear().await.len(), 300_000);
        }
    }
}

#[tokio::test]
async fn s5_a_short_message_counts_for_the_room_that_it_takes() {
    let _step = step!();
    for (transports, begins_on) in WAYS {
        let (host, _guest) = Guest::at(Server::builder()).await;
        let builder = Client::builder(&host.url()).transports(transports).max_buffered(1000);
        let mut connection = connect(builder, begins_on).await;
        let taken = (0..2000).take_while(|_| connection.send(Vec::new()).is_ok()).count();
        assert!((1..100).contains(&taken), "expected an empty message to count, took {taken}");
    }
}

#[tokio::test]
async fn s5_a_flush_sends_without_waiting_for_what_comes() {
    let _step = step!();
    for (transports, begins_on) in WAYS {
        let (host, mut guest) = Guest::at(Server::builder()).await;
        let mut connection =
            connect(Client::builder(&host.url()).transports(transports), begins_on).await;
        connection.send(Message::from("hello")).expect("there is room");
        within("it to leave", connection.flush()).await;
        assert_eq!(guest.hear().await, "hello");
    }
}

#[tokio::test]
async fn s5_a_dropped_connection_ends_the_session() {
    let _step = step!();
    for (transports, begins_on) in WAYS {
        let (host, mut guest) = Guest::at(Server::builder()).await;
        let mut connection =
            connect(Client::builder(&host.url()).transports(transports), begins_on).await;
        guest.say("hello");
        assert_eq!(next(&mut connection).await, Message::from("hello"));
        // On polling, a GET has to be under way to be missed.
        connection.flush().await;
        let _ = tokio::time::timeout(SECOND / 2, connection.next()).await;
        drop(connection);
        assert!(guest.hear().await.starts_with("the end: "));
    }
}

#[tokio::test]
async fn s5_the_server_says_goodbye() {
    let _step = step!();
    for (transports, begins_on) in WAYS {
        let host =
            Host::of(Server::builder(), async |mut connection: engineio_server::Connection| {
                connection.send(Message::from("last words")).expect("there is room");
                connection.close();
                while connection.next().await.is_some() {}
            })
            .await;
        let mut connection =
            connect(Client::builder(&host.url()).transports(transports), begins_on).await;
        assert_eq!(next(&mut connection).await, Message::from("last words"));
        assert_eq!(within("the end", connection.next()).await, None);
        let reason = connection.close_reason().expect("it has ended");
        assert_eq!(reason.reference_name(), "transport close", "{reason}");
    }
}

#[tokio::test]
async fn s5_pings_are_answered_while_next_is_awaited() {
    let _step = step!();
    for (transports, begins_on) in WAYS {
        let builder = Server::builder().ping_interval(SECOND / 20).ping_timeout(SECOND);
        let (host, guest) = Guest::at(builder).await;
        let mut connection =
            connect(Client::builder(&host.url()).transports(transports), begins_on).await;
        // Longer than both together: without pongs the server would have given us up.
        let waited = tokio::time::timeout(3 * SECOND / 2, connection.next()).await;
        assert!(waited.is_err(), "nothing was said");
        guest.say("still here");
        assert_eq!(next(&mut connection).await, Message::from("still here"));
    }
}

#[tokio::test]
async fn s5_pings_are_answered_while_nothing_is_taken() {
    let _step = step!();
    for (transports, begins_on) in WAYS {
        let builder = Server::builder().ping_interval(SECOND / 20).ping_timeout(SECOND);
        let (host, guest) = Guest::at(builder).await;
        let mut connection =
            connect(Client::builder(&host.url()).transports(transports), begins_on).await;
        guest.say("for later");
        let closed = std::future::poll_fn(|cx| connection.poll_closed(cx));
        let waited = tokio::time::timeout(3 * SECOND / 2, closed).await;
        assert!(waited.is_err(), "the server has heard our pongs");
        assert_eq!(next(&mut connection).await, Message::from("for later"));
    }
}

#[tokio::test]
async fn s5_requests_go_on_while_a_body_of_many_messages_is_taken() {
    const MESSAGES: usize = 100_000;
    let _step = step!();
    let body = format!("2\u{1e}{}", ["4"; MESSAGES].join("\u{1e}"));
    let server = Answers::with(move |request| match request.query("sid") {
        None => Some(answer("200 OK", "", OPEN_POLLING_ONLY)),
        Some(_) if request.begins("POST") => Some(answer("200 OK", "", "ok")),
        Some(_) => Some(answer("200 OK", "", &body)),
    })
    .await;
    let mut connection = connect(Client::builder(&server.url()), Transport::Polling).await;
    for _ in 0..MESSAGES {
        next(&mut connection).await;
        tokio::task::yield_now().await;
        let requests = server.requests();
        let gets = requests.iter().filter(|request| request.begins("GET")).count();
        if gets == 3 && requests.iter().any(|request| request.begins("POST")) {
            return;
        }
    }
    panic!("expected the pong and the next GET before all messages were taken");
}

#[tokio::test]
async fn s5_a_server_that_falls_silent_is_given_up() {
    let _step = step!();
    let server = Answers::with(|request| {
        (request.query("sid").is_none()).then(|| answer("200 OK", "", QUICK))
    })
    .await;
    let mut connection = connect(Client::builder(&server.url()), Transport::Polling).await;
    assert_eq!(within("the end of patience", connection.next()).await, None);
    assert_eq!(connection.close_reason(), Some(&CloseReason::PingTimeout));
}

/// A server that is given up after a tenth of a second.
const QUICK: &str =
    r#"0{"sid":"A","upgrades":[],"pingInterval":50,"pingTimeout":50,"maxPayload":100}"#;

#[tokio::test]
async fn s5_to_a_server_that_is_gone_nobody_says_goodbye() {
    let _step = step!();
    let quick = Server::builder().ping_interval(SECOND / 4).ping_timeout(SECOND / 4);
    // It says the handshake, and never looks at the session again.
    let host = Host::of(quick, async |mut connection: engineio_server::Connection| {
        connection.flush().await;
        std::future::pending::<()>().await;
        drop(connection);
    })
    .await;
    for (transports, begins_on) in WAYS {
        let builder = Client::builder(&host.url()).transports(transports);
        let mut connection = connect(builder.close_timeout(3600 * SECOND), begins_on).await;
        assert_eq!(within("the end of patience", connection.next()).await, None);
        assert_eq!(connection.close_reason(), Some(&CloseReason::PingTimeout));
    }
}

#[tokio::test]
async fn s5_a_server_that_talks_on_waits_while_we_wait_to_send() {
    let _step = step!();
    let long = format!("4{}", "x".repeat(1_000_000));
    let server = Answers::with(move |request| match request.query("sid") {
        None => Some(answer("200 OK", "", OPEN_POLLING_ONLY)),
        Some(_) if request.begins("POST") => None,
        Some(_) => Some(answer("200 OK", "", &long)),
    })
    .await;
    let mut connection = connect(Client::builder(&server.url()), Transport::Polling).await;
    connection.send(Message::from("hello")).expect("there is room");
    assert!(tokio::time::timeout(SECOND, connection.drained()).await.is_err(), "it cannot leave");
    // The handshake, the POST, four megabytes, and the GET whose answer is not looked at.
    assert!(server.requests().len() <= 7, "{} requests", server.requests().len());
    for _ in 0..4 {
        assert_eq!(next(&mut connection).await.len(), 1_000_000);
    }
}

#[tokio::test]
async fn s5_empty_messages_that_came_count_for_the_room_that_they_take() {
    let _step = step!();
    let empty = vec!["4"; 60_000].join("\u{1e}");
    let server = Answers::with(move |request| match request.query("sid") {
        None => Some(answer("200 OK", "", OPEN_POLLING_ONLY)),
        Some(_) if request.begins("POST") => None,
        Some(_) => Some(answer("200 OK", "", &empty)),
    })
    .await;
    let mut connection = connect(Client::builder(&server.url()), Transport::Polling).await;
    connection.send(Message::from("hello")).expect("there is room");
    assert!(tokio::time::timeout(SECOND, connection.drained()).await.is_err(), "it cannot leave");
    // Two answers take four megabytes, however little they say.
    assert!(server.requests().len() <= 7, "{} requests", server.requests().len());
}

#[tokio::test]
async fn s5_an_application_that_was_elsewhere_hears_what_was_said_meanwhile() {
    let _step = step!();
    let server = Answers::with(|request| match request.query("sid") {
        None => Some(answer("200 OK", "", QUICK)),
        Some(_) => Some(answer("200 OK", "", "2\u{1e}4hello")),
    })
    .await;
    let mut connection = connect(Client::builder(&server.url()), Transport::Polling).await;
    // Not in place of anything: the application is busy for longer than the server's patience.
    tokio::time::sleep(SECOND).await;
    assert_eq!(next(&mut connection).await, Message::from("hello"));
}

#[tokio::test]
async fn s5_an_answer_that_is_too_long_ends_the_session_and_names_the_limit() {
    let _step = step!();
    for (transports, begins_on) in WAYS {
        let (host, guest) = Guest::at(Server::builder()).await;
        let builder = Client::builder(&host.url()).transports(transports).max_incoming(200);
        let mut connection = connect(builder, begins_on).await;
        guest.say(&"x".repeat(199));
        assert_eq!(next(&mut connection).await, Message::from("x".repeat(199)));
        guest.say(&"x".repeat(200));
        assert_eq!(within("the end", connection.next()).await, None);
        let reason = connection.close_reason().expect("it has ended").to_string();
        assert!(reason.contains("200 bytes (max_incoming) at once"), "{reason}");
    }
}

#[tokio::test]
async fn s5_a_server_that_is_not_understood_learns_that_it_is_over() {
    let _step = step!();
    let server = Answers::with(|request| match request.query("sid") {
        None => Some(answer("200 OK", "", OPEN_POLLING_ONLY)),
        Some(_) if request.begins("POST") => Some(answer("200 OK", "", "ok")),
        Some(_) => Some(answer("200 OK", "", "x")),
    })
    .await;
    let mut connection = connect(Client::builder(&server.url()), Transport::Polling).await;
    assert_eq!(within("the end", connection.next()).await, None);
    let requests = server.requests();
    let last = requests.last().expect("the client asked");
    assert!(last.begins("POST"), "expected a POST, came {last:?}");
    assert_eq!(last.text(), "1", "a close");
}

#[tokio::test]
async fn s5_a_server_that_forgot_the_session_is_understood() {
    let _step = step!();
    let server = Answers::with(|request| match request.query("sid") {
        None => Some(answer("200 OK", "", OPEN_POLLING_ONLY)),
        Some(_) => {
            Some(answer("400 Bad Request", "", r#"{"code":1,"message":"Session ID unknown"}"#))
        }
    })
    .await;
    let mut connection =
        connect(Client::builder(&format!("{}?", server.url())), Transport::Polling).await;
    assert!(server.requests()[0].begins("GET /engine.io/?EIO=4&transport=polling&t="));
    assert_eq!(within("the end", connection.next()).await, None);
    assert_eq!(
        connection.close_reason().expect("it has ended").to_string(),
        "the GET failed: expected status 200 OK, came 400 Bad Request (Session ID unknown)"
    );
}

#[tokio::test]
async fn s5_each_request_carries_what_was_set_and_the_cookies_that_came() {
    let _step = step!();
    let server = Answers::with(|request| match (request.query("sid"), request.is_upgrade()) {
        (None, _) => {
            let cookie =
                "Set-Cookie: node=7; Path=/; HttpOnly\r\nSet-Cookie: other=1; Path=/elsewhere\r\n";
            Some(answer("200 OK", cookie, OPEN))
        }
        (Some(_), true) => {
            Some(answer("503 Service Unavailable", "Set-Cookie: way=2; Path=/\r\n", ""))
        }
        (Some(_), false) if request.begins("POST") => Some(answer("200 OK", "", "ok")),
        (Some(_), false) => None,
    })
    .await;
    let builder = Client::builder(&format!("{}/?room=1", server.url()))
        .path("live")
        .query("token", "a&b")
        .header("authorization", "Bearer x")
        .header("cookie", "theme=dark");
    let mut connection = connect(builder, Transport::Polling).await;
    assert!(matches!(next_event(&mut connection).await, Event::UpgradeFailed(_)));
    connection.send(Message::from("hello")).expect("there is room");
    within("the POST", connection.drained()).await;

    let requests = server.requests();
    let kinds = |request: &network::HttpMessage| (request.begins("POST"), request.is_upgrade());
    assert_eq!(requests.iter().filter(|request| kinds(request) == (true, false)).count(), 1);
    assert_eq!(requests.iter().filter(|request| kinds(request) == (false, true)).count(), 1);
    let mut stamps = std::collections::BTreeSet::new();
    for (index, request) in requests.iter().enumerate() {
        assert!(
            request.begins("GET /live/?room=1&token=a%26b&EIO=4&transport=")
                || request.begins("POST /live/?room=1&token=a%26b&EIO=4&transport="),
            "{request:?}"
        );
        assert_eq!(request.header("authorization"), Some("Bearer x"));
        let cookie = if index == 0 { "theme=dark" } else { "; node=7" };
        let came = request.header("cookie").expect("one was set");
        assert!(came.starts_with("theme=dark") && came.contains(cookie), "{came}");
        assert_eq!(came.contains("way=2"), request.begins("POST"), "after the upgrade: {came}");
        assert!(!came.contains("other=1"), "{came}");
        let stamp = request.query("t");
        assert_eq!(stamp.is_none(), request.is_upgrade());
        assert!(stamp.is_none() || stamps.insert(stamp), "no cache can know this request");
        if request.begins("POST") {
            assert_eq!(request.header("content-type"), Some("text/plain;charset=UTF-8"));
            assert_eq!(request.text(), "4hello");
        }
    }
}

#[test]
fn s5_settings_that_cannot_work_are_refused() {
    let _step = step!();
    // Only a client that is built right is one.
    assert_eq!(Transports::PollingOnly.order(), [Transport::Polling]);
    let wrong = |builder: Builder| builder.build().expect_err("it cannot work").to_string();
    for (url, expected) in [
        (
            "localhost:3000",
            "expected a URL that begins with http, https, ws or wss, came localhost",
        ),
        (
            "3000",
            "expected a URL such as http://localhost:3000, came \"3000\": relative URL without a base",
        ),
        (
            "http://localhost/chat",
            "expected a URL without a path, came /chat; give the server's path with path(…)",
        ),
        (
            "http://me:secret@localhost",
            "expected a URL without name and password; send them with header(\"authorization\", …)",
        ),
    ] {
        assert_eq!(wrong(Client::builder(url)), expected);
    }
    for (name, value) in [("a b", "c"), ("a", "b\r\nc: d")] {
        let error = wrong(Client::builder("http://localhost").header(name, value));
        assert!(error.starts_with("expected a header's name and value, came "), "{error}");
    }
    for url in ["http://localhost", "ws://[::1]:3000/?", "HTTP://LOCALHOST:80/?a=b#c"] {
        Client::builder(url).build().expect("it can work");
    }
}

/// Lives behind a proxy: connects, tries a WebSocket, says hello, hears an answer.
async fn live_behind(rule: Rule) -> Transcript {
    let transcript = Transcript::untimed(&["client", "proxy", "server"]);
    let (host, mut guest) = Guest::at(Server::builder()).await;
    let proxy = Proxy::before(host.address, rule, &transcript).await;
    let mut builder = Client::builder(&proxy.url());
    if let Rule::Stall = rule {
        builder = builder.upgrade_timeout(SECOND);
    }
    let mut connection = connect(builder, Transport::Polling).await;
    match next_event(&mut connection).await {
        Event::Upgraded => transcript.event("client", "moved to the WebSocket"),
        Event::UpgradeFailed(error) => {
            transcript.event("client", format!("stays on polling: {error}"));
        }
        other => panic!("came {other:?}"),
    }
    connection.send(Message::from("hello")).expect("there is room");
    within("hello to leave", connection.drained()).await;
    assert_eq!(guest.hear().await, "hello");
    guest.say("hello to you");
    assert_eq!(next(&mut connection).await, Message::from("hello to you"));
    transcript.event("client", "hears hello to you");
    transcript
}

async fn connect(builder: Builder, begins_on: Transport) -> Connection {
    let connection =
        within("the connection", builder.connect()).await.expect("the server is there");
    assert_eq!(connection.transport(), begins_on);
    connection
}

/// Two ways that stay what they are, and what they begin on.
const WAYS: [(Transports, Transport); 2] = [
    (Transports::PollingOnly, Transport::Polling),
    (Transports::WebSocketFirst, Transport::WebSocket),
];

async fn next(connection: &mut Connection) -> Message {
    let message = within("a message", connection.next()).await;
    message.unwrap_or_else(|| panic!("the session ended: {:?}", connection.close_reason()))
}

async fn next_event(connection: &mut Connection) -> Event {
    let event = within("an event", connection.next_event()).await;
    event.unwrap_or_else(|| panic!("the session ended: {:?}", connection.close_reason()))
}

// One session, its server, and what they say.

struct Scene {
    clock: VirtualClock,
    transcript: Transcript,
    session: Session,
    /// The lines of the transcript, without times.
    said: Vec<String>,
}

impl Scene {
    fn opened(handshake: &str) -> Self {
        Self::with(handshake, Config::default())
    }

    fn with(handshake: &str, config: Config) -> Self {
        let clock = VirtualClock::new();
        let session = Session::open_polling(&handshake.into(), config, clock.now());
        Self::of(session.expect("this is a handshake"), clock)
    }

    fn on_websocket() -> Self {
        let clock = VirtualClock::new();
        let handshake = Frame::Text(OPEN.into());
        let session = Session::open_websocket(handshake, Config::default(), clock.now());
        Self::of(session.expect("this is a handshake"), clock)
    }

    fn of(session: Session, clock: VirtualClock) -> Self {
        let transcript = Transcript::timed_by(&clock, &["client", "server"]);
        let mut scene = Self { clock, transcript, session, said: Vec::new() };
        scene.drain();
        scene
    }

    /// Another session, in the same transcript.
    fn then(self, phase: &str, handshake: &str) -> Self {
        let Self { clock, transcript, .. } = self;
        transcript.phase(phase);
        let config = Config::default();
        let session = Session::open_polling(&handshake.into(), config, clock.now())
            .expect("this is a handshake");
        let mut scene = Self { clock, transcript, session, said: Vec::new() };
        scene.drain();
        scene
    }

    fn input(&mut self, input: Input) {
        match &input {
            Input::PostAnswered => self.server("200 ok"),
            Input::WebSocketOpened => self.server("ws opens"),
            Input::PollAnswered(body) => self.server(&format!("200 {}", visible(body))),
            Input::Frame(frame) => self.server(&format!("ws {}", frame.to_text())),
            Input::WebSocketClosed { .. } => self.server("ws closes"),
            Input::PollFailed { problem } | Input::PostFailed { problem } => self.server(problem),
            Input::Close => self.event("closes the session"),
        }
        self.session.handle_input(input, self.clock.now());
        self.drain();
    }

    fn poll_answered(&mut self, body: &str) {
        self.input(Input::PollAnswered(body.into()));
    }

    fn websocket(&mut self, text: &str) {
        self.input(Input::Frame(Frame::Text(text.into())));
    }

    fn websocket_closes(&mut self) {
        self.input(Input::WebSocketClosed { problem: "it ended".to_owned() });
    }

    fn send(&mut self, text: impl Into<Message>) {
        self.session.send(text.into().into()).expect("the session is open");
        self.drain();
    }

    fn close(&mut self) {
        self.input(Input::Close);
    }

    /// Lets time pass, and the session do what falls due on the way.
    fn wait(&mut self, seconds: u32) {
        let until = self.clock.now() + seconds * SECOND;
        while let Some(due) = self.session.poll_timeout().filter(|due| *due <= until) {
            self.clock.advance(due - self.clock.now());
            self.session.handle_timeout(due);
            self.drain();
        }
        self.clock.advance(until - self.clock.now());
    }

    fn timeout_in(&self) -> Duration {
        self.session.poll_timeout().expect("the session is open") - self.clock.now()
    }

    fn has_ended(&self) -> bool {
        self.session.poll_timeout().is_none()
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Poll => self.client("GET"),
                Output::Post(frames) => {
                    self.client(&format!("POST {}", visible(&payload::encode(&frames))));
                }
                Output::OpenWebSocket => self.client("opens a WebSocket"),
                Output::WebSocket(frame) => self.client(&format!("ws {}", frame.to_text())),
                Output::CloseWebSocket => self.client("ws closes"),
                Output::Event(event) => self.event(&shown(&event)),
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
        self.transcript.event("client", what);
        self.said.push(format!("event: {what}"));
    }

    fn last(&self) -> &str {
        self.said.last().expect("something was said")
    }
}

fn shown(event: &Event) -> String {
    match event {
        Event::Message(Message::Text(text)) => format!("message {text}"),
        Event::Message(Message::Binary(bytes)) => format!("message {bytes:?}"),
        Event::Upgraded => "upgraded".to_owned(),
        Event::UpgradeFailed(error) => format!("upgrade failed: {error}"),
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

// One session, and a server that may do anything.

#[derive(Clone, Debug)]
enum Act {
    Happens(Input),
    /// A message with a text of this length.
    Sends(usize),
    Waits(Duration),
}

fn act() -> impl Strategy<Value = Act> {
    let frame = |text: &'static str| Input::Frame(Frame::Text(text.into()));
    let problem = || "it broke".to_owned();
    let usual = vec![
        Input::PollAnswered("6".into()),
        Input::PollAnswered("4hello\u{1e}2\u{1e}bAQID".into()),
        Input::PostAnswered,
        Input::WebSocketOpened,
        frame("3probe"),
        frame("4hello"),
        frame("2"),
    ];
    let rare = vec![
        Input::PollAnswered("1".into()),
        Input::PollAnswered("".into()),
        Input::PollFailed { problem: problem() },
        Input::PostFailed { problem: problem() },
        Input::WebSocketClosed { problem: problem() },
        frame("1"),
        frame("?"),
        Input::Frame(Frame::Binary(Bytes::from_static(&[1]))),
        Input::Close,
    ];
    prop_oneof![
        9 => prop::sample::select(usual).prop_map(Act::Happens),
        1 => prop::sample::select(rare).prop_map(Act::Happens),
        6 => (0..120_usize).prop_map(Act::Sends),
        2 => (0..12_u64).prop_map(|seconds| Act::Waits(Duration::from_secs(seconds))),
    ]
}

/// What must be true of a session, whatever happens to it.
struct Model {
    session: Session,
    now: Instant,
    get: bool,
    post: bool,
    closing: bool,
    ended: bool,
    sent: Vec<String>,
    left: Vec<String>,
}

impl Model {
    fn new(on_websocket: bool) -> Self {
        let (now, config) = (Instant::now(), Config { max_buffered: 400, ..Config::default() });
        let session = if on_websocket {
            Session::open_websocket(Frame::Text(OPEN.into()), config, now)
        } else {
            Session::open_polling(&OPEN.into(), config, now)
        };
        let mut model = Self {
            session: session.expect("this is a handshake"),
            now,
            get: false,
            post: false,
            closing: false,
            ended: false,
            sent: vec![],
            left: vec![],
        };
        model.drain();
        model
    }

    fn perform(&mut self, act: Act) {
        match act {
            Act::Happens(input) => self.happens(input),
            Act::Sends(length) => self.send(length),
            Act::Waits(time) => {
                self.now += time;
                self.session.handle_timeout(self.now);
                assert!(self.session.poll_timeout().is_none_or(|next| next > self.now));
            }
        }
        self.drain();
    }

    /// Only a request that is under way can be answered.
    fn happens(&mut self, input: Input) {
        let is_possible = match &input {
            Input::PollAnswered(_) | Input::PollFailed { .. } => std::mem::take(&mut self.get),
            Input::PostAnswered | Input::PostFailed { .. } => std::mem::take(&mut self.post),
            _ => true,
        };
        if is_possible {
            self.closing |= matches!(input, Input::Close);
            self.session.handle_input(input, self.now);
        }
    }

    fn send(&mut self, length: usize) {
        let text = format!("4{:03}{}", self.sent.len(), "x".repeat(length));
        let message = EncodedMessage::from_encoded_text(text.clone().into());
        match self.session.send(message.expect("it begins with 4")) {
            Ok(()) => {
                assert!(!self.closing && !self.ended);
                self.sent.push(text);
            }
            Err(SendError::Closed) => assert!(self.closing || self.ended),
            Err(SendError::TooLong { limit, came }) => {
                assert!(limit == 100 && came > 100 && text.len() as u64 == came);
            }
            Err(SendError::Full { limit }) => assert!(self.session.buffered() + text.len() > limit),
        }
        assert!(self.session.buffered() <= 400 + 2, "only a pong and a close are not asked");
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            assert!(!self.ended, "after the end came {output:?}");
            match output {
                Output::Poll => {
                    assert!(!std::mem::replace(&mut self.get, true), "one GET at a time");
                }
                Output::Post(frames) => {
                    assert!(!std::mem::replace(&mut self.post, true), "one POST at a time");
                    assert!(payload::encode(&frames).len() <= 100, "{frames:?}");
                    frames.into_iter().for_each(|frame| self.leave(frame));
                }
                Output::WebSocket(frame) => self.leave(frame),
                Output::Event(Event::Closed(_)) => self.ended = true,
                Output::OpenWebSocket | Output::CloseWebSocket | Output::Event(_) => {}
            }
        }
        assert_eq!(self.left, self.sent[..self.left.len()]);
        assert_eq!(self.ended, self.session.poll_timeout().is_none());
    }

    fn leave(&mut self, frame: Frame) {
        if let Frame::Text(text) = frame
            && text.starts_with('4')
        {
            self.left.push(text.to_string());
        }
    }

    /// A server that answers every request gets everything.
    fn let_the_rest_leave(&mut self) {
        let had_ended = self.ended;
        // No more POSTs than there were acts.
        for _ in 0..70 {
            self.perform(Act::Happens(Input::PollAnswered("6".into())));
            self.perform(Act::Happens(Input::PostAnswered));
        }
        assert_eq!(self.session.buffered(), 0, "all has left");
        if !had_ended {
            assert_eq!(self.left, self.sent);
        }
    }
}

// Both ends, and a network in which each thing takes as long as it takes.

struct Both {
    now: Instant,
    client: Session,
    server: server::Session,
    /// What is on its way, in each direction, on each of three connections.
    get: Option<Way<(), String>>,
    post: Option<Way<String, ()>>,
    websocket: Option<WebSocket>,
    client_upgraded: bool,
    sent_by_client: Vec<String>,
    heard_by_server: Vec<String>,
    sent_by_server: Vec<String>,
    heard_by_client: Vec<String>,
}

/// A request on its way there, at the server, or its answer on its way back.
enum Way<Request, Answer> {
    There(Request),
    Waiting,
    Back(Answer),
}

#[derive(Default)]
struct WebSocket {
    is_open: bool,
    to_server: VecDeque<Option<Frame>>,
    to_client: VecDeque<Option<Frame>>,
}

impl Both {
    fn new(upgrades: bool) -> Self {
        let now = Instant::now();
        let config = server::Config {
            ping_interval: 2 * SECOND,
            ping_timeout: 3600 * SECOND,
            allow_upgrades: upgrades,
            ..server::Config::default()
        };
        let mut server = server::Session::open_polling("A".into(), config, now);
        let Some(server::Output::AnswerGet(frames)) = server.poll_output() else {
            panic!("the server answers the first GET");
        };
        let body = payload::encode(&frames).into();
        let client = Session::open_polling(&body, Config::default(), now);
        let mut both = Self {
            now,
            client: client.expect("our server says what our client expects"),
            server,
            get: None,
            post: None,
            websocket: None,
            client_upgraded: false,
            sent_by_client: vec![],
            heard_by_server: vec![],
            sent_by_server: vec![],
            heard_by_client: vec![],
        };
        both.drain();
        both
    }

    fn act(&mut self, choice: u8) {
        match choice {
            0 | 1 => self.move_get(),
            2 | 3 => self.move_post(),
            4 | 5 => self.websocket_to_server(),
            6 | 7 => self.websocket_to_client(),
            8..=10 => {
                let text = self.sent_by_client.len().to_string();
                self.client.send(encoded(&text)).expect("there is room");
                self.sent_by_client.push(text);
            }
            11..=13 => {
                let text = self.sent_by_server.len().to_string();
                let input = server::Input::Send(encoded(&text));
                self.server.handle_input(input, self.now).expect("it is open");
                self.sent_by_server.push(text);
            }
            14 if !self.client_upgraded => self.websocket_breaks(),
            _ => self.time_passes(),
        }
        self.drain();
    }

    /// A GET goes on by one station.
    fn move_get(&mut self) {
        self.get = match self.get.take() {
            Some(Way::There(())) => {
                // Set before, for the answer may come at once.
                self.get = Some(Way::Waiting);
                self.server.handle_input(server::Input::Get, self.now).expect("it polls");
                self.drain();
                return;
            }
            Some(Way::Back(body)) => {
                self.client.handle_input(Input::PollAnswered(body.into()), self.now);
                None
            }
            other => other,
        }
    }

    fn move_post(&mut self) {
        self.post = match self.post.take() {
            Some(Way::There(body)) => {
                let came =
                    self.server.handle_input(server::Input::PostBegan, self.now).and_then(|()| {
                        self.server.handle_input(server::Input::Post(body.into()), self.now)
                    });
                came.expect("it polls");
                Some(Way::Back(()))
            }
            Some(Way::Back(_)) => {
                self.client.handle_input(Input::PostAnswered, self.now);
                None
            }
            other => other,
        }
    }

    fn websocket_to_server(&mut self) {
        let Some(websocket) = &mut self.websocket else { return };
        if !websocket.is_open {
            websocket.is_open = true;
            let opened = self.server.handle_input(server::Input::WebSocketOpened, self.now);
            opened.expect("there is no other");
            self.client.handle_input(Input::WebSocketOpened, self.now);
            return;
        }
        match websocket.to_server.pop_front() {
            Some(Some(frame)) => {
                self.server
                    .handle_input(server::Input::Frame(frame), self.now)
                    .expect("it is open");
            }
            Some(None) => self.websocket_breaks(),
            None => {}
        }
    }

    fn websocket_to_client(&mut self) {
        let Some(websocket) = &mut self.websocket else { return };
        match websocket.to_client.pop_front() {
            Some(Some(frame)) => self.client.handle_input(Input::Frame(frame), self.now),
            Some(None) => self.websocket_breaks(),
            None => {}
        }
    }

    fn websocket_breaks(&mut self) {
        if let Some(websocket) = self.websocket.take() {
            if websocket.is_open {
                let closed = self.server.handle_input(server::Input::WebSocketClosed, self.now);
                closed.expect("the session goes on");
            }
            let problem = "it broke".to_owned();
            self.client.handle_input(Input::WebSocketClosed { problem }, self.now);
        }
    }

    fn time_passes(&mut self) {
        self.now += SECOND / 50;
        self.server.handle_timeout(self.now);
        self.client.handle_timeout(self.now);
    }

    /// Lets everything arrive.
    fn settle(&mut self) {
        for _ in 0..500 {
            for choice in [0, 2, 4, 6] {
                self.act(choice);
            }
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.server.poll_output() {
            match output {
                server::Output::AnswerGet(frames) => {
                    assert!(matches!(self.get, Some(Way::Waiting)), "a GET waits");
                    self.get = Some(Way::Back(payload::encode(&frames)));
                }
                server::Output::WebSocket(frame) => self.server_sends(Some(frame)),
                server::Output::CloseWebSocket => self.server_sends(None),
                server::Output::Event(server::Event::Message(Message::Text(text))) => {
                    self.heard_by_server.push(text.to_string());
                }
                server::Output::Event(server::Event::Upgraded) => {}
                server::Output::Event(other) => panic!("the server met with {other:?}"),
            }
        }
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Poll => {
                    assert!(self.get.replace(Way::There(())).is_none(), "one GET at a time");
                }
                Output::Post(frames) => {
                    let body = payload::encode(&frames);
                    assert!(self.post.replace(Way::There(body)).is_none(), "one POST at a time");
                }
                Output::OpenWebSocket => self.websocket = Some(WebSocket::default()),
                Output::WebSocket(frame) => self.client_sends(Some(frame)),
                Output::CloseWebSocket => self.client_sends(None),
                Output::Event(Event::Message(Message::Text(text))) => {
                    self.heard_by_client.push(text.to_string());
                }
                Output::Event(Event::Upgraded) => self.client_upgraded = true,
                Output::Event(Event::UpgradeFailed(_)) => {}
                Output::Event(other) => panic!("the client met with {other:?}"),
            }
        }
    }

    fn server_sends(&mut self, frame: Option<Frame>) {
        if let Some(websocket) = &mut self.websocket {
            websocket.to_client.push_back(frame);
        }
    }

    fn client_sends(&mut self, frame: Option<Frame>) {
        if let Some(websocket) = &mut self.websocket {
            websocket.to_server.push_back(frame);
        }
    }
}

fn encoded(text: &str) -> EncodedMessage {
    Message::from(text).into()
}
