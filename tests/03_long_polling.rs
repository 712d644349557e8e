//! Lesson 03: a board whose news arrives while the client waits.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use transcript::{DEADLINE, Peer, Transcript, pair, step, within};

use super::subject::{Bell, Board, Limits, Log, News, Refusal, serve, serve_connection};

// Step 1: ask again and again.

#[test]
fn s1_messages_are_numbered_and_read_in_their_order() {
    let _step = step!();
    let mut log = Log::new(100);
    for (id, text) in [(1, "one"), (2, "two"), (3, "three")] {
        let message = log.push(text.to_owned());
        assert_eq!((message.id, message.text.as_str()), (id, text));
    }
    assert_eq!(shown(&log.since(0)), "1 one, 2 two, 3 three; missed 0, last 3");
    assert_eq!(shown(&log.since(1)), "2 two, 3 three; missed 0, last 3");
    assert_eq!(shown(&log.since(3)), "nothing; missed 0, last 3");
}

#[test]
fn s1_a_client_of_a_board_that_was_started_anew_is_told_everything() {
    let _step = step!();
    let mut log = Log::new(100);
    assert_eq!(shown(&log.since(40)), "nothing; missed 0, last 0");
    log.push("a new beginning".to_owned());
    assert_eq!(shown(&log.since(40)), "1 a new beginning; missed 0, last 1");
}

#[tokio::test(start_paused = true)]
async fn s1_who_wants_news_asks_again_and_again() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let mut anna = stage.connect("anna");
    let mut ben = stage.connect("ben");
    for _ in 0..2 {
        anna.get("/messages?since=0").await;
        stage.later(2).await;
    }
    ben.post("lunch is here").await;
    stage.later(2).await;
    anna.get("/messages?since=0").await;
    stage.end([anna, ben]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s1_what_cannot_be_answered_is_refused_in_words() {
    let _step = step!();
    let mut stage = Stage::new(&["client", "server"], Limits::default());
    let mut report = String::new();
    for (line, headers, body) in [
        ("POST /messages", "content-type: Application/JSON; charset=utf-8\r\n", r#"{"text":"hi"}"#),
        ("HEAD /messages?since=0", "", ""),
        ("GET /messages", "", ""),
        ("GET /messages?since=1&wait=0&colour=red", "", ""),
        ("GET /messages?since=", "", ""),
        ("GET /messages?since=-1", "", ""),
        ("GET /messages?since=%2B1", "", ""),
        ("GET /messages?since=18446744073709551616", "", ""),
        ("GET /messages?since=1&since=2", "", ""),
        ("GET /messages?since=0&wait=long", "", ""),
        ("GET /news", "", ""),
        ("POST /", "", ""),
        ("DELETE /messages?since=x", "", ""),
        ("POST /messages", "", r#"{"text":"hi"}"#),
        ("POST /messages", "content-type: text/plain\r\n", r#"{"text":"hi"}"#),
        ("POST /messages", "content-type: application/json\r\n", r#"{"txt":"hi"}"#),
        ("POST /messages", "content-type: application/json\r\n", "hi"),
        ("POST /messages", "content-type: application/json\r\n", "{\"text\":\"\u{fffd}"),
    ] {
        let mut client = stage.connect("client");
        let answer = client.ask(line, headers, body).await;
        writeln!(report, "{line} {body}\n  {answer}").expect("a String takes every write");
        stage.end([client]).await;
    }
    insta::assert_snapshot!(report);
}

#[tokio::test(start_paused = true)]
async fn s1_a_connection_that_asks_nothing_is_closed() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server"], Limits::default());
    let mut anna = stage.connect("anna");
    anna.get("/messages?since=0").await;
    let began = tokio::time::Instant::now();
    stage.later(5).await;
    anna.peer.say("GET /messages?since=0 HTTP/1.1\r\n").await;
    stage.later(4).await;
    anna.peer.hear_close("the connection to close after head_deadline").await;
    assert_eq!(began.elapsed(), Limits::default().head_deadline, "half a head renews nothing");
    stage.end([anna]).await;
}

#[tokio::test(start_paused = true)]
async fn s1_a_client_that_never_reads_is_given_up() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server"], Limits::default());
    for _ in 0..100 {
        stage.board.post("x".repeat(2000));
    }
    let mut anna = stage.connect("anna");
    anna.peer.say("GET /messages?since=0 HTTP/1.1\r\nhost: board\r\n\r\n").await;
    stage.later(9).await;
    assert!(!stage.ended(), "there is still time to read");
    stage.later(2).await;
    assert!(stage.ended(), "expected the connection to be given up after write_deadline");
    let heard = anna.peer.hear_close("the connection to be closed").await;
    assert!(heard.starts_with(b"HTTP/1.1 200 OK"), "it began to answer");
    stage.end([anna]).await;
}

#[tokio::test]
async fn s1_one_connection_too_many_has_to_wait_for_its_turn() {
    let _step = step!();
    let limits = Limits { max_connections: 1, ..Limits::default() };
    let server = Running::start(limits).await;
    let mut first = server.connect().await;
    first.post("the first is in").await;
    let mut second = server.connect().await;
    second.peer.say("GET /messages?since=0 HTTP/1.1\r\nhost: board\r\n\r\n").await;
    first.post("the first is about to leave").await;
    drop(first);
    let answer = second.answer().await;
    assert!(
        answer.body.contains("about to leave"),
        "answered while the first connection stood: {answer}"
    );
    drop(second);
    server.stop().await;
}

// Step 2: hold the question until there is an answer.

#[tokio::test(start_paused = true)]
async fn s2_a_question_is_held_until_there_is_an_answer() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let mut anna = stage.connect("anna");
    let mut ben = stage.connect("ben");
    anna.say_get("/messages?since=0&wait=25").await;
    anna.hears_nothing_for(4, "before anything is posted").await;
    ben.post("lunch is here").await;
    anna.answer().await;
    stage.end([anna, ben]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s2_what_came_between_two_questions_is_there_at_once() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let mut anna = stage.connect("anna");
    let mut ben = stage.connect("ben");
    anna.say_get("/messages?since=0&wait=25").await;
    ben.post("lunch is here").await;
    let answer = anna.answer().await;
    assert!(answer.body.ends_with("\"last\":1}\n"), "{answer}");
    stage.transcript.phase("anna reads; two more come");
    ben.post("it is cold").await;
    ben.post("it is gone").await;
    anna.say_get("/messages?since=1&wait=25").await;
    anna.answer().await;
    stage.end([anna, ben]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s2_a_client_of_a_board_that_was_started_anew_is_told_at_once() {
    let _step = step!();
    let board = Board::new(&Limits::default());
    // Held until the first message, it would take message 1 for the one that it has seen.
    let news = within("an answer at once", board.news(1)).await;
    assert_eq!(shown(&news), "nothing; missed 0, last 0");
}

#[tokio::test]
async fn s2_one_message_wakes_everybody() {
    let _step = step!();
    let board = Arc::new(Board::new(&Limits::default()));
    let mut readers = JoinSet::new();
    for _ in 0..500 {
        let board = Arc::clone(&board);
        readers.spawn(async move { board.news(0).await });
    }
    tokio::task::yield_now().await; // every reader runs until it sleeps
    board.post("lunch is here".to_owned());
    let all = within("500 readers to be woken by one message", readers.join_all()).await;
    assert!(all.iter().all(|news| shown(news) == "1 lunch is here; missed 0, last 1"));
}

#[tokio::test(start_paused = true)]
async fn s2_what_comes_between_looking_and_sleeping_is_not_missed() {
    let _step = step!();
    let bell = Bell::default();
    let board = Cell::new(None);
    let look = || {
        let found = board.take();
        // A message comes right after the look that did not find it, and before the sleep.
        if found.is_none() {
            board.set(Some("lunch is here"));
            bell.ring();
        }
        found
    };
    let began = tokio::time::Instant::now();
    let found = within("a ring between looking and sleeping to be heard", bell.until(look)).await;
    assert_eq!(found, "lunch is here");
    assert_eq!(began.elapsed(), Duration::ZERO, "the ring wakes, not a timeout");
}

#[tokio::test(start_paused = true)]
async fn s2_a_ring_that_brings_nothing_is_slept_through() {
    const MOST: u32 = 10;
    let _step = step!();
    let bell = Bell::default();
    let rings = Cell::new(0);
    let looks = Cell::new(0);
    let look = || {
        looks.set(looks.get() + 1);
        let rings = rings.get();
        assert!(
            looks.get() <= MOST,
            "expected a look now and after each ring, came {MOST} looks and more after {rings} rings; \
             sleep until the bell rings, each time anew"
        );
        (rings == 2).then_some("lunch is here")
    };
    let ring_twice = async {
        for ring in 1..=2 {
            // Virtual time passes only while `until` sleeps.
            tokio::time::sleep(Duration::from_secs(4)).await;
            rings.set(ring);
            bell.ring();
        }
    };
    let found = async { tokio::join!(bell.until(look), ring_twice).0 };
    let found = within("the second ring to bring something", found).await;
    assert_eq!(found, "lunch is here");
}

/// Each message is posted at the moment when the last reader has seen the one before, and is about to
/// look into the log again and go to sleep.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s2_no_message_is_missed_or_doubled_between_two_polls() {
    const READERS: u64 = 3;
    const MESSAGES: u64 = 2_000;
    let _step = step!();
    // Every message is kept, so that this test is about the race alone.
    let limits = Limits { keep: MESSAGES as usize, ..Limits::default() };
    let board = Arc::new(Board::new(&limits));
    let seen = Arc::new(AtomicU64::new(0));
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let (board, seen) = (Arc::clone(&board), Arc::clone(&seen));
        readers.spawn(async move {
            for expected in 1..=MESSAGES {
                let news = board.news(expected - 1).await;
                assert_eq!(news.messages.len(), 1, "one message more than the last time");
                assert_eq!(news.last, expected, "each message once, in order");
                seen.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    // A thread of its own that never sleeps: a task would be woken too late for the race.
    let poster = thread::spawn(move || {
        let began = Instant::now();
        for number in 1..=MESSAGES {
            board.post(String::new());
            while seen.load(Ordering::Relaxed) < number * READERS {
                if began.elapsed() > DEADLINE {
                    return; // somebody sleeps for ever
                }
                thread::yield_now();
            }
        }
    });
    while let Some(read) = within("every reader to see every message", readers.join_next()).await {
        read.expect("a reader reads to the end");
    }
    poster.join().expect("the poster posts to the end");
}

// Step 3: no question is held for ever.

#[tokio::test(start_paused = true)]
async fn s3_nothing_new_is_an_answer_too() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server"], Limits::default());
    let mut anna = stage.connect("anna");
    stage.has_message_1();
    for _ in 0..2 {
        anna.say_get("/messages?since=1&wait=25").await;
        anna.hears_nothing_for(24, "before the time is over").await;
        anna.answer().await;
    }
    stage.end([anna]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s3_nobody_is_held_longer_than_max_wait() {
    let _step = step!();
    let limits = Limits { max_wait: Duration::from_secs(3), ..Limits::default() };
    let mut stage = Stage::new(&["anna", "server"], limits);
    let mut anna = stage.connect("anna");
    for (wait, held) in [(1, 1), (3, 3), (4, 3), (u64::MAX, 3)] {
        let began = tokio::time::Instant::now();
        anna.get(&format!("/messages?since=0&wait={wait}")).await;
        assert_eq!(began.elapsed(), Duration::from_secs(held), "asked for {wait} s");
    }
    stage.end([anna]).await;
}

#[tokio::test(start_paused = true)]
async fn s3_a_board_that_closes_answers_everybody() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let mut anna = stage.connect("anna");
    let mut ben = stage.connect("ben");
    stage.has_message_1();
    ben.get("/messages?since=1").await;
    anna.say_get("/messages?since=1&wait=25").await;
    anna.hears_nothing_for(4, "before the board closes").await;
    stage.transcript.event("server", "stops");
    stage.board.close();
    anna.answer().await;
    anna.peer.hear_close("the connection to close").await;
    stage.transcript.note("Anna's, answered");
    ben.peer.hear_close("the idle connection to close, too").await;
    stage.transcript.note("Ben's, idle");
    stage.end([anna, ben]).await;
    insta::assert_snapshot!(stage.transcript);
}

// Step 4: who leaves is freed.

#[tokio::test(start_paused = true)]
async fn s4_a_client_that_leaves_waits_no_more() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server", "ben"], Limits::default());
    let mut anna = stage.connect("anna");
    let mut ben = stage.connect("ben");
    anna.say_get("/messages?since=0&wait=25").await;
    stage.waiting(1, "when anna asks").await;
    ben.say_get("/messages?since=0&wait=25").await;
    stage.waiting(2, "when ben asks, too").await;
    anna.hears_nothing_for(4, "before she leaves").await;
    stage.transcript.event("anna", "closes the page");
    drop(anna);
    stage.waiting(1, "after anna left").await;
    stage.board.post("lunch is here".to_owned());
    ben.answer().await;
    stage.waiting(0, "after ben was answered").await;
    stage.end([ben]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s4_behind_bytes_that_wait_a_departure_goes_unseen_until_the_time_is_over() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server"], Limits::default());
    let mut anna = stage.connect("anna");
    anna.say_get("/messages?since=0&wait=25").await;
    stage.waiting(1, "when anna asks").await;
    anna.say_get("/messages?since=0").await;
    stage.transcript.note("pipelined: hyper reads no further");
    stage.transcript.event("anna", "closes the page");
    drop(anna);
    stage.later(24).await;
    stage.waiting(1, "before the time is over").await;
    stage.waiting(0, "when the time is over").await;
    stage.transcript.note("the backstop: max_wait");
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s4_over_a_real_connection_too() {
    let _step = step!();
    let server = Running::start(Limits::default()).await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = server.connect().await;
        client.say_get("/messages?since=0&wait=25").await;
        clients.push(client);
    }
    held(&server.board, 20, "when 20 clients ask").await;
    clients.truncate(5);
    held(&server.board, 5, "after 15 of them left").await;
    drop(clients);
    server.stop().await;
}

#[tokio::test]
async fn s4_a_server_that_stops_answers_who_waits_and_ends() {
    let _step = step!();
    let server = Running::start(Limits::default()).await;
    let address = server.address;
    let mut anna = server.connect().await;
    anna.say_get("/messages?since=0&wait=25").await;
    held(&server.board, 1, "when anna asks").await;
    server.stop().await;
    let answer = anna.answer().await;
    assert_eq!(answer.body, "{\"messages\":[],\"missed\":0,\"last\":0}\n");
    assert_eq!(answer.header("connection"), "close");
    let refused = within("the port to be closed", TcpStream::connect(address)).await;
    assert!(refused.is_err(), "expected a closed port, came a connection");
}

// Step 5: a limit on everything.

#[test]
fn s5_the_oldest_are_forgotten_and_the_gap_is_named() {
    let _step = step!();
    let mut log = Log::new(3);
    for text in ["one", "two", "three", "four", "five"] {
        log.push(text.to_owned());
    }
    assert_eq!(shown(&log.since(0)), "3 three, 4 four, 5 five; missed 2, last 5");
    assert_eq!(shown(&log.since(1)), "3 three, 4 four, 5 five; missed 1, last 5");
    assert_eq!(shown(&log.since(2)), "3 three, 4 four, 5 five; missed 0, last 5");
    assert_eq!(shown(&log.since(4)), "5 five; missed 0, last 5");
    let mut log = Log::new(0);
    log.push("one".to_owned());
    log.push("two".to_owned());
    assert_eq!(shown(&log.since(0)), "2 two; missed 1, last 2", "at least one is kept");
}

#[tokio::test(start_paused = true)]
async fn s5_those_who_wait_leave_room_for_those_who_post() {
    let _step = step!();
    let limits = Limits { max_waiters: 1, ..Limits::default() };
    let mut stage = Stage::new(&["anna", "server", "ben"], limits);
    let mut anna = stage.connect("anna");
    let mut ben = stage.connect("ben");
    anna.say_get("/messages?since=0&wait=25").await;
    stage.waiting(1, "when anna asks").await;
    ben.get("/messages?since=0&wait=25").await;
    ben.post("may I still post?").await;
    anna.answer().await;
    ben.say_get("/messages?since=1&wait=25").await;
    stage.waiting(1, "when ben may wait again").await;
    stage.end([anna, ben]).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s5_no_more_wait_than_may_however_many_come_at_once() {
    let _step = step!();
    let board = Arc::new(Board::new(&Limits { max_waiters: 10, ..Limits::default() }));
    let mut readers = JoinSet::new();
    for _ in 0..25 {
        let board = Arc::clone(&board);
        readers.spawn(async move { board.wait(0, Duration::from_secs(25)).await });
    }
    for _ in 0..15 {
        let refused = within("15 of 25 to be refused", readers.join_next()).await;
        let refused = refused.expect("some are left").expect("no reader panics");
        assert_eq!(refused, Err(Refusal::TooManyWaiters { limit: 10 }));
    }
    assert_eq!(*board.waiting().borrow(), 10);
    board.close();
    let rest = within("the other 10 to be answered", readers.join_all()).await;
    assert!(rest.iter().all(Result::is_ok));
    assert_eq!(*board.waiting().borrow(), 0);
}

#[tokio::test(start_paused = true)]
async fn s5_a_body_is_neither_too_long_nor_too_slow() {
    let _step = step!();
    let mut stage = Stage::new(&["anna", "server"], Limits::default());
    let body = |length: usize| format!(r#"{{"text":"{}"}}"#, "x".repeat(length - 11));
    let json = "content-type: application/json\r\n";
    let mut report = String::new();
    for length in [2048, 2049] {
        let mut anna = stage.connect("anna");
        let answer = anna.ask("POST /messages", json, &body(length)).await;
        let shown = if answer.status == 201 { "taken".to_owned() } else { answer.to_string() };
        writeln!(report, "{length} bytes\n  {shown}").expect("a String takes every write");
        stage.end([anna]).await;
    }
    let in_one_chunk = |length| format!("{length:x}\r\n{}\r\n", body(length));
    for (what, pieces) in [
        ("2049 bytes in a chunk, and no last chunk", vec![in_one_chunk(2049)]),
        ("one byte every 4 s", vec!["1\r\n{\r\n".to_owned(); 3]),
        ("a chunk of ZZ bytes", vec!["ZZ\r\n".to_owned()]),
    ] {
        let mut anna = stage.connect("anna");
        let began = tokio::time::Instant::now();
        let head = "POST /messages HTTP/1.1\r\nhost: board\r\ntransfer-encoding: chunked\r\n";
        anna.peer.say(format!("{head}{json}\r\n")).await;
        for (number, piece) in pieces.iter().enumerate() {
            if number > 0 {
                anna.hears_nothing_for(4, "before the body is whole or its time over").await;
            }
            anna.peer.say(piece).await;
        }
        let answer = timeout(Duration::from_secs(9), anna.answer()).await;
        let Ok(answer) = answer else {
            panic!("expected an answer to {what}, came none in the next 9 s");
        };
        let after = began.elapsed().as_secs_f64();
        writeln!(report, "{what}\n  {answer}\n  after {after} s")
            .expect("a String takes every write");
        stage.end([anna]).await;
    }
    insta::assert_snapshot!(report);
}

// What the tests share.

/// A board, and clients that talk to it over connections in memory.
struct Stage {
    transcript: Transcript,
    board: Arc<Board>,
    limits: Limits,
    connections: Vec<JoinHandle<()>>,
}

impl Stage {
    fn new(lanes: &[&str], limits: Limits) -> Self {
        let transcript = Transcript::timed_by_tokio(lanes);
        transcript.hide_after("date: ");
        let board = Arc::new(Board::new(&limits));
        Self { transcript, board, limits, connections: Vec::new() }
    }

    fn connect(&mut self, name: &str) -> Client<DuplexStream> {
        let (peer, stream) = pair(&self.transcript, name, "server");
        let board = Arc::clone(&self.board);
        let limits = self.limits.clone();
        self.connections.push(tokio::spawn(async move {
            // Some clients here leave in the middle of something, which hyper calls an error.
            let _ = serve_connection(stream, &board, &limits).await;
        }));
        Client { peer }
    }

    /// Lets virtual time pass. tokio moves its paused clock only when every task waits, so whatever
    /// can happen has happened before it does.
    async fn later(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    /// Begins with something that has been read already: what is not new must not come again.
    fn has_message_1(&self) {
        self.board.post("lunch is here".to_owned());
        self.transcript.event("server", "has message 1");
    }

    /// Until exactly `count` requests are held; `moment` says where in the test that is.
    async fn waiting(&self, count: usize, moment: &str) {
        held(&self.board, count, moment).await;
        self.transcript.event("server", format!("holds {count}"));
    }

    fn ended(&self) -> bool {
        self.connections.iter().all(JoinHandle::is_finished)
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

/// Until exactly `count` requests are held by `board`.
async fn held(board: &Board, count: usize, moment: &str) {
    let mut waiting = board.waiting();
    let reached = timeout(DEADLINE, waiting.wait_for(|now| *now == count)).await.is_ok();
    let came = *waiting.borrow();
    assert!(
        reached,
        "expected {count} held {moment}, came {came}, still after {DEADLINE:?} of the test's clock"
    );
}

/// The board as a whole server, on a port of its own.
struct Running {
    board: Arc<Board>,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Running {
    async fn start(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let board = Arc::new(Board::new(&limits));
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(serve(listener, Arc::clone(&board), limits, async {
            let _ = stopped.await;
        }));
        Self { board, address, stop, serving }
    }

    async fn connect(&self) -> Client<TcpStream> {
        let stream = within("a connection", TcpStream::connect(self.address)).await;
        let transcript = Transcript::untimed(&["client", "server"]);
        let stream = stream.expect("the server listens");
        Client { peer: Peer::new(stream, &transcript, "client", "server") }
    }

    async fn stop(self) {
        self.stop.send(()).expect("the server runs until it is told to stop");
        within("the server to end", self.serving).await.expect("the server does not panic");
    }
}

struct Client<S> {
    peer: Peer<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    async fn say_get(&mut self, target: &str) {
        self.peer.say(format!("GET {target} HTTP/1.1\r\nhost: board\r\n\r\n")).await;
    }

    async fn get(&mut self, target: &str) -> Answer {
        self.say_get(target).await;
        self.answer().await
    }

    async fn post(&mut self, text: &str) -> Answer {
        let body = format!(r#"{{"text":"{text}"}}"#);
        self.ask("POST /messages", "content-type: application/json\r\n", &body).await
    }

    /// `line` is the request line without its version.
    async fn ask(&mut self, line: &str, headers: &str, body: &str) -> Answer {
        let length = match body.len() {
            0 => String::new(),
            length => format!("content-length: {length}\r\n"),
        };
        let head = format!("{line} HTTP/1.1\r\nhost: board\r\n{headers}{length}\r\n");
        self.peer.say(format!("{head}{body}")).await;
        let head = self.head().await;
        if line.starts_with("HEAD") { head } else { self.with_body(head).await }
    }

    async fn answer(&mut self) -> Answer {
        let head = self.head().await;
        self.with_body(head).await
    }

    /// Lets virtual time pass, and nothing else: what would the client have heard by then?
    async fn hears_nothing_for(&mut self, seconds: u64, moment: &str) {
        let mut heard = Vec::new();
        let early = timeout(Duration::from_secs(seconds), self.peer.read_buf(&mut heard)).await;
        assert!(
            early.is_err(),
            "expected no answer {moment}, came {:?} (empty: the end of the connection)",
            String::from_utf8_lossy(&heard)
        );
    }

    async fn head(&mut self) -> Answer {
        let head = self.peer.hear_until(b"\r\n\r\n", "the head of an answer").await;
        let head = String::from_utf8(head).expect("a head in ASCII");
        let (status, headers) = head.split_once("\r\n").expect("a status line");
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let headers = headers.lines().filter_map(|line| line.split_once(": "));
        Answer {
            status: status.expect("a status of three digits"),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: String::new(),
        }
    }

    async fn with_body(&mut self, head: Answer) -> Answer {
        let length = head.header("content-length").parse().expect("a length");
        let body = self.peer.hear_exactly(length, "the body of an answer").await;
        Answer { body: String::from_utf8(body).expect("a body in UTF-8"), ..head }
    }
}

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// The status, the headers that matter, the body.
impl std::fmt::Display for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.status)?;
        for name in ["content-type", "content-length", "cache-control", "allow", "retry-after"] {
            if let Some(value) = self.headers.get(name) {
                write!(formatter, ", {name}: {value}")?;
            }
        }
        if !self.body.is_empty() {
            write!(formatter, "\n  {}", self.body.trim_end())?;
        }
        Ok(())
    }
}

/// `1 hello, 2 again; missed 0, last 2`.
fn shown(news: &News) -> String {
    let each = |message: &super::subject::Message| format!("{} {}", message.id, message.text);
    let messages = match news.messages.as_slice() {
        [] => "nothing".to_owned(),
        messages => messages.iter().map(each).collect::<Vec<_>>().join(", "),
    };
    format!("{messages}; missed {}, last {}", news.missed, news.last)
}
