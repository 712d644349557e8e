//! Lesson 07: a chat in which anyone tells everyone.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt, future};
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use transcript::{Peer, Transcript, pair, step, within};
use websocket_handshake::Policy;

use super::subject::{
    Beat, Chat, Command, Ending, Limits, Mailbox, Pulse, Room, Visitor, converse, serve,
    serve_connection,
};

/// How much a connection in memory carries before the writer has to wait for the reader.
const PIPE: usize = 64 * 1024;

// Step 1: everyone to everyone.

#[tokio::test(start_paused = true)]
async fn s1_everyone_hears_what_one_says() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben", "carla"], Limits::default());
    let [mut anna, mut ben, mut carla] = stage.everyone(["anna", "ben", "carla"]).await;
    anna.say("lunch is here").await;
    for client in [&mut anna, &mut ben, &mut carla] {
        client.hear("what anna said").await;
    }
    stage.later(4).await;
    ben.say("what is it?").await;
    for client in [&mut anna, &mut ben, &mut carla] {
        client.hear("what ben said").await;
    }
    stage.end([anna, ben, carla]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[test]
fn s1_a_broadcast_is_encoded_once() {
    let _step = step!();
    let room = Arc::new(Room::new(Limits::default()));
    let visitors = ["Anna", "Ben", "Carla"].map(|name| joined(&room, name));
    visitors[0].obey(&say("lunch is here")).expect("anna may speak");
    let heard = visitors.each_ref().map(|visitor| visitor.mailbox().take().pop_back());
    let [anna, ben, carla] = heard.map(|last| last.expect("everyone hears it"));
    assert_eq!(anna.as_str(), r#"{"type":"said","name":"Anna","text":"lunch is here"}"#);
    let place = anna.as_str().as_ptr();
    for other in [ben, carla] {
        assert!(other.as_str().as_ptr() == place, "expected the same bytes for all, came a copy");
    }
}

#[test]
fn s1_everyone_hears_everything_in_the_same_order() {
    const MESSAGES: usize = 500;
    let _step = step!();
    let room = Arc::new(Room::new(Limits::default()));
    let visitors = ["Anna", "Ben", "Carla"].map(|name| joined(&room, name));
    for visitor in &visitors {
        drop(visitor.mailbox().take());
    }
    thread::scope(|scope| {
        for visitor in &visitors {
            scope.spawn(move || {
                for number in 0..MESSAGES {
                    visitor.obey(&say(&number.to_string())).expect("everyone may speak");
                }
            });
        }
    });
    let [anna, ben, carla] = visitors.each_ref().map(|visitor| visitor.mailbox().take());
    assert_eq!(anna.len(), 3 * MESSAGES, "everyone hears everything");
    assert!(anna == ben && ben == carla, "everyone hears it in the same order");
}

#[tokio::test(start_paused = true)]
async fn s1_who_has_no_name_neither_speaks_nor_hears() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "stranger"], Limits::default());
    let [mut anna] = stage.everyone(["anna"]).await;
    let mut stranger = stage.connect("stranger", PIPE).await;
    stranger.say("who is here?").await;
    stranger.hear("an answer").await;
    anna.say("nobody whom you know").await;
    anna.hear("her own words").await;
    stage.later(1).await;
    stranger.expect_silence();
    stage.end([anna, stranger]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s1_a_mistake_is_explained_to_who_made_it() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let [mut anna, mut ben] = stage.everyone(["anna", "ben"]).await;
    for mistake in [
        "hello",
        r#"{"type":"shout","text":"hello"}"#,
        r#"{"type":"say","txt":"hello"}"#,
        r#"{"type":"join","name":"Anne"}"#,
    ] {
        anna.send(Message::text(mistake)).await;
        anna.hear("an explanation").await;
    }
    anna.send(Message::binary(vec![1, 2, 3])).await;
    anna.hear("an explanation").await;
    anna.say("hello").await;
    anna.hear("her own words").await;
    ben.hear("the first thing that ben hears").await;
    stage.end([anna, ben]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s1_what_came_with_the_request_is_heard() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server"], Limits::default());
    let mut anna = stage.dial("anna");
    let frames = [r#"{"type":"join","name":"Anna"}"#, r#"{"type":"say","text":"early"}"#]
        .map(|text| masked(0x81, text.as_bytes()));
    anna.say([handshake("").into_bytes(), frames.concat()].concat()).await;
    anna.hear_until(b"\r\n\r\n", "the answer to the request").await;
    anna.hear_until(br#""text":"early"}"#, "what anna said before she was answered").await;
    drop(anna);
    stage.end([]).await;
}

#[tokio::test]
async fn s1_over_a_real_connection_too() {
    let _step = step!();
    let server = Running::start(Limits::default()).await;
    let mut anna = server.connect("Anna").await;
    let mut ben = server.connect("Ben").await;
    anna.say("lunch is here").await;
    for client in [&mut anna, &mut ben] {
        let heard = client.hear_until("lunch is here").await;
        assert_eq!(heard, r#"{"type":"said","name":"Anna","text":"lunch is here"}"#);
    }
    drop((anna, ben));
    server.stop().await;
}

// Step 2: who is here.

#[tokio::test(start_paused = true)]
async fn s2_who_comes_and_who_goes_is_told() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let mut anna = stage.connect("anna", PIPE).await;
    anna.join("Anna").await;
    anna.hear("a welcome").await;
    let mut ben = stage.connect("ben", PIPE).await;
    ben.join("Ben").await;
    ben.hear("a welcome").await;
    anna.hear("that ben is here").await;
    stage.later(4).await;
    stage.transcript.phase("ben closes the page");
    ben.send(Message::Close(None)).await;
    ben.hear("an answer to the close").await;
    anna.hear("that ben is gone").await;
    stage.later(4).await;
    stage.transcript.phase("ben is back, and his connection breaks");
    let mut ben = stage.connect("ben", PIPE).await;
    ben.join("Ben").await;
    ben.hear("a welcome").await;
    anna.hear("that ben is here").await;
    stage.transcript.event("ben", "loses the connection");
    drop(ben);
    anna.hear("that ben is gone").await;
    stage.end([anna]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s2_what_is_said_while_one_is_away_is_lost() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let [mut anna, ben] = stage.everyone(["anna", "ben"]).await;
    stage.transcript.event("ben", "loses the connection");
    drop(ben);
    anna.hear("that ben is gone").await;
    stage.later(2).await;
    anna.say("the train leaves at nine").await;
    let said = anna.hear("her own words").await;
    stage.transcript.lost("server", "ben", said);
    stage.later(2).await;
    let mut ben = stage.connect("ben", PIPE).await;
    ben.join("ben").await;
    ben.hear("a welcome").await;
    anna.hear("that ben is here").await;
    ben.say("did I miss anything?").await;
    let first = ben.hear("his own words, and nothing before").await;
    assert!(first.contains("did I miss"), "nothing is kept for who is away: {first}");
    stage.end([anna, ben]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[test]
fn s2_a_name_is_short_and_seen_and_free() {
    let _step = step!();
    let room = Arc::new(Room::new(Limits::default()));
    let anna = joined(&room, "Anna");
    let mut report = String::new();
    let longest = "é".repeat(24);
    let too_long = format!("{longest} ");
    for name in [
        "",
        "Anna",
        "Anna\u{200b}",
        "\u{410}nna",
        "\u{200b}",
        "\u{a0}Ben",
        "Ben ",
        "B\u{85}n",
        &too_long,
        &longest,
        "anna",
        "Ben Ali",
        "\u{1f469}\u{200d}\u{1f680}",
    ] {
        let visitor = room.enter().expect("there is room");
        let answer = match visitor.obey(&join(name)) {
            Ok(()) => "welcome".to_owned(),
            Err(mistake) => mistake.to_string(),
        };
        writeln!(report, "{name:?}\n  {answer}").expect("a String takes every write");
    }
    drop(anna);
    let again = room.enter().expect("there is room").obey(&join("Anna"));
    assert_eq!(again, Ok(()), "the name of somebody who left is free");
    insta::assert_snapshot!(report);
}

#[test]
fn s2_who_never_had_a_name_leaves_unseen() {
    let _step = step!();
    let room = Arc::new(Room::new(Limits::default()));
    let anna = joined(&room, "Anna");
    drop(anna.mailbox().take());
    drop(room.enter().expect("there is room"));
    let heard = anna.mailbox().take();
    assert!(heard.is_empty(), "expected nothing of a stranger, came {heard:?}");
    drop(joined(&room, "Ben"));
    let heard: Vec<String> = anna.mailbox().take().iter().map(ToString::to_string).collect();
    assert_eq!(
        heard,
        [
            r#"{"type":"joined","name":"Ben"}"#,
            r#"{"type":"left","name":"Ben","why":"lost the connection"}"#
        ]
    );
}

#[test]
fn s2_who_leaves_takes_the_mailbox_along() {
    let _step = step!();
    let room = Arc::new(Room::new(Limits::default()));
    let text: Arc<[u8]> = b"something unread"[..].into();
    for visitor in [joined(&room, "Anna"), room.enter().expect("there is room")] {
        let message = Bytes::from_owner(Arc::clone(&text));
        visitor.mailbox().push(message.try_into().expect("a text in UTF-8"));
        drop(visitor);
        assert_eq!(Arc::strong_count(&text), 1, "who is gone has nothing in memory, named or not");
    }
}

#[tokio::test(start_paused = true)]
async fn s2_who_is_thrown_away_is_gone_too() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let [mut anna, ben] = stage.everyone(["anna", "ben"]).await;
    let task = stage.connections.pop().expect("the task of ben's connection");
    task.abort();
    let cancelled = within("the task to end", task).await;
    assert!(cancelled.is_err_and(|error| error.is_cancelled()), "it was cancelled");
    let heard = anna.hear("that ben is gone").await;
    assert_eq!(heard, r#"{"type":"left","name":"ben","why":"lost the connection"}"#);
    stage.end([anna, ben]).await;
}

// Step 3: one who does not read.

#[tokio::test(start_paused = true)]
async fn s3_who_does_not_read_is_given_up_and_harms_nobody() {
    let _step = step!();
    let limits = Limits { max_unread: 100, ..Limits::default() };
    let mut stage = Stage::new(&["anna", "server", "carla", "ben"], limits);
    let [mut anna, mut carla] = stage.everyone(["anna", "carla"]).await;
    // Ben reads nothing from now on, and only 40 bytes fit between him and the server.
    let mut ben = stage.join("ben", 40).await;
    stage.settle([&mut anna, &mut carla]).await;
    for number in 1..=4 {
        anna.say(&format!("message {number}")).await;
        anna.hear("her own words").await;
        carla.hear("what anna said").await;
    }
    anna.hear("that ben was given up").await;
    carla.hear("that ben was given up").await;
    stage.later(1).await;
    stage.transcript.phase("ben reads again");
    ben.hear("what was on its way").await;
    ben.hear("why it ends").await;
    stage.end([anna, ben, carla]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s3_the_bytes_that_wait_are_counted_exactly() {
    let _step = step!();
    let mailbox = Mailbox::new(10);
    for text in ["five5", "five5"] {
        mailbox.push(text.into());
    }
    assert_eq!(mailbox.take().len(), 2, "ten bytes may wait");
    mailbox.push("ten bytes!".into());
    assert_eq!(mailbox.filled().now_or_never(), Some(Ok(())), "ten more, when ten were taken");
    assert_eq!(mailbox.overflowed().now_or_never(), None, "no more than may wait");
    mailbox.push("x".into());
    let too_slow = Ending::TooSlow { limit: 10 };
    assert_eq!(mailbox.overflowed().now_or_never(), Some(too_slow.clone()));
    assert_eq!(mailbox.filled().now_or_never(), Some(Err(too_slow)));
    mailbox.push("y".into());
    assert!(mailbox.take().is_empty(), "what waited is forgotten, and nothing is added");
    mailbox.end(Ending::Stopping);
    let first = Some(Err(Ending::TooSlow { limit: 10 }));
    assert_eq!(mailbox.filled().now_or_never(), first, "it ends once, and for one reason");
    let mailbox = Mailbox::new(10);
    mailbox.push("eleven more".into());
    assert!(mailbox.overflowed().now_or_never().is_some(), "one message may be too much");
}

#[tokio::test(start_paused = true)]
async fn s3_who_takes_too_long_over_a_single_message_is_given_up() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let [mut anna] = stage.everyone(["anna"]).await;
    let ben = stage.join("ben", 40).await;
    stage.settle([&mut anna]).await;
    let began = Instant::now();
    anna.say("a message that does not fit into forty bytes").await;
    anna.hear("her own words").await;
    stage.later(9).await;
    anna.expect_silence();
    let heard = anna.hear("that ben was given up").await;
    assert_eq!(heard, r#"{"type":"left","name":"ben","why":"stopped reading"}"#);
    assert_eq!(began.elapsed(), Limits::default().write_deadline);
    stage.end([anna, ben]).await;
}

#[tokio::test(start_paused = true)]
async fn s3_what_waits_goes_out_in_one_piece() {
    let _step = step!();
    let limits = Limits::default();
    let room = Arc::new(Room::new(limits.clone()));
    let [anna, ben] = ["Anna", "Ben"].map(|name| joined(&room, name));
    drop(ben.mailbox().take());
    for number in 1..=10 {
        anna.obey(&say(&format!("message {number}"))).expect("anna may speak");
    }
    let first = Arc::new(OnceLock::new());
    let written = Arc::clone(&first);
    let on_write = move |bytes| {
        written.get_or_init(|| bytes);
        // The room is busy: there is always more than the server keeps before it writes.
        anna.obey(&say(&"x".repeat(5000))).expect("anna may speak");
    };
    let (client, server) = duplex(PIPE);
    let server = Watched { stream: server, on_write: Box::new(on_write) };
    let talking = tokio::spawn(async move { converse(server, Vec::new(), ben, &limits).await });
    let mut client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    let mut bytes = 0;
    for number in 1..=10 {
        let message = within("ten messages", client.next()).await.expect("the server is there");
        let text = message.expect("a message").into_text().expect("a text");
        assert!(text.contains(&format!("message {number}\"")), "in order: {text}");
        bytes += 2 + text.len();
    }
    assert_eq!(first.get(), Some(&bytes), "ten messages, written at once");
    within("a close to be sent", client.close(None)).await.expect("the server is there");
    let more = client.take_while(|came| future::ready(matches!(came, Ok(Message::Text(_)))));
    let more = within("an answer to the close", more.take(100).count()).await;
    assert!(more < 100, "expected ben to be heard in a busy room, came {more} messages to him");
    assert_eq!(within("the end", talking).await.expect("no panic"), Ending::Closed);
}

// Step 4: one who is not there any more.

#[tokio::test(start_paused = true)]
async fn s4_a_pulse_asks_once_and_then_gives_up() {
    let _step = step!();
    let [interval, timeout] = [25, 20].map(Duration::from_secs);
    let now = Instant::now();
    let mut pulse = Pulse::new(interval, timeout, now);
    assert_eq!(pulse.due() - now, interval, "a ping, so long after something was heard");
    assert_eq!(pulse.tick(), Beat::Ping);
    assert_eq!(pulse.due() - now, interval + timeout, "the end, so long after it");
    let answered = now + interval + Duration::from_secs(1);
    pulse.hear(answered);
    assert_eq!(pulse.due() - answered, interval, "a ping, so long after the answer");
    assert_eq!(pulse.tick(), Beat::Ping);
    assert_eq!(pulse.tick(), Beat::Dead);
}

#[tokio::test(start_paused = true)]
async fn s4_who_answers_stays_and_who_does_not_is_gone() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let [mut anna, ben] = stage.everyone(["anna", "ben"]).await;
    stage.transcript.event("ben", "loses the network");
    anna.hear_later(30, "a ping").await;
    anna.hear_later(30, "that ben is gone").await;
    let told = Instant::now();
    let cut = stage.connections.pop().expect("the task of ben's connection");
    let ended = within("ben's connection to be cut", cut).await.expect("it does not panic");
    assert_eq!(ended, Some(Ending::Silent { seconds: 45 }));
    assert_eq!(told.elapsed(), Duration::ZERO, "nobody waits for a goodbye of his");
    anna.hear_later(30, "a ping").await;
    stage.end([anna, ben]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s4_who_does_not_even_take_a_ping_is_given_up() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let [mut anna] = stage.everyone(["anna"]).await;
    let ben = stage.join("ben", 64).await;
    stage.settle([&mut anna]).await;
    let began = Instant::now();
    // With its header it has 64 bytes: it fits, and nothing after it.
    anna.say("exactly so many letters").await;
    anna.hear("her own words").await;
    assert_eq!(anna.hear_later(30, "a ping").await, "ping");
    let heard = anna.hear_later(30, "that ben was given up").await;
    assert_eq!(heard, r#"{"type":"left","name":"ben","why":"stopped reading"}"#);
    let Limits { ping_interval, write_deadline, .. } = Limits::default();
    assert_eq!(began.elapsed(), ping_interval + write_deadline);
    stage.end([anna, ben]).await;
}

#[tokio::test(start_paused = true)]
async fn s4_who_speaks_is_not_asked_whether_he_is_there() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server"], Limits::default());
    let [mut anna] = stage.everyone(["anna"]).await;
    for _ in 0..3 {
        stage.later(20).await;
        anna.say("still here").await;
        let heard = anna.hear("her own words").await;
        assert!(heard.contains("still here"), "a ping would be a question too many: {heard}");
    }
    let spoke = Instant::now();
    assert_eq!(anna.hear_later(30, "a ping").await, "ping");
    assert_eq!(spoke.elapsed(), Limits::default().ping_interval);
    stage.end([anna]).await;
}

// Step 5: a limit on everything, and a goodbye.

#[tokio::test(start_paused = true)]
async fn s5_a_server_that_stops_says_goodbye() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let [mut anna, mut ben] = stage.everyone(["anna", "ben"]).await;
    anna.say("one last word").await;
    stage.later(4).await;
    stage.transcript.event("server", "stops");
    stage.chat.room.close();
    for client in [&mut anna, &mut ben] {
        client.hear("what was said before").await;
        client.hear("a goodbye").await;
    }
    let mut late = stage.dial("ben");
    late.say(handshake("")).await;
    let refused = late.hear_close("a refusal").await;
    assert!(refused.starts_with(b"HTTP/1.1 503 "), "{}", String::from_utf8_lossy(&refused));
    drop(late);
    stage.end([anna, ben]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s5_over_real_connections_it_says_goodbye_too() {
    let _step = step!();
    let server = Running::start(Limits::default()).await;
    let address = server.address;
    let mut clients = [server.connect("Anna").await, server.connect("Ben").await];
    let stopping = tokio::spawn(server.stop());
    for client in &mut clients {
        let heard = client.hear_until("close").await;
        assert_eq!(heard, "close 1001 the server stops; connect again later");
    }
    let refused = within("the port to be closed", TcpStream::connect(address)).await;
    assert!(refused.is_err(), "expected a closed port, came a connection");
    drop(clients);
    within("the server to end", stopping).await.expect("the server does not panic");
}

#[tokio::test(start_paused = true)]
async fn s5_each_end_has_its_code() {
    let _step = step!();
    let mut report = String::new();
    let say = |length: usize| format!(r#"{{"type":"say","text":"{}"}}"#, "x".repeat(length - 24));
    for (what, frames) in [
        ("4096 bytes", masked(0x81, say(4096).as_bytes())),
        ("the header of 4097 bytes", masked(0x81, say(4097).as_bytes())[..8].to_vec()),
        ("4097 bytes in two frames", {
            let text = say(4097);
            let (first, second) = text.as_bytes().split_at(4000);
            [masked(0x01, first), masked(0x80, second)].concat()
        }),
        ("a text that is not UTF-8", masked(0x81, b"\xff")),
        ("a frame without a mask", b"\x81\x05hello".to_vec()),
        ("a reserved opcode", masked(0x83, b"")),
        ("nothing, and the connection breaks", Vec::new()),
    ] {
        let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
        let [mut anna] = stage.everyone(["anna"]).await;
        let mut ben = stage.dial("ben");
        let join = masked(0x81, br#"{"type":"join","name":"Ben"}"#);
        ben.say([handshake("").into_bytes(), join].concat()).await;
        ben.hear_until(b"}", "a welcome").await;
        anna.hear("that ben is here").await;
        ben.say(frames).await;
        if what == "4096 bytes" {
            ben.hear_until(b"}", "ben's own words").await;
            anna.hear("what ben said").await;
        }
        ben.finish().await;
        let told = ben.hear_close("the connection to close").await;
        let told = match told.as_slice() {
            [] => "nothing".to_owned(),
            [0x88, _, high, low, reason @ ..] => {
                let code = u16::from_be_bytes([*high, *low]);
                format!("close {code} {}", String::from_utf8_lossy(reason))
            }
            other => panic!("expected a close frame, came {other:?}"),
        };
        let left = anna.hear("that ben is gone").await;
        writeln!(report, "{what}\n  ben:  {told}\n  anna: {left}").expect("a String takes it");
        stage.end([anna]).await;
    }
    insta::assert_snapshot!(report);
    // Whoever breaks off while the server writes is found by the writing.
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let [mut anna] = stage.everyone(["anna"]).await;
    let ben = stage.join("ben", 40).await;
    stage.settle([&mut anna]).await;
    anna.say("a message that does not fit into forty bytes").await;
    anna.hear("her own words").await;
    drop(ben);
    let left = anna.hear("that ben is gone").await;
    assert_eq!(left, r#"{"type":"left","name":"ben","why":"lost the connection"}"#);
    stage.end([anna]).await;
}

#[test]
fn s5_every_reason_fits_into_a_close_frame() {
    let _step = step!();
    let frame = |ending: Ending| ending.close_frame().expect("there is somebody to tell");
    let rule = "é".repeat(100);
    for ending in [
        Ending::TooSlow { limit: usize::MAX },
        Ending::Stuck { seconds: u64::MAX },
        Ending::TooLong { limit: usize::MAX },
        Ending::NotText,
        Ending::Broken { rule },
        Ending::Stopping,
    ] {
        let reason = frame(ending).reason;
        assert!(reason.len() <= 123, "{} bytes: {reason}", reason.len());
    }
    let room = Arc::new(Room::new(Limits::default()));
    let anna = joined(&room, "Anna");
    room.close();
    assert_eq!(anna.mailbox().filled().now_or_never(), Some(Ok(())), "first what was said before");
    assert_eq!(anna.mailbox().take().len(), 1, "what waits is said before the goodbye");
    assert_eq!(anna.mailbox().filled().now_or_never(), Some(Err(Ending::Stopping)));
}

#[tokio::test(start_paused = true)]
async fn s5_what_is_refused_is_refused_in_words() {
    let _step = step!();
    let limits = Limits { max_connections: 1, ..Limits::default() };
    let mut stage = Stage::new(&["anna", "server", "client"], limits);
    let mut report = String::new();
    let mut anna = None;
    let other = "Origin: http://evil.example\r\n";
    for (what, request) in [
        ("the page", "GET / HTTP/1.1\r\nHost: chat\r\n\r\n".to_owned()),
        ("another page", "GET /news HTTP/1.1\r\nHost: chat\r\n\r\n".to_owned()),
        ("a form", "POST / HTTP/1.1\r\nHost: chat\r\nContent-Length: 0\r\n\r\n".to_owned()),
        ("no handshake", "GET /chat HTTP/1.1\r\nHost: chat\r\n\r\n".to_owned()),
        ("a handshake with a body", handshake("Content-Length: 5\r\n") + "hello"),
        ("a page of another site", handshake(other)),
        ("a page of this site", handshake("Origin: http://chat\r\n")),
        ("one too many", handshake("")),
        ("a page of another site, when there is no room", handshake(other)),
        ("a head that is too long", handshake(&format!("X: {}\r\n", "x".repeat(20_000)))),
    ] {
        let mut client = stage.dial("client");
        client.say(request).await;
        let head = client.hear_until(b"\r\n\r\n", "the head of an answer").await;
        let head = String::from_utf8(head).expect("a head in ASCII");
        let mut shown: Vec<&str> = head.lines().take(1).collect();
        for name in ["allow: ", "retry-after: ", "upgrade: ", "content-type: "] {
            shown.extend(head.lines().find(|line| line.to_lowercase().starts_with(name)));
        }
        write!(report, "{what}\n  {}\n", shown.join(", ")).expect("a String takes every write");
        if head.starts_with("HTTP/1.1 101") {
            anna = Some(client);
            continue;
        }
        let body = client.hear_close("the connection to close").await;
        if !body.is_empty() && !body.starts_with(b"<") {
            let body = String::from_utf8_lossy(&body);
            writeln!(report, "  {}", body.trim_end()).expect("a String takes every write");
        }
    }
    drop(anna.expect("one was let in"));
    stage.end([]).await;
    assert_eq!(stage.chat.room.enter().err(), None, "who is gone makes room");
    insta::assert_snapshot!(report);
}

#[tokio::test]
async fn s5_a_crowd_at_the_door_waits_and_cannot_stop_a_stop() {
    let _step = step!();
    let limits = Limits {
        max_connections: 1,
        request_deadline: Duration::from_secs(60),
        shutdown_grace: Duration::from_millis(200),
        ..Limits::default()
    };
    let server = Running::start(limits).await;
    let anna = server.connect("Anna").await;
    let full = server.ask(&handshake("")).await.answer().await;
    assert!(full.starts_with("HTTP/1.1 503 "), "one too many for the room: {full}");
    let mut crowd = Vec::new();
    for _ in 0..16 {
        crowd.push(server.ask("").await); // they connect, and ask nothing
    }
    let outside = server.ask("GET / HTTP/1.1\r\nHost: chat\r\n\r\n").await;
    let early = timeout(Duration::from_millis(100), outside.0.readable()).await;
    assert!(early.is_err(), "expected no answer before somebody leaves, came one");
    drop(crowd.pop());
    let page = outside.answer().await;
    assert!(page.starts_with("HTTP/1.1 200 "), "the next one in the queue: {page}");
    drop(anna);
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn s5_who_talks_too_much_is_read_slowly() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let [mut anna, mut ben] = stage.everyone(["anna", "ben"]).await;
    stage.later(10).await;
    let began = Instant::now();
    for number in 1..=50 {
        anna.say(&format!("message {number}")).await;
    }
    let mut by_second = [0; 4];
    for number in 1..=50 {
        let heard = ben.hear("what anna said").await;
        assert!(heard.contains(&format!("message {number}\"")), "nothing is lost: {heard}");
        by_second[began.elapsed().as_secs() as usize] += 1;
    }
    assert_eq!(by_second, [20, 20, 10, 0], "20 in each second (max_rate)");
    ben.say("and now I").await;
    let heard = ben.hear("his own words, at once").await;
    assert!(heard.contains("and now I"), "who talks little is not slowed down: {heard}");
    for number in 1..=50 {
        let heard = anna.hear("her own words").await;
        assert!(heard.contains(&format!("message {number}\"")), "and nothing between: {heard}");
    }
    anna.hear("what ben said").await;
    stage.later(10).await;
    let began = Instant::now();
    for _ in 0..40 {
        anna.send(Message::Pong(Vec::new().into())).await;
    }
    anna.say("at last").await;
    ben.hear("what anna said").await;
    assert_eq!(began.elapsed().as_secs(), 2, "40 pongs come first, 20 in each second");
    stage.end([anna, ben]).await;
}

#[tokio::test(start_paused = true)]
async fn s5_a_message_without_end_is_read_slowly() {
    let _step = step!();
    let limits = Limits::default();
    let mut stage = Stage::new(&["anna", "server", "ben"], limits.clone());
    let [mut anna, mut ben] = stage.everyone(["anna", "ben"]).await;
    stage.later(10).await;
    // No fragment has a byte in it, so the message never becomes too long.
    let fragments = [masked(0x01, b""), masked(0x00, b"").repeat(100_000)].concat();
    let a_second = limits.max_rate as usize * (limits.max_message + 14);
    let began = Instant::now();
    let sent = timeout(Duration::from_secs(20), anna.socket.get_mut().write_all(&fragments)).await;
    sent.expect("the server reads on, if slowly").expect("the connection stands");
    let seconds = (fragments.len() - PIPE) / a_second;
    assert_eq!(began.elapsed().as_secs(), seconds as u64, "{a_second} bytes in each second");
    ben.say("can you hear me?").await;
    ben.hear("his own words, at once").await;
    let rest = masked(0x80, &vec![b'x'; limits.max_message + 1]);
    anna.socket.get_mut().write_all(&rest).await.expect("the connection stands");
    let heard = anna.hear_until("close").await;
    assert!(heard.starts_with("close 1009 "), "the message was still being read: {heard}");
    stage.end([anna, ben]).await;
}

#[tokio::test(start_paused = true)]
async fn s5_who_goes_on_sending_after_the_last_word_is_cut() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server"], Limits::default());
    let [mut anna] = stage.everyone(["anna"]).await;
    let header = masked(0x81, &[b'x'; 5000])[..8].to_vec();
    anna.socket.get_mut().write_all(&header).await.expect("the connection stands");
    let heard = anna.hear_until("close").await;
    assert!(heard.starts_with("close 1009 "), "it is told why: {heard}");
    let stream = anna.socket.get_mut();
    let end = within("the server to say no more", stream.read(&mut [0])).await;
    assert_eq!(end.expect("no reset"), 0, "the end of what the server says");
    let mut sent = 0;
    while sent < 4 << 20 && stream.write_all(&[0; 1024]).await.is_ok() {
        sent += 1024;
    }
    // What is not read turns into a reset, which destroys the reason on its way.
    let bounds = (1 << 20)..=(1 << 20) + PIPE;
    assert!(bounds.contains(&sent), "expected {bounds:?} bytes more to be read, came {sent}");
    stage.end([anna]).await;
}

#[tokio::test(start_paused = true)]
async fn s5_who_asks_nothing_is_cut() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server"], Limits::default());
    let began = Instant::now();
    let mut anna = stage.dial("anna");
    anna.say("GET /chat HTTP/1.1\r\n").await;
    stage.later(9).await;
    anna.say("Host: chat\r\n").await;
    anna.hear_close("the connection to be cut").await;
    assert_eq!(began.elapsed(), Limits::default().request_deadline);
    // With it goes whoever opens a chat, and answers the goodbye with nothing at all.
    let mut deaf = stage.dial("anna");
    deaf.say(handshake("")).await;
    deaf.hear_until(b"\r\n\r\n", "the answer to the request").await;
    let began = Instant::now();
    stage.chat.room.close();
    deaf.hear_close("the connection to be closed").await;
    stage.end([]).await;
    assert_eq!(began.elapsed(), Limits::default().close_deadline);
    drop(deaf);
}

// What the tests share.

fn join(name: &str) -> Command {
    Command::Join { name: name.to_owned() }
}

fn say(text: &str) -> Command {
    Command::Say { text: text.to_owned() }
}

/// One who is in the room, without a socket.
fn joined(room: &Arc<Room>, name: &str) -> Visitor {
    let visitor = room.enter().expect("there is room");
    visitor.obey(&join(name)).expect("nobody else has this name");
    visitor
}

/// The request that opens a chat, with more headers if there are any.
fn handshake(headers: &str) -> String {
    format!(
        "GET /chat HTTP/1.1\r\nHost: chat\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
}

/// A frame as a client sends it, by hand: its mask is all zero, so that it can be read.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ ..126 => frame.push(0x80 | length as u8),
        length => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&u16::try_from(length).expect("short frames").to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// A chat, and clients that talk to it over connections in memory.
struct Stage {
    transcript: Transcript,
    chat: Arc<Chat>,
    connections: Vec<JoinHandle<Option<Ending>>>,
}

impl Stage {
    fn new(lanes: &[&str], limits: Limits) -> Self {
        let transcript = Transcript::timed_by_tokio(lanes);
        transcript.hide_after("date: ");
        let chat = Arc::new(Chat::new(limits, Policy::default()));
        Self { transcript, chat, connections: Vec::new() }
    }

    /// A connection on which nothing was said yet.
    fn dial(&mut self, lane: &str) -> Peer<DuplexStream> {
        let (peer, stream) = pair(&self.transcript, lane, "server");
        self.serve(stream);
        peer
    }

    fn serve(&mut self, stream: DuplexStream) {
        let chat = Arc::clone(&self.chat);
        self.connections.push(tokio::spawn(async move { serve_connection(stream, &chat).await }));
    }

    /// A client on a WebSocket, without a name. `pipe` bytes travel before a writer has to wait.
    async fn connect(&mut self, lane: &str, pipe: usize) -> Client<DuplexStream> {
        let (mine, theirs) = duplex(pipe);
        self.serve(theirs);
        let opened = within("the WebSocket to open", client_async("ws://chat/chat", mine)).await;
        let (socket, _) = opened.expect("the server opens it");
        Client { socket, transcript: self.transcript.clone(), lane: lane.to_owned() }
    }

    /// A client with the name of its lane. How it got there is not written down.
    async fn join(&mut self, lane: &str, pipe: usize) -> Client<DuplexStream> {
        let mut client = self.connect(lane, pipe).await;
        let join = format!(r#"{{"type":"join","name":"{lane}"}}"#);
        client.socket.send(Message::text(join)).await.expect("the server takes it");
        let welcome = within("a welcome", client.socket.next()).await;
        let welcome = welcome.expect("the server is there").expect("a message");
        assert!(welcome.to_string().contains("welcome"), "expected a welcome, came {welcome}");
        client
    }

    /// Clients with the names of their lanes, who have nothing left to hear.
    async fn everyone<const N: usize>(&mut self, lanes: [&str; N]) -> [Client<DuplexStream>; N] {
        let mut clients = Vec::new();
        for lane in lanes {
            clients.push(self.join(lane, PIPE).await);
        }
        let mut clients: [_; N] = clients.try_into().expect("one for each lane");
        self.settle(clients.each_mut()).await;
        clients
    }

    /// Lets these hear all there is, without writing it down.
    async fn settle<const N: usize>(&self, clients: [&mut Client<DuplexStream>; N]) {
        for _ in 0..10 {
            tokio::task::yield_now().await; // until every task has done what it can
        }
        for client in clients {
            while client.socket.next().now_or_never().is_some() {}
        }
    }

    /// Lets virtual time pass. tokio moves its paused clock only when every task waits, so whatever
    /// can happen has happened before it does.
    async fn later(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    /// The clients leave; no connection may have panicked.
    async fn end<const N: usize>(&mut self, clients: [Client<DuplexStream>; N]) {
        drop(clients);
        for connection in self.connections.drain(..) {
            let ended = within("the connection to end with its client", connection).await;
            ended.expect("no connection panics");
        }
    }
}

/// The chat as a whole server, on a port of its own.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Running {
    async fn start(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let chat = Arc::new(Chat::new(limits, Policy::default()));
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(serve(listener, chat, async {
            let _ = stopped.await;
        }));
        Self { address, stop, serving }
    }

    async fn connect(&self, name: &str) -> Client<TcpStream> {
        let stream = within("a connection", TcpStream::connect(self.address)).await;
        let stream = stream.expect("the server listens");
        let url = format!("ws://{}/chat", self.address);
        let opened = within("the WebSocket to open", client_async(url, stream)).await;
        let (socket, _) = opened.expect("the server opens it");
        let transcript = Transcript::untimed(&[name, "server"]);
        let mut client = Client { socket, transcript, lane: name.to_owned() };
        client.join(name).await;
        client.hear_until("welcome").await;
        client
    }

    /// Somebody who connects and sends these bytes, be they none.
    async fn ask(&self, request: &str) -> Asked {
        let stream = within("a connection", TcpStream::connect(self.address)).await;
        let mut stream = stream.expect("the server listens");
        let sent = within("the request to be sent", stream.write_all(request.as_bytes())).await;
        sent.expect("the connection stands");
        Asked(stream)
    }

    async fn stop(self) {
        self.stop.send(()).expect("the server runs until it is told to stop");
        within("the server to end", self.serving).await.expect("the server does not panic");
    }
}

struct Asked(TcpStream);

impl Asked {
    /// All that comes.
    async fn answer(mut self) -> String {
        let mut answer = String::new();
        let read = within("the answer", self.0.read_to_string(&mut answer)).await;
        read.expect("an answer, and the end of the connection");
        answer
    }
}

#[derive(Debug)]
struct Client<S> {
    socket: WebSocketStream<S>,
    transcript: Transcript,
    lane: String,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    async fn join(&mut self, name: &str) {
        self.send(Message::text(format!(r#"{{"type":"join","name":"{name}"}}"#))).await;
    }

    async fn say(&mut self, text: &str) {
        self.send(Message::text(format!(r#"{{"type":"say","text":"{text}"}}"#))).await;
    }

    async fn send(&mut self, message: Message) {
        self.transcript.message(&self.lane, "server", shown(&message));
        let sent = within("the server to take a message", self.socket.send(message)).await;
        if let Err(error) = sent {
            panic!("expected a connection that stands, came {error}");
        }
    }

    /// The next thing that comes, as it is written down. A ping is answered.
    async fn hear(&mut self, awaited: &str) -> String {
        let came = within(awaited, self.socket.next()).await;
        self.heard(came, awaited).await
    }

    /// The same, where more than a deadline may pass first: in virtual time.
    async fn hear_later(&mut self, seconds: u64, awaited: &str) -> String {
        match timeout(Duration::from_secs(seconds), self.socket.next()).await {
            Ok(came) => self.heard(came, awaited).await,
            Err(_) => panic!("waited {seconds} s for {awaited}, and it did not come"),
        }
    }

    async fn heard(&mut self, came: Option<Result<Message, Error>>, awaited: &str) -> String {
        let Some(Ok(message)) = came else {
            panic!("expected {awaited}, came the end of the connection ({came:?})");
        };
        let heard = shown(&message);
        self.transcript.message("server", &self.lane, &heard);
        if message.is_ping() {
            // tungstenite has the answer ready; this sends it.
            if let Err(error) = self.socket.flush().await {
                panic!("expected a connection that takes the answer to a ping, came {error}");
            }
            self.transcript.message(&self.lane, "server", "pong");
        }
        heard
    }

    /// What comes, up to something that contains `part`.
    async fn hear_until(&mut self, part: &str) -> String {
        loop {
            let heard = self.hear(part).await;
            if heard.contains(part) {
                return heard;
            }
        }
    }

    fn expect_silence(&mut self) {
        let came = self.socket.next().now_or_never();
        assert!(came.is_none(), "expected nothing, came {came:?}");
    }
}

/// `{"type":…}`, `ping`, `close 1001 reason`, `3 bytes`.
fn shown(message: &Message) -> String {
    match message {
        Message::Text(text) => text.to_string(),
        Message::Ping(_) => "ping".to_owned(),
        Message::Close(None) => "close".to_owned(),
        Message::Close(Some(frame)) => format!("close {} {}", u16::from(frame.code), frame.reason),
        Message::Binary(bytes) => format!("{} bytes that are no text", bytes.len()),
        other => format!("{other:?}"),
    }
}

/// A stream that tells how many bytes were written to it.
struct Watched {
    stream: DuplexStream,
    on_write: Box<dyn Fn(usize) + Send>,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        if let Poll::Ready(Ok(bytes)) = written {
            (self.on_write)(bytes);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
