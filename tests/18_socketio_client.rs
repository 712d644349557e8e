//! Lesson 18: the client that people use.

use std::future::Ready;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use transcript::{step, within};

use super::subject::{
    Ack, Args, Bound, Builder, Bytes, CallError, Client, ConnectError, DisconnectReason, Event,
    Overflow, RawArgs, Reconnection, Refusal, Socket, State, Transports,
};
use log::Log;
use stage::{END, Stage, connected, notes, quick, told, until};

#[path = "10_engineio_server/log.rs"]
mod log;
#[path = "18_socketio_client/stage.rs"]
mod stage;

// Step 1: the manager says, and the client does it.

#[tokio::test]
async fn s1_it_dials_when_somebody_wants_a_connection() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    let mut events = client.events();
    assert_eq!(*client.of("/").state().borrow(), State::Disconnected, "nobody wants it yet");
    client.of("/").open();
    let _peer = stage.accept().await;
    assert_eq!(told(&mut events).await, ["open"]);
    assert_eq!(*client.of("/").state().borrow(), State::Connecting);
}

#[tokio::test]
async fn s1_a_dial_that_fails_is_told_and_tried_again() {
    let _step = step!();
    let log = Log::listen();
    let stage = Stage::new().await;
    let client = stage.client();
    let (note, mut notes) = notes();
    client.of("/").on_connect_error(async move |_: Socket, error: ConnectError| {
        let _ = note.send(matches!(error, ConnectError::Unreachable(_)));
    });
    let mut events = client.events();
    let socket = client.of("/");
    let connect = tokio::spawn(async move { socket.connect().await });
    drop(stage.dialled().await);
    let failed = within("the client to hear of it", connect).await.expect("no panic");
    assert!(matches!(failed, Err(ConnectError::Unreachable(_))), "{failed:?}");
    assert!(notes.next("on_connect_error").await);
    let _peer = stage.accept().await;
    let told = told(&mut events).await;
    assert_eq!(told, ["error", "reconnect_attempt 1", "open", "reconnect 1"]);
    let mut lines = log.lines();
    lines.retain(|line| line.starts_with("DEBUG connection told=")); // hyper tells something too
    for (line, told) in lines.iter().zip(told) {
        assert!(line.contains(&format!("\"{told}")), "expected {told}, came {line}");
    }
    assert_eq!(lines.len(), 4);
}

// Step 2: the server is asked, and says yes.

#[tokio::test]
async fn s2_connect_shows_what_auth_gives_and_waits_for_the_yes() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    let socket = client.of("/");
    socket.auth(json!({ "token": "T" })).expect("JSON");
    let connecting = tokio::spawn({
        let socket = socket.clone();
        async move { socket.connect().await }
    });
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.hear_nothing().await;
    assert!(!connecting.is_finished(), "the server has not said yes");
    peer.say(r#"40{"sid":"A"}"#).await;
    within("connect", connecting).await.expect("no panic").expect("the server says yes");
    assert_eq!(socket.id().expect("it is connected").as_str(), "A");
    within("connect", socket.connect()).await.expect("it is connected");
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s2_a_refusal_is_an_error_with_what_the_server_says() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    let socket = client.of("/admin");
    let connecting = tokio::spawn({
        let socket = socket.clone();
        async move { socket.connect().await }
    });
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.say(r#"44/admin,{"message":"who are you?","data":{"retry":7}}"#).await;
    let refused = within("connect", connecting).await.expect("no panic");
    let Err(ConnectError::Refused(refusal)) = refused else { panic!("came {refused:?}") };
    assert_eq!(refusal, Refusal::new("who are you?").with_data(json!({ "retry": 7 })));
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s2_namespaces_share_one_connection() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    client.of("/").open();
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.say(r#"40{"sid":"A"}"#).await;
    let admin = client.of("admin");
    admin.auth_with(async || json!({ "token": "T" })).open();
    peer.hear().await;
    peer.say(r#"40/admin,{"sid":"B"}"#).await;
    connected(&admin.state()).await;
    assert_eq!(client.of("/admin").id().expect("it is connected").as_str(), "B", "the same socket");
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s2_the_order_on_the_yes_is_the_references() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    let (note, mut notes) = notes();
    let early = note.clone();
    let socket = client.of("/");
    socket
        .on_any(async move |_: Socket, event: Event| drop(early.send(event.name.to_string())))
        .on_connect(async move |socket: Socket| {
            socket.emit("from on_connect", Args(()));
            let _ = note.send("connect".to_owned());
        });
    socket.emit("waited", 1);
    socket.open();
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.say(r#"42["early"]"#).await;
    stage.transcript.note("before the yes");
    peer.say(r#"40{"sid":"A"}"#).await;
    peer.hear().await;
    peer.hear().await;
    assert_eq!(notes.next("the event").await, "early");
    assert_eq!(notes.next("on_connect").await, "connect");
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s2_what_is_no_object_is_not_shown() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    let socket = client.of("/");
    socket.auth("a token").expect("JSON");
    let connecting = tokio::spawn(async move { socket.connect().await });
    let _peer = stage.accept().await;
    let refused = within("connect", connecting).await.expect("no panic");
    assert!(matches!(refused, Err(ConnectError::Refused(_))), "{refused:?}");
    let expected = r#"expected auth to give a JSON object, came "a token""#;
    assert_eq!(stage.problems(), [expected]);
}

#[tokio::test]
async fn s2_a_panic_in_auth_is_a_refusal() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    let socket = client.of("/");
    fn no_token() -> Ready<Value> {
        panic!("`auth` panicked, and nobody caught it") // when it is called, before there is a future
    }
    socket.auth_with(no_token);
    let connecting = tokio::spawn(async move { socket.connect().await });
    let _peer = stage.accept().await;
    let refused = within("connect", connecting).await.expect("no panic");
    assert!(matches!(refused, Err(ConnectError::Refused(_))), "{refused:?}");
    assert_eq!(stage.problems(), [r#"expected the handler of "auth" to return, it panicked"#]);
}

#[tokio::test]
async fn s2_all_who_wait_hear_of_the_yes_and_who_gave_up_is_no_matter() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    let connecting = [(); 3].map(|()| {
        let socket = client.of("/");
        tokio::spawn(async move { socket.connect().await })
    });
    let mut peer = stage.accept().await;
    assert_eq!(peer.hear().await, "40");
    let [gave_up, first, second] = connecting;
    gave_up.abort();
    assert!(within("the end of its task", gave_up).await.is_err());
    peer.say(r#"40{"sid":"A"}"#).await;
    for waits in [first, second] {
        within("connect", waits).await.expect("no panic").expect("the server says yes");
    }
}

#[tokio::test]
async fn s2_what_cannot_be_sent_is_told_and_names_the_limit() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder().max_buffered(5_000)).await;
    let socket = client.of("/");
    socket.emit("long", "x".repeat(1_000));
    socket.emit("too long", "x".repeat(6_000));
    socket.emit("connect", Args(()));
    socket.emit("short", 1);
    assert_eq!(peer.hear().await, r#"42["short",1]"#);
    let problems = stage.problems().join("\n");
    for words in ["1000", "5000", r#""connect""#] {
        assert!(problems.contains(words), "expected {words} in:\n{problems}");
    }
}

#[tokio::test]
async fn s2_a_volatile_event_does_not_wait_behind_another() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    client.of("/").emit("first", 1);
    client.of("/").emit_volatile("where the mouse is", 1);
    client.of("/").emit("last", 1);
    peer.hear().await;
    peer.hear().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s2_a_server_that_takes_nothing_does_not_fill_our_memory() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.builder().max_buffered(1 << 20).build().expect("a good URL");
    let socket = client.of("/");
    socket.open();
    let mut peer = stage.accept_with(stage::OPEN_WIDE).await;
    peer.welcome("40", r#"40{"sid":"A"}"#).await;
    connected(&socket.state()).await;
    let photo = Bytes::from(vec![0; 500_000]);
    for _ in 0..3 {
        socket.emit("photo", &photo);
        peer.hear_unseen("the packet").await;
        peer.hear_unseen("the photo").await;
    }
    assert_eq!(stage.problems(), [""; 0], "the server takes each");
    for _ in 0..3 {
        socket.emit("photo", &photo);
    }
    assert_eq!(stage.problems().len(), 1, "the client's task has taken none of three yet");
    for _ in 0..200 {
        tokio::task::yield_now().await;
        socket.emit("photo", &photo);
    }
    let problems = stage.problems();
    let first = problems.first().expect("a hundred megabytes do not fit");
    assert!(first.contains("at most 1048576 bytes"), "came {first}");
    socket.emit_volatile("where the mouse is", 1);
    socket.emit("last", 1);
    loop {
        match &*peer.hear_unseen("the last event").await {
            r#"42["last",1]"# => break,
            heard => assert!(
                !heard.contains("mouse"),
                "a transport that is full takes no volatile event"
            ),
        }
    }
}

// Step 3: events, and answers both ways.

#[tokio::test]
async fn s3_an_event_reaches_its_handler_and_the_handler_speaks_back() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    client.of("/").on("hello", async |socket: Socket, Args((name, n)): Args<(String, u8)>| {
        socket.emit("welcome", format!("{name} {n}"));
    });
    peer.say(r#"42["hello","Ada",1]"#).await;
    peer.hear().await;
    peer.say(r#"42["h\u0065llo","Bob",2]"#).await;
    stage.transcript.note("any JSON escape");
    peer.hear().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s3_bytes_travel_both_ways() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    client.of("/").on("photo", async |socket: Socket, photo: Bytes| {
        socket.emit("copy", Args(("of", photo)));
    });
    peer.say(r#"451-["photo",{"_placeholder":true,"num":0}]"#).await;
    peer.say_bytes(&[1, 2]).await;
    peer.hear().await;
    peer.hear().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s3_a_handler_answers() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    client
        .of("/")
        .on("sum", async |_: Socket, Args((a, b)): Args<(i64, i64)>| Ack(a + b))
        .on("sum", async |_: Socket| Ack("the first of several answers"))
        .on("log", async |_: Socket, _: String| {})
        .on("no", async |_: Socket| Err::<(), _>(Refusal::new("not today")))
        .on("panic", async |_: Socket| -> () { panic!("on purpose") });
    for question in
        [r#"420["sum",20,22]"#, r#"421["log","x"]"#, r#"422["no"]"#, r#"423["sum","x"]"#]
    {
        peer.say(question).await;
        peer.hear().await;
    }
    peer.say(r#"424["nobody"]"#).await;
    peer.hear_nothing().await;
    stage.transcript.note("nobody handles it");
    peer.say(r#"42["panic"]"#).await;
    peer.say(r#"425["log","x"]"#).await;
    stage.transcript.note("and the socket goes on");
    peer.hear().await;
    assert_eq!(
        stage.problems(),
        [
            r#"expected a handler for "nobody", there is none"#,
            r#"expected the handler of "panic" to return, it panicked"#,
        ]
    );
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s3_the_server_answers() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    let socket = client.of("/");
    let calls = tokio::spawn(async move {
        let sum: i64 = socket.call("sum", Args((20, 22))).await?;
        assert_eq!(sum, 42);
        let refused = socket.call::<i64>("sum", "x").await;
        assert_eq!(refused, Err(CallError::Refused(Refusal::new("two numbers"))));
        let other = socket.call::<i64>("sum", Args(())).await;
        assert!(matches!(other, Err(CallError::Args(_))), "{other:?}");
        Ok::<_, CallError>(())
    });
    for answer in ["430[42]", r#"431[{"error":{"message":"two numbers"}}]"#, r#"432["text"]"#] {
        peer.hear().await;
        peer.say(answer).await;
    }
    within("the calls", calls).await.expect("no panic").expect("an answer");
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s3_a_call_gives_up_and_its_late_answer_is_no_other_calls() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    let socket = client.of("/");
    let limit = Duration::from_millis(20);
    let answer =
        within("the timeout", socket.call::<u8>("first", Args(())).timeout(limit).into_future())
            .await;
    assert_eq!(answer, Err(CallError::TimedOut { limit }));
    let second = tokio::spawn(async move { socket.call::<u8>("second", Args(())).await });
    peer.hear().await;
    peer.hear().await;
    peer.say("430[1]").await;
    peer.say("431[2]").await;
    peer.say("431[3]").await;
    assert_eq!(within("the answer", second).await.expect("no panic"), Ok(2));
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s3_a_call_for_a_socket_that_nobody_opens_gives_up_too() {
    let _step = step!();
    let stage = Stage::new().await;
    let limit = Duration::from_millis(20);
    let call = stage.client().of("/").call::<u8>("what?", Args(())).timeout(limit);
    assert_eq!(within("the timeout", call.into_future()).await, Err(CallError::TimedOut { limit }));
}

#[tokio::test]
async fn s3_with_retries_a_call_is_sent_until_it_is_answered() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder().retries(100)).await;
    let call = client.of("/").call::<u8>("what?", Args(())).timeout(Duration::from_millis(20));
    let call = tokio::spawn(call.into_future());
    for _ in 0..3 {
        assert_eq!(peer.hear().await, r#"420["what?"]"#);
    }
    peer.say("430[7]").await;
    assert_eq!(within("the answer", call).await.expect("no panic"), Ok(7));
}

#[tokio::test]
async fn s3_arguments_that_are_none_end_the_connection() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    let mut events = client.events();
    client.of("/").on("handled", async |_: Socket, _: u8| {}).open();
    let mut peers = Vec::new(); // it is the client that ends the connection
    for event in [r#"42["handled",no JSON]"#, r#"42["not handled",no JSON]"#] {
        let mut peer = stage.accept().await;
        peer.welcome("40", r#"40{"sid":"A"}"#).await;
        peer.send_unseen(event).await;
        peers.push(peer);
    }
    let [_, first, _, _, _, second] = told(&mut events).await;
    assert_eq!([first, second], ["close: parse error"; 2]);
}

#[tokio::test]
async fn s3_a_client_that_has_ended_answers_no_call() {
    let _step = step!();
    let stage = Stage::new().await;
    let builder = stage.builder().on_problem(|problem| panic!("on purpose, after: {problem}"));
    let (client, mut peer) = stage.joined(builder).await;
    let call = || tokio::spawn(client.of("/").call::<u8>("what?", Args(())).into_future());
    let under_way = call();
    peer.hear().await;
    peer.say(r#"42["nobody handles it"]"#).await;
    let gone = Err(CallError::Disconnected);
    assert_eq!(within("the call to fail", under_way).await.expect("no panic"), gone);
    assert_eq!(within("the next to fail", call()).await.expect("no panic"), gone);
}

#[tokio::test]
async fn s3_events_are_handled_in_order_and_once_is_once() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    let (gate, (note, mut notes)) = (Arc::new(Notify::new()), notes());
    let (opened, once, any) = (Arc::clone(&gate), note.clone(), note.clone());
    client
        .of("/")
        .on_any(async move |_: Socket, event: Event| drop(any.send(format!("any {}", event.name))))
        .once("news", async move |_: Socket, n: u8| drop(once.send(format!("once {n}"))))
        .on("news", async move |_: Socket, n: u8| {
            if n == 1 {
                opened.notified().await;
            }
            let _ = note.send(format!("news {n}"));
        });
    peer.say(r#"42["news",1]"#).await;
    peer.say(r#"42["news",2]"#).await;
    peer.hear_nothing().await;
    assert_eq!(notes.next("the first").await, "any news");
    assert_eq!(notes.next("the first").await, "once 1");
    assert_eq!(notes.so_far(), [""; 0], "the first is still being handled");
    gate.notify_one();
    for expected in ["news 1", "any news", "news 2"] {
        assert_eq!(notes.next("what comes behind").await, expected);
    }
    client.of("/").off("news");
    peer.say(r#"420["news",3]"#).await;
    assert_eq!(notes.next("the third").await, "any news");
    peer.hear_nothing().await;
    assert_eq!(notes.so_far(), [""; 0], "nobody handles it any more");
}

#[tokio::test]
async fn s3_a_handler_may_await_an_answer() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder().max_pending(1)).await;
    client.of("/").on("ask me", async |socket: Socket| {
        socket.call::<u8>("what?", Args(())).await.map_err(|error| Refusal::new(error.to_string()))
    });
    peer.say(r#"420["ask me"]"#).await;
    peer.hear().await;
    peer.say("430[7]").await;
    peer.hear().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s3_it_speaks_by_polling_and_after_the_upgrade() {
    let _step = step!();
    for transports in [Transports::PollingOnly, Transports::PollingThenUpgrade] {
        let (address, serving) = adder(socketio_server::Server::builder()).await;
        let builder = Client::builder(&format!("http://{address}")).transports(transports);
        adds(builder).await;
        serving.abort();
    }
}

#[tokio::test]
async fn s3_where_a_websocket_does_not_pass_it_falls_back_in_time() {
    let _step = step!();
    let (address, serving) = adder(socketio_server::Server::builder()).await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", proxy.local_addr().expect("it is bound"));
    let proxying = tokio::spawn(async move {
        let _never_answered = proxy.accept().await.expect("the WebSocket");
        while let Ok((mut client, _)) = proxy.accept().await {
            let mut server = TcpStream::connect(address).await.expect("the server is there");
            tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
        }
    });
    let soon = Some(Duration::from_secs(1));
    let reconnection = Reconnection { connect_timeout: soon, enabled: false, ..quick() };
    let builder = Client::builder(&url).transports(Transports::WebSocketFirst);
    adds(builder.reconnection(reconnection)).await;
    proxying.abort();
    serving.abort();
}

#[cfg(feature = "msgpack")]
#[tokio::test]
async fn s3_it_speaks_messagepack() {
    use super::subject::MsgPack;
    let _step = step!();
    let (address, serving) = adder(socketio_server::Server::builder().parser(MsgPack)).await;
    let builder = Client::builder(&format!("http://{address}")).parser(MsgPack);
    adds(builder).await;
    serving.abort();
}

/// A server of lesson 15 that adds.
async fn adder(builder: socketio_server::Builder) -> (SocketAddr, JoinHandle<()>) {
    let io = builder.build();
    io.of("/")
        .on("sum", async |_: socketio_server::Socket, Args((a, b)): Args<(i64, i64)>| Ack(a + b));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    (address, tokio::spawn(async move { io.serve(listener).await }))
}

/// The server is asked now and then, while the transport changes.
async fn adds(builder: Builder) {
    let client = within("the server's yes", builder.connect()).await.expect("it says yes");
    for n in 0..20_i64 {
        let call = client.of("/").call::<i64>("sum", Args((n, 1)));
        assert_eq!(within("the answer", call.into_future()).await, Ok(n + 1));
    }
}

// Step 4: the connection breaks, and what that means for each namespace.

#[tokio::test]
async fn s4_after_a_break_it_comes_back_by_itself() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    let (tokens, (note, mut notes)) = (Arc::new(AtomicUsize::new(0)), notes());
    let (left, socket) = (note.clone(), client.of("/"));
    socket
        .auth_with(async move || json!({ "token": tokens.fetch_add(1, Ordering::Relaxed) }))
        .on_connect(async move |socket: Socket| {
            let _ = note.send(format!("connect {}", socket.id().expect("it is connected")));
        })
        .on_disconnect(async move |socket: Socket, reason: DisconnectReason| {
            let _ = left.send(format!("disconnect, {reason}; {:?}", *socket.state().borrow()));
        })
        .on("hello", async |socket: Socket| socket.emit("welcome", Args(())));
    let mut events = client.events();
    socket.open();
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.say(r#"40{"sid":"A"}"#).await;
    assert_eq!(notes.next("the yes").await, "connect A");
    peer.say(r#"451-["half",{"_placeholder":true,"num":0}]"#).await;
    peer.cut();
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.say(r#"40{"sid":"B"}"#).await;
    assert_eq!(notes.next("the break").await, "disconnect, transport close; Connecting");
    assert_eq!(notes.next("the second yes").await, "connect B");
    peer.say(r#"42["hello"]"#).await;
    peer.hear().await;
    peer.hear_nothing().await;
    stage.transcript.note("once: its handler was registered once");
    assert_eq!(
        told(&mut events).await,
        ["open", "close: transport close", "reconnect_attempt 1", "open", "reconnect 1"]
    );
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s4_what_is_said_meanwhile_waits_and_not_without_bound() {
    let _step = step!();
    let stage = Stage::new().await;
    let two = Bound { items: 2, bytes: 4_000 };
    let builder = stage.builder().send_buffer(two, Overflow::DropOldest);
    let (client, mut peer) = stage.joined(builder).await;
    let socket = client.of("/");
    socket.emit_volatile("before", Args(()));
    peer.hear().await;
    peer.cut();
    until(&socket.state(), "the break", |it| *it == State::Connecting).await;
    socket.emit_volatile("where the mouse is", Args(()));
    for n in 1..=3 {
        socket.emit("meanwhile", n);
    }
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.say(r#"40{"sid":"B"}"#).await;
    peer.hear().await;
    peer.hear().await;
    peer.hear_nothing().await;
    assert_eq!(stage.problems().len(), 1, "one was lost, and not silently");
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s4_what_waits_is_bounded_in_bytes_too() {
    let _step = step!();
    let stage = Stage::new().await;
    let bound = Bound { items: 100, bytes: 4_000 };
    let builder = stage.builder().send_buffer(bound, Overflow::Refuse);
    let (client, peer) = stage.joined(builder).await;
    peer.cut();
    until(&client.of("/").state(), "the break", |it| *it == State::Connecting).await;
    for _ in 0..100 {
        client.of("/").emit("long", "x".repeat(100));
    }
    let mut peer = stage.accept().await;
    peer.welcome("40", r#"40{"sid":"B"}"#).await;
    client.of("/").emit("last", 1);
    let mut heard = 0;
    while peer.hear().await != r#"42["last",1]"# {
        heard += 1;
    }
    assert!((1..40).contains(&heard), "{heard} of 100 bytes each fitted in 4000");
    assert_eq!(stage.problems().len(), 100 - heard, "each that did not is told");
}

#[tokio::test]
async fn s4_a_call_that_was_sent_fails_and_one_that_waits_stays() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    let call = |name: &'static str| {
        let socket = client.of("/");
        tokio::spawn(async move { socket.call::<u8>(name, Args(())).await })
    };
    let sent = call("sent");
    peer.hear().await;
    peer.cut();
    let sent = within("the call to fail", sent).await.expect("no panic");
    assert_eq!(sent, Err(CallError::Disconnected));
    let waits = call("waits");
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.say(r#"40{"sid":"B"}"#).await;
    peer.hear().await;
    peer.say("431[7]").await;
    assert_eq!(within("the answer", waits).await.expect("no panic"), Ok(7));
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s4_with_retries_each_arrives_at_least_once_and_in_order() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder().retries(3)).await;
    client.of("/").emit("message", 1);
    client.of("/").emit("message", 2);
    peer.hear().await;
    peer.hear_nothing().await;
    stage.transcript.note("the second waits for the first to be answered");
    peer.cut();
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.say(r#"40{"sid":"B"}"#).await;
    for answer in ["430[]", "431[]"] {
        peer.hear().await;
        peer.say(answer).await;
    }
    peer.hear_nothing().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s4_a_server_that_remembers_knows_us_again() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    let (note, mut notes) = notes();
    let (list, socket) = (note.clone(), client.of("/"));
    socket
        .auth(json!({ "token": "T" }))
        .expect("JSON")
        .on("news", async move |_: Socket, text: String| drop(note.send(text)))
        .on("list", async move |_: Socket, args: RawArgs| {
            let Ok(Args(list_of)) = args.decode::<Args<Vec<Value>>>() else { return };
            let _ = list.send(format!("{list_of:?}"));
        })
        .open();
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.say(r#"40{"sid":"A","pid":"P"}"#).await;
    peer.say(r#"42["news","first","offset 1"]"#).await;
    peer.say(r#"42["list",1,"offset 2"]"#).await;
    peer.say(r#"420["news","is answered"]"#).await;
    stage.transcript.note("which has no offset");
    peer.hear().await;
    peer.say(r#"42["list",2]"#).await;
    stage.transcript.note("volatile, without one");
    for expected in ["first", "[Number(1)]", "is answered", "[Number(2)]"] {
        assert_eq!(notes.next("an event").await, expected);
    }
    peer.cut();
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.say(r#"42["news","missed","offset 3"]"#).await;
    peer.say(r#"40{"sid":"A","pid":"P"}"#).await;
    assert_eq!(notes.next("what was missed").await, "missed");
    let recovered = |it: &State| matches!(it, State::Connected { recovered: true, .. });
    until(&socket.state(), "it to be who it was", recovered).await;
    peer.cut();
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.say(r#"40{"sid":"B","pid":"Q"}"#).await;
    stage.transcript.note("it has forgotten us");
    let anew = |it: &State| matches!(it, State::Connected { recovered: false, .. });
    until(&socket.state(), "it to be another", anew).await;
    peer.cut();
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.say(r#"40{"sid":"B","pid":"Q"}"#).await;
    peer.say(r#"42["news","volatile"]"#).await;
    assert_eq!(notes.next("an event without an offset").await, "volatile");
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s4_what_the_application_shows_wins_over_what_is_remembered() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    let socket = client.of("/");
    socket.auth(json!({ "pid": "from before a restart" })).expect("JSON").open();
    let mut peer = stage.accept().await;
    peer.hear().await;
    peer.say(r#"40{"sid":"A","pid":"P"}"#).await;
    let connected = |it: &State| matches!(it, State::Connected { .. });
    until(&socket.state(), "a yes", connected).await;
    peer.cut();
    let mut peer = stage.accept().await;
    assert_eq!(peer.hear().await, r#"40{"pid":"from before a restart"}"#);
}

#[tokio::test]
async fn s4_what_somebody_decided_stays_so() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    let (note, mut notes) = notes();
    client.of("/").on_disconnect(async move |_: Socket, reason: DisconnectReason| {
        let _ = note.send(reason);
    });
    let mut events = client.events();
    peer.say("41").await;
    assert_eq!(notes.next("on_disconnect").await, DisconnectReason::ByServer);
    assert_eq!(*client.of("/").state().borrow(), State::Disconnected);
    assert_eq!(told(&mut events).await, ["close: io client disconnect"], "nothing is joined");
    client.of("/").open();
    let mut peer = stage.accept().await;
    peer.welcome("40", r#"44{"message":"no"}"#).await;
    assert_eq!(told(&mut events).await, ["open", "close: io client disconnect"]);
    assert_eq!(*client.of("/").state().borrow(), State::Disconnected);
}

#[tokio::test]
async fn s4_each_end_has_its_reason() {
    let _step = step!();
    let stage = Stage::new().await;
    // Nobody waits for the goodbye of the last to dial the next.
    let builder = stage.builder().engine(|engine| engine.close_timeout(Duration::from_secs(60)));
    let client = builder.build().expect("a good URL");
    let (note, mut notes) = notes();
    let socket = client.of("/");
    socket
        .on_disconnect(async move |_: Socket, reason: DisconnectReason| {
            let _ = note.send(reason);
        })
        .open();
    let silent = r#"0{"sid":"E","upgrades":[],"pingInterval":20,"pingTimeout":20,"maxPayload":9}"#;
    let half = r#"451-["half",{"_placeholder":true,"num":0}]"#;
    for (open, last_words, reason) in [
        (silent, &[][..], DisconnectReason::PingTimeout),
        (stage::OPEN, &["1"], DisconnectReason::TransportClose),
        (stage::OPEN, &["4x"], DisconnectReason::ParseError),
        (stage::OPEN, &[r#"42["connect"]"#], DisconnectReason::ParseError),
        (stage::OPEN, &[r#"4511-["eleven attachments"]"#], DisconnectReason::ParseError),
        (stage::OPEN, &[half, r#"42["in between"]"#], DisconnectReason::ParseError),
        (stage::OPEN, &["5"], DisconnectReason::TransportError),
    ] {
        let mut peer = stage.accept_with(open).await;
        peer.welcome("40", r#"40{"sid":"A"}"#).await;
        for words in last_words {
            peer.say(words).await;
        }
        assert_eq!(notes.next("on_disconnect").await, reason, "after {last_words:?}");
    }
    assert_eq!(stage.problems().len(), 4, "each packet that was none");
}

#[tokio::test]
async fn s4_who_is_not_to_come_back_does_not() {
    let _step = step!();
    let stage = Stage::new().await;
    let never = Reconnection { enabled: false, ..Reconnection::default() };
    let (client, peer) = stage.joined(stage.builder().reconnection(never)).await;
    peer.cut();
    let state = client.of("/").state();
    until(&state, "the end", |it| *it == State::Disconnected).await;
    let connecting = tokio::spawn({
        let socket = client.of("/");
        async move { socket.connect().await }
    });
    drop(stage.dialled().await);
    let failed = within("the second try", connecting).await.expect("no panic");
    assert!(matches!(failed, Err(ConnectError::Unreachable(_))), "{failed:?}");
    until(&state, "the end", |it| *it == State::Disconnected).await;
}

#[tokio::test]
async fn s4_after_the_last_attempt_it_stays_away() {
    let _step = step!();
    let stage = Stage::new().await;
    let once = Reconnection { attempts: Some(1), ..quick() };
    let (client, peer) = stage.joined(stage.builder().reconnection(once)).await;
    let mut events = client.events();
    peer.cut();
    drop(stage.dialled().await);
    assert_eq!(
        told(&mut events).await,
        [
            "close: transport close",
            "reconnect_attempt 1",
            "error",
            "reconnect_failed",
            "reconnect_error"
        ]
    );
    assert_eq!(*client.of("/").state().borrow(), State::Disconnected);
}

#[tokio::test]
async fn s4_there_may_be_nothing_to_close() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    let (note, mut notes) = notes();
    client.of("/").on_disconnect(async move |_: Socket, _: DisconnectReason| {
        let _ = note.send("it was never connected");
    });
    within("close", client.close()).await;
    client.of("/").open();
    drop(stage.dialled().await);
    within("close, between two dials", client.close()).await;
    assert_eq!(notes.so_far(), [""; 0]);
    assert_eq!(*client.of("/").state().borrow(), State::Disconnected);
}

#[tokio::test]
async fn s4_a_flood_behind_a_call_ends_the_connection() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder().max_pending(2_000)).await;
    client.of("/").on("news", async |_: Socket, _: String| std::future::pending::<()>().await);
    let socket = client.of("/");
    let call = tokio::spawn(async move { socket.call::<u8>("what?", Args(())).await });
    peer.hear().await;
    let news = format!(r#"42["news","{}"]"#, "x".repeat(500));
    for _ in 0..20 {
        peer.send_unseen(&news).await;
    }
    assert_eq!(
        within("the call to fail", call).await.expect("no panic"),
        Err(CallError::Disconnected)
    );
    let problems = stage.problems().join("\n");
    assert!(problems.contains("at most 4000 bytes"), "came {problems}");
}

#[tokio::test]
async fn s4_a_handler_that_outlives_its_connection_answers_nobody() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    let (gate, (note, mut notes)) = (Arc::new(Notify::new()), notes());
    let (opened, left) = (Arc::clone(&gate), note.clone());
    client
        .of("/")
        .on("ask", async move |_: Socket, n: u8| {
            let _ = note.send(n);
            opened.notified().await;
            Ack(n)
        })
        .on_disconnect(async move |_: Socket, _: DisconnectReason| {
            let _ = left.send(0);
        });
    peer.say(r#"420["ask",1]"#).await;
    peer.say(r#"421["ask",2]"#).await;
    peer.hear_nothing().await;
    assert_eq!(notes.next("the first").await, 1);
    peer.cut();
    let mut peer = stage.accept().await;
    peer.hear().await;
    gate.notify_one();
    assert_eq!(notes.next("the second").await, 2);
    peer.hear_nothing().await;
    stage.transcript.note("the first handler is done, and answers nobody");
    peer.say(r#"40{"sid":"B"}"#).await;
    connected(&client.of("/").state()).await;
    peer.say(r#"420["ask",3]"#).await;
    gate.notify_one();
    assert_eq!(notes.next("on_disconnect, behind what came before").await, 0);
    assert_eq!(notes.next("the third").await, 3);
    peer.hear_nothing().await;
    stage.transcript.note("and the second");
    gate.notify_one();
    peer.hear().await;
    insta::assert_snapshot!(stage.transcript);
}

// Step 5: to leave, to close, and to be gone.

#[tokio::test]
async fn s5_who_leaves_one_namespace_stays_in_the_other() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    let (note, mut notes) = notes();
    let admin = client.of("/admin");
    admin.on_disconnect(async move |_: Socket, reason: DisconnectReason| {
        let _ = note.send(reason);
    });
    admin.open();
    peer.hear().await;
    peer.say(r#"40/admin,{"sid":"B"}"#).await;
    connected(&admin.state()).await;
    admin.emit("last words", Args(()));
    admin.disconnect();
    peer.hear().await;
    peer.hear().await;
    assert_eq!(notes.next("on_disconnect").await, DisconnectReason::ByClient);
    peer.say(r#"42/admin,["too late"]"#).await;
    peer.hear_nothing().await;
    client.of("/").disconnect();
    peer.hear().await;
    peer.hear().await;
    assert_eq!(*client.of("/").state().borrow(), State::Disconnected);
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s5_who_leaves_before_the_yes_says_goodbye_after_it() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    let admin = client.of("/admin");
    let connecting = tokio::spawn({
        let admin = admin.clone();
        async move { admin.connect().await }
    });
    peer.hear().await;
    admin.disconnect();
    let left = within("connect", connecting).await.expect("no panic");
    assert!(
        matches!(left, Err(ConnectError::Disconnected(DisconnectReason::ByClient))),
        "{left:?}"
    );
    admin.open();
    peer.hear_nothing().await;
    peer.say(r#"40/admin,{"sid":"B"}"#).await;
    peer.hear().await;
    peer.hear().await;
    peer.say("41/admin,").await;
    stage.transcript.note("on its way since the first time");
    peer.say(r#"40/admin,{"sid":"C"}"#).await;
    connected(&admin.state()).await;
    assert_eq!(admin.id().expect("it is connected").as_str(), "C");
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s5_who_changes_their_mind_twice_before_the_yes_is_not_in() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    let admin = client.of("/admin");
    admin.open();
    assert_eq!(peer.hear().await, "40/admin,");
    admin.disconnect();
    admin.open();
    admin.disconnect();
    peer.hear_nothing().await;
    peer.say(r#"40/admin,{"sid":"B"}"#).await;
    assert_eq!(peer.hear().await, "41/admin,");
    peer.hear_nothing().await;
    assert_eq!(*admin.state().borrow(), State::Disconnected);
}

#[tokio::test]
async fn s5_a_dial_that_nobody_wants_any_more_ends() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    client.of("/").open();
    let mut dialled = stage.dialled().await;
    client.of("/").disconnect();
    let mut asked = Vec::new();
    within("the dial to end", dialled.read_to_end(&mut asked)).await.expect("it ends in order");
}

#[tokio::test]
async fn s5_close_does_not_wait_for_who_comes_back() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    client.of("/").on_disconnect(async |socket: Socket, _: DisconnectReason| socket.open());
    let closing = tokio::spawn({
        let client = client.clone();
        async move { client.close().await }
    });
    while peer.hear().await != END {}
    let mut next = stage.accept().await;
    next.hear().await;
    drop(peer);
    within("close", closing).await.expect("no panic");
}

#[tokio::test]
async fn s5_close_delivers_what_was_sent() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    for n in 0..3 {
        client.of("/").emit("message", n);
    }
    let closing = tokio::spawn(async move { client.close().await });
    while peer.hear().await != "41" {}
    assert!(!closing.is_finished(), "the server has not answered the goodbye");
    assert_eq!(peer.hear().await, END);
    drop(peer);
    within("close", closing).await.expect("no panic");
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s5_who_is_dropped_leaves_nothing_behind() {
    let _step = step!();
    let stage = Stage::new().await;
    let before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let (client, mut peer) = stage.joined(stage.builder()).await;
    let (note, mut notes) = notes();
    client.of("/").on("hello", async move |_: Socket| {
        let _ = note.send("handled");
    });
    let (state, mut events) = (client.of("/").state(), client.events());
    peer.say(r#"42["hello"]"#).await;
    assert_eq!(notes.next("the handler").await, "handled");
    drop(client);
    while peer.hear().await != END {}
    assert!(within("the events to end", events.next()).await.is_none());
    assert_eq!(*state.borrow(), State::Disconnected);
    assert_eq!(notes.0.recv().await, None, "the handlers are dropped");
    let metrics = tokio::runtime::Handle::current().metrics();
    let gone = async {
        while metrics.num_alive_tasks() > before {
            tokio::task::yield_now().await;
        }
    };
    within("every task to end", gone).await;
}

#[tokio::test]
async fn s5_a_handler_that_runs_is_waited_for() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder()).await;
    let (gate, (note, mut notes)) = (Arc::new(Notify::new()), notes());
    let opened = Arc::clone(&gate);
    client.of("/").on("hello", async move |socket: Socket| {
        let _ = note.send("begun");
        opened.notified().await;
        socket.emit("done", Args(()));
    });
    peer.say(r#"420["hello"]"#).await;
    assert_eq!(notes.next("the handler").await, "begun");
    drop(client);
    peer.hear_nothing().await;
    gate.notify_one();
    while peer.hear().await != END {}
}

#[tokio::test]
async fn s5_a_flood_before_the_yes_ends_the_connection() {
    let _step = step!();
    let stage = Stage::new().await;
    let client = stage.client();
    client.of("/").open();
    let mut peer = stage.accept().await;
    assert_eq!(peer.hear().await, "40");
    for _ in 0..10_001 {
        peer.send_unseen(r#"42["news"]"#).await;
    }
    assert_eq!(peer.hear().await, END);
    assert_eq!(stage.problems().len(), 1, "it is told");
}

#[tokio::test]
async fn s5_handlers_that_are_behind_stop_the_reading_and_not_the_pongs() {
    let _step = step!();
    let stage = Stage::new().await;
    let (client, mut peer) = stage.joined(stage.builder().max_pending(2_000)).await;
    let (gate, (note, mut notes)) = (Arc::new(Notify::new()), notes());
    let opened = Arc::clone(&gate);
    client.of("/").on("news", async move |_: Socket, Args((n, _)): Args<(u32, String)>| {
        if n == 0 {
            opened.notified().await;
        }
        let _ = note.send(n);
    });
    let long = "x".repeat(500);
    for n in 0..100 {
        peer.send_unseen(&format!(r#"42["news",{n},"{long}"]"#)).await;
    }
    peer.send_unseen("41").await;
    for _ in 0..3 {
        peer.hear_nothing().await; // but a pong
    }
    assert_eq!(notes.so_far(), [0; 0]);
    assert!(client.of("/").is_connected(), "the goodbye is behind what nobody has read");
    gate.notify_one();
    for n in 0..100 {
        assert_eq!(notes.next("each in order").await, n);
    }
}
