//! Lesson 06: frames to a conversation, from either end.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http_message::{Limits, Request, RequestParser};
use http_server::Server;
use proptest::prelude::*;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use transcript::{Peer, Transcript, VirtualClock, pair, step, within};
use websocket_frame::{Frame, FrameDecoder, FrameHeader, MaskKey, Opcode, Part, Role};
use websocket_handshake::{Opening, Policy, accept};

use super::subject::{
    Close, CloseCode, Closure, Config, Connection, Event, Fault, KeepAlive, Message, SendError,
    WebSocket, dial, open, upgrade,
};

/// What a client of the tests masks with.
const MASK: Option<MaskKey> = Some(MaskKey([9, 8, 7, 6]));

// Step 1: a message comes back.

#[test]
fn s1_a_message_in_one_frame_comes_back() {
    let _step = step!();
    let mut scene = Scene::of(Role::Server);
    scene.echoes = true;
    scene.says(Opcode::Text, "hello");
    scene.says(Opcode::Binary, [0, 159, 146, 150]);
    scene.says(Opcode::Text, "");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s1_messages_are_heard_in_order_however_the_bytes_were_cut() {
    let _step = step!();
    let scene = Scene::of(Role::Server);
    let mut bytes = Vec::new();
    for word in ["first", "second", "third"] {
        scene.encode(true, Opcode::Text, word.as_bytes(), &mut bytes);
    }
    for cut in 0..=bytes.len() {
        let mut server = server(Config::default());
        server.handle_bytes(&mut bytes[..cut].to_vec(), scene.clock.now());
        server.handle_bytes(&mut bytes[cut..].to_vec(), scene.clock.now());
        let messages = ["first", "second", "third"].map(Message::from);
        assert_eq!(heard(&mut server), messages, "cut after byte {cut}");
        assert_eq!(server.buffered(), 0);
    }
}

#[test]
fn s1_what_came_behind_a_message_is_read_after_it() {
    let _step = step!();
    let mut server = server(Config::default());
    let now = VirtualClock::new().now();
    server.handle_bytes(&mut b"\x81\x81\0\0\0\0a\x81\x81\0\0\0\0b".to_vec(), now);
    assert_eq!(server.poll_event(), Some(Event::Message(Message::from("a"))));
    assert!(server.has_event(), "so that its shell does not read on");
    server.handle_bytes(&mut b"\x81\x81\0\0\0\0c".to_vec(), now);
    server.handle_end();
    for word in ["b", "c"] {
        assert_eq!(server.poll_event(), Some(Event::Message(Message::from(word))));
    }
    assert_eq!(server.poll_event(), Some(Event::Closed(Closure::Lost)));
    assert!(!server.has_event());
}

#[test]
fn s1_what_came_before_a_fault_can_be_answered() {
    let _step = step!();
    let mut scene = Scene::of(Role::Server);
    scene.echoes = true;
    let mut bytes = Vec::new();
    scene.encode(true, Opcode::Pong, b"", &mut bytes);
    scene.encode(true, Opcode::Pong, b"", &mut bytes);
    scene.encode(true, Opcode::Text, b"hello", &mut bytes);
    bytes.extend(b"\xff\xff");
    scene.raw(&bytes);
    scene.says(Opcode::Text, "hello?");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s1_a_client_masks_each_frame_with_a_key_of_its_own() {
    let _step = step!();
    let mut client = client(Config::default());
    for _ in 0..2 {
        client.send(&Message::from("Hello")).expect("it is open");
    }
    let sent = client.poll_transmit().expect("two frames wait");
    assert_eq!(
        sent, b"\x81\x85\x00\x00\x00\x01Helmo\x81\x85\x00\x00\x00\x02Helno",
        "the keys 1 and 2, which change the fourth byte"
    );
    let mut server = server(Config::default());
    server.send(&Message::from("Hello")).expect("it is open");
    assert_eq!(server.poll_transmit().as_deref(), Some(b"\x81\x05Hello".as_slice()));
    assert_eq!(server.poll_transmit(), None);
}

#[tokio::test(start_paused = true)]
async fn s1_a_socket_is_read_and_written() {
    let _step = step!();
    let mut stage = Stage::new(Config::default());
    stage.peer.say(b"\x81\x85\0\0\0\0hello\x82\x82\0\0\0\0").await;
    stage.peer.hear_exactly(7, "the text again").await;
    stage.peer.say(b"\x01\x02").await;
    stage.peer.hear_exactly(4, "the bytes again").await;
    drop(stage.peer);
    assert_eq!(stage.task.ended().await, Closure::Lost);
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s1_what_came_right_after_the_handshake_is_heard() {
    let _step = step!();
    let (_peer, stream) = tokio::io::duplex(64);
    let early = b"\x81\x82\0\0\0\0hi\x81\x83\0\0\0\0you".to_vec();
    let mut socket = WebSocket::new(stream, early, server(Config::default()));
    assert_eq!(within("the first", socket.next()).await, Ok(Message::from("hi")));
    assert_eq!(within("the second", socket.next()).await, Ok(Message::from("you")));
}

#[tokio::test(start_paused = true)]
async fn s1_a_wait_that_is_given_up_loses_nothing() {
    let _step = step!();
    let transcript = Transcript::timed_by_tokio(&["client", "server"]);
    let (mut peer, stream) = pair(&transcript, "client", "server");
    let mut socket = WebSocket::new(stream, Vec::new(), server(Config::default()));
    let mut messages = Vec::new();
    for byte in b"\x81\x85\0\0\0\0hello\x82\x81\0\0\0\0!" {
        peer.say([*byte]).await;
        if let Ok(next) = timeout(Duration::from_secs(1), socket.next()).await {
            messages.push(next.expect("the connection stands"));
        }
    }
    assert_eq!(messages, [Message::from("hello"), Message::from(b"!".as_slice())]);
}

#[tokio::test(start_paused = true)]
async fn s1_a_stream_that_keeps_bytes_back_is_flushed() {
    let _step = step!();
    let (mut peer, stream) = tokio::io::duplex(64);
    let stream = tokio::io::BufWriter::new(stream);
    let mut socket = WebSocket::new(stream, Vec::new(), server(Config::default()));
    socket.send(&Message::from("hi")).await.expect("it is open");
    within("the text to be written", socket.flush()).await;
    let mut came = [0; 4];
    within("the text", peer.read_exact(&mut came)).await.expect("a pipe that stands");
    assert_eq!(&came, b"\x81\x02hi");
}

#[tokio::test(start_paused = true)]
async fn s1_what_a_server_says_with_its_answer_is_heard() {
    let _step = step!();
    let (mut peer, stream) = tokio::io::duplex(1024);
    let opening = Opening::new("board", "/").expect("an opening");
    let opened = Task::spawn(open(stream, opening, Config::default()));
    let mut parser = RequestParser::new(Limits::default());
    let request = loop {
        let mut piece = Vec::new();
        within("a request", peer.read_buf(&mut piece)).await.expect("a pipe that stands");
        parser.feed(&piece);
        if let Some(request) = parser.next_request().expect("a right request") {
            break request;
        }
    };
    let answer = accept(&request, &Policy::default()).expect("a handshake").response.to_bytes();
    peer.write_all(&[answer.as_slice(), b"\x81\x02hi"].concat()).await.expect("room");
    let mut socket = opened.ended().await.expect("a right answer");
    assert_eq!(within("a text", socket.next()).await, Ok(Message::from("hi")));
}

#[tokio::test(start_paused = true)]
async fn s1_a_peer_that_does_not_read_is_heard() {
    let _step = step!();
    let (mut peer, stream) = tokio::io::duplex(100);
    let mut socket = WebSocket::new(stream, Vec::new(), server(Config::default()));
    socket.send(&Message::Binary(vec![0; 200])).await.expect("it is open");
    peer.write_all(b"\x81\x82\0\0\0\0hi").await.expect("room");
    assert_eq!(within("a text", socket.next()).await, Ok(Message::from("hi")));
}

#[tokio::test(start_paused = true)]
async fn s1_what_the_application_does_not_fetch_makes_the_peer_wait() {
    let _step = step!();
    let (mut peer, stream) = tokio::io::duplex(100);
    let early = b"\x81\x81\0\0\0\0a".to_vec();
    let mut socket = WebSocket::new(stream, early, server(Config::default()));
    let message = Message::Binary(vec![0; 200]);
    socket.send(&message).await.expect("it is open");
    let second = Duration::from_secs(1);
    let more = b"\x81\x81\0\0\0\0b".repeat(100);
    let (written, said) =
        tokio::join!(timeout(second, socket.flush()), timeout(second, peer.write_all(&more)),);
    assert!(written.is_err(), "the peer does not read");
    assert!(said.is_err(), "and nobody reads what it says, while there is news");
}

#[test]
fn s1_messages_that_are_sent_together_travel_together() {
    let _step = step!();
    let mut server = server(Config::default());
    for _ in 0..100 {
        server.send(&Message::from("one of many")).expect("there is room");
    }
    assert_eq!(server.poll_transmit().map(|bytes| bytes.len()), Some(100 * 13), "in one piece");
    assert_eq!(server.poll_transmit(), None);
}

#[tokio::test]
async fn s1_a_client_and_a_server_talk_over_tcp() {
    let _step = step!();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("a bound listener has an address");
    let (tell, told) = oneshot::channel();
    let policy = Policy { subprotocols: vec!["echo.v1".to_owned()], ..Policy::default() };
    let answer = async move |request: Request| {
        upgrade(&request, &policy, Config::default(), async |mut socket| {
            let name = socket.subprotocol().unwrap_or("no name").into();
            socket.send(&Message::Text(name)).await.expect("it is open");
            echo(&mut socket).await;
        })
    };
    let stop = async { told.await.unwrap_or(()) };
    let config = http_server::Config::default();
    let serving = tokio::spawn(Server::new(listener, answer, config).serve(stop));

    let host = address.to_string();
    let opening = Opening::new(&host, "/").and_then(|opening| opening.with_subprotocol("echo.v1"));
    let dialled = dial(address, opening.expect("an opening"), Config::default());
    let mut socket = within("a WebSocket", dialled).await.expect("the server opens one");
    assert_eq!(socket.subprotocol(), Some("echo.v1"));
    assert_eq!(within("the same", socket.next()).await, Ok(Message::from("echo.v1")));
    for message in [Message::from("hello"), Message::Binary(vec![7; 1 << 20]), Message::from("")] {
        socket.send(&message).await.expect("it is open");
        assert_eq!(within("the echo", socket.next()).await, Ok(message));
    }
    drop(socket);

    let mut hasty = TcpStream::connect(address).await.expect("the server listens");
    let request = Opening::new(&host, "/").expect("an opening").start([7; 16]).0;
    let early = [request.as_slice(), b"\x81\x82\0\0\0\0hi"].concat();
    hasty.write_all(&early).await.expect("the server reads");
    let mut came = Vec::new();
    while !came.ends_with(b"\x81\x02hi") {
        let read = within("the echo of an early frame", hasty.read_buf(&mut came)).await;
        assert_ne!(read.expect("a connection that stands"), 0, "came {}", came.escape_ascii());
    }
    drop(hasty);

    tell.send(()).expect("the server runs");
    let report = within("the server to end", serving).await.expect("the server ends well");
    assert_eq!((report.served, report.panicked), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn s1_a_connection_that_is_idle_costs_less_than_a_kilobyte() {
    let _step = step!();
    let (mut peer, stream) = tokio::io::duplex(64);
    let mut socket = WebSocket::new(stream, Vec::new(), server(Config::default()));
    peer.write_all(b"\x81\x82\0\0\0\0hi").await.expect("room");
    assert_eq!(within("a text", socket.next()).await, Ok(Message::from("hi")));
    let (own, waiting) = (size_of_val(&socket), size_of_val(&socket.next()));
    assert!(own + waiting < 1024, "came {own} bytes, and {waiting} while it waits");
}

// Step 2: messages in fragments, and pings between them.

#[test]
fn s2_a_message_may_come_in_fragments_and_a_ping_between_them() {
    let _step = step!();
    let mut scene = Scene::of(Role::Server);
    scene.begins(Opcode::Text, "a message ");
    scene.says(Opcode::Ping, "are you there?");
    scene.begins(Opcode::Continuation, "in three ");
    scene.says(Opcode::Pong, "nobody asked");
    scene.says(Opcode::Continuation, "fragments");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s2_fragments_come_in_order() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    transcript.phase("nothing to continue");
    let mut scene = Scene::on(&transcript, Role::Server);
    scene.says(Opcode::Continuation, "more");
    transcript.phase("a message inside a message");
    let mut scene = Scene::on(&transcript, Role::Server);
    scene.begins(Opcode::Text, "one");
    scene.says(Opcode::Text, "another");
    transcript.phase("bytes inside a text");
    let mut scene = Scene::on(&transcript, Role::Server);
    scene.begins(Opcode::Text, "one");
    scene.says(Opcode::Binary, "another");
    transcript.phase("a message that was finished does not go on");
    let mut scene = Scene::on(&transcript, Role::Server);
    scene.begins(Opcode::Binary, "one");
    scene.says(Opcode::Continuation, "");
    scene.begins(Opcode::Continuation, "more");
    transcript.phase("after a fault nothing is heard");
    scene.says(Opcode::Text, "hello?");
    insta::assert_snapshot!(transcript);
}

#[test]
fn s2_a_long_message_is_sent_in_fragments() {
    let _step = step!();
    let mut scene = Scene::with(Role::Client, Config { max_frame: 4, ..Config::default() });
    for text in ["", "four", "fives", "twice four.."] {
        scene.sends(Message::from(text));
    }
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s2_a_frame_carries_at_least_one_byte() {
    let _step = step!();
    let mut server = server(Config { max_frame: 0, ..Config::default() });
    server.send(&Message::from("abc")).expect("it is open");
    assert_eq!(server.poll_transmit().as_deref(), Some(b"\x01\x01a\x00\x01b\x80\x01c".as_slice()));
}

#[test]
fn s2_each_ping_is_answered_in_its_turn() {
    let _step = step!();
    let mut scene = Scene::of(Role::Server);
    let mut bytes = Vec::new();
    for number in 1..=10 {
        scene.encode(true, Opcode::Ping, format!("ping {number}").as_bytes(), &mut bytes);
    }
    scene.connection.handle_bytes(&mut bytes, scene.clock.now());
    scene.show();
    scene.sends(Message::from("before the next pong"));
    scene.says(Opcode::Ping, "p".repeat(125));
    scene.says(Opcode::Ping, "");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s2_a_flood_of_pings_is_answered_in_part_and_the_latest_always() {
    let _step = step!();
    let mut scene = Scene::of(Role::Server);
    let mut bytes = Vec::new();
    for number in 1..=10_000 {
        scene.encode(true, Opcode::Ping, format!("ping {number}").as_bytes(), &mut bytes);
    }
    scene.connection.handle_bytes(&mut bytes, scene.clock.now());
    let sent = scene.connection.poll_transmit().expect("pongs wait");
    assert!(sent.len() < 5000, "a peer that sends pings is owed {} bytes", sent.len());
    assert!(sent.ends_with(b"\x8a\x0aping 10000"), "the latest is answered");
    assert_eq!(scene.connection.poll_transmit(), None);
}

#[test]
fn s2_fragments_and_pieces_make_no_difference() {
    let _step = step!();
    let input = (prop::collection::vec(any_payload(), 1..4), 1..50_usize, 1..50_usize);
    proptest!(quiet(), |((payloads, fragment, piece) in input)| {
        let mut bytes = Vec::new();
        for payload in &payloads {
            let mut opcode = Opcode::Binary;
            for fragment in payload.chunks(fragment) {
                Frame { is_final: false, opcode, payload: fragment }.encode(MASK, &mut bytes);
                opcode = Opcode::Continuation;
            }
            Frame { is_final: true, opcode, payload: b"" }.encode(MASK, &mut bytes);
        }
        let mut server = server(Config::default());
        for piece in bytes.chunks_mut(piece) {
            server.handle_bytes(piece, VirtualClock::new().now());
        }
        let messages: Vec<Message> = payloads.into_iter().map(Message::Binary).collect();
        prop_assert_eq!(heard(&mut server), messages);
    });
}

// Step 3: UTF-8 as it arrives.

#[test]
fn s3_a_code_point_may_be_cut() {
    let _step = step!();
    let mut scene = Scene::of(Role::Server);
    scene.begins(Opcode::Text, b"\xce");
    scene.begins(Opcode::Continuation, b"\xba\xe2\x82");
    scene.begins(Opcode::Continuation, "");
    scene.says(Opcode::Continuation, b"\xac");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_a_text_is_refused_at_the_first_byte_that_cannot_be_utf8() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    transcript.phase("a byte that never occurs");
    Scene::on(&transcript, Role::Server).says(Opcode::Text, b"\xff");
    transcript.phase("a surrogate, in a message that has not ended");
    Scene::on(&transcript, Role::Server).begins(Opcode::Text, b"ok \xed\xa0");
    transcript.phase("beyond the last code point, in a frame that has not ended");
    Scene::on(&transcript, Role::Server).raw(b"\x81\xe4\0\0\0\0\xf4\x90");
    transcript.phase("an overlong slash, over two fragments");
    let mut scene = Scene::on(&transcript, Role::Server);
    scene.begins(Opcode::Text, b"\xe0");
    scene.begins(Opcode::Continuation, b"\x80");
    transcript.phase("the end, in the middle of a code point");
    Scene::on(&transcript, Role::Server).says(Opcode::Text, b"\xe2\x82");
    insta::assert_snapshot!(transcript);
}

#[test]
fn s3_bytes_are_no_text() {
    let _step = step!();
    let mut scene = Scene::of(Role::Client);
    scene.says(Opcode::Binary, b"\xff\xfe");
    scene.says(Opcode::Text, b"\xff\xfe");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_every_text_is_heard_however_it_was_cut() {
    let _step = step!();
    proptest!(quiet(), |(text: String, fragment in 1..6_usize, piece in 1..9_usize)| {
        let mut client = client(Config { max_frame: fragment, ..Config::default() });
        client.send(&Message::Text(text.clone())).expect("there is room");
        let mut bytes = client.poll_transmit().expect("a frame waits");
        let mut server = server(Config::default());
        for piece in bytes.chunks_mut(piece) {
            server.handle_bytes(piece, VirtualClock::new().now());
        }
        prop_assert_eq!(heard(&mut server), [Message::Text(text)]);
    });
    assert_eq!(
        first_fault("\0\u{feff}\u{ffff}\u{10ffff}".as_bytes()),
        None,
        "all of Unicode is text"
    );
    // Half a code point alone is no text, which nothing above would notice.
    assert_eq!(first_fault(b"\xe2\x82"), Some((2, Fault::NotUtf8)));
}

#[test]
fn s3_no_byte_is_taken_after_which_nothing_can_be_right() {
    let _step = step!();
    proptest!(quiet(), |(bytes in prop::collection::vec(likely_in_utf8(), 0..12))| {
        let is_hopeless = |count: &usize| {
            str::from_utf8(&bytes[..*count]).is_err_and(|error| error.error_len().is_some())
        };
        let expected = (0..=bytes.len()).find(is_hopeless);
        let expected = expected.or(str::from_utf8(&bytes).is_err().then_some(bytes.len()));
        prop_assert_eq!(first_fault(&bytes).map(|(count, _)| count), expected);
    });
}

// Step 4: the close handshake.

#[test]
fn s4_either_side_may_close() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    transcript.phase("the client closes");
    Scene::on(&transcript, Role::Server).says(Opcode::Close, b"\x03\xe8that was all");
    transcript.phase("the server closes");
    let mut scene = Scene::on(&transcript, Role::Server);
    scene.closes(1001, "stopping");
    scene.says(Opcode::Close, b"\x03\xe9");
    transcript.phase("both, at the same time");
    let mut scene = Scene::on(&transcript, Role::Server);
    scene.closes(1000, "");
    scene.says(Opcode::Close, b"\x0f\xa0mine came first");
    transcript.phase("without a code");
    Scene::on(&transcript, Role::Server).says(Opcode::Close, "");
    insta::assert_snapshot!(transcript);
}

#[test]
fn s4_a_client_waits_for_the_server_to_end_tcp() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    transcript.phase("the server closes");
    let mut scene = Scene::on(&transcript, Role::Client);
    scene.says(Opcode::Close, b"\x03\xe9");
    scene.ends();
    transcript.phase("the client closes");
    let mut scene = Scene::on(&transcript, Role::Client);
    scene.closes(1000, "that was all");
    scene.says(Opcode::Close, b"\x03\xe8");
    scene.ends();
    transcript.phase("the server ends TCP without a close");
    let mut scene = Scene::on(&transcript, Role::Client);
    scene.closes(1000, "");
    scene.ends();
    insta::assert_snapshot!(transcript);
}

#[test]
fn s4_nobody_is_waited_for_without_end() {
    let _step = step!();
    let clock = VirtualClock::new();
    let transcript = Transcript::timed_by(&clock, &["client", "server"]);
    transcript.phase("the client does not answer the close");
    let mut scene = Scene::timed(&transcript, &clock, Role::Server, Config::default());
    scene.closes(1001, "stopping");
    scene.pass(3);
    scene.says(Opcode::Text, "but I have not finished");
    scene.closes(1001, "as I said");
    scene.pass(2);
    transcript.phase("the server does not end TCP");
    let mut scene = Scene::timed(&transcript, &clock, Role::Client, Config::default());
    scene.pass(1);
    scene.says(Opcode::Close, b"\x03\xe9");
    scene.pass(4);
    scene.says(Opcode::Text, "one more thing");
    scene.pass(1);
    insta::assert_snapshot!(transcript);
}

#[test]
fn s4_a_wait_may_have_no_end() {
    let _step = step!();
    let endless = Config { close_timeout: Duration::MAX, keep_alive: None, ..Config::default() };
    for role in [Role::Server, Role::Client] {
        let mut scene = Scene::with(role, endless.clone());
        scene.closes(1000, "");
        assert!(!scene.connection.has_ended(), "the peer has not answered");
        assert_eq!(scene.connection.poll_timeout(), None);
        scene.says(Opcode::Close, "");
        assert_eq!(scene.connection.poll_timeout(), None);
        scene.ends();
        assert!(scene.connection.has_ended());
    }
}

#[test]
fn s4_after_a_close_nothing_is_sent() {
    let _step = step!();
    let mut scene = Scene::of(Role::Server);
    scene.closes(1000, "");
    scene.sends(Message::from("one more thing"));
    scene.says(Opcode::Ping, "are you there?");
    scene.closes(1001, "again");
    scene.says(Opcode::Text, "I was not finished");
    scene.says(Opcode::Binary, [0xff]);
    scene.says(Opcode::Close, "");
    scene.sends(Message::from("really"));
    scene.transcript.phase("not even after a fault");
    let mut scene = Scene::on(&scene.transcript, Role::Server);
    scene.closes(1000, "");
    scene.says(Opcode::Continuation, "of nothing");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_after_the_peers_close_nothing_is_heard() {
    let _step = step!();
    for role in [Role::Server, Role::Client] {
        let mut scene = Scene::of(role);
        scene.connection.send(&Message::Binary(vec![0; 5000])).expect("it is open");
        let mut bytes = Vec::new();
        scene.encode(true, Opcode::Ping, b"last", &mut bytes);
        scene.encode(true, Opcode::Close, b"\x03\xe8", &mut bytes);
        scene.encode(true, Opcode::Text, b"and another thing", &mut bytes);
        bytes.extend(b"\xff\xff\xff");
        scene.connection.handle_bytes(&mut bytes, scene.clock.now());
        scene.connection.handle_end();
        let close = Close::new(CloseCode::NORMAL, "").expect("it is short");
        let events: Vec<Event> = std::iter::from_fn(|| scene.connection.poll_event()).collect();
        assert_eq!(events, [Event::Closed(Closure::ByPeer(Some(close)))]);
        let sent = scene.connection.poll_transmit().expect("a close is answered");
        assert_eq!(scene.read(sent)[1..], [b"close 1000"], "the ping found no room, and is not");
    }
}

#[test]
fn s4_what_came_before_a_close_can_be_answered() {
    let _step = step!();
    let mut scene = Scene::of(Role::Server);
    scene.echoes = true;
    let mut bytes = Vec::new();
    scene.encode(true, Opcode::Text, b"hello", &mut bytes);
    scene.encode(true, Opcode::Binary, b"\xff", &mut bytes);
    scene.encode(true, Opcode::Close, b"\x03\xe8", &mut bytes);
    scene.raw(&bytes);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_a_close_frame_says_a_code_and_a_reason_or_nothing() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    let payloads: [&[u8]; 8] = [
        b"",
        b"\x03",
        b"\x03\xe8",
        b"\x03\xe8caf\xc3\xa9",
        b"\x03\xe8caf\xc3",
        b"\x03\xed",
        b"\x03\xee",
        b"\x00\x00",
    ];
    for payload in payloads {
        Scene::on(&transcript, Role::Server).says(Opcode::Close, payload);
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn s4_a_code_is_one_that_may_travel() {
    let _step = step!();
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for code in (0..=u16::MAX).filter(|code| CloseCode::new(*code).is_ok()) {
        assert_eq!(CloseCode::new(code).map(CloseCode::number), Ok(code));
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == code => *last = code,
            _ => ranges.push((code, code)),
        }
    }
    assert_eq!(ranges, [(1000, 1003), (1007, 1014), (3000, 4999)]);
}

#[test]
fn s4_a_reason_fits_into_its_frame() {
    let _step = step!();
    let longest = "r".repeat(Close::MAX_REASON);
    let close = Close::new(CloseCode::NORMAL, &longest).expect("it fits");
    assert!(Close::new(CloseCode::NORMAL, &(longest + "r")).is_err());
    assert!(Close::new(CloseCode::NORMAL, &"é".repeat(62)).is_err(), "124 bytes");
    let mut client = client(Config::default());
    client.close(Some(&close), VirtualClock::new().now());
    let mut bytes = client.poll_transmit().expect("a close waits");
    let mut server = server(Config::default());
    server.handle_bytes(&mut bytes, VirtualClock::new().now());
    assert_eq!(server.poll_event(), Some(Event::Closed(Closure::ByPeer(Some(close)))));
}

#[test]
fn s4_two_ends_of_ours_find_no_fault_with_each_other() {
    let _step = step!();
    let action = (0..2_usize, 0..8_u8, any::<String>());
    let input = (prop::collection::vec(action, 0..30), 1..20_usize);
    proptest!(quiet(), |((actions, max_frame) in input)| {
        let now = VirtualClock::new().now();
        let config = Config { max_frame, ..Config::default() };
        let mut ends = [client(config.clone()), server(config)];
        let mut on_the_way = [Vec::new(), Vec::new()];
        let (mut said, mut heard) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
        let last = [(0, 0), (1, 7), (0, 7), (1, 7), (0, 7)];
        let last = last.map(|(me, action)| (me, action, String::new()));
        for (me, action, text) in actions.into_iter().chain(last) {
            match action {
                0 => ends[me].close(None, now),
                1..=4 => {
                    let message = Message::Text(text);
                    if ends[me].send(&message).is_ok() {
                        said[me].push(Event::Message(message));
                    }
                }
                _ => {
                    ends[me].handle_bytes(&mut std::mem::take(&mut on_the_way[me]), now);
                    heard[me].extend(std::iter::from_fn(|| ends[me].poll_event()));
                }
            }
            on_the_way[1 - me].extend(ends[me].poll_transmit().unwrap_or_default());
        }
        for (end, heard) in ends.iter_mut().zip(&mut heard) {
            end.handle_end();
            heard.extend(std::iter::from_fn(|| end.poll_event()));
            let closed = heard.pop();
            let is_in_good_order =
                matches!(closed, Some(Event::Closed(Closure::ByPeer(None) | Closure::ByUs(None))));
            prop_assert!(is_in_good_order, "came {closed:?}");
        }
        prop_assert_eq!(&heard[0], &said[1]);
        prop_assert_eq!(&heard[1], &said[0]);
    });
}

#[tokio::test(start_paused = true)]
async fn s4_a_socket_is_closed_in_good_order() {
    let _step = step!();
    let mut stage = Stage::new(Config::default());
    stage.peer.say(b"\x88\x86\0\0\0\0\x03\xe8done").await;
    stage.peer.hear_close("the answer, and the end of the connection").await;
    drop(stage.peer);
    let close = Close::new(CloseCode::NORMAL, "done").expect("it is short");
    assert_eq!(stage.task.ended().await, Closure::ByPeer(Some(close)));
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s4_a_fault_is_explained_to_a_peer_that_still_sends() {
    let _step = step!();
    let mut stage = Stage::new(Config::default());
    stage.peer.say(b"\x88\x81\0\0\0\0\x03").await;
    stage.peer.say(vec![b'x'; 500_000]).await;
    let heard = stage.peer.hear_close("the reason, and the end of the connection").await;
    let heard = String::from_utf8_lossy(&heard);
    assert!(heard.contains("expected a close code of two bytes"), "came {heard}");
    drop(stage.peer);
    assert_eq!(stage.task.ended().await, Closure::Failed(Fault::HalfCloseCode));
}

#[tokio::test(start_paused = true)]
async fn s4_a_peer_that_stays_is_left_after_the_timeout() {
    let _step = step!();
    let (_peer, stream) = tokio::io::duplex(64);
    let early = b"\x88\x82\0\0\0\0\x03\xe8".to_vec();
    let mut socket = WebSocket::new(stream, early, server(Config::default()));
    let started = tokio::time::Instant::now();
    let close = Close::new(CloseCode::NORMAL, "").expect("it is short");
    for _ in 0..2 {
        let ended = within("the end", socket.next()).await;
        assert_eq!(ended, Err(Closure::ByPeer(Some(close.clone()))));
    }
    assert_eq!(started.elapsed(), Config::default().close_timeout, "once");
}

#[tokio::test(start_paused = true)]
async fn s4_a_close_is_due_before_the_ping_that_was_due_first() {
    let _step = step!();
    let (_peer, stream) = tokio::io::duplex(64);
    let mut socket = WebSocket::new(stream, Vec::new(), server(watchful()));
    assert!(timeout(Duration::from_secs(1), socket.next()).await.is_err(), "nobody speaks");
    assert_eq!(within("the end", socket.close(None)).await, Closure::Unanswered);
}

#[tokio::test(start_paused = true)]
async fn s4_a_peer_that_never_stops_does_not_keep_us() {
    let _step = step!();
    let endless = b"\x8a\0".repeat(100_000);
    let stream = tokio::io::join(endless.as_slice(), tokio::io::sink());
    let config = Config { close_timeout: Duration::ZERO, ..Config::default() };
    let mut socket = WebSocket::new(stream, Vec::new(), client(config));
    assert_eq!(within("the end", socket.close(None)).await, Closure::Unanswered);
}

#[tokio::test(start_paused = true)]
async fn s4_a_client_and_a_server_part_as_friends() {
    let _step = step!();
    let (one, other) = tokio::io::duplex(1024);
    let mut client = WebSocket::new(one, Vec::new(), client(Config::default()));
    let task = Task::spawn(async move {
        let mut socket = WebSocket::new(other, Vec::new(), server(Config::default()));
        echo(&mut socket).await
    });
    let close = Close::new(CloseCode::NORMAL, "that was all").expect("it is short");
    let started = tokio::time::Instant::now();
    let closed = within("the close", client.close(Some(&close))).await;
    assert_eq!(closed, Closure::ByUs(Some(close.clone())));
    assert_eq!(within("the same again", client.next()).await, Err(closed));
    drop(client);
    assert_eq!(task.ended().await, Closure::ByPeer(Some(close)));
    assert_eq!(started.elapsed(), Duration::ZERO, "nobody waited for a timeout");
}

// Step 5: limits, and silence.

#[test]
fn s5_a_message_is_refused_at_the_frame_that_makes_it_too_long() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    let config = || Config { max_message: 8, ..Config::default() };
    let clock = VirtualClock::new();
    transcript.phase("as long as may be");
    let mut scene = Scene::timed(&transcript, &clock, Role::Server, config());
    scene.begins(Opcode::Text, "four");
    scene.says(Opcode::Continuation, "more");
    transcript.phase("one byte more, and only its header has come");
    scene.begins(Opcode::Binary, "four");
    scene.raw(b"\x80\x85\0\0\0\0");
    let kept = scene.connection.buffered();
    transcript.phase("a code point that was cut counts");
    let mut scene = Scene::timed(&transcript, &clock, Role::Server, config());
    scene.begins(Opcode::Text, b"seven..\xce");
    scene.raw(b"\x80\x81\0\0\0\0");
    transcript.phase("in a single frame");
    let mut scene = Scene::timed(&transcript, &clock, Role::Server, config());
    scene.raw(b"\x82\x89\0\0\0\0");
    transcript.phase("more than 32 bits can count");
    let mut scene = Scene::timed(&transcript, &clock, Role::Server, config());
    scene.raw(b"\x82\xff\0\0\0\x01\0\0\0\0\0\0\0\0");
    insta::assert_snapshot!(transcript);
    assert_eq!(kept, 0, "what was kept is given back");
    let mut server = server(Config { max_message: 2 << 20, ..Config::default() });
    server.handle_bytes(&mut b"\x82\xff\0\0\0\0\0\x20\0\0".to_vec(), clock.now());
    assert!(!server.has_ended(), "there is no other limit");
}

#[test]
fn s5_what_waits_to_be_sent_is_bounded() {
    let _step = step!();
    let mut scene = Scene::with(Role::Server, Config { max_buffered: 100, ..Config::default() });
    let message = Message::Binary(vec![0; 49]);
    let send = |connection: &mut Connection| connection.send(&message);
    assert_eq!(send(&mut scene.connection), Ok(()));
    let full = SendError::Full { limit: 100, waiting: 51, came: 50 };
    assert_eq!(scene.connection.send(&Message::Binary(vec![0; 50])), Err(full));
    assert_eq!(send(&mut scene.connection), Ok(()), "the bound is exact");
    let full = SendError::Full { limit: 100, waiting: 102, came: 49 };
    assert_eq!(send(&mut scene.connection), Err(full));
    assert_eq!(scene.connection.poll_transmit().map(|bytes| bytes.len()), Some(102));
    assert_eq!(send(&mut scene.connection), Ok(()), "there is room again");
}

#[test]
fn s5_a_silent_peer_is_asked_and_then_given_up() {
    let _step = step!();
    let clock = VirtualClock::new();
    let transcript = Transcript::timed_by(&clock, &["client", "server"]);
    let mut scene = Scene::timed(&transcript, &clock, Role::Server, watchful());
    scene.pass(30);
    scene.pass(1);
    scene.says(Opcode::Pong, "");
    scene.pass(29);
    scene.says(Opcode::Text, "I am here");
    scene.pass(30);
    scene.pass(19);
    scene.raw(b"\x81");
    transcript.note("one byte of a frame is a sign of life");
    scene.pass(30);
    scene.pass(20);
    insta::assert_snapshot!(transcript);
}

#[test]
fn s5_time_alone_does_nothing_before_its_time() {
    let _step = step!();
    let clock = VirtualClock::new();
    let mut quiet =
        Connection::server(Config { keep_alive: None, ..Config::default() }, clock.now());
    assert_eq!(quiet.poll_timeout(), None);
    let mut server = Connection::server(watchful(), clock.now());
    let due = server.poll_timeout().expect("a ping is due some time");
    assert_eq!(due - clock.now(), Duration::from_secs(30));
    clock.advance(Duration::from_millis(29_999));
    server.handle_timeout(clock.now());
    quiet.handle_timeout(clock.now());
    assert_eq!((server.poll_transmit(), quiet.poll_transmit()), (None, None));
    // Late, as after a sleep: the peer has its time to answer all the same.
    clock.advance(Duration::from_secs(60));
    server.handle_timeout(clock.now());
    quiet.handle_timeout(clock.now());
    assert_eq!(server.poll_transmit().as_deref(), Some(b"\x89\0".as_slice()));
    let due = server.poll_timeout().expect("an answer is due some time");
    assert_eq!(due - clock.now(), Duration::from_secs(20));
    assert_eq!(quiet.poll_transmit(), None);
    let patient = KeepAlive { interval: Duration::MAX, timeout: Duration::MAX };
    let config = Config { keep_alive: Some(patient), ..Config::default() };
    let mut patient = Connection::server(config, clock.now());
    patient.handle_timeout(clock.now());
    assert_eq!((patient.poll_timeout(), patient.poll_transmit()), (None, None));
}

#[tokio::test(start_paused = true)]
async fn s5_a_socket_notices_that_its_peer_is_gone() {
    let _step = step!();
    let second = Duration::from_secs(1);
    let keep_alive = KeepAlive { interval: 3 * second, timeout: 2 * second };
    let mut stage = Stage::new(Config { keep_alive: Some(keep_alive), ..Config::default() });
    stage.peer.hear_exactly(2, "a ping").await;
    stage.peer.say(b"\x8a\x80\0\0\0\0").await;
    stage.peer.hear_exactly(2, "another ping").await;
    stage.peer.hear_close("the end, as no pong came").await;
    assert_eq!(stage.task.ended().await, Closure::Silent);
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s5_a_peer_that_does_not_read_holds_up_who_sends() {
    let _step = step!();
    let (mut peer, stream) = tokio::io::duplex(1000);
    let config = Config { max_buffered: 2000, keep_alive: None, ..Config::default() };
    let mut socket = WebSocket::new(stream, Vec::new(), server(config));
    let message = Message::Binary(vec![0; 900]);
    let mut taken = 0;
    while let Ok(sent) = timeout(Duration::from_secs(1), socket.send(&message)).await {
        sent.expect("it is open");
        taken += 1;
        assert!(taken < 100, "a peer that does not read was sent {taken} messages");
    }
    assert!(taken * 900 <= 1000 + 2 * 2000, "came {taken} messages");
    let reading = Task::spawn(async move {
        let mut bytes = Vec::new();
        peer.read_to_end(&mut bytes).await.expect("a pipe that ends well");
        bytes.len()
    });
    within("room", socket.send(&message)).await.expect("it is open");
    within("all to be written", socket.flush()).await;
    drop(socket);
    assert_eq!(reading.ended().await, (taken + 1) * 904);
    let alone = Config { max_buffered: 10, ..Config::default() };
    let mut socket = WebSocket::new(tokio::io::duplex(8).0, Vec::new(), server(alone));
    let never = within("an error", socket.send(&message)).await;
    assert_eq!(never, Err(SendError::Full { limit: 10, waiting: 0, came: 900 }));
}

#[tokio::test(start_paused = true)]
async fn s5_a_peer_that_reads_slowly_is_there_and_one_that_stops_is_not() {
    let _step = step!();
    for early in [b"".as_slice(), b"\x81\x80\0\0\0\0"] {
        let (mut peer, stream) = tokio::io::duplex(100);
        let second = Duration::from_secs(1);
        let keep_alive = Some(KeepAlive { interval: 3 * second, timeout: 2 * second });
        let config = Config { max_buffered: 1000, keep_alive, ..Config::default() };
        let mut socket = WebSocket::new(stream, early.to_vec(), server(config));
        let message = Message::Binary(vec![0; 896]);
        socket.send(&message).await.expect("there is room");
        let reading = Task::spawn(async move {
            let mut every_second = tokio::time::interval(second);
            for _ in 0..8 {
                every_second.tick().await;
                peer.read_exact(&mut [0; 100]).await.expect("a pipe that stands");
            }
            peer
        });
        within("room", socket.send(&message)).await.expect("it took eight seconds");
        let _peer = reading.ended().await;
        assert_eq!(within("the end", socket.send(&message)).await, Err(SendError::Closed));
        if !early.is_empty() {
            assert_eq!(socket.next().await, Ok(Message::from("")), "it came before the end");
        }
        assert_eq!(socket.next().await, Err(Closure::Silent));
    }
}

/// The fuzz test: `PROPTEST_CASES` says how long it goes on.
#[test]
fn s5_no_bytes_make_it_panic_or_keep_more_than_its_limits() {
    let _step = step!();
    let piece = prop_oneof![any_frame(), prop::collection::vec(likely_in_frames(), 0..40)];
    let input = (any::<bool>(), prop::collection::vec((piece, 0..40_u64), 0..30));
    proptest!(quiet(), |((is_server, pieces) in input)| {
        let config = Config { max_message: 64, max_buffered: 256, ..watchful() };
        let clock = VirtualClock::new();
        let mut connection = if is_server {
            Connection::server(config, clock.now())
        } else {
            Connection::client(config, counting(), clock.now())
        };
        let mut closed = 0;
        for (mut piece, seconds) in pieces {
            if !is_server {
                unmask(&mut piece);
            }
            connection.handle_bytes(&mut piece, clock.now());
            prop_assert!(connection.buffered() <= 64 + 125 + 14);
            clock.advance(Duration::from_secs(seconds));
            connection.handle_timeout(clock.now());
            while let Some(event) = connection.poll_event() {
                prop_assert_eq!(closed, 0, "nothing comes after the end");
                match event {
                    Event::Message(message) => {
                        prop_assert!(length(&message) <= 64);
                        // Refused when a close has come, or when too much waits.
                        let _ = connection.send(&message);
                    }
                    Event::Closed(_) => closed += 1,
                }
            }
            if seconds % 2 == 0 {
                let sent = connection.poll_transmit().unwrap_or_default();
                prop_assert!(sent.len() <= 256 + 3 * 139, "came {} bytes", sent.len());
            }
        }
        connection.handle_end();
        closed += std::iter::from_fn(|| connection.poll_event()).count();
        prop_assert_eq!(closed, 1);
    });
    let mut server = server(Config { max_message: 64, ..Config::default() });
    let mut endless = b"\x02\xc0\0\0\0\0".to_vec();
    endless.extend([0; 64]);
    endless.extend(b"\x00\x81\0\0\0\0\0");
    server.handle_bytes(&mut endless, VirtualClock::new().now());
    assert_eq!(server.buffered(), 0, "65 bytes are refused");
}

// What the tests share.

/// One end of a connection in the hands of the test, which plays the other.
struct Scene {
    transcript: Transcript,
    clock: VirtualClock,
    connection: Connection,
    /// Reads what the connection sends.
    decoder: FrameDecoder,
    role: Role,
    echoes: bool,
}

impl Scene {
    fn of(role: Role) -> Self {
        Self::on(&Transcript::untimed(&["client", "server"]), role)
    }

    fn with(role: Role, config: Config) -> Self {
        let transcript = Transcript::untimed(&["client", "server"]);
        Self::timed(&transcript, &VirtualClock::new(), role, config)
    }

    fn on(transcript: &Transcript, role: Role) -> Self {
        Self::timed(transcript, &VirtualClock::new(), role, Config::default())
    }

    fn timed(transcript: &Transcript, clock: &VirtualClock, role: Role, config: Config) -> Self {
        let (connection, reader) = match role {
            Role::Server => (Connection::server(config, clock.now()), Role::Client),
            Role::Client => (Connection::client(config, counting(), clock.now()), Role::Server),
        };
        Self {
            transcript: transcript.clone(),
            clock: clock.clone(),
            connection,
            decoder: FrameDecoder::new(websocket_frame::Config::new(reader)),
            role,
            echoes: false,
        }
    }

    /// The peer sends a whole message, or a control frame, or the last fragment.
    fn says(&mut self, opcode: Opcode, payload: impl AsRef<[u8]>) {
        self.frame(true, opcode, payload.as_ref());
    }

    /// The peer sends a fragment, and more are to follow.
    fn begins(&mut self, opcode: Opcode, payload: impl AsRef<[u8]>) {
        self.frame(false, opcode, payload.as_ref());
    }

    fn frame(&mut self, is_final: bool, opcode: Opcode, payload: &[u8]) {
        let (me, peer) = self.lanes();
        self.transcript.message(peer, me, shown(is_final, opcode, payload));
        let mut bytes = Vec::new();
        self.encode(is_final, opcode, payload, &mut bytes);
        self.connection.handle_bytes(&mut bytes, self.clock.now());
        self.show();
    }

    /// The peer sends these bytes.
    fn raw(&mut self, bytes: &[u8]) {
        let (me, peer) = self.lanes();
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.transcript.message(peer, me, hex.join(" "));
        self.connection.handle_bytes(&mut bytes.to_vec(), self.clock.now());
        self.show();
    }

    /// The TCP connection ends.
    fn ends(&mut self) {
        self.transcript.event(self.lanes().1, "ends the TCP connection");
        self.connection.handle_end();
        self.show();
    }

    fn sends(&mut self, message: Message) {
        self.send(&message);
        self.show();
    }

    fn closes(&mut self, code: u16, reason: &str) {
        let code = CloseCode::new(code).expect("a code that may travel");
        let close = Close::new(code, reason).expect("it is short");
        self.connection.close(Some(&close), self.clock.now());
        self.show();
    }

    fn pass(&mut self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.connection.handle_timeout(self.clock.now());
        self.show();
    }

    /// Writes down what the connection says, and what its application hears.
    fn show(&mut self) {
        let (me, peer) = self.lanes();
        loop {
            if let Some(sent) = self.connection.poll_transmit() {
                for frame in self.read(sent) {
                    self.transcript.message(me, peer, frame);
                }
            } else if let Some(event) = self.connection.poll_event() {
                self.transcript.event(me, news(&event));
                if let (true, Event::Message(message)) = (self.echoes, event) {
                    self.send(&message);
                }
            } else {
                return;
            }
        }
    }

    fn send(&mut self, message: &Message) {
        if let Err(error) = self.connection.send(message) {
            self.transcript.event(self.lanes().0, format!("cannot send: {error}"));
        }
    }

    /// The frames in what the connection sent.
    fn read(&mut self, mut sent: Vec<u8>) -> Vec<Vec<u8>> {
        let mut input = sent.as_mut_slice();
        let mut frames = Vec::new();
        let mut current = (false, Opcode::Continuation, Vec::new());
        while let Some(part) = self.decoder.next_part(&mut input).expect("our own frames are right")
        {
            match part {
                Part::Header(FrameHeader { is_final, opcode, .. }) => {
                    current = (is_final, opcode, Vec::new());
                }
                Part::Payload(piece) => current.2.extend_from_slice(piece),
                Part::End => frames.push(shown(current.0, current.1, &current.2)),
            }
        }
        frames
    }

    /// As the peer sends it.
    fn encode(&self, is_final: bool, opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
        let mask = if self.role == Role::Server { MASK } else { None };
        Frame { is_final, opcode, payload }.encode(mask, out);
    }

    /// The connection's end, and the other.
    fn lanes(&self) -> (&'static str, &'static str) {
        match self.role {
            Role::Server => ("server", "client"),
            Role::Client => ("client", "server"),
        }
    }
}

/// An echo on one end of a connection in memory; the other is the test's.
struct Stage {
    transcript: Transcript,
    peer: Peer<DuplexStream>,
    task: Task<Closure>,
}

impl Stage {
    fn new(config: Config) -> Self {
        let transcript = Transcript::timed_by_tokio(&["client", "server"]);
        let (peer, stream) = pair(&transcript, "client", "server");
        let task = Task::spawn(async move {
            let mut socket = WebSocket::new(stream, Vec::new(), server(config));
            echo(&mut socket).await
        });
        Self { transcript, peer, task }
    }
}

/// A task whose panics are the test's.
struct Task<T>(JoinHandle<T>);

impl<T: Send + 'static> Task<T> {
    fn spawn(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self(tokio::spawn(future))
    }

    async fn ended(self) -> T {
        match within("the task to end", self.0).await {
            Ok(output) => output,
            Err(error) => resume_unwind(error.into_panic()),
        }
    }
}

async fn echo<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocket<S>) -> Closure {
    loop {
        match socket.next().await {
            Ok(message) => socket.send(&message).await.expect("there is room"),
            Err(closure) => return closure,
        }
    }
}

fn server(config: Config) -> Connection {
    Connection::server(config, tokio_or_any_now())
}

fn client(config: Config) -> Connection {
    Connection::client(config, counting(), tokio_or_any_now())
}

/// tokio's time, if it is there: only in a runtime does time pass by itself.
fn tokio_or_any_now() -> std::time::Instant {
    match tokio::runtime::Handle::try_current() {
        Ok(_) => tokio::time::Instant::now().into_std(),
        Err(_) => VirtualClock::new().now(),
    }
}

/// The keys 1, 2, 3 and so on.
fn counting() -> impl FnMut() -> MaskKey + Send + 'static {
    let count = AtomicU32::new(0);
    move || MaskKey((count.fetch_add(1, Ordering::Relaxed) + 1).to_be_bytes())
}

fn watchful() -> Config {
    let second = Duration::from_secs(1);
    let keep_alive = KeepAlive { interval: 30 * second, timeout: 20 * second };
    Config { keep_alive: Some(keep_alive), ..Config::default() }
}

/// All messages that came, when nothing else did.
fn heard(connection: &mut Connection) -> Vec<Message> {
    let news = std::iter::from_fn(|| connection.poll_event());
    news.map(|event| match event {
        Event::Message(message) => message,
        Event::Closed(closure) => panic!("expected messages, came the end: {closure}"),
    })
    .collect()
}

/// After how many bytes of a text a server refuses it, if it does.
fn first_fault(text: &[u8]) -> Option<(usize, Fault)> {
    let mut server = server(Config::default());
    let mut fault = |bytes: &[u8]| {
        server.handle_bytes(&mut bytes.to_vec(), VirtualClock::new().now());
        match server.poll_event() {
            Some(Event::Closed(Closure::Failed(fault))) => Some(fault),
            _ => None,
        }
    };
    let header = FrameHeader {
        is_final: true,
        opcode: Opcode::Text,
        mask: Some(MaskKey([0; 4])),
        payload_len: text.len() as u64,
    };
    let first = fault(&header.to_bytes()).map(|fault| (0, fault));
    first.or_else(|| {
        text.iter().enumerate().find_map(|(index, byte)| Some((index + 1, fault(&[*byte])?)))
    })
}

fn news(event: &Event) -> String {
    match event {
        Event::Message(Message::Text(text)) => format!("hears the text {text:?}"),
        Event::Message(Message::Binary(bytes)) => format!("hears the bytes {bytes:02x?}"),
        Event::Closed(Closure::Failed(fault)) => {
            format!("ends, as told with {}", fault.close_code())
        }
        Event::Closed(closure) => format!("ends: {closure}"),
    }
}

/// A frame, for people: its opcode, a close code as a number, the payload, and `…` if more frames
/// follow.
fn shown(is_final: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let (code, rest) = match (opcode, payload.split_first_chunk()) {
        (Opcode::Close, Some((code, rest))) => (format!(" {}", u16::from_be_bytes(*code)), rest),
        _ => (String::new(), payload),
    };
    let space = if rest.is_empty() { "" } else { " " };
    let dots = if is_final { "" } else { " …" };
    [format!("{opcode}{code}{space}").as_bytes(), rest, dots.as_bytes()].concat()
}

fn length(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) => bytes.len(),
    }
}

/// No file of failures: a failure prints its input.
fn quiet() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

fn any_payload() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..200)
}

/// A masked frame as a client might send it, in any order, so that random input gets beyond the first.
fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let opcodes = [
        Opcode::Continuation,
        Opcode::Continuation,
        Opcode::Text,
        Opcode::Binary,
        Opcode::Ping,
        Opcode::Pong,
        Opcode::Close,
    ];
    let payload = prop::collection::vec(likely_in_utf8(), 0..30);
    (any::<bool>(), prop::sample::select(opcodes.to_vec()), payload).prop_map(
        |(is_final, opcode, payload)| {
            let mut bytes = Vec::new();
            let is_final = is_final || opcode.is_control();
            // A mask of zeros changes nothing, so the same frame can be made a server's.
            let mask = Some(MaskKey([0; 4]));
            Frame { is_final, opcode, payload: &payload }.encode(mask, &mut bytes);
            bytes
        },
    )
}

/// Makes a short frame of a client one of a server.
fn unmask(bytes: &mut Vec<u8>) {
    if let [_, length @ 0x80..=0xfd, 0, 0, 0, 0, ..] = bytes.as_mut_slice() {
        *length &= 0x7f;
        bytes.drain(2..6);
    }
}

fn likely_in_utf8() -> impl Strategy<Value = u8> {
    prop_oneof![
        2 => prop::sample::select(b"a\x80\xbf\x9f\xa0\x90\xc1\xc2\xe0\xe2\xed\xf0\xf4\xf5\xff".as_slice()),
        1 => 0..0x80_u8,
    ]
}

fn likely_in_frames() -> impl Strategy<Value = u8> {
    prop_oneof![
        4 => prop::sample::select(b"\x00\x01\x02\x7d\x7e\x7f\x80\x81\x82\x83\x88\x89\x8a\xfe\xff".as_slice()),
        1 => any::<u8>(),
    ]
}
