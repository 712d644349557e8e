//! Lesson 02: many clients at once, each asks, each is answered.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http_message::{Limits, Request, Response, Status};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;
use transcript::{Peer, Transcript, pair, step, within};

use super::subject::{Answer, Config, Handler, Listener, Report, Server, Upgrade, Upgraded};

// Step 1: answer one request.

#[tokio::test(start_paused = true)]
async fn s1_a_request_is_answered() {
    let _step = step!();
    let mut scene = Scene::new(&["client", "server"], desk);
    let mut client = scene.connect("client");
    client.say("GET / HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n").await;
    client.hear_close("the answer, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s1_an_answer_says_when_it_was_given() {
    let _step = step!();
    const LONG_AGO: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    let handler = async |request: Request| match request.path() {
        "/own" => Response::new(Status::OK).with_header("date", LONG_AGO).expect("a header"),
        _ => Response::new(Status::OK),
    };
    let mut scene = Scene::new(&["client", "server"], handler);
    // A date has no fractions of a second.
    let before = SystemTime::now() - Duration::from_secs(1);
    for request in ["GET / HTTP/1.0\r\n\r\n", "a refusal has one, too\r\n"] {
        let dates = scene.dates_of_answer_to(request).await;
        let date = dates.first().and_then(|date| httpdate::parse_http_date(date).ok());
        let is_now = date.is_some_and(|date| before <= date && date <= SystemTime::now());
        assert!(is_now && dates.len() == 1, "expected the time of now, came {dates:?}");
    }
    let own = scene.dates_of_answer_to("GET /own HTTP/1.0\r\n\r\n").await;
    assert_eq!(own, [LONG_AGO], "expected the date that the handler has set, came another");
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn s1_a_request_may_come_in_pieces() {
    let _step = step!();
    let mut scene = Scene::new(&["client", "server"], desk);
    let mut client = scene.connect("client");
    client.say("POST /echo HTTP/1.1\r\nHost: desk\r\nConn").await;
    pass(1).await;
    client.say("ection: close\r\nContent-Length: 10\r\n\r\nhello").await;
    pass(1).await;
    client.say(" you\n").await;
    client.hear_close("the answer, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s1_who_has_no_more_to_say_still_gets_the_answer() {
    let _step = step!();
    let mut scene = Scene::new(&["client", "server"], desk);
    let mut client = scene.connect("client");
    client.say("GET /slow HTTP/1.0\r\n\r\n").await;
    client.finish().await;
    client.hear_close("the answer, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s1_half_a_request_is_told_what_is_missing() {
    let _step = step!();
    let mut scene = Scene::new(&["client", "server"], desk);
    let mut client = scene.connect("client");
    client.say("GET / HTTP/1.1\r\nHost: desk\r\n").await;
    client.finish().await;
    client.hear_close("an answer, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s1_a_refusal_is_answered() {
    let _step = step!();
    let mut scene = Scene::new(&["client", "server"], desk);
    let mut client = scene.connect("client");
    client.say("hello?\r\n\r\n").await;
    client.hear_close("the refusal, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s1_a_client_that_waits_for_100_continue_is_told_to_go_on() {
    let _step = step!();
    let mut scene = Scene::new(&["client", "server"], desk);
    let mut client = scene.connect("client");
    client.say("POST /echo HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n").await;
    client.say("Content-Length: 6\r\nExpect: 100-continue\r\n\r\n").await;
    let awaited = "100 Continue (awaits_continue speaks of what next_request has looked at)";
    client.hear_until(b"\r\n\r\n", awaited).await;
    client.say("hello\n").await;
    client.hear_close("the answer, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s1_a_handler_that_panics_costs_an_answer_of_500() {
    let _step = step!();
    let mut scene = Scene::new(&["one", "other", "server"], desk);
    let transcript = scene.transcript.clone();
    let mut one = scene.connect("one");
    one.say("GET /broken HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    one.hear_close("a 500, and the end of the connection").await;
    transcript.note("that of one");
    let mut other = scene.connect("other");
    other.say("GET / HTTP/1.0\r\n\r\n").await;
    other.hear_close("the answer, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s1_a_handler_may_change_the_protocol() {
    let _step = step!();
    let shouting = async |_: Request| {
        let response = Response::new(Status::SWITCHING_PROTOCOLS);
        let response = response.with_header("Upgrade", "shouting").expect("a header");
        Answer::Upgrade(Upgrade::new(response, shout))
    };
    let mut scene = Scene::new(&["client", "server"], shouting);
    let mut client = scene.connect("client");
    let head = "GET / HTTP/1.1\r\nHost: desk\r\nConnection: Upgrade\r\nUpgrade: shouting\r\n\r\n";
    client.say(format!("{head}too early, ")).await;
    client.hear_until(b"\r\n\r\n", "the change").await;
    client.say("and no HTTP\r\n\r\n").await;
    client.finish().await;
    client.hear_close("an echo, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s1_an_accept_that_fails_ends_nothing() {
    let _step = step!();
    let mut scene = Scene::new(&["client", "server"], desk);
    // No descriptor is free: the server pauses. The connection was aborted: it does not.
    scene.fail_accept(io::Error::other("too many open files"));
    scene.fail_accept(io::ErrorKind::ConnectionAborted.into());
    scene.fail_accept(io::Error::other("too many open files"));
    let mut client = scene.connect("client");
    client.say("GET / HTTP/1.0\r\n\r\n").await;
    client.hear_close("the answer, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test]
async fn s1_a_tcp_socket_is_served() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    let served = Port::open(desk, Config::default()).await;
    let mut client = served.connect(&transcript, "client").await;
    client.say("GET / HTTP/1.0\r\n\r\n").await;
    let heard = client.hear_close("the answer, and the end of the connection").await;
    assert!(heard.ends_with(b"\r\n\r\nhello\n"), "expected hello, came:\n{transcript}");
}

// Step 2: a task for each connection.

#[tokio::test(start_paused = true)]
async fn s2_a_silent_client_keeps_nobody_waiting() {
    let _step = step!();
    let mut scene = Scene::new(&["silent", "client", "server"], desk);
    let mut silent = scene.connect("silent");
    silent.say("GET /").await;
    let mut client = scene.connect("client");
    client.say("GET / HTTP/1.0\r\n\r\n").await;
    client.hear_close("an answer while another client is silent").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s2_a_slow_handler_keeps_nobody_waiting() {
    let _step = step!();
    let mut scene = Scene::new(&["patient", "quick", "server"], desk);
    let transcript = scene.transcript.clone();
    let mut patient = scene.connect("patient");
    patient.say("GET /slow HTTP/1.0\r\n\r\n").await;
    pass(1).await;
    let mut quick = scene.connect("quick");
    quick.say("GET / HTTP/1.0\r\n\r\n").await;
    quick.hear_close("an answer while another client waits for its own").await;
    transcript.note("that of quick");
    patient.hear_close("the slow answer").await;
    transcript.note("that of patient");
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s2_no_connection_outlives_the_server() {
    let _step = step!();
    let (begin, mut begun) = mpsc::unbounded_channel();
    let endless = async move |_: Request| {
        begin.send(()).expect("the test waits for it");
        pending::<Response>().await
    };
    let mut scene = Scene::new(&["one", "other", "server"], endless);
    let mut clients = [scene.connect("one"), scene.connect("other")];
    for client in &mut clients {
        client.say("GET / HTTP/1.0\r\n\r\n").await;
        within("a handler for each of two clients", begun.recv()).await;
    }
    scene.end().await;
    for client in &mut clients {
        client.hear_close("the end of the connection, for the server is dropped").await;
    }
}

#[tokio::test(start_paused = true)]
async fn s2_who_comes_while_another_leaves_is_served() {
    let _step = step!();
    let mut scene = Scene::new(&["silent", "leaving", "coming", "server"], desk);
    let mut silent = scene.connect("silent");
    silent.say("GET /").await;
    let leaving = scene.connect("leaving");
    pass(1).await;
    // Both at once: nothing is awaited between the two.
    let mut coming = scene.connect("coming");
    drop(leaving);
    coming.say("GET / HTTP/1.0\r\n\r\n").await;
    let heard = coming.hear_close("an answer, and the end of the connection").await;
    assert!(
        heard.ends_with(b"hello\n"),
        "expected an answer, came the end of the connection: it was accepted, then dropped"
    );
    scene.end().await;
}

// Step 3: one connection, many requests.

#[tokio::test(start_paused = true)]
async fn s3_a_connection_takes_one_request_after_the_other() {
    let _step = step!();
    let mut scene = Scene::new(&["client", "server"], desk);
    let mut client = scene.connect("client");
    client.say("GET / HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    client.hear_until(b"hello\n", "the first answer").await;
    pass(3).await;
    client.say("POST /echo HTTP/1.1\r\nHost: desk\r\nContent-Length: 6\r\n\r\nagain\n").await;
    client.hear_until(b"again\n", "the second answer on the same connection").await;
    client.say("GET / HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n").await;
    client.hear_close("the last answer, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s3_requests_sent_at_once_are_answered_in_order() {
    let _step = step!();
    let mut scene = Scene::new(&["client", "server"], desk);
    let mut client = scene.connect("client");
    client
        .say(
            "GET /slow HTTP/1.1\r\nHost: desk\r\n\r\n\
             GET / HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n\
             GET /never HTTP/1.1\r\nHost: desk\r\n\r\n",
        )
        .await;
    client.hear_close("two answers, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s3_an_old_client_has_to_ask_for_more() {
    let _step = step!();
    let mut scene = Scene::new(&["client", "server"], desk);
    let mut client = scene.connect("client");
    client.say("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").await;
    client.hear_until(b"hello\n", "the first answer").await;
    client.say("GET / HTTP/1.0\r\n\r\n").await;
    client.hear_close("the second answer, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s3_either_side_may_end_it() {
    let _step = step!();
    let mut scene = Scene::new(&["client", "server"], desk);
    for request in [
        "GET / HTTP/1.1\r\nHost: desk\r\nConnection: keep-alive, Close\r\n\r\n",
        "GET /last HTTP/1.1\r\nHost: desk\r\n\r\n",
    ] {
        let mut client = scene.connect("client");
        client.say("GET / HTTP/1.1\r\nHost: desk\r\n\r\n").await;
        client.hear_until(b"hello\n", "the first answer").await;
        client.say(request).await;
        client.hear_close("the second answer, and the end of the connection").await;
    }
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s3_head_is_answered_without_a_body() {
    let _step = step!();
    let mut scene = Scene::new(&["client", "server"], desk);
    let mut client = scene.connect("client");
    client.say("HEAD / HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    client.hear_until(b"\r\n\r\n", "a head").await;
    client.say("GET / HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n").await;
    let next = client.hear_close("the next answer, and the end of the connection").await;
    assert!(next.starts_with(b"HTTP/1.1 200 OK\r\n"), "a body came in between: {next:?}");
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s3_empty_lines_between_requests_ask_for_nothing() {
    let _step = step!();
    let mut scene = Scene::new(&["client", "server"], desk);
    let mut client = scene.connect("client");
    client.say("GET / HTTP/1.1\r\nHost: desk\r\n\r\n\r\n").await;
    client.hear_until(b"hello\n", "the answer").await;
    client.say("\r\n").await;
    client.finish().await;
    client.hear_close("nothing, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test]
async fn s3_a_refusal_reaches_a_client_that_still_sends() {
    let _step = step!();
    let transcript = without_dates(Transcript::untimed(&["client", "server"]));
    let served = Port::open(desk, Config::default()).await;
    let mut client = served.connect(&transcript, "client").await;
    client.say("POST /echo HTTP/1.1\r\nHost: desk\r\nContent-Length: 2000000\r\n\r\n").await;
    client.say("b".repeat(200_000)).await;
    client.hear_close("the refusal, and the end of the connection").await;
    insta::assert_snapshot!(transcript);
}

#[tokio::test(start_paused = true)]
async fn s3_what_comes_after_the_last_answer_is_discarded_within_bounds() {
    let _step = step!();
    let mut scene = Scene::with_config(
        &["patient", "endless", "server"],
        desk,
        Config { linger_bytes: 100_000, ..Config::default() },
    );
    let mut patient = scene.connect("patient");
    patient.say("GET / HTTP/1.0\r\n\r\n").await;
    patient.hear_close("the answer, and the end of what the server says").await;
    pass(1).await;
    patient.say("one thing more\r\n").await;
    pass(2).await;
    assert!(
        patient.write_all(b"hello?").await.is_err(),
        "expected the server to let go 2 s after its last answer (linger), came: it still reads"
    );

    let mut endless = scene.connect("endless");
    endless.say("GET / HTTP/1.0\r\n\r\n").await;
    endless.hear_close("the answer, and the end of what the server says").await;
    endless.say("b".repeat(100_000)).await;
    pass(1).await;
    assert!(
        endless.write_all(b"b").await.is_err(),
        "expected the server to let go after 100000 bytes (linger_bytes), came: it still reads"
    );
    scene.end().await;
}

#[tokio::test]
async fn s3_a_tcp_connection_takes_one_request_after_the_other() {
    let _step = step!();
    let transcript = Transcript::untimed(&["client", "server"]);
    let served = Port::open(desk, Config::default()).await;
    let mut client = served.connect(&transcript, "client").await;
    for _ in 0..3 {
        client.say("GET / HTTP/1.1\r\nHost: desk\r\n\r\n").await;
        client.hear_until(b"hello\n", "an answer on the same connection").await;
    }
    client.finish().await;
    let rest = client.hear_close("the end of the connection").await;
    assert_eq!(rest, b"", "expected nothing more, for nothing was asked, came bytes");
}

#[tokio::test(start_paused = true)]
async fn s3_news_waits_until_somebody_asks() {
    let _step = step!();
    let news = Arc::new(Mutex::new(String::new()));
    let board = async move |request: Request| {
        let mut news = news.lock().expect("no handler panics");
        match request.method.as_str() {
            "POST" => {
                news.push_str(&String::from_utf8_lossy(&request.body));
                Response::new(Status::CREATED)
            }
            _ if news.is_empty() => Response::new(Status::NO_CONTENT),
            _ => Response::text(Status::OK, news.as_str()),
        }
    };
    let mut scene = Scene::new(&["reader", "server", "author"], board);
    let transcript = scene.transcript.clone();
    let mut reader = scene.connect("reader");
    reader.say("GET /news HTTP/1.1\r\nHost: board\r\n\r\n").await;
    reader.hear_until(b"\r\n\r\n", "no news").await;
    pass(1).await;
    let mut author = scene.connect("author");
    author.say("POST /news HTTP/1.1\r\nHost: board\r\nContent-Length: 11\r\n\r\ntide turned").await;
    author.hear_until(b"\r\n\r\n", "201 Created").await;
    transcript.event("server", "has news, and no way to tell the reader");
    pass(9).await;
    reader.say("GET /news HTTP/1.1\r\nHost: board\r\n\r\n").await;
    reader.hear_until(b"turned", "the news").await;
    transcript.note("nine seconds old");
    insta::assert_snapshot!(scene.end().await);
}

// Step 4: a limit on everything a client costs.

#[tokio::test(start_paused = true)]
async fn s4_a_byte_a_second_does_not_renew_the_deadline() {
    let _step = step!();
    let config = Config { request_deadline: Duration::from_secs(5), ..Config::default() };
    let mut scene = Scene::with_config(&["client", "server"], desk, config);
    let mut client = scene.connect("client");
    pass(3).await; // The deadline begins with the first byte.
    for byte in ["P", "A", "T", "C", "H"] {
        client.say(byte).await;
        pass(1).await;
    }
    client.hear_close("408, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s4_the_deadline_counts_head_and_body_together() {
    let _step = step!();
    let config = Config { request_deadline: Duration::from_secs(5), ..Config::default() };
    let mut scene = Scene::with_config(&["client", "server"], desk, config);
    let mut client = scene.connect("client");
    client.say("POST /echo HTTP/1.1\r\n").await;
    pass(3).await;
    client.say("Host: desk\r\nContent-Length: 5\r\n\r\nhell").await;
    client.hear_close("408, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s4_each_request_has_a_deadline_of_its_own() {
    let _step = step!();
    let config = Config { request_deadline: Duration::from_secs(5), ..Config::default() };
    let mut scene = Scene::with_config(&["client", "server"], desk, config);
    let mut client = scene.connect("client");
    for _ in 0..3 {
        client.say("GET / HTTP/1.1\r\n").await;
        pass(4).await;
        client.say("Host: desk\r\n\r\n").await;
        client.hear_until(b"hello\n", "an answer, for each request came in time").await;
    }
    // Nor does a slow handler count as a slow client.
    client.say("GET /slow HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    client.hear_until(b"later\n", "the answer of a slow handler").await;
    client.say("G").await;
    let last = client.hear_close("408, and the end of the connection").await;
    assert!(last.starts_with(b"HTTP/1.1 408 "), "expected 408, came {}", last.escape_ascii());
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn s4_an_idle_connection_is_closed_without_a_word() {
    let _step = step!();
    let config = Config { idle_timeout: Duration::from_secs(5), ..Config::default() };
    let mut scene = Scene::with_config(&["silent", "client", "server"], desk, config);
    let transcript = scene.transcript.clone();
    let mut silent = scene.connect("silent");
    let mut client = scene.connect("client");
    pass(3).await;
    client.say("GET / HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    client.hear_until(b"hello\n", "the answer").await;
    silent.hear_close("the end of the connection, five seconds after its beginning").await;
    transcript.note("that of silent");
    client.hear_close("the end of the connection, five seconds after the answer").await;
    transcript.note("that of client");
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s4_a_client_that_does_not_read_is_cut() {
    let _step = step!();
    let config = Config { write_deadline: Duration::from_secs(5), ..Config::default() };
    let mut scene = Scene::with_config(&["client", "server"], desk, config);
    let mut client = scene.connect("client");
    client.say("GET /big HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    pass(6).await;
    client.hear_close("a part of the answer, and the end of the connection").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test(start_paused = true)]
async fn s4_a_byte_read_now_and_then_does_not_renew_the_deadline() {
    let _step = step!();
    let config = Config { write_deadline: Duration::from_secs(5), ..Config::default() };
    let mut scene = Scene::with_config(&["client", "server"], desk, config);
    let mut client = scene.connect("client");
    client.say("GET /big HTTP/1.0\r\n\r\n").await;
    for _ in 0..6 {
        pass(1).await;
        client.hear_exactly(10, "ten bytes of the answer").await;
    }
    let rest = client.hear_close("the rest, and the end of the connection").await;
    assert!(
        rest.len() < Limits::default().max_body / 2,
        "expected the connection to be cut 5 s after the answer began (write_deadline), \
         came {} bytes more",
        rest.len()
    );
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn s4_beyond_max_connections_a_client_waits_for_room() {
    let _step = step!();
    let config = Config { max_connections: 2, ..Config::default() };
    let mut scene = Scene::with_config(&["one", "two", "three", "server"], desk, config);
    let transcript = scene.transcript.clone();
    let mut one = scene.connect("one");
    let mut two = scene.connect("two");
    let mut three = scene.connect("three");
    for client in [&mut one, &mut two, &mut three] {
        client.say("GET / HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    }
    one.hear_until(b"hello\n", "the answer to one").await;
    two.hear_until(b"hello\n", "the answer to two").await;
    let answer = three.hear_until(b"hello\n", "an answer");
    let waited = tokio::time::timeout(Duration::from_secs(3), answer).await;
    assert!(waited.is_err(), "expected three to wait for room, came an answer:\n{transcript}");
    one.finish().await;
    one.hear_close("the end of the connection").await;
    transcript.note("that of one");
    three.hear_until(b"hello\n", "the answer to three, once there is room").await;
    insta::assert_snapshot!(scene.end().await);
}

#[tokio::test]
async fn s4_beyond_max_connections_a_tcp_client_waits_for_room() {
    let _step = step!();
    let transcript = Transcript::untimed(&["one", "other", "server"]);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let handler = async move |request: Request| {
        log.lock().expect("no handler panics").push(request.target);
        Response::text(Status::OK, "hello\n")
    };
    let served = Port::open(handler, Config { max_connections: 1, ..Config::default() }).await;
    let mut one = served.connect(&transcript, "one").await;
    one.say("GET /1 HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    one.hear_until(b"hello\n", "an answer").await;
    let mut other = served.connect(&transcript, "other").await;
    other.say("GET /other HTTP/1.0\r\n\r\n").await;
    for target in ["/2", "/3"] {
        one.say(format!("GET {target} HTTP/1.1\r\nHost: desk\r\n\r\n")).await;
        one.hear_until(b"hello\n", "an answer").await;
    }
    drop(one);
    other.hear_close("an answer, once there is room").await;
    assert_eq!(*asked.lock().expect("no handler panics"), ["/1", "/2", "/3", "/other"]);
}

#[tokio::test(start_paused = true)]
async fn s4_a_limit_of_no_connections_counts_as_one() {
    let _step = step!();
    let config = Config { max_connections: 0, ..Config::default() };
    let mut scene = Scene::with_config(&["one", "other", "server"], desk, config);
    let mut one = scene.connect("one");
    one.say("GET / HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    one.hear_until(b"hello\n", "the answer to one").await;
    let mut other = scene.connect("other");
    other.say("GET / HTTP/1.0\r\n\r\n").await;
    let answer = other.hear_until(b"hello\n", "an answer");
    let waited = tokio::time::timeout(Duration::from_secs(3), answer).await;
    assert!(waited.is_err(), "expected the other to wait for room, came an answer");
    drop(one);
    other.hear_until(b"hello\n", "the answer to the other, once there is room").await;
    scene.end().await;
}

// Step 5: a good end.

#[tokio::test(start_paused = true)]
async fn s5_a_stop_before_anybody_came_ends_at_once() {
    let _step = step!();
    let mut scene = Scene::new(&["server"], desk);
    scene.running.stop();
    insta::assert_snapshot!(scene.report().await);
}

#[tokio::test(start_paused = true)]
async fn s5_a_stop_finishes_what_has_begun() {
    let _step = step!();
    let mut scene = Scene::new(&["idle", "busy", "late", "server"], desk);
    let transcript = scene.transcript.clone();
    let mut idle = scene.connect("idle");
    idle.say("GET / HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    idle.hear_until(b"hello\n", "the answer").await;
    let mut busy = scene.connect("busy");
    busy.say("GET /slow HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    let mut late = scene.connect("late");
    late.say("GET / HTTP/1.1\r\n").await;
    pass(1).await;
    scene.running.stop();
    idle.hear_close("the end of an idle connection, at once").await;
    transcript.note("that of idle");
    pass(1).await;
    late.say("Host: desk\r\n\r\n").await;
    late.hear_close("the answer to a request that had begun to arrive").await;
    transcript.note("that of late");
    drop(late);
    busy.hear_close("the answer to a request in flight").await;
    transcript.note("that of busy");
    drop(busy);
    insta::assert_snapshot!(scene.report().await);
}

#[tokio::test(start_paused = true)]
async fn s5_what_is_not_done_within_the_grace_period_is_cut() {
    let _step = step!();
    let config = Config { shutdown_grace: Duration::from_secs(2), ..Config::default() };
    let mut scene = Scene::with_config(&["quick", "slow", "server"], desk, config);
    let transcript = scene.transcript.clone();
    let mut quick = scene.connect("quick");
    quick.say("GET / HTTP/1.0\r\n\r\n").await;
    quick.hear_close("the answer").await;
    drop(quick);
    let mut slow = scene.connect("slow");
    slow.say("GET /slow HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    pass(1).await;
    scene.running.stop();
    slow.hear_close("the end of the connection").await;
    transcript.note("that of slow");
    insta::assert_snapshot!(scene.report().await);
}

#[tokio::test(start_paused = true)]
async fn s5_who_ends_in_time_does_not_renew_the_grace_period() {
    let _step = step!();
    let config = Config { shutdown_grace: Duration::from_secs(3), ..Config::default() };
    let mut scene = Scene::with_config(&["quick", "stuck", "server"], desk, config);
    let transcript = scene.transcript.clone();
    let mut quick = scene.connect("quick");
    quick.say("GET /slow HTTP/1.0\r\n\r\n").await;
    let mut stuck = scene.connect("stuck");
    stuck.say("GET /").await;
    pass(3).await;
    transcript.event("server", "is told to stop");
    scene.running.stop();
    quick.hear_close("the answer, two seconds after the stop").await;
    transcript.note("that of quick");
    drop(quick);
    stuck.hear_close("the end of the connection, three seconds after the stop").await;
    transcript.note("that of stuck");
    insta::assert_snapshot!(scene.report().await);
}

#[tokio::test(start_paused = true)]
async fn s5_what_was_cut_is_gone_when_the_server_returns() {
    let _step = step!();
    let transcript = Transcript::timed_by_tokio(&["client", "server"]);
    let (begin, mut begun) = mpsc::unbounded_channel();
    let work = Arc::new(());
    let held = Arc::clone(&work);
    let endless = async move |_: Request| {
        begin.send(()).expect("the server waits for it");
        pending::<()>().await;
        drop(held);
        Response::new(Status::OK)
    };
    let (door, arriving) = mpsc::unbounded_channel();
    let server = Server::new(Arriving(arriving), endless, Config::default());
    let (mut client, stream) = pair(&transcript, "client", "server");
    door.send(Ok(stream)).expect("the server listens");
    client.say("GET / HTTP/1.0\r\n\r\n").await;

    let serving = server.serve(async { begun.recv().await.expect("the handler begins") });
    // Longer than `within`: the grace period is part of it.
    let report = tokio::time::timeout(Duration::from_secs(20), serving).await;
    let report = report.expect("waited 20s for the server to end, and it did not");
    // Looked at before any other task runs again.
    let left = Arc::strong_count(&work) - 1;
    assert!(left == 0, "expected what was cut to be gone when serve returns, came {left} handlers");
    assert_eq!(report.cut, 1, "expected one connection to be cut, came {report:?}");
}

/// Through so narrow a pipe that the first answer is still being written when the stop comes.
#[tokio::test(start_paused = true)]
async fn s5_a_request_that_came_before_the_stop_is_answered() {
    let _step = step!();
    // Chance must not hide it: a race without `biased` begins at a random branch.
    for _ in 0..32 {
        let mut scene = Scene::new(&["client", "server"], desk);
        let mut client = scene.connect_through(64, "client");
        client.say("GET / HTTP/1.1\r\nHost: desk\r\n\r\n".repeat(2)).await;
        pass(1).await;
        scene.running.stop();
        pass(1).await;
        let heard = client.hear_close("two answers, and the end of the connection").await;
        let heard = String::from_utf8_lossy(&heard);
        let answers: Vec<_> = heard.split_inclusive("hello\n").collect();
        let is_last = |answer: &str| answer.contains("\r\nConnection: close\r\n");
        assert!(
            matches!(answers[..], [first, second] if !is_last(first) && is_last(second)),
            "expected two answers, the second with Connection: close, for both requests came before \
             the stop; came:\n{heard}"
        );
        drop(client);
        scene.report().await;
    }
}

#[tokio::test]
async fn s5_after_a_stop_nobody_connects_and_nothing_is_lost() {
    let _step = step!();
    let transcript = without_dates(Transcript::untimed(&["idle", "busy", "server"]));
    let (begin, mut begun) = mpsc::unbounded_channel();
    let done = Arc::new(Notify::new());
    let finish = Arc::clone(&done);
    let handler = async move |request: Request| {
        if request.target == "/work" {
            begin.send(()).expect("the test waits for it");
            done.notified().await;
        }
        Response::text(Status::OK, "done\n")
    };
    let mut served = Port::open(handler, Config::default()).await;
    let mut idle = served.connect(&transcript, "idle").await;
    idle.say("GET / HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    idle.hear_until(b"done\n", "the answer").await;
    let mut busy = served.connect(&transcript, "busy").await;
    busy.say("GET /work HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    within("the handler to begin", begun.recv()).await;
    served.running.stop();
    idle.hear_close("the end of an idle connection").await;
    transcript.note("that of idle");
    drop(idle);
    let refused = within("the port to refuse", TcpStream::connect(served.address)).await;
    assert!(refused.is_err(), "expected nobody to listen any more, came a connection");
    finish.notify_one();
    busy.hear_close("the answer to a request in flight").await;
    transcript.note("that of busy");
    drop(busy);
    transcript.event("server", served.running.report().await);
    insta::assert_snapshot!(transcript);
}

// What the tests share.

/// A handler with a target for each thing that can happen.
async fn desk(request: Request) -> Response {
    match request.path() {
        "/" => Response::text(Status::OK, "hello\n"),
        "/echo" => Response::text(Status::OK, String::from_utf8_lossy(&request.body)),
        "/slow" => {
            pass(5).await;
            Response::text(Status::OK, "five seconds later\n")
        }
        "/big" => Response::text(Status::OK, "b".repeat(Limits::default().max_body)),
        "/last" => Response::text(Status::OK, "that was all\n").closing(),
        "/broken" => panic!("this handler is broken"),
        path => Response::text(Status::NOT_FOUND, format!("nothing is at {path}\n")),
    }
}

/// Another protocol: says in capitals what the client has said, when the client has no more to say.
async fn shout(upgraded: Upgraded) {
    let Upgraded { mut stream, early: mut said } = upgraded;
    stream.read_to_end(&mut said).await.expect("the client ends well");
    said.make_ascii_uppercase();
    stream.write_all(&said).await.expect("the client listens");
}

/// Lets time pass on the paused clock: it stands still until everybody waits, then jumps.
async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// A server over connections in memory, and the transcript of what its clients hear.
struct Scene {
    transcript: Transcript,
    door: mpsc::UnboundedSender<io::Result<DuplexStream>>,
    running: Running,
}

impl Scene {
    fn new(lanes: &[&str], handler: impl Handler) -> Self {
        Self::with_config(lanes, handler, Config::default())
    }

    fn with_config(lanes: &[&str], handler: impl Handler, config: Config) -> Self {
        let (door, arriving) = mpsc::unbounded_channel();
        let running = Running::start(Server::new(Arriving(arriving), handler, config));
        let transcript = without_dates(Transcript::timed_by_tokio(lanes));
        Self { transcript, door, running }
    }

    fn connect(&mut self, client: &str) -> Peer<DuplexStream> {
        let (client, server) = pair(&self.transcript, client, "server");
        self.door.send(Ok(server)).expect("the server listens");
        client
    }

    /// As [`Self::connect`]; no more than `width` bytes travel before the writer has to wait.
    fn connect_through(&mut self, width: usize, client: &str) -> Peer<DuplexStream> {
        let (mine, server) = tokio::io::duplex(width);
        self.door.send(Ok(server)).expect("the server listens");
        Peer::new(mine, &self.transcript, client, "server")
    }

    fn fail_accept(&mut self, error: io::Error) {
        self.door.send(Err(error)).expect("the server listens");
    }

    /// What comes under the name of `Date`, in any case.
    async fn dates_of_answer_to(&mut self, request: &str) -> Vec<String> {
        let mut client = self.connect("client");
        client.say(request).await;
        let answer = client.hear_close("the answer, and the end of the connection").await;
        let answer = String::from_utf8_lossy(&answer);
        let headers = answer.lines().filter_map(|line| line.split_once(": "));
        let dates = headers.filter(|(name, _)| name.eq_ignore_ascii_case("date"));
        dates.map(|(_, date)| date.to_owned()).collect()
    }

    /// The transcript, when the clients have nothing more to say or to hear.
    async fn end(self) -> Transcript {
        self.running.cancel().await;
        self.transcript
    }

    /// The transcript, with the server's report at its end, when the server was stopped.
    async fn report(self) -> Transcript {
        self.transcript.event("server", self.running.report().await);
        self.transcript
    }
}

/// A transcript that is the same at any time of the day.
fn without_dates(transcript: Transcript) -> Transcript {
    transcript.hide_after("Date: ");
    transcript
}

/// Where the connections of a [`Scene`] come in.
struct Arriving(mpsc::UnboundedReceiver<io::Result<DuplexStream>>);

impl Listener for Arriving {
    type Stream = DuplexStream;

    async fn accept(&mut self) -> io::Result<DuplexStream> {
        match self.0.recv().await {
            Some(connection) => connection,
            None => pending().await,
        }
    }
}

/// A server on a port of this machine.
struct Port {
    address: SocketAddr,
    running: Running,
}

impl Port {
    async fn open(handler: impl Handler, config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a bound listener has an address");
        Self { address, running: Running::start(Server::new(listener, handler, config)) }
    }

    async fn connect(&self, transcript: &Transcript, client: &str) -> Peer<TcpStream> {
        let stream = within("a connection", TcpStream::connect(self.address)).await;
        Peer::new(stream.expect("the server listens"), transcript, client, "server")
    }
}

/// A server in a task of its own, whose panics are the test's.
struct Running {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Report>,
}

impl Running {
    fn start<L: Listener + Send>(server: Server<L, impl Handler>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.serve(async move {
            // Dropped without a word, it never stops: a test that fails is no stop.
            if stopped.await.is_err() {
                pending::<()>().await;
            }
        }));
        Self { stop: Some(stop), task }
    }

    fn stop(&mut self) {
        let stop = self.stop.take().expect("a server is stopped once");
        stop.send(()).expect("the server runs");
    }

    async fn report(self) -> String {
        match within("the server to end", self.task).await {
            Ok(Report { served, cut, panicked }) => {
                format!("ends (served {served}, cut {cut}, panicked {panicked})")
            }
            Err(error) => resume_unwind(error.into_panic()),
        }
    }

    async fn cancel(self) {
        self.task.abort();
        if let Err(error) = within("the server's task to end", self.task).await
            && error.is_panic()
        {
            resume_unwind(error.into_panic());
        }
    }
}
