//! What happens between two things that each go well: ends while somebody comes in, panics halfway,
//! clients that choose what a log says. Beside the lesson, whose steps it would only lengthen.

#[path = "stage.rs"]
#[allow(dead_code, reason = "the lesson's tests use the rest")]
mod stage;

#[path = "../10_engineio_server/log.rs"]
mod log;

use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Once, OnceLock, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use transcript::within;

use self::log::Log;
use self::stage::{Client, Notes, Stage, notes};
use super::subject::{
    Ack, Adapter, Bytes, CallError, DisconnectReason, Event, Handshake, Matcher, Namespace,
    NamespaceName, Pattern, Refusal, Server, SlowConsumer, Socket,
};

const SECOND: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(1000);

/// A client whose socket the test holds too.
async fn met(stage: &Stage) -> (Client, Socket) {
    let (note, mut notes): (_, Notes<Socket>) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| {
        note.send(socket).expect("the test listens");
    });
    let client = stage.enter("client").await;
    (client, notes.next("a socket").await)
}

#[tokio::test(start_paused = true)]
async fn nobody_is_let_in_while_the_connection_is_being_closed() {
    let stage = Stage::new(Server::builder().engine(|it| it.shutdown_timeout(LONG)));
    let go = Arc::new(Notify::new());
    let (leave, enter) = (Arc::clone(&go), Arc::clone(&go));
    stage.io.of("/").on("bye", async move |socket: Socket| {
        leave.notified().await;
        socket.disconnect_all();
    });
    stage.io.of("/b").auth(async move |_: Handshake, _: Value| {
        enter.notified().await;
        Ok::<_, Refusal>(())
    });
    let mut client = stage.enter("client").await;
    client.say(r#"42["bye"]"#).await;
    client.say("40/b,").await;
    sleep(SECOND).await;
    go.notify_waiters(); // both in one poll
    client.hear_the_end().await;
    drop(client);
    sleep(SECOND).await;
    assert_eq!(stage.io.of("/b").fetch().await.len(), 0);
    let begun = Instant::now();
    stage.io.shutdown().await;
    assert_eq!(begun.elapsed(), Duration::ZERO, "nothing is left to wait for");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_let_in_once_the_client_has_broken_the_protocol() {
    let stage = Stage::new(Server::builder());
    let go = Arc::new(Notify::new());
    let (slow, enter) = (Arc::clone(&go), Arc::clone(&go));
    stage.io.of("/").on("slow", async move |_: Socket| slow.notified().await);
    stage.io.of("/b").wrap(async move |_: Handshake| {
        enter.notified().await;
        Ok::<_, Refusal>(())
    });
    let mut client = stage.enter("client").await;
    for text in [r#"42["slow"]"#, r#"42["slow",nonsense]"#, "40/b,"] {
        client.say(text).await;
    }
    sleep(SECOND).await;
    go.notify_waiters();
    client.hear_the_end().await;
    drop(client);
    sleep(SECOND).await;
    assert_eq!(stage.io.of("/b").fetch().await.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_connection_that_was_cut_off_hears_of_it() {
    let hook = |_: &_| panic!("as it was told to");
    let stage = Stage::of(&["client", "server"], Server::builder().on_problem(hook).build());
    let (mut client, socket) = met(&stage).await;
    client.say(r#"42["nobody handles this"]"#).await;
    client.hear_the_end().await;
    let call = timeout(LONG, socket.call::<()>("x", ()).timeout(SECOND).into_future()).await;
    assert!(call.is_ok(), "a call has a timeout");
    socket.emit("x", ());
    assert!(timeout(LONG, socket.drained()).await.is_ok(), "nothing waits any more");
}

struct Admin;

#[tokio::test(start_paused = true)]
async fn handlers_of_an_auth_are_for_those_whom_it_let_in() {
    let stage = Stage::new(Server::builder());
    let desk = stage.io.of("/admin");
    desk.wrap(async |_: Handshake| {
        sleep(SECOND).await;
        Ok::<_, Refusal>(())
    });
    let mut client = stage.connect("client").await;
    client.say("40/admin,").await;
    sleep(SECOND / 2).await;
    let no = async |_: Handshake, _: Value| Err::<Admin, _>(Refusal::new("no"));
    desk.auth(no).on("secret", async |_: Socket<Admin>| Ack("the secret"));
    client.hear().await;
    let answer = client.ask(r#"42/admin,0["secret"]"#).await;
    assert!(!answer.contains("the secret"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn who_comes_and_goes_and_comes_begins_a_bounded_number_of_handlers() {
    let begun = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&begun);
    let stage = Stage::new(Server::builder().max_namespaces(10));
    stage.io.of("/").on_connect(async move |_: Socket| {
        counted.fetch_add(1, Ordering::Relaxed);
        pending::<()>().await;
    });
    let mut client = stage.connect("client").await;
    for _ in 0..100 {
        client.send(Message::text("40")).await;
        client.send(Message::text("41")).await;
    }
    sleep(SECOND).await;
    assert_eq!(begun.load(Ordering::Relaxed), 20, "twice max_namespaces");
}

#[test]
fn a_matcher_may_register_another() {
    let io = Server::builder().build();
    let (theirs, once) = (io.clone(), Once::new());
    let matcher = move |name: &str| {
        once.call_once(|| theirs.of_dynamic(Pattern::new("/other"), |_| ()));
        name == "/x"
    };
    io.of_dynamic(matcher, |_| ());
    let (done, ended) = mpsc::channel();
    std::thread::spawn(move || {
        let _ = io.of("/x");
        done.send(())
    });
    assert!(ended.recv_timeout(10 * SECOND).is_ok(), "it waits for itself");
}

#[tokio::test(start_paused = true)]
async fn a_matcher_that_panics_keeps_nobody_out_of_a_namespace_that_is_there() {
    let stage = Stage::new(Server::builder());
    stage.io.of_dynamic(|name: &str| &name[..6] == "/room-", |_| ());
    let mut client = stage.connect("client").await;
    let answer = client.ask("40").await;
    assert!(answer.starts_with("40{"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn what_a_set_up_registered_before_it_panicked_is_not_registered_twice() {
    let stage = Stage::new(Server::builder());
    let (note, mut notes) = notes();
    let first = AtomicBool::new(true);
    stage.io.of_dynamic(Pattern::new("/room-*"), move |nsp: Namespace| {
        let note = note.clone();
        nsp.on("x", async move |_: Socket| {
            note.send("called").expect("the test listens");
        });
        assert!(!first.swap(false, Ordering::Relaxed), "as it was told to");
    });
    let io = stage.io.clone();
    assert!(catch_unwind(AssertUnwindSafe(|| io.of("/room-1"))).is_err());
    let mut client = stage.connect("client").await;
    client.enter("40/room-1,").await;
    client.say(r#"42/room-1,["x"]"#).await;
    sleep(SECOND).await;
    assert_eq!(notes.so_far(), ["called"]);
}

#[test]
fn a_pattern_without_a_star_is_one_name() {
    let pattern = Pattern::new("/admin");
    assert!(pattern.matches("/admin"));
    assert!(!pattern.matches("/administrator"));
}

#[tokio::test(start_paused = true)]
async fn volatile_events_never_end_a_connection() {
    let stage = Stage::new(Server::builder().max_buffered(20_000));
    let (_client, socket) = met(&stage).await;
    for _ in 0..100 {
        socket.emit_volatile("position", "x".repeat(1000));
    }
    sleep(SECOND).await;
    assert!(socket.is_connected(), "{:?}", stage.problems());
}

#[tokio::test(start_paused = true)]
async fn what_is_for_somebody_who_has_left_takes_no_room() {
    let stage = Stage::new(Server::builder());
    let (mut client, socket) = met(&stage).await;
    let (note, mut notes): (_, Notes<Socket>) = notes();
    stage.io.of("/b").on_connect(async move |socket: Socket| drop(note.send(socket)));
    client.enter("40/b,").await;
    let gone = notes.next("a socket of /b").await;
    gone.disconnect();
    assert_eq!(client.hear().await, "41/b,");
    gone.emit("to nobody", ());
    socket.emit_volatile("here", ());
    assert_eq!(client.hear().await, r#"42["here",null]"#);
}

#[tokio::test(start_paused = true)]
async fn a_call_may_wait_for_days() {
    let days = Duration::from_secs(2 * 24 * 60 * 60);
    let stage = Stage::new(Server::builder().engine(|it| it.ping_interval(10 * days)));
    let (_client, socket) = met(&stage).await;
    let begun = Instant::now();
    assert!(socket.call::<()>("q", ()).timeout(days).await.is_err());
    assert!(begun.elapsed() >= days, "came after {:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_log_says_nothing_of_what_a_client_shows() {
    let stage = Stage::new(Server::builder());
    let mut client = stage.connect("client").await;
    let (note, mut notes) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| {
        note.send(format!("{:?}", socket.handshake())).expect("the test listens");
    });
    client.enter(r#"40{"token":"s3cret"}"#).await;
    let (handshake, sockets) = (notes.next("a handshake").await, stage.io.fetch().await);
    assert!(!handshake.contains("s3cret"), "{handshake}");
    assert!(!format!("{sockets:?}").contains("s3cret"), "{sockets:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_client_chose_is_one_short_line_of_a_log() {
    let long = "x".repeat(100_000);
    for text in [
        format!(r#"42["number","{long}"]"#),
        format!("42/a\nERROR forged line{long},[\"x\"]"),
        format!("42{}[\"x\"]", "9".repeat(100_000)),
        format!(r#"42["{long}"]"#),
        format!("40,{}\nERROR forged line", "9".repeat(100_000)),
        r#"42["a\u202edegrof\u2028line"]"#.to_owned(),
    ] {
        let stage = Stage::new(Server::builder());
        let (note, mut reasons) = notes();
        stage.io.of("/").on_disconnect(async move |_: Socket, reason: DisconnectReason| {
            note.send(reason.to_string()).expect("the test listens");
        });
        stage.io.of("/").on("number", async |_: Socket, _: u32| ());
        stage.io.of("/").on_any(async |_: Socket, event: Event| {
            assert!(event.name.len() < 1000 && event.name.is_ascii(), "as it was told to");
        });
        let mut client = stage.enter("client").await;
        client.send(Message::text(text)).await;
        sleep(SECOND).await;
        let problems = stage.problems();
        let [problem] = &problems[..] else { panic!("expected one problem, came {problems:?}") };
        client.send(Message::text("1")).await; // who is still there
        let reason = reasons.next("a reason").await;
        for line in [problem, &reason] {
            assert!(line.len() < 300, "{line}");
            assert!(!line.contains(['\n', '\u{2028}', '\u{202e}']), "{line:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn so_is_a_namespace_that_a_client_chose() {
    let log = Log::listen();
    let long = "x".repeat(100_000);
    let stage = Stage::new(Server::builder().max_namespaces(1));
    stage.io.of_dynamic(Pattern::new("/room-*"), |_| ());
    let no = async |_: Handshake, _: Value| Err::<(), _>(Refusal::new("x".repeat(100_000)));
    let _ = stage.io.of("/no").auth(no);
    let mut client = stage.connect("client").await;
    client.enter(&format!("40/room-{long},")).await;
    assert!(client.ask(&format!("40/too-many-{long},")).await.contains("Too many namespaces"));
    client.send(Message::text(format!("41/room-{long},"))).await;
    client.ask(&format!("40/nowhere-{long},")).await;
    client.ask("40/no,{}").await;
    let told = log.lines();
    let names = ["opened", "joined", "refused", "left", "refused", "refused"];
    assert_eq!(told.len(), names.len(), "{told:?}");
    for (line, name) in told.iter().zip(names) {
        assert!(line.contains(name) && line.len() < 400, "expected {name}, came {line}");
    }
}

struct Nosy(Socket);

impl Drop for Nosy {
    fn drop(&mut self) {
        let _ = self.0.extensions().get::<u8>();
    }
}

#[tokio::test]
async fn a_value_that_is_replaced_may_look_at_the_others_when_it_goes() {
    let stage = Stage::new(Server::builder());
    let (_client, socket) = met(&stage).await;
    let (done, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        socket.extensions().insert(Nosy(socket.clone()));
        socket.extensions().insert(Nosy(socket.clone()));
        done.send(())
    });
    within("the second value to be there", ended).await.expect("the thread ends");
}

#[tokio::test(start_paused = true)]
async fn an_echo_wakes_its_own_task_no_second_time() {
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&polls);
    let stage = Stage::new(Server::builder());
    stage
        .io
        .of("/")
        .concurrent(2)
        .on("stay", async move |_: Socket| {
            poll_fn(|_| {
                counted.fetch_add(1, Ordering::Relaxed);
                Poll::<()>::Pending
            })
            .await;
        })
        .on("echo", async |socket: Socket| socket.emit("echo", ()));
    let mut client = stage.enter("client").await;
    client.say(r#"42["stay"]"#).await;
    sleep(SECOND).await;
    let before = polls.load(Ordering::Relaxed);
    for _ in 0..10 {
        assert_eq!(client.ask(r#"42["echo"]"#).await, r#"42["echo",null]"#);
        sleep(SECOND / 100).await;
    }
    assert!(client.stream.next().now_or_never().is_none());
    assert_eq!(polls.load(Ordering::Relaxed) - before, 10, "polls of the task for ten events");
}

/// Builds a namespace again, from another thread, while it hears that it is gone.
#[derive(Clone, Debug, Default)]
struct Rebuilding {
    io: Arc<OnceLock<Server>>,
    told: Arc<std::sync::Mutex<Vec<&'static str>>>,
}

impl Rebuilding {
    fn note(&self, what: &'static str) {
        self.told.lock().expect("nobody panicked here").push(what);
    }
}

impl Adapter for Rebuilding {
    fn opened(&self, nsp: &NamespaceName) {
        if nsp.as_str() == "/room-1" {
            self.note("opened");
        }
    }

    fn closed(&self, _: &NamespaceName) {
        let (opened, again) = mpsc::channel();
        let io = self.io.get().expect("the server is there").clone();
        std::thread::spawn(move || {
            let _ = io.of("/room-1");
            opened.send(())
        });
        let _ = again.recv_timeout(SECOND / 5); // it has to wait, and this is time to go wrong
        self.note("closed");
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_hears_that_a_namespace_is_gone_before_it_is_there_again() {
    let adapter = Rebuilding::default();
    let stage = Stage::new(Server::builder().adapter(adapter.clone()));
    adapter.io.set(stage.io.clone()).expect("nobody else sets it");
    stage.io.of_dynamic(Pattern::new("/room-*"), |_| ());
    let mut client = stage.connect("client").await;
    client.enter("40/room-1,").await;
    client.say("41/room-1,").await;
    client.enter("40/room-1,").await;
    let told = adapter.told.lock().expect("nobody panicked here");
    assert_eq!(told[..], ["opened", "closed", "opened"]);
}

#[tokio::test(start_paused = true)]
async fn one_event_may_wait_even_if_none_may() {
    let stage = Stage::new(Server::builder().max_pending(0));
    stage.io.of("/").on("slow", async |_: Socket, n: u8| {
        sleep(SECOND).await;
        Ack(n)
    });
    let mut client = stage.enter("client").await;
    for n in 0..4 {
        client.say(&format!(r#"42{n}["slow",{n}]"#)).await;
    }
    for n in 0..4 {
        assert_eq!(client.hear().await, format!("43{n}[{n}]"));
    }
}

#[tokio::test(start_paused = true)]
async fn while_what_waited_is_handled_answers_leave() {
    const EVENTS: usize = 5000;
    let stage = Stage::new(Server::builder().max_buffered(100_000));
    let gate = Arc::new(Notify::new());
    let opened = Arc::clone(&gate);
    stage
        .io
        .of("/")
        .on("wait", async move |_: Socket| opened.notified().await)
        .on("ask", async |_: Socket| Ack("x".repeat(100)));
    stage.io.of("/b").on("all there?", async |_: Socket| ());
    let mut client = stage.enter("client").await;
    client.enter("40/b,").await;
    client.send(Message::text(r#"42["wait"]"#)).await;
    for n in 0..EVENTS {
        client.send(Message::text(format!(r#"42{n}["ask"]"#))).await;
    }
    assert_eq!(client.ask(r#"42/b,0["all there?"]"#).await, "43/b,0[]");
    gate.notify_one();
    for n in 0..EVENTS {
        let heard = client.hear().await;
        assert!(heard.starts_with(&format!("43{n}[")), "{heard}: {:?}", stage.problems());
    }
}

struct Woken;

impl Wake for Woken {
    fn wake(self: Arc<Self>) {}
}

#[tokio::test(start_paused = true)]
async fn who_waits_no_more_for_what_was_sent_is_forgotten() {
    let stage = Stage::new(Server::builder());
    let (_client, socket) = met(&stage).await;
    socket.emit("x", ());
    let task = Arc::new(Woken);
    let waker = Waker::from(Arc::clone(&task));
    let mut drained = Box::pin(socket.drained());
    assert!(drained.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop((drained, waker));
    assert_eq!(Arc::strong_count(&task), 1, "its waker is kept");
}

#[tokio::test(start_paused = true)]
async fn who_hears_nothing_cannot_make_the_server_answer_without_end() {
    let drop_newest = Server::builder().slow_consumer(SlowConsumer::DropNewest);
    let stage = Stage::new(drop_newest.max_buffered(1000));
    let mut client = stage.connect_through("client", 100).await;
    let mut taken = 0;
    while client.stream.send(Message::text("40/nowhere,")).await.is_ok() {
        taken += 1;
        assert!(taken < 10_000, "it answers without end");
    }
    let reason = "expected at most 1000 bytes to wait for the client (max_buffered), came more";
    assert_eq!(stage.problems(), [format!("a connection was closed: {reason}")]);
}

/// One request over a connection of its own, by a client that takes gzip.
async fn request(io: &Server, method: &str, sid: &str, body: &str) -> String {
    let (mut ours, theirs) = duplex(64 << 10);
    let io = io.clone();
    tokio::spawn(async move { io.serve_connection(theirs, None).await });
    let head = format!(
        "{method} /socket.io/?EIO=4&transport=polling{sid} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
         accept-encoding: gzip\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    ours.write_all(head.as_bytes()).await.expect("the server reads");
    let mut answer = Vec::new();
    within("the answer", ours.read_to_end(&mut answer)).await.expect("the server writes");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(start_paused = true)]
async fn what_would_be_for_who_has_left_does_not_count_as_dropped() {
    let stage = Stage::new(Server::builder());
    let (note, mut notes) = notes();
    let gate = Arc::new(Notify::new());
    let opened = Arc::clone(&gate);
    let met = note.clone();
    stage
        .io
        .of("/")
        .on_connect(async move |socket: Socket| drop(met.send(socket)))
        .on("work", async move |_: Socket| {
            opened.notified().await;
            Ack("done")
        })
        .on_disconnect(async move |socket: Socket, _| drop(note.send(socket)));
    let mut client = stage.enter("client").await;
    let left = notes.next("the first").await;
    client.say("41").await;
    notes.next("the first to leave").await;
    client.enter("40").await;
    let here = notes.next("the second").await;
    here.emit("one", ());
    left.emit_volatile("two", ()); // the first has not left yet
    assert_eq!(client.hear().await, r#"42["one",null]"#);
    assert_eq!(stage.io.stats().dropped, 0, "an event for a socket that has left");

    client.say(r#"420["work"]"#).await;
    client.stream.close(None).await.expect("the connection stands");
    client.hear_the_end().await;
    gate.notify_one();
    notes.next("the second to leave").await;
    assert_eq!(stage.io.stats().dropped, 0, "an answer for a client that has gone");
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_who_has_left_takes_no_room() {
    let stage = Stage::new(Server::builder().max_buffered(1000));
    let gate = Arc::new(Notify::new());
    let opened = Arc::clone(&gate);
    stage.io.of("/").on("work", async move |_: Socket| {
        opened.notified().await;
        Ack("x".repeat(2000))
    });
    stage.io.of("/b").on("there?", async |_: Socket| ());
    let mut client = stage.enter("client").await;
    client.enter("40/b,").await;
    client.say(r#"420["work"]"#).await;
    client.say("41").await;
    assert_eq!(client.ask(r#"42/b,0["there?"]"#).await, "43/b,0[]");
    gate.notify_one();
    assert_eq!(client.ask(r#"42/b,1["there?"]"#).await, "43/b,1[]");
    assert_eq!(stage.problems(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn bytes_that_do_not_fit_on_polling_are_dropped_and_end_no_connection() {
    let drop_newest = Server::builder().slow_consumer(SlowConsumer::DropNewest);
    let stage = Stage::new(drop_newest.max_buffered(100_000));
    let _ = stage.io.of("/");
    let open = request(&stage.io, "GET", "", "").await;
    let sid = open.split(r#"{"sid":""#).nth(1).and_then(|rest| rest.split('"').next());
    let sid = format!("&sid={}", sid.unwrap_or_else(|| panic!("expected a sid, came {open}")));
    request(&stage.io, "POST", &sid, "40").await;
    let part = Bytes::from(vec![7; 19_000]);
    for _ in 0..10 {
        stage.io.emit("parts", &part);
    }
    sleep(SECOND).await;
    let answer = request(&stage.io, "GET", &sid, "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}, {:?}", stage.problems());
    assert_eq!(stage.problems(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_is_compressed_already_is_no_reason_to_compress_an_answer() {
    let stage = Stage::new(Server::builder());
    let io = &stage.io;
    let long = "news ".repeat(300);
    io.of("/").on("alone", async |socket: Socket, long: String| {
        socket.emit_uncompressed("alone", long);
    });
    let open = request(io, "GET", "", "").await;
    let sid = open.split(r#"{"sid":""#).nth(1).and_then(|rest| rest.split('"').next());
    let sid = format!("&sid={}", sid.unwrap_or_else(|| panic!("expected a sid, came {open}")));
    let is_compressed = async || {
        let answer = request(io, "GET", &sid, "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer.to_lowercase().contains("content-encoding: gzip")
    };
    request(io, "POST", &sid, "40").await;
    assert!(!is_compressed().await, "the answer to CONNECT is short");
    request(io, "POST", &sid, &format!(r#"42["alone","{long}"]"#)).await;
    assert!(!is_compressed().await, "what one socket is sent");
    io.of("/").everybody().compress(false).emit("all", &long);
    assert!(!is_compressed().await, "what all are sent");
    io.emit("all", &long);
    assert!(is_compressed().await, "as always");
    io.of("/").everybody().compress(false).emit("all", &long);
    io.emit("all", ());
    assert!(is_compressed().await, "one reason is enough");
}

#[tokio::test(start_paused = true)]
async fn who_overhears_a_socket_hears_every_event_that_it_is_sent() {
    let stage = Stage::new(Server::builder());
    let (note, mut notes) = notes();
    stage
        .io
        .of("/")
        .on_any_outgoing(move |socket: Socket, event: &Event| {
            let text = event.args.clone().decode::<String>().expect("each is a text");
            let is_its_own = socket.is_connected();
            note.send(format!("{} {text} {is_its_own}", event.name)).expect("the test listens");
        })
        .on_any_outgoing(|_: Socket, event: &Event| assert_ne!(&*event.name, "panic"))
        .on("go", async |socket: Socket| {
            socket.emit("alone", "a");
            socket.namespace().emit("all", "b");
            socket.emit_volatile("dropped, for all this has not left yet", "c");
            let _ = socket.call::<()>("call", "d").timeout(SECOND).await;
            socket.emit("panic", "e");
            socket.disconnect();
            socket.emit("too late", "f");
            Ack("an answer")
        });
    let mut client = stage.enter("client").await;
    client.say(r#"420["go"]"#).await;
    for heard in [r#"42["alone","a"]"#, r#"42["all","b"]"#, r#"420["call","d"]"#] {
        assert_eq!(client.hear().await, heard);
    }
    assert_eq!(client.hear().await, r#"42["panic","e"]"#);
    assert_eq!(client.hear().await, "41");
    assert_eq!(notes.so_far(), ["alone a true", "all b true", "call d true", "panic e true"]);
    let problem = "expected the handler of \"any outgoing\" to return, it panicked";
    assert_eq!(stage.problems(), [problem]);
}

#[tokio::test(start_paused = true)]
async fn a_volatile_question_is_asked_at_once_or_not_at_all() {
    let stage = Stage::new(Server::builder());
    let mut client = stage.connect_through("client", 100).await;
    client.enter("40").await;
    let ask = || stage.io.of("/").everybody().volatile().call::<()>("ready?", ()).into_future();
    stage.io.emit("long", "x".repeat(1000));
    assert_eq!(ask().await, Ok(vec![Err(CallError::Dropped)]));
    client.hear().await;
    let answer = async {
        assert_eq!(client.hear().await, r#"421["ready?",null]"#);
        client.say("431[]").await;
    };
    assert_eq!(tokio::join!(ask(), answer).0, Ok(vec![Ok(())]));
}

struct Asking(Server);

impl Drop for Asking {
    fn drop(&mut self) {
        let _ = self.0.of("/another");
    }
}

#[test]
fn what_a_namespace_that_is_gone_had_captured_may_ask_for_another() {
    let scene = async {
        let stage = Stage::new(Server::builder());
        let (note, mut notes) = notes();
        stage.io.of_dynamic(Pattern::new("/room-*"), move |nsp: Namespace| {
            note.send(nsp).expect("the test listens");
        });
        let mut client = stage.connect("client").await;
        client.enter("40/room-1,").await;
        let asking = Arc::new(Asking(stage.io.clone()));
        let nsp = notes.next("the namespace").await;
        nsp.on("for those who come later", async move |_: Socket| drop(Arc::clone(&asking)));
        client.say("41/room-1,").await;
        client.enter("40/another,").await;
    };
    let (done, ended) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(scene);
        done.send(())
    });
    assert!(ended.recv_timeout(10 * SECOND).is_ok(), "it waits for itself");
}
