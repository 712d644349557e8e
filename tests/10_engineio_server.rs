//! Lesson 10: sessions over HTTP and WebSocket.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::future::poll_fn;
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message as WsMessage;
use transcript::{step, within};

use super::subject::{
    CloseReason, Connection, Cookie, Cors, Message, SameSite, SendError, Server, SlowConsumer,
    Transport,
};
use log::Log;
use stage::{Stage, UPGRADE};

#[path = "10_engineio_server/log.rs"]
mod log;
#[path = "10_engineio_server/stage.rs"]
mod stage;

// Step 1: the handshake.

#[tokio::test(start_paused = true)]
async fn s1_a_get_opens_a_session() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let mut client = stage.connect("client").await;
    client.ask("GET", "transport=polling", "").await;
    let answer = client.answer().await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=UTF-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s1_what_is_no_handshake_is_refused_in_the_words_of_the_reference() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let mut report = String::new();
    for (method, query) in [
        ("GET", "EIO=4"),
        ("GET", "EIO=4&transport=abc"),
        ("GET", "EIO=4&transport=polling&sid=nobody"),
        ("POST", "EIO=4&transport=polling"),
        ("PUT", "EIO=4&transport=polling"),
        ("OPTIONS", "EIO=4&transport=polling"),
        ("GET", "EIO=4&transport=websocket"),
        ("GET", "transport=polling"),
        ("GET", "EIO=abc&transport=polling"),
        ("GET", "EIO=3&transport=polling"),
    ] {
        let answer = stage.connect("client").await.raw(method, query, "", "").await;
        writeln!(report, "{method} ?{query}\n  {answer}").expect("a String takes every write");
    }
    assert_eq!(stage.server.sessions(), 0, "what is refused leaves nothing behind");
    insta::assert_snapshot!(report);
}

#[tokio::test(start_paused = true)]
async fn s1_of_a_key_that_comes_twice_the_last_counts_and_an_empty_id_is_none() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let mut client = stage.connect("client").await;
    let query = "EIO=3&EIO=4&transport=abc&transport=polling&sid=";
    assert_eq!(client.raw("GET", query, "", "").await.status, 200);
}

#[tokio::test]
async fn s1_a_query_means_the_same_when_a_part_of_it_is_encoded() {
    let _step = step!();
    const PARTS: [&str; 6] = ["EIO=4", "EIO", "=4", "&", "sid=", "x"];
    let service = Server::builder().build().service(idle);
    let status = async |query: &str| {
        let request = Request::get(format!("/engine.io/?transport=polling&{query}"));
        let request = request.body(Full::<Bytes>::default()).expect("a query");
        service.answer(request, None).await.status()
    };
    for number in 0..PARTS.len().pow(4) {
        let parts = (0..4).map(|place| PARTS[number / PARTS.len().pow(place) % PARTS.len()]);
        let query = parts.collect::<String>();
        assert_eq!(status(&query).await, status(&format!("{query}&%20")).await, "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn s1_the_handshake_says_how_the_server_is_set() {
    let _step = step!();
    let builder = Server::builder()
        .path("chat")
        .ping_interval(Duration::from_millis(300))
        .ping_timeout(Duration::from_millis(200))
        .max_payload(1000)
        .allow_upgrades(false);
    let mut stage = Stage::in_memory(builder, idle);
    let mut client = stage.connect("client").await;
    client.path = "/chat/";
    let answer = client.raw("GET", "EIO=4&transport=polling", "", "").await;
    let (before, after) = answer.body.split_once(&answer.sid()).expect("the id is in the answer");
    assert_eq!(before, r#"0{"sid":""#);
    assert_eq!(after, r#"","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000}"#);
    client.path = "/engine.io/";
    let answer = client.raw("GET", "EIO=4&transport=polling", "", "").await;
    assert_eq!(answer.status, 404);
}

#[tokio::test(start_paused = true)]
async fn s1_only_the_transports_that_are_offered_are_known() {
    let _step = step!();
    let websocket = Server::builder().transports([Transport::WebSocket]);
    let mut stage = Stage::in_memory(websocket, idle);
    let mut client = stage.connect("client").await;
    let answer = client.raw("GET", "EIO=4&transport=polling", "", "").await;
    assert_eq!(answer.body, r#"{"code":0,"message":"Transport unknown"}"#);

    let mut stage = Stage::in_memory(Server::builder().transports([Transport::Polling]), idle);
    let mut client = stage.connect("client").await;
    let answer = client.raw("GET", "EIO=4&transport=polling", "", "").await;
    assert!(answer.body.contains(r#""upgrades":[]"#), "no upgrade to nowhere: {answer}");
}

#[tokio::test(start_paused = true)]
async fn s1_session_ids_are_long_and_never_the_same() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let mut sids = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let sid = stage.connect("client").await.open().await;
        assert_eq!(sid.len(), 20);
        assert!(sids.insert(sid), "an id came twice");
    }
}

#[tokio::test(start_paused = true)]
async fn s1_the_application_may_refuse_and_say_why() {
    let _step = step!();
    let builder = Server::builder().allow_request(|head| async move {
        match head.header("Authorization") {
            Some(b"secret") => Ok(()),
            _ => Err(format!(
                "no \"{}\" without a token",
                head.query_value("room").unwrap_or_default()
            )),
        }
    });
    let mut stage = Stage::in_memory(builder, idle);
    let mut client = stage.connect("client").await;
    let answer = client.raw("GET", "EIO=4&transport=polling&room=a%20b", "", "").await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.body, r#"{"code":4,"message":"no \"a b\" without a token"}"#);
    let answer = client.raw("GET", "EIO=3&transport=polling", "", "").await;
    assert_eq!(answer.status, 403, "the application is asked before the version is looked at");
    let token = "authorization: secret\r\n";
    let answer = client.raw("GET", "EIO=4&transport=polling", token, "").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test(start_paused = true)]
async fn s1_a_websocket_is_refused_before_it_opens() {
    let _step = step!();
    let builder = Server::builder().allow_request(|head| async move {
        match head.query_value("token") {
            Some(_) => Ok(()),
            None => Err("no token".to_owned()),
        }
    });
    let mut stage = Stage::in_memory(builder, idle);
    let mut report = String::new();
    for (query, headers) in [
        ("EIO=4&transport=abc&token=1", UPGRADE),
        ("EIO=3&transport=websocket&token=1", UPGRADE),
        ("EIO=4&transport=polling&token=1", UPGRADE),
        ("EIO=4&transport=websocket&sid=nobody", UPGRADE),
        ("EIO=4&transport=websocket", UPGRADE),
        ("EIO=4&transport=websocket&token=1", "upgrade: websocket\r\nconnection: upgrade\r\n"),
    ] {
        let answer = stage.connect("client").await.raw("GET", query, headers, "").await;
        writeln!(report, "?{query}\n  {answer}").expect("a String takes every write");
    }
    assert_eq!(stage.server.sessions(), 0, "what is refused leaves nothing behind");
    insta::assert_snapshot!(report);
}

#[tokio::test(start_paused = true)]
async fn s1_a_websocket_takes_the_first_of_the_subprotocols_that_are_offered() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    for (offered, taken) in [
        ("", ""),
        ("sec-websocket-protocol: chat\r\n", "chat"),
        ("sec-websocket-protocol: , chat,news\r\nsec-websocket-protocol: more\r\n", "chat"),
        ("sec-websocket-protocol: a\tb\r\n", ""),
        ("sec-websocket-protocol: \u{e9}, chat\r\n", ""),
    ] {
        let headers = format!("{UPGRADE}{offered}");
        let query = "EIO=4&transport=websocket";
        let answer = stage.connect("client").await.raw("GET", query, &headers, "").await;
        assert_eq!((answer.status, answer.header("sec-websocket-protocol")), (101, taken));
    }
}

#[tokio::test(start_paused = true)]
async fn s1_pages_of_other_origins_may_poll_if_they_are_allowed() {
    let _step = step!();
    let allowed = ["https://a.example", "https://b.example"];
    let mut report = String::new();
    for (name, cors) in [
        ("any", Cors::any()),
        ("any, with credentials", Cors::any().credentials(true)),
        ("two", Cors::only(allowed).credentials(true)),
        ("https alone", Cors::matching(|origin| origin.starts_with("https:"))),
        ("kept", Cors::any().max_age(Duration::from_secs(600))),
    ] {
        let mut stage = Stage::in_memory(Server::builder().cors(cors), idle);
        for (method, query, headers) in [
            ("GET", "EIO=4&transport=polling", "origin: https://a.example\r\n"),
            ("GET", "EIO=4&transport=polling", "origin: http://evil.example\r\n"),
            ("GET", "EIO=4&transport=abc", "origin: https://a.example\r\n"),
            (
                "OPTIONS",
                "",
                "origin: https://a.example\r\naccess-control-request-method: POST\r\n\
                 access-control-request-headers: x-token\r\n",
            ),
        ] {
            let answer = stage.connect("client").await.raw(method, query, headers, "").await;
            let origin = headers.lines().next().unwrap_or_default();
            writeln!(report, "{name}: {method} ?{query} {origin}\n  {}", answer.status)
                .expect("a String takes every write");
            for (name, value) in &answer.headers {
                if name.starts_with("access-control") || name == "vary" {
                    writeln!(report, "  {name}: {value}").expect("a String takes every write");
                }
            }
        }
    }
    insta::assert_snapshot!(report);
}

#[tokio::test(start_paused = true)]
async fn s1_a_preflight_for_a_path_that_belongs_to_nobody_is_refused_too() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder().cors(Cors::any()), idle);
    let mut client = stage.connect("client").await;
    client.path = "/elsewhere/";
    assert_eq!(client.raw("OPTIONS", "", "", "").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn s1_a_session_may_come_with_a_cookie() {
    let _step = step!();
    let full = Cookie {
        name: "lb".to_owned(),
        path: Some("/engine.io/".to_owned()),
        domain: Some("chat.example".to_owned()),
        max_age: Some(Duration::from_secs(60)),
        http_only: false,
        secure: true,
        same_site: Some(SameSite::None),
    };
    for (cookie, expected) in [
        (Cookie::default(), "io=<sid>; Path=/; HttpOnly; SameSite=Lax"),
        (
            full,
            "lb=<sid>; Max-Age=60; Domain=chat.example; Path=/engine.io/; Secure; SameSite=None",
        ),
    ] {
        let mut stage = Stage::in_memory(Server::builder().cookie(cookie), idle);
        let mut client = stage.connect("client").await;
        let answer = client.raw("GET", "EIO=4&transport=polling", "", "").await;
        let cookie = answer.header("set-cookie").replace(&answer.sid(), "<sid>");
        assert_eq!(cookie, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn s1_a_cookie_that_no_header_can_hold_is_left_out() {
    let _step = step!();
    let cookie = Cookie { name: "a\r\nx-evil: yes".to_owned(), ..Cookie::default() };
    let mut stage = Stage::in_memory(Server::builder().cookie(cookie), idle);
    let answer = stage.connect("client").await.raw("GET", "EIO=4&transport=polling", "", "").await;
    assert_eq!(
        (answer.status, answer.header("set-cookie"), answer.header("x-evil")),
        (200, "", "")
    );
}

#[tokio::test(start_paused = true)]
async fn s1_no_more_sessions_than_there_may_be() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder().max_sessions(2), idle);
    stage.connect("client").await.open().await;
    stage.connect("client").await.open().await;
    let mut third = stage.connect("client").await;
    let answer = third.raw("GET", "EIO=4&transport=polling", "", "").await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("at most 2 sessions (max_sessions)"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn s1_the_path_may_be_the_root() {
    let _step = step!();
    for path in ["", "/", "//"] {
        let mut stage = Stage::in_memory(Server::builder().path(path), idle);
        let mut client = stage.connect("client").await;
        client.path = "/";
        client.open().await;
    }
}

#[tokio::test(start_paused = true)]
async fn s1_a_connection_that_asks_nothing_more_is_closed() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let (mut client, served) = stage.connect_through(64 << 10, idle);
    client.open().await;
    let began = tokio::time::Instant::now();
    stage.later(Duration::from_secs(9)).await;
    client.say("GET /engine.io/?EIO=4").await;
    served.await.expect("it does not panic");
    assert_eq!(began.elapsed(), Duration::from_secs(30), "half a head renews nothing");
}

#[test]
fn s1_a_session_that_begins_while_its_runtime_ends_hangs_nobody() {
    let _step = step!();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let ended = runtime.handle().clone();
    drop(runtime);
    let service = Server::builder().build().service(idle);
    let (status, answered) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _context = ended.enter();
        let request = Request::get("/engine.io/?EIO=4&transport=polling").body(Full::default());
        let answer = service.answer::<Full<Bytes>>(request.expect("a request"), None);
        status.send(answer.now_or_never().map(|answer| answer.status().as_u16()))
    });
    let status = answered.recv_timeout(transcript::DEADLINE);
    assert_eq!(status.expect("an answer, and no lock that is taken twice"), Some(400));
}

#[tokio::test(start_paused = true)]
async fn s1_a_log_tells_no_secrets() {
    let _step = step!();
    let (sent, mut shown) = mpsc::unbounded_channel();
    let mut stage = Stage::in_memory(Server::builder(), move |connection: Connection| {
        let shown = format!("{connection:?}");
        assert!(sent.send((connection.sid().to_string(), shown)).is_ok(), "the test listens");
        idle(connection)
    });
    let mut client = stage.connect("client").await;
    let headers = "cookie: secret\r\nauthorization: secret\r\n";
    client.raw("GET", "EIO=4&transport=polling&token=secret", headers, "").await;
    let (sid, shown) = within("the application to begin", shown.recv()).await.expect("it sends");
    let shown = format!("{shown} {:?}", stage.server);
    assert!(shown.contains("authorization"), "it says which headers came: {shown}");
    assert!(!shown.contains("secret") && !shown.contains(&sid), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn s1_a_request_names_one_host() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    for (version, hosts, status) in [
        ("1.1", "", 400),
        ("1.1", "host: a\r\n", 200),
        ("1.1", "host: a\r\nhost: b\r\n", 400),
        ("1.0", "", 200),
    ] {
        let (mut client, _served) = stage.connect_through(64 << 10, idle);
        let target = "/engine.io/?EIO=4&transport=polling";
        client.say(&format!("GET {target} HTTP/{version}\r\n{hosts}\r\n")).await;
        assert_eq!(client.hear().await.status, status, "HTTP/{version} {hosts}");
    }
}

#[tokio::test]
async fn s1_a_head_is_no_longer_where_others_accept_connections() {
    let _step = step!();
    let service = Server::builder().build().service(idle);
    for (length, expected) in [(10_000, 200), (20_000, 431)] {
        let request = Request::get("/engine.io/?EIO=4&transport=polling");
        let request = request.header("x-long", "x".repeat(length)).body(Full::<Bytes>::default());
        let answer = hyper::service::Service::call(&service, request.expect("a request")).await;
        assert_eq!(answer.expect("never an error").status(), expected);
    }
}

#[tokio::test]
async fn s1_over_a_real_connection_too() {
    let _step = step!();
    let mut stage = Stage::on_tcp(Server::builder(), |connection: Connection| async move {
        let peer = connection.head().peer().expect("our own listener knows the other end");
        assert!(peer.ip().is_loopback());
        idle(connection).await;
    })
    .await;
    let mut client = stage.connect("client").await;
    client.open().await;
    assert_eq!(stage.server.sessions(), 1);
}

// Step 2: a request finds its session.

#[tokio::test(start_paused = true)]
async fn s2_a_get_waits_until_there_is_something_to_say() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), clock);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.get(&sid).await;
    client.answer().await;
    client.get(&sid).await;
    client.answer().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s2_whoever_polls_a_session_last_is_woken() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        connection.drained().await;
        connection.send("news").expect("the session is open");
        // Once by somebody whom nobody can wake.
        assert!(connection.next().now_or_never().is_none());
        idle(connection).await;
    });
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    stage.later(Duration::from_secs(1)).await;
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "4news", "at once, without a ping");
}

#[tokio::test(start_paused = true)]
async fn s2_messages_sent_together_travel_together() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        connection.drained().await;
        for message in ["one", "two"] {
            connection.send(message).expect("the session is open");
        }
        connection.send(vec![1, 2, 3, 4]).expect("the session is open");
        idle(connection).await;
    });
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "4one\u{1e}4two\u{1e}bAQIDBA==");
}

#[tokio::test(start_paused = true)]
async fn s2_a_client_is_pinged_after_one_interval_and_given_up_if_it_is_silent() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.get(&sid).await;
    client.answer().await;
    stage.later(Duration::from_secs(20)).await;
    client.get(&sid).await;
    client.answer().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s2_two_gets_at_once_end_the_session() {
    let _step = step!();
    let mut stage = Stage::with_lanes(&["client", "server", "second"], Server::builder(), idle);
    let mut client = stage.connect("client").await;
    let mut second = stage.connect("second").await;
    let sid = client.open().await;
    client.get(&sid).await;
    stage.later(Duration::from_secs(1)).await;
    second.get(&sid).await;
    client.answer().await;
    second.answer().await;
    client.get(&sid).await;
    client.answer().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s2_whoever_waits_when_a_session_ends_is_answered() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        connection.drained().await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        idle(connection).await;
    });
    let mut first = stage.connect("client").await;
    let mut second = stage.connect("client").await;
    let mut third = stage.connect("client").await;
    let sid = first.open().await;
    for client in [&mut first, &mut second, &mut third] {
        client.get(&sid).await;
        stage.later(Duration::from_secs(1)).await;
    }
    assert_eq!(first.answer().await.body, "1");
    assert_eq!(second.answer().await.status, 400);
    assert_eq!(third.answer().await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn s2_a_request_for_a_session_is_get_or_post_in_version_4_on_its_transport() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let sid = stage.connect("client").await.open().await;
    let mut report = String::new();
    for (method, query) in [
        ("PUT", "EIO=4&transport=polling"),
        ("GET", "EIO=3&transport=polling"),
        ("GET", "EIO=4&transport=websocket"),
    ] {
        let target = format!("{query}&sid={sid}");
        let answer = stage.connect("client").await.raw(method, &target, "", "").await;
        writeln!(report, "{method} ?{query}\n  {answer}").expect("a String takes every write");
    }
    let target = format!("EIO=4&transport=polling&sid={sid}");
    let answer = stage.connect("client").await.raw("GET", &target, UPGRADE, "").await;
    assert_eq!(answer.status, 400, "what says polling becomes no WebSocket");
    assert_eq!(stage.server.sessions(), 1, "none of it harms the session");
    insta::assert_snapshot!(report);
}

#[tokio::test(start_paused = true)]
async fn s2_what_the_application_sent_before_it_ended_still_comes() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        connection.drained().await;
        connection.send("goodbye").expect("the session is open");
    });
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    stage.later(Duration::from_secs(5)).await;
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "4goodbye");
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "1");
    client.get(&sid).await;
    assert_eq!(client.answer().await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn s2_long_answers_are_compressed_for_those_who_take_it() {
    let _step = step!();
    let long = "news ".repeat(300);
    let mut lengths = BTreeMap::new();
    for (accepted, expected) in [
        ("", ""),
        ("accept-encoding: br\r\n", ""),
        ("accept-encoding: gzip;q=0\r\n", ""),
        ("accept-encoding: *;q=0\r\n", ""),
        ("accept-encoding: *\r\n", "gzip"),
        ("accept-encoding: *, gzip;q=0\r\n", "deflate"),
        ("accept-encoding: gzip, deflate, br\r\n", "gzip"),
        ("accept-encoding: gzip;q=0.5, deflate;q=0.8\r\n", "deflate"),
    ] {
        let said = long.clone();
        let mut stage =
            Stage::in_memory(Server::builder(), move |connection| tell(connection, said.clone()));
        let mut client = stage.connect("client").await;
        let sid = client.open().await;
        let target = format!("EIO=4&transport=polling&sid={sid}");
        let answer = client.raw("GET", &target, accepted, "").await;
        assert_eq!(answer.header("content-encoding"), expected, "for {accepted:?}");
        lengths.insert(expected, answer.length);
    }
    assert_eq!(lengths[""], long.len() + 1);
    assert!(lengths["gzip"] < 100 && lengths["deflate"] < 100, "{lengths:?}");

    let short = "n".repeat(1022);
    let mut stage =
        Stage::in_memory(Server::builder(), move |connection| tell(connection, short.clone()));
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    let target = format!("EIO=4&transport=polling&sid={sid}");
    let answer = client.raw("GET", &target, "accept-encoding: gzip\r\n", "").await;
    assert_eq!(answer.header("content-encoding"), "", "1023 bytes are below the threshold");
}

#[tokio::test(start_paused = true)]
async fn s2_what_is_compressed_already_is_no_reason_to_compress_an_answer() {
    let _step = step!();
    /// Of the messages of each answer, which are a reason.
    const ANSWERS: [&[bool]; 4] = [&[false], &[true], &[false, true], &[false, false]];
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        for reasons in ANSWERS {
            connection.drained().await;
            for reason in reasons {
                let long = "news ".repeat(300);
                let sent = match reason {
                    true => connection.send(long),
                    false => connection.send_uncompressed(long),
                };
                sent.expect("the session is open");
            }
        }
        idle(connection).await;
    });
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    let target = format!("EIO=4&transport=polling&sid={sid}");
    let mut encodings = Vec::new();
    for _ in ANSWERS {
        let answer = client.raw("GET", &target, "accept-encoding: gzip\r\n", "").await;
        encodings.push(answer.header("content-encoding").to_owned());
    }
    assert_eq!(encodings, ["", "gzip", "gzip", ""]);
}

#[tokio::test(start_paused = true)]
async fn s2_a_client_that_never_reads_its_answer_is_given_up() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let long = "x".repeat(10_000);
    let (mut client, served) =
        stage.connect_through(1000, move |connection| tell(connection, long.clone()));
    let sid = client.open().await;
    client.get(&sid).await;
    let began = tokio::time::Instant::now();
    served.await.expect("it does not panic");
    assert_eq!(began.elapsed(), Duration::from_secs(30));
}

#[tokio::test]
async fn s2_two_gets_at_once_over_real_connections_too() {
    let _step = step!();
    let (waits, mut waiting) = mpsc::unbounded_channel();
    let mut stage = Stage::on_tcp(Server::builder(), move |mut connection: Connection| {
        let waits = waits.clone();
        async move { signal_waiting_gets(&mut connection, waits).await }
    })
    .await;
    let mut first = stage.connect("client").await;
    let mut second = stage.connect("client").await;
    let sid = first.open().await;
    first.get(&sid).await;
    within("the GET to reach its session", waiting.recv()).await;
    second.get(&sid).await;
    assert_eq!(first.answer().await.body, "1");
    assert_eq!(second.answer().await.status, 400);
    first.get(&sid).await;
    assert_eq!(first.answer().await.body, r#"{"code":1,"message":"Session ID unknown"}"#);
}

// Step 3: a POST, and limits.

#[tokio::test(start_paused = true)]
async fn s3_what_is_posted_reaches_the_application() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), echo);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.post(&sid, "4test1\u{1e}4test2\u{1e}bAQIDBA==").await;
    let answer = client.answer().await;
    assert_eq!(answer.header("content-type"), "text/html");
    assert_eq!(answer.header("cache-control"), "no-store");
    client.get(&sid).await;
    client.answer().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s3_a_heartbeat_over_polling() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let mut client = stage.connect("client").await;
    let mut other = stage.connect("client").await;
    let sid = client.open().await;
    for _ in 0..3 {
        client.get(&sid).await;
        assert_eq!(client.answer().await.body, "2");
        other.post(&sid, "3").await;
        assert_eq!(other.answer().await.body, "ok");
    }
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s3_a_malformed_packet_ends_the_session_and_what_came_before_it_came() {
    let _step = step!();
    let (ended, reason) = oneshot::channel();
    let ended = std::sync::Mutex::new(Some(ended));
    let ended = std::sync::Arc::new(ended);
    let mut stage = Stage::in_memory(Server::builder(), move |mut connection: Connection| {
        let ended = ended.clone();
        async move {
            assert_eq!(connection.next().await, Some(Message::from("before")));
            assert_eq!(connection.next().await, None);
            let reason = connection.close_reason().cloned();
            let ended = ended.lock().expect("no panic here").take();
            ended.expect("one session").send(reason).expect("the test listens");
        }
    });
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.post(&sid, "4before\u{1e}abc\u{1e}4after").await;
    client.answer().await;
    client.get(&sid).await;
    client.answer().await;
    let reason = within("the session to end", reason).await.expect("a reason");
    assert!(matches!(reason, Some(CloseReason::Malformed(_))), "{reason:?}");
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s3_a_client_closes_with_a_packet() {
    let _step = step!();
    let mut stage = Stage::with_lanes(&["client", "server", "other"], Server::builder(), idle);
    let mut client = stage.connect("client").await;
    let mut other = stage.connect("other").await;
    let sid = client.open().await;
    client.get(&sid).await;
    stage.later(Duration::from_secs(1)).await;
    other.post(&sid, "1").await;
    other.answer().await;
    client.answer().await;
    client.get(&sid).await;
    client.answer().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s3_a_post_up_to_the_limit_is_taken_and_one_byte_more_refused() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder().max_payload(1000), echo);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    let fits = format!("4{}", "x".repeat(999));
    client.post(&sid, &fits).await;
    assert_eq!(client.answer().await.status, 200);
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, fits);

    client.post(&sid, &format!("{fits}y")).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("at most 1000 bytes (max_payload)"), "{answer}");

    client.post(&sid, "4the session goes on").await;
    assert_eq!(client.answer().await.status, 200);
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "4the session goes on");
}

#[tokio::test(start_paused = true)]
async fn s3_a_body_that_is_announced_as_too_long_is_not_awaited() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client
        .say(&format!(
            "POST /engine.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nhost: a\r\n\
         content-length: 1000001\r\n\r\n"
        ))
        .await;
    assert_eq!(client.hear().await.status, 413);
}

#[tokio::test(start_paused = true)]
async fn s3_who_sends_too_much_can_send_it_all_and_then_read_why() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder().max_payload(150_000), idle);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.post(&sid, &"x".repeat(250_000)).await;
    assert_eq!(client.answer().await.status, 413);
    client.post(&sid, "4the connection goes on").await;
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn s3_whoever_is_refused_can_send_it_all_and_then_read_why() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder().max_payload(150_000), idle);
    let sid = stage.connect("client").await.open().await;
    let body = "x".repeat(140_000);
    let chunk = format!("{:x}\r\n{body}\r\n", body.len());
    let (octets, chunks) =
        ("content-type: application/octet-stream\r\n", "transfer-encoding: chunked\r\n");
    for (sid, headers, body, status) in [
        ("nobody", "", body.clone(), 400),
        ("", "", body.clone(), 400),
        (&sid, octets, body, 400),
        (&sid, chunks, format!("{chunk}{chunk}0\r\n\r\n"), 413),
    ] {
        let mut client = stage.connect("client").await;
        let length = if headers == chunks {
            String::new()
        } else {
            format!("content-length: {}\r\n", body.len())
        };
        client
            .say(&format!(
                "POST /engine.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nhost: a\r\n{headers}{length}\r\n{body}"
            ))
            .await;
        assert_eq!(client.hear().await.status, status);
        client.open().await;
    }
}

#[tokio::test]
async fn s3_the_limit_holds_over_real_connections_too() {
    let _step = step!();
    let mut stage = Stage::on_tcp(Server::builder(), idle).await;
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.post(&sid, &format!("4{}", "x".repeat(999_999))).await;
    assert_eq!(client.answer().await.status, 200);
    client.post(&sid, &format!("4{}", "x".repeat(1_000_000))).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("at most 1000000 bytes (max_payload)"), "{answer}");
    client.post(&sid, "4the session goes on").await;
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn s3_a_body_in_chunks_is_counted_as_it_comes() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder().max_payload(10), echo);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client
        .say(&format!(
            "POST /engine.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nhost: a\r\n\
         transfer-encoding: chunked\r\n\r\n6\r\n4hello\r\n5\r\nworld\r\n0\r\n\r\n"
        ))
        .await;
    assert_eq!(client.hear().await.status, 413);
    let mut client = stage.connect("client").await;
    client.post(&sid, "4short").await;
    assert_eq!(client.answer().await.status, 200, "the session goes on");
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "4short");
}

#[tokio::test(start_paused = true)]
async fn s3_a_body_that_does_not_end_is_given_up() {
    let _step = step!();
    let builder = Server::builder().body_timeout(Duration::from_secs(5));
    let mut stage = Stage::in_memory(builder, echo);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client
        .say(&format!(
            "POST /engine.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nhost: a\r\n\
         content-length: 6\r\n\r\n4hel"
        ))
        .await;
    let began = tokio::time::Instant::now();
    let answer = client.hear().await;
    assert_eq!(answer.status, 408);
    assert!(answer.body.contains("within 5 s (body_timeout)"), "{answer}");
    assert_eq!(stage.server.sessions(), 1, "the session goes on");
    let rest = client.in_time("the end of the connection", async |stream| stream.read_u8().await);
    assert!(rest.await.is_err(), "the connection does not");
    assert_eq!(began.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn s3_a_body_that_is_no_text_is_refused() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), echo);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    let target = format!("EIO=4&transport=polling&sid={sid}");
    let octets = "content-type: application/octet-stream\r\n";
    let answer = client.raw("POST", &target, octets, "4hello").await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("came application/octet-stream"), "{answer}");
    client
        .say_bytes(
            &[
                format!(
                    "POST /engine.io/?{target} HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n"
                )
                .as_bytes(),
                b"4\xff\xfe",
            ]
            .concat(),
        )
        .await;
    let answer = client.hear().await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("expected a body of text in UTF-8"), "{answer}");
    client.post(&sid, "4hello").await;
    assert_eq!(client.answer().await.status, 200, "the session goes on");
}

#[tokio::test(start_paused = true)]
async fn s3_two_posts_at_once_end_the_session() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let mut client = stage.connect("client").await;
    let mut second = stage.connect("client").await;
    let sid = client.open().await;
    client
        .say(&format!(
            "POST /engine.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nhost: a\r\n\
         content-length: 6\r\n\r\n4hel"
        ))
        .await;
    stage.later(Duration::from_secs(1)).await;
    second.post(&sid, "4hello").await;
    let answer = second.answer().await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("one POST at a time"), "{answer}");
    client.say("lo").await;
    assert_eq!(client.hear().await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn s3_while_the_application_is_busy_posts_wait() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        while let Some(message) = connection.next().await {
            tokio::time::sleep(Duration::from_secs(5)).await;
            connection.send(message).expect("the session is open");
        }
    });
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.post(&sid, "4one").await;
    client.answer().await;
    client.post(&sid, "4two").await;
    client.answer().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s3_a_session_that_is_behind_holds_four_payloads_and_no_more() {
    let _step = step!();
    let mut stage = Stage::in_memory(
        Server::builder().max_payload(1000),
        |mut connection: Connection| async move {
            connection.drained().await;
            connection.send("first read this").expect("the session is open");
            connection.drained().await;
            idle(connection).await;
        },
    );
    let mut client = stage.connect("client").await;
    let mut poster = stage.connect("client").await;
    let sid = client.open().await;
    let payload = format!("4{}", "x".repeat(999));
    for _ in 0..4 {
        poster.post(&sid, &payload).await;
        assert_eq!(poster.answer().await.body, "ok");
    }
    poster.post(&sid, &payload).await;
    stage.later(Duration::from_secs(10)).await;
    assert!(poster.hear().now_or_never().is_none(), "a fifth body has to wait");
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "4first read this");
    assert_eq!(poster.answer().await.body, "ok");
}

#[tokio::test(start_paused = true)]
async fn s3_a_body_waits_until_enough_of_those_before_it_was_taken() {
    let _step = step!();
    let mut stage = Stage::in_memory(
        Server::builder().max_payload(1000),
        |mut connection: Connection| async move {
            connection.drained().await;
            for _ in 0..2 {
                connection.send("read this").expect("the session is open");
                connection.drained().await;
                connection.next().await;
            }
            idle(connection).await;
        },
    );
    let mut client = stage.connect("client").await;
    let mut poster = stage.connect("client").await;
    let sid = client.open().await;
    let many = ["4"; 500].join("\u{1e}");
    poster.post(&sid, &many).await;
    assert_eq!(poster.answer().await.body, "ok");
    poster.post(&sid, "4one more").await;
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "4read this");
    stage.later(Duration::from_secs(1)).await;
    assert!(poster.hear().now_or_never().is_none(), "499 messages wait still");
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "4read this");
    assert_eq!(poster.answer().await.body, "ok");
}

#[tokio::test(start_paused = true)]
async fn s3_a_body_is_not_late_because_the_application_is() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        connection.drained().await;
        tokio::time::sleep(Duration::from_secs(60)).await; // twice what a body may take
        idle(connection).await;
    });
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.post(&sid, &format!("4{}", "x".repeat(50_000))).await;
    assert_eq!(client.answer().await.body, "ok");
}

#[tokio::test(start_paused = true)]
async fn s3_a_body_that_waits_when_its_session_ends_is_answered() {
    let _step = step!();
    let builder = Server::builder().max_payload(10);
    let mut stage = Stage::in_memory(builder, |mut connection: Connection| async move {
        connection.drained().await;
        connection.send("never taken").expect("the session is open");
        connection.drained().await;
        std::future::pending::<()>().await;
    });
    let mut client = stage.connect("client").await;
    let mut second = stage.connect("client").await;
    let sid = client.open().await;
    client.post(&sid, "4\u{1e}4\u{1e}4").await;
    assert_eq!(client.answer().await.body, "ok");
    client.post(&sid, "4waits").await;
    stage.later(Duration::from_secs(1)).await;
    second.post(&sid, "4more").await;
    assert_eq!(second.answer().await.status, 400);
    assert_eq!(client.answer().await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn s3_a_get_is_answered_while_a_body_of_many_messages_is_taken() {
    const MESSAGES: usize = 300;
    let _step = step!();
    let builder = Server::builder().max_buffered(100 << 10);
    let mut stage = Stage::in_memory(builder, |mut connection: Connection| async move {
        while connection.next().await.is_some() {
            connection.send("x".repeat(1000)).expect("the client takes it in time");
            tokio::task::yield_now().await;
        }
    });
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.post(&sid, &["4"; MESSAGES].join("\u{1e}")).await;
    assert_eq!(client.answer().await.body, "ok");
    let mut came = 0;
    while came < MESSAGES {
        client.get(&sid).await;
        let answer = client.answer().await;
        assert_eq!(answer.status, 200, "{answer}");
        came += answer.packets().count();
    }
}

#[tokio::test(start_paused = true)]
async fn s3_a_ping_goes_out_while_a_body_of_many_messages_is_taken() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        while connection.next().await.is_some() {
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
    });
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    let began = tokio::time::Instant::now();
    client.post(&sid, &["4"; 20].join("\u{1e}")).await;
    assert_eq!(client.answer().await.body, "ok");
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "2");
    assert_eq!(began.elapsed(), Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn s3_a_client_for_whom_too_much_waits_is_disconnected() {
    let _step = step!();
    let (sent, mut results) = mpsc::unbounded_channel();
    let builder = Server::builder().max_buffered(200);
    let mut stage = Stage::in_memory(builder, move |connection| flood(connection, sent.clone()));
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    for expected in [Ok(()), Ok(()), Err(SendError::Closed)] {
        let came = within("a result of send", results.recv()).await;
        assert_eq!(came, Some(expected));
    }
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, r#"{"code":1,"message":"Session ID unknown"}"#);
}

#[tokio::test(start_paused = true)]
async fn s3_or_what_does_not_fit_is_dropped() {
    let _step = step!();
    let (sent, mut results) = mpsc::unbounded_channel();
    let builder = Server::builder().max_buffered(200).slow_consumer(SlowConsumer::DropNewest);
    let mut stage = Stage::in_memory(builder, move |connection| flood(connection, sent.clone()));
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    for expected in [Ok(()), Ok(()), Err(SendError::Dropped { limit: 200 })] {
        let came = within("a result of send", results.recv()).await;
        assert_eq!(came, Some(expected));
    }
    client.get(&sid).await;
    let forty = "x".repeat(40);
    assert_eq!(client.answer().await.body, format!("4{forty}\u{1e}4{forty}"));
}

#[tokio::test(start_paused = true)]
async fn s3_after_the_end_a_message_is_not_dropped_but_refused() {
    let _step = step!();
    let (sent, mut results) = mpsc::unbounded_channel();
    let builder = Server::builder().max_buffered(10).slow_consumer(SlowConsumer::DropNewest);
    let mut stage = Stage::in_memory(builder, move |mut connection: Connection| {
        let sent = sent.clone();
        async move {
            sent.send(connection.send("too long for it")).expect("the test listens");
            connection.close();
            sent.send(connection.send("too long for it")).expect("the test listens");
        }
    });
    stage.connect("client").await.open().await;
    for expected in [Err(SendError::Dropped { limit: 10 }), Err(SendError::Closed)] {
        let came = within("a result of send", results.recv()).await;
        assert_eq!(came, Some(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn s3_messages_that_belong_together_fit_or_do_not() {
    let _step = step!();
    let (sent, mut results) = mpsc::unbounded_channel();
    let builder = Server::builder().max_buffered(200).slow_consumer(SlowConsumer::DropNewest);
    let mut stage = Stage::in_memory(builder, move |mut connection: Connection| {
        let sent = sent.clone();
        async move {
            connection.drained().await;
            let mut fit = vec![connection.has_room(2, 82), connection.has_room(3, 123)];
            for _ in 0..3 {
                fit.push(connection.has_room(1, 41));
                fit.push(connection.send("x".repeat(40)).is_ok());
            }
            sent.send(fit).expect("the test listens");
            idle(connection).await;
        }
    });
    stage.connect("client").await.open().await;
    let fit = within("what fits", results.recv()).await.expect("a list");
    assert_eq!(fit, [true, false, true, true, true, true, false, false]);
}

#[tokio::test(start_paused = true)]
async fn s3_a_short_message_counts_for_the_room_that_it_takes() {
    let _step = step!();
    let (sent, mut counts) = mpsc::unbounded_channel();
    let builder = Server::builder().max_buffered(1000);
    let mut stage = Stage::in_memory(builder, move |mut connection: Connection| {
        let sent = sent.clone();
        async move {
            connection.drained().await;
            let taken = (0..1000).take_while(|_| connection.send("").is_ok()).count();
            sent.send(taken).expect("the test listens");
        }
    });
    stage.connect("client").await.open().await;
    let taken = within("the count of what was taken", counts.recv()).await.expect("a count");
    assert!(taken < 100, "expected each message to count for more than its byte, took {taken}");
}

// Step 4: the WebSocket.

#[tokio::test(start_paused = true)]
async fn s4_a_session_on_a_websocket() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), echo);
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    socket.say("4hello").await;
    socket.hear("the echo").await;
    socket.say_bytes(&[1, 2, 3, 4]).await;
    socket.hear("the echo").await;
    for _ in 0..2 {
        socket.hear("a ping").await;
        socket.say("3").await;
    }
    socket.say("1").await;
    socket.hear("the end").await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s4_from_polling_to_a_websocket_with_a_get_under_way() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), echo);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.get(&sid).await;
    stage.later(Duration::from_secs(1)).await;
    let mut socket = stage.connect("client").await.websocket(Some(&sid)).await;
    socket.say("2probe").await;
    socket.hear("the answer to the probe").await;
    client.answer().await;
    socket.say("5").await;
    socket.say("4hello").await;
    socket.hear("the echo").await;
    client.get(&sid).await;
    client.answer().await;
    let mut second = stage.connect("client").await.websocket(Some(&sid)).await;
    second.hear("that one is enough").await;
    socket.say("4still here").await;
    socket.hear("the echo").await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s4_a_probe_that_fails_leaves_the_session_on_polling() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), echo);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    stage.transcript.phase("a proxy breaks the WebSocket");
    let socket = stage.connect("client").await.websocket(Some(&sid)).await;
    stage.transcript.event("client", "loses the WebSocket");
    drop(socket);
    client.post(&sid, "4one").await;
    client.answer().await;
    client.get(&sid).await;
    client.answer().await;
    stage.transcript.phase("a proxy lets nothing through");
    let mut socket = stage.connect("client").await.websocket(Some(&sid)).await;
    socket.hear("the WebSocket to be given up after upgrade_timeout").await;
    client.post(&sid, "4two").await;
    client.answer().await;
    client.get(&sid).await;
    client.answer().await;
    stage.transcript.phase("the third one holds");
    let mut socket = stage.connect("client").await.websocket(Some(&sid)).await;
    socket.say("2probe").await;
    socket.hear("the answer to the probe").await;
    socket.say("5").await;
    socket.say("4three").await;
    socket.hear("the echo").await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s4_what_is_too_long_for_a_websocket_that_is_tried_ends_the_trial_alone() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder().max_payload(1000), echo);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    let mut tried = stage.connect("client").await.websocket(Some(&sid)).await;
    tried.say(&"x".repeat(1001)).await;
    let end = tried.hear("the end of the trial").await;
    assert!(end.starts_with("close 1009: "), "{end}");
    client.post(&sid, "4still here").await;
    assert_eq!(client.answer().await.body, "ok");
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "4still here");
}

#[tokio::test]
async fn s4_an_upgrade_fails_over_a_real_connection_too() {
    let _step = step!();
    let builder = Server::builder().upgrade_timeout(Duration::from_secs(1));
    let mut stage = Stage::on_tcp(builder, echo).await;
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    let half_open = stage.connect("client").await.websocket(Some(&sid)).await;
    drop(half_open);
    let mut silent = stage.connect("client").await.websocket(Some(&sid)).await;
    silent.hear("the WebSocket to be given up").await;
    let mut wrong = stage.connect("client").await.websocket(Some(&sid)).await;
    wrong.say("4hello").await;
    wrong.hear("the WebSocket to be given up").await;
    client.post(&sid, "4hello").await;
    assert_eq!(client.answer().await.body, "ok");
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "4hello", "the session is where it was");
}

#[tokio::test(start_paused = true)]
async fn s4_a_malformed_packet_ends_the_session_and_its_websocket() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), echo);
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    socket.say("abc").await;
    socket.hear("the end").await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s4_a_client_that_leaves_has_done_nothing_wrong() {
    let _step = step!();
    let (ends, mut reasons) = mpsc::unbounded_channel();
    let mut stage = Stage::on_tcp(Server::builder(), move |mut connection: Connection| {
        let ends = ends.clone();
        async move {
            while connection.next().await.is_some() {}
            ends.send(connection.close_reason().cloned()).expect("the test listens");
        }
    })
    .await;
    for says_goodbye in [true, false] {
        let mut socket = stage.connect("client").await.websocket(None).await;
        socket.hear("the handshake").await;
        if says_goodbye {
            socket.send(WsMessage::Close(None)).await;
        }
        drop(socket);
        let reason = within("the session to end", reasons.recv()).await;
        assert_eq!(reason, Some(Some(CloseReason::WebSocketClosed)));
    }
}

#[tokio::test(start_paused = true)]
async fn s4_a_client_that_does_not_answer_pings_is_given_up() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), echo);
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    socket.hear("a ping").await;
    socket.hear("the end").await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s4_a_message_up_to_the_limit_is_taken_and_one_byte_more_closes_with_1009() {
    let _step = step!();
    let mut stage = Stage::on_tcp(Server::builder().max_payload(1000), echo).await;
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    let fits = format!("4{}", "x".repeat(999));
    socket.say(&fits).await;
    assert_eq!(socket.hear("the echo").await, fits);
    socket.say(&format!("{fits}y")).await;
    assert_eq!(
        socket.hear("the end").await,
        "close 1009: expected a message of at most 1000 bytes (max_message), came 1001; send less"
    );
}

#[tokio::test(start_paused = true)]
async fn s4_a_message_in_fragments_is_as_long_as_all_of_them() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder().max_payload(1000), echo);
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    let half = [b'4'; 501];
    let both = [masked(0x01, &half), masked(0x80, &half)].concat();
    socket.stream.get_mut().write_all(&both).await.expect("the connection stands");
    let end = socket.hear("the end").await;
    assert!(end.starts_with("close 1009: expected a message of at most 1000 bytes"), "{end}");
}

#[tokio::test]
async fn s4_frames_that_are_none_close_with_1002() {
    let _step = step!();
    let mut stage = Stage::on_tcp(Server::builder(), echo).await;
    let mut end = async |frame: &[u8]| {
        let mut socket = stage.connect("client").await.websocket(None).await;
        socket.hear("the handshake").await;
        socket.stream.get_mut().write_all(frame).await.expect("the connection stands");
        let end = socket.hear("the end").await;
        end.strip_prefix("close 1002: ").expect(&end).to_owned()
    };
    let unmasked = b"\x81\x024a";
    assert_eq!(
        end(unmasked).await,
        "expected a masked frame, as a client sends, came one without a mask"
    );
    // Not everybody refuses it.
    let longer_than_needed = b"\x81\xfe\x00\x01\x00\x00\x00\x004";
    assert_eq!(
        end(longer_than_needed).await,
        "expected the length 1 in its shortest form, came in 2 bytes"
    );
}

#[tokio::test(start_paused = true)]
async fn s4_bytes_go_as_base64_to_a_client_that_asks_for_it() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), echo);
    let mut client = stage.connect("client").await;
    client.extra = "&b64=1";
    let mut socket = client.websocket(None).await;
    socket.hear("the handshake").await;
    socket.say_bytes(&[1, 2, 3, 4]).await;
    assert_eq!(socket.hear("the echo").await, "bAQIDBA==");
}

#[tokio::test(start_paused = true)]
async fn s4_the_handshake_does_not_wait_for_the_application() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let busy = |connection: Connection| async {
        std::future::pending::<()>().await;
        drop(connection);
    };
    let (client, _served) = stage.connect_through(64 << 10, busy);
    let mut socket = client.websocket(None).await;
    assert!(socket.hear("the handshake").await.starts_with("0{"));
}

#[tokio::test]
async fn s4_what_came_behind_the_request_is_heard() {
    let _step = step!();
    let mut stage = Stage::on_tcp(Server::builder(), echo).await;
    let mut client = stage.connect("client").await;
    // One write: a handshake, and a text behind it.
    let early = [
        format!("GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: a\r\n{UPGRADE}\r\n")
            .into_bytes(),
        masked(0x81, b"4early"),
    ]
    .concat();
    client.say_bytes(&early).await;
    assert_eq!(client.hear().await.status, 101);
    let mut socket = client.into_socket().await;
    socket.hear("the handshake").await;
    assert_eq!(socket.hear("the echo").await, "4early");
}

#[tokio::test(start_paused = true)]
async fn s4_what_is_half_here_survives_what_is_given_back() {
    let _step = step!();
    let large = format!("4{}", "x".repeat(10_000));
    let fragment = masked(0x01, b"4frag");
    let rest = masked(0x80, b"ments");
    let whole = masked(0x81, b"4whole");
    let mut stage = Stage::in_memory(Server::builder(), echo);
    for (first, second, expected) in [
        (&fragment[..], &rest[..], "4fragments"),
        (&whole[..1], &whole[1..], "4whole"),
        (&whole[..4], &whole[4..], "4whole"),
        (&whole[..8], &whole[8..], "4whole"),
    ] {
        let mut socket = stage.connect("client").await.websocket(None).await;
        socket.hear("the handshake").await;
        let begin = [&masked(0x81, large.as_bytes())[..], first].concat();
        socket.stream.get_mut().write_all(&begin).await.expect("the connection stands");
        assert_eq!(socket.hear("the large echo").await, large);
        stage.later(Duration::from_secs(1)).await;
        socket.stream.get_mut().write_all(second).await.expect("the connection stands");
        assert_eq!(socket.hear("the echo of the rest").await, expected);
    }
}

#[tokio::test]
async fn s4_a_websocket_whose_client_does_not_read_is_disconnected() {
    let _step = step!();
    let (sent, mut results) = mpsc::unbounded_channel();
    let builder = Server::builder().max_buffered(1 << 20);
    let mut stage = Stage::on_tcp(builder, move |connection| pour(connection, sent.clone())).await;
    let socket = stage.connect("client").await.websocket(None).await;
    let reason = within("the session to end", results.recv()).await;
    assert_eq!(reason, Some(CloseReason::SlowConsumer { limit: 1 << 20 }));
    drop(socket);
}

#[tokio::test(start_paused = true)]
async fn s4_of_many_pings_whose_pongs_are_not_read_the_last_is_answered() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    let last = 9_999_u32;
    for number in 0..=last {
        let ping = WsMessage::Ping([number.to_be_bytes().as_slice(), &[7; 121]].concat().into());
        within("a ping to be taken", socket.send(ping)).await;
    }
    let mut pongs = Vec::new();
    while pongs.last() != Some(&last) {
        let pong = within("a pong", socket.stream.next()).await;
        let WsMessage::Pong(payload) = pong.expect("the session goes on").expect("a message")
        else {
            panic!("expected a pong");
        };
        let number = payload.first_chunk().expect("the number of the ping");
        pongs.push(u32::from_be_bytes(*number));
    }
    assert!(pongs.is_sorted(), "pongs come in order: {pongs:?}");
    // The pipe between them holds 500.
    assert!(pongs.len() < 1_000, "{} pongs waited for a client that does not read", pongs.len());
}

#[tokio::test(start_paused = true)]
async fn s4_others_have_their_turn_while_pings_keep_coming() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), echo);
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    // All that the pipe takes at once.
    let pings = masked(0x89, b"").repeat(10_000);
    socket.stream.get_mut().write_all(&pings).await.expect("the connection stands");
    socket.stream.get_mut().write_all(&masked(0x81, b"4behind")).await.expect("it stands");
    let turns = async {
        let mut turns = 0;
        loop {
            tokio::select! {
                biased;
                came = socket.stream.next() => match came {
                    Some(Ok(WsMessage::Pong(_))) => {}
                    other => break (turns, other.expect("the session goes on").expect("a message")),
                },
                () = tokio::task::yield_now() => turns += 1,
            }
        }
    };
    let (turns, echo) = within("the echo", turns).await;
    assert_eq!(echo, WsMessage::text("4behind"));
    assert!(turns >= 3, "60,000 bytes of pings were read in {turns} turns");
}

#[tokio::test(start_paused = true)]
async fn s4_what_waits_behind_pongs_has_not_left() {
    let _step = step!();
    let (told, mut news) = mpsc::unbounded_channel();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let tell = move |mut connection: Connection| {
        let told = told.clone();
        async move {
            connection.next().await.expect("a message");
            connection.send("behind the pongs").expect("the session is open");
            told.send(connection.is_writable()).expect("the test listens");
            connection.drained().await;
            told.send(connection.is_writable()).expect("the test listens");
            idle(connection).await;
        }
    };
    let (client, _served) = stage.connect_through(256, tell);
    let mut socket = client.websocket(None).await;
    socket.hear("the handshake").await;
    for _ in 0..50 {
        socket.send(WsMessage::Ping(vec![7; 20].into())).await;
    }
    socket.say("4say something").await;
    assert_eq!(within("the message to be sent", news.recv()).await, Some(false));
    for pongs in [20, 30] {
        assert!(news.try_recv().is_err(), "{pongs} pongs or more are not read yet");
        for _ in 0..pongs {
            let pong = within("a pong", socket.stream.next()).await;
            let pong = pong.expect("the session goes on").expect("a message");
            assert_eq!(pong, WsMessage::Pong(vec![7; 20].into()));
        }
        stage.later(Duration::from_millis(1)).await;
    }
    assert_eq!(socket.hear("the message").await, "4behind the pongs");
    assert_eq!(within("the message to leave", news.recv()).await, Some(true));
}

#[tokio::test(start_paused = true)]
async fn s4_who_waits_until_all_has_left_waits_no_longer() {
    let _step = step!();
    let (told, mut durations) = mpsc::unbounded_channel();
    let mut stage = Stage::in_memory(Server::builder(), move |mut connection: Connection| {
        let told = told.clone();
        async move {
            let began = tokio::time::Instant::now();
            connection.send("something").expect("the session is open");
            connection.drained().await;
            told.send(began.elapsed()).expect("the test listens");
            idle(connection).await;
        }
    });
    let socket = stage.connect("client").await.websocket(None).await;
    let waited = within("what was sent to leave", durations.recv()).await;
    assert_eq!(waited, Some(Duration::ZERO));
    drop(socket);
}

#[tokio::test(start_paused = true)]
async fn s4_a_ping_that_had_to_wait_leaves_while_messages_keep_coming() {
    let _step = step!();
    let (told, mut due) = mpsc::unbounded_channel();
    let mut stage = Stage::in_memory(Server::builder(), move |mut connection: Connection| {
        let told = told.clone();
        async move {
            connection.send(vec![0; 200_000]).expect("it is below the limit");
            while connection.next().await != Some(Message::from("half a minute")) {}
            tokio::time::advance(Duration::from_secs(30)).await;
            connection.next().await.expect("a message");
            told.send(()).expect("the test listens");
            while connection.next().await.is_some() {
                tokio::time::advance(Duration::from_micros(10)).await;
            }
        }
    });
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    let (mut sink, mut source) = socket.stream.split();
    let say = async {
        sink.send(WsMessage::text("4half a minute")).await.expect("it is open");
        for _ in 0..20_000 {
            sink.send(WsMessage::text("4")).await.expect("it is open");
        }
        panic!("expected a ping while messages kept coming");
    };
    let hear = async {
        due.recv().await.expect("the application goes on");
        assert_eq!(source.next().await.expect("it is open").expect("a message").len(), 200_000);
        source.next().await.expect("it is open").expect("a message")
    };
    let ping = tokio::select! {
        biased;
        ping = hear => ping,
        () = say => unreachable!("it panics"),
    };
    assert_eq!(ping, WsMessage::text("2"));
}

#[tokio::test(start_paused = true)]
async fn s4_what_waited_for_a_slow_client_is_forgotten_and_it_is_told_why() {
    let _step = step!();
    let (sent, mut results) = mpsc::unbounded_channel();
    let builder = Server::builder().max_buffered(1 << 20);
    let mut stage = Stage::in_memory(builder, move |connection| pour(connection, sent.clone()));
    let mut socket = stage.connect("client").await.websocket(None).await;
    within("the session to end", results.recv()).await.expect("a reason");
    socket.hear("the handshake").await;
    let mut messages = 0;
    let end = loop {
        let heard = socket.hear("the end").await;
        if !heard.starts_with("binary") {
            break heard;
        }
        messages += 1;
    };
    assert!(messages < 4, "sixteen waited, and {messages} came all the same");
    assert_eq!(
        end,
        "close 1008: expected at most 1048576 bytes to wait for the client (max_buffered), came more"
    );
}

#[tokio::test(start_paused = true)]
async fn s4_an_application_may_end_a_session_and_say_why() {
    let _step = step!();
    let (sent, mut results) = mpsc::unbounded_channel();
    let mut stage = Stage::in_memory(Server::builder(), move |mut connection: Connection| {
        let sent = sent.clone();
        async move {
            connection.next().await;
            connection.fail(CloseReason::NotTaken { limit: 7 });
            assert_eq!(connection.next().await, None);
            sent.send(connection.close_reason().cloned()).expect("the test listens");
        }
    });
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    socket.say("4too much").await;
    let reason = within("the end", results.recv()).await;
    assert_eq!(reason, Some(Some(CloseReason::NotTaken { limit: 7 })));
    let end = socket.hear("the end").await;
    assert!(end.starts_with("close 1008: expected the application to take"), "{end}");
}

#[tokio::test(start_paused = true)]
async fn s4_what_is_sent_later_does_not_overtake_what_waits() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        for number in 10.. {
            let message = format!("{number}{}", "x".repeat(10_000));
            connection.send(message).expect("it is below the limit");
            // More than a pipe holds; and from then on one for each that was read.
            if number >= 30 && connection.next().await.is_none() {
                break;
            }
        }
    });
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    for number in 10..70 {
        assert_eq!(socket.hear("a message").await[..3], format!("4{number}"));
        socket.say("4next").await;
        stage.later(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn s4_who_waits_for_a_client_that_is_dead_does_not_wait_for_ever() {
    let _step = step!();
    let (sent, mut reasons) = mpsc::unbounded_channel();
    let mut stage = Stage::in_memory(Server::builder(), move |mut connection: Connection| {
        let sent = sent.clone();
        async move {
            connection.send(vec![0; 1 << 20]).expect("it is below the limit");
            assert!(!connection.is_writable());
            connection.flush().await;
            sent.send(connection.close_reason().cloned()).expect("the test listens");
        }
    });
    let socket = stage.connect("client").await.websocket(None).await;
    let began = tokio::time::Instant::now();
    stage.later(Duration::from_secs(44)).await;
    assert!(reasons.try_recv().is_err(), "there is still time to read");
    let reason = within("the session to end", reasons.recv()).await;
    assert_eq!(reason, Some(Some(CloseReason::PingTimeout)));
    assert_eq!(began.elapsed(), Duration::from_secs(45));
    drop(socket);
}

#[tokio::test(start_paused = true)]
async fn s4_a_client_may_take_nothing_until_its_pong_is_due_whatever_carries_the_websocket() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let (client, _served) = stage.connect_through(256, |mut connection| async move {
        connection.send(vec![0; 10_000]).expect("it is below the limit");
        idle(connection).await;
    });
    let mut socket = client.websocket(None).await;
    socket.hear("the handshake").await;
    stage.later(Duration::from_secs(44)).await;
    assert!(socket.hear("what it did not read").await.starts_with("binary [0, "));
    assert_eq!(socket.hear("the ping").await, "2");
    socket.say("3").await;
    assert_eq!(socket.hear("the next ping").await, "2");
}

#[tokio::test(start_paused = true)]
async fn s4_a_session_that_is_behind_stops_reading() {
    let _step = step!();
    let mut stage = Stage::in_memory(
        Server::builder().max_payload(1000),
        |mut connection: Connection| async move {
            connection.send(vec![0; 200_000]).expect("it is below the limit");
            connection.drained().await;
            idle(connection).await;
        },
    );
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    let more = async {
        for _ in 0..200 {
            socket.stream.send(WsMessage::binary(vec![1; 1000])).await.expect("it is open");
        }
    };
    let sent = tokio::time::timeout(Duration::from_secs(5), more).await;
    assert!(sent.is_err(), "a client that does not read cannot send for ever");
    assert!(socket.hear("what it did not read").await.starts_with("binary [0, "));
    let ping = tokio::time::timeout(Duration::from_secs(60), socket.stream.next()).await;
    let ping = ping.expect("a ping").expect("the session goes on").expect("a message");
    assert_eq!(ping, WsMessage::text("2"));
}

#[tokio::test(start_paused = true)]
async fn s4_a_pong_behind_what_was_not_taken_is_heard() {
    let _step = step!();
    let mut stage = Stage::in_memory(
        Server::builder().max_payload(1000),
        |mut connection: Connection| async move {
            connection.send(vec![0; 200_000]).expect("it is below the limit");
            connection.drained().await;
            idle(connection).await;
        },
    );
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    for _ in 0..5 {
        socket.send(WsMessage::binary(vec![1; 1000])).await;
    }
    stage.later(Duration::from_secs(26)).await;
    socket.say("3").await;
    stage.later(Duration::from_secs(23)).await;
    assert!(socket.hear("what it did not read").await.starts_with("binary [0, "));
    assert_eq!(socket.hear("the ping of before").await, "2");
    assert_eq!(socket.hear("the next ping").await, "2");
}

#[tokio::test(start_paused = true)]
async fn s4_a_pong_behind_more_than_is_read_in_one_turn_is_heard() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        while let Some(message) = connection.next().await {
            if message == Message::from("take your time") {
                tokio::time::advance(Duration::from_secs(1)).await;
            }
        }
    });
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    tokio::time::sleep(Duration::from_secs(25)).await;
    assert_eq!(socket.hear("a ping").await, "2");
    socket.say("4from now on there are 20 seconds").await;
    tokio::time::sleep(Duration::from_millis(19_500)).await;
    let say = async {
        let first = WsMessage::text("4take your time");
        socket.stream.feed(first).await.expect("it is open");
        for _ in 0..1000 {
            socket.stream.feed(WsMessage::text("4")).await.expect("it is open");
        }
        socket.stream.send(WsMessage::text("3")).await.expect("it is open");
    };
    tokio::task::coop::unconstrained(say).await;
    let ping = tokio::time::timeout(Duration::from_secs(60), socket.stream.next()).await;
    let ping = ping.expect("a ping").expect("the session goes on").expect("a message");
    assert_eq!(ping, WsMessage::text("2"));
}

#[tokio::test(start_paused = true)]
async fn s4_a_client_is_not_called_silent_if_nobody_listened() {
    let _step = step!();
    let (ends, mut reasons) = mpsc::unbounded_channel();
    let mut stage =
        Stage::in_memory(Server::builder().max_payload(1000), move |mut connection: Connection| {
            let ends = ends.clone();
            async move {
                connection.send(vec![0; 200_000]).expect("it is below the limit");
                connection.drained().await;
                ends.send(connection.close_reason().cloned()).expect("the test listens");
            }
        });
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    let more = async {
        for _ in 0..200 {
            socket.stream.send(WsMessage::binary(vec![1; 1000])).await.expect("it is open");
        }
    };
    let sent = tokio::time::timeout(Duration::from_secs(40), more).await;
    assert!(sent.is_err(), "what comes has a bound");
    let reason = within("the session to end", reasons.recv()).await;
    assert_eq!(reason, Some(Some(CloseReason::NotTaken { limit: 8000 })));
}

#[tokio::test]
async fn s4_or_it_misses_what_did_not_fit_and_the_rest_comes_in_order() {
    const MESSAGES: usize = 2000;
    let _step = step!();
    let (sent, mut taken) = mpsc::unbounded_channel();
    let builder = Server::builder().max_buffered(1 << 20).slow_consumer(SlowConsumer::DropNewest);
    let mut stage = Stage::on_tcp(builder, move |mut connection: Connection| {
        let sent = sent.clone();
        async move {
            let mut numbers = Vec::new();
            for number in 0..MESSAGES {
                let message = format!("{number:06}{}", "x".repeat(10_000));
                if connection.send(message).is_ok() {
                    numbers.push(number);
                }
            }
            sent.send(numbers).expect("the test listens");
            connection.drained().await;
            assert_eq!(connection.buffered(), 0);
            idle(connection).await;
        }
    })
    .await;
    let mut socket = stage.connect("client").await.websocket(None).await;
    let taken = within("the application to be done", taken.recv()).await.expect("numbers");
    assert!(taken.len() < MESSAGES, "a connection does not take 20 MB that nobody reads");
    socket.hear("the handshake").await;
    for number in taken {
        let message = socket.hear("a message").await;
        assert!(message.starts_with(&format!("4{number:06}x")), "expected {number}");
    }
}

#[tokio::test(start_paused = true)]
async fn s4_an_empty_message_has_to_leave_too() {
    let _step = step!();
    let (told, mut lengths) = mpsc::unbounded_channel();
    let mut stage = Stage::in_memory(Server::builder(), move |mut connection: Connection| {
        let told = told.clone();
        async move {
            connection.drained().await;
            connection.send(vec![]).expect("the session is open");
            told.send(connection.buffered()).expect("the test listens");
            connection.drained().await;
            told.send(connection.buffered()).expect("the test listens");
            idle(connection).await;
        }
    });
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    assert_eq!(socket.hear("the empty message").await, "binary []");
    // A frame without payload is two bytes (RFC 6455, section 5.2).
    assert_eq!(within("the length before", lengths.recv()).await, Some(2));
    assert_eq!(within("the length after", lengths.recv()).await, Some(0));
}

#[tokio::test]
async fn s4_a_thousand_messages_each_way_across_an_upgrade() {
    const MESSAGES: usize = 1000;
    let _step = step!();
    let mut stage = Stage::on_tcp(Server::builder(), echo).await;
    let mut client = stage.connect("client").await;
    let mut poster = stage.connect("client").await;
    let sid = client.open().await;
    let mut came = Vec::new();
    let numbers = |range: std::ops::Range<usize>| {
        range.map(|number| format!("4{number}")).collect::<Vec<_>>().join("\u{1e}")
    };
    for start in (0..500).step_by(100) {
        poster.post(&sid, &numbers(start..start + 100)).await;
        assert_eq!(poster.answer().await.body, "ok");
        if start % 200 == 0 {
            client.get(&sid).await;
            came.extend(client.answer().await.packets());
        }
    }
    let mut socket = stage.connect("client").await.websocket(Some(&sid)).await;
    client.get(&sid).await;
    socket.say("2probe").await;
    assert_eq!(socket.hear("the answer to the probe").await, "3probe");
    poster.post(&sid, &numbers(500..600)).await;
    assert_eq!(poster.answer().await.body, "ok");
    came.extend(client.answer().await.packets());
    socket.say("5").await;
    for number in 600..MESSAGES {
        socket.say(&format!("4{number}")).await;
    }
    came.retain(|packet| packet != "6");
    while came.len() < MESSAGES {
        came.push(socket.hear("a message").await);
    }
    let expected: Vec<_> = (0..MESSAGES).map(|number| format!("4{number}")).collect();
    assert_eq!(came, expected);
}

#[tokio::test(start_paused = true)]
async fn s4_a_busy_application_is_not_the_clients_silence() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        while let Some(message) = connection.next().await {
            tokio::time::sleep(Duration::from_secs(60)).await;
            connection.send(message).expect("the session is open");
        }
    });
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    socket.hear("a ping").await;
    socket.say("4one").await;
    socket.say("4two").await;
    socket.say("3").await;
    assert_eq!(socket.hear("the first echo").await, "4one");
    assert_eq!(socket.hear("the second echo").await, "4two");
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s4_a_busy_application_does_not_make_an_upgrade_late() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        while let Some(message) = connection.next().await {
            if message == Message::from("be busy") {
                tokio::time::sleep(Duration::from_secs(15)).await;
            }
            connection.send(message).expect("the session is open");
        }
    });
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    let mut socket = stage.connect("client").await.websocket(Some(&sid)).await;
    socket.say("2probe").await;
    assert_eq!(socket.hear("the answer to the probe").await, "3probe");
    client.post(&sid, "4be busy").await;
    assert_eq!(client.answer().await.status, 200);
    socket.say("5").await;
    assert_eq!(socket.hear("the echo").await, "4be busy");
}

#[tokio::test(start_paused = true)]
async fn s4_a_probe_that_is_late_because_of_the_application_leaves_the_session_on_polling() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        connection.next().await.expect("a message");
        tokio::time::sleep(Duration::from_secs(15)).await;
        echo(connection).await;
    });
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    let mut socket = stage.connect("client").await.websocket(Some(&sid)).await;
    client.post(&sid, "4be busy").await;
    assert_eq!(client.answer().await.status, 200);
    socket.say("2probe").await;
    assert_eq!(socket.hear("the end").await, "close without a code");
    client.post(&sid, "4hello").await;
    assert_eq!(client.answer().await.status, 200);
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "4hello");
}

#[tokio::test(start_paused = true)]
async fn s4_an_upgrade_that_is_late_ends_no_session_that_is_behind() {
    let _step = step!();
    let (ends, mut reasons) = mpsc::unbounded_channel();
    let mut stage =
        Stage::in_memory(Server::builder().max_payload(10), move |mut connection: Connection| {
            let ends = ends.clone();
            async move {
                connection.next().await.expect("a message");
                connection.send("nobody takes it").expect("the session is open");
                connection.drained().await;
                ends.send(connection.close_reason().cloned()).expect("the test listens");
            }
        });
    let began = tokio::time::Instant::now();
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.post(&sid, "4").await;
    assert_eq!(client.answer().await.status, 200);
    stage.later(Duration::from_secs(24)).await;
    let socket = stage.connect("client").await.websocket(Some(&sid)).await;
    stage.later(Duration::from_secs(2)).await;
    client.post(&sid, "4\u{1e}4\u{1e}4\u{1e}4").await;
    assert_eq!(client.answer().await.status, 200);
    stage.later(Duration::from_secs(19)).await;
    assert!(reasons.try_recv().is_err(), "there is still time for a pong");
    let reason = within("the session to end", reasons.recv()).await;
    assert_eq!(reason, Some(Some(CloseReason::NotTaken { limit: 80 })));
    assert_eq!(began.elapsed(), Duration::from_secs(46), "twenty seconds after what came last");
    drop(socket);
}

#[tokio::test(start_paused = true)]
async fn s4_pings_go_out_while_messages_keep_coming() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        while connection.next().await.is_some() {
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
    });
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    for _ in 0..20 {
        socket.say("4more").await;
    }
    assert_eq!(socket.hear("a ping").await, "2");
    insta::assert_snapshot!(stage.transcript);
}

#[test]
fn s4_a_connection_may_outlive_its_runtime() {
    let _step = step!();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let (mut connection, _client) = runtime.block_on(async {
        let (sent, mut kept) = mpsc::unbounded_channel();
        let mut stage = Stage::in_memory(Server::builder(), move |connection: Connection| {
            let sent = sent.clone();
            async move { assert!(sent.send(connection).is_ok(), "the test listens") }
        });
        let client = stage.connect("client").await.websocket(None).await;
        (within("the application to begin", kept.recv()).await.expect("a connection"), client)
    });
    let handle = runtime.handle().clone();
    drop(runtime);
    let _entered = handle.enter(); // as a thread for what blocks is, which may outlive it too
    connection.close();
    assert_eq!(connection.close_reason(), Some(&CloseReason::ByServer));
}

// Step 5: nobody is left behind.

#[tokio::test(start_paused = true)]
async fn s5_a_client_that_leaves_its_get_ends_the_session() {
    let _step = step!();
    let mut stage = Stage::with_lanes(&["client", "server", "other"], Server::builder(), idle);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.get(&sid).await;
    stage.later(Duration::from_secs(1)).await;
    stage.transcript.event("client", "leaves");
    drop(client);
    stage.later(Duration::from_secs(1)).await;
    let mut other = stage.connect("other").await;
    other.get(&sid).await;
    other.answer().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s5_a_client_that_left_before_its_get_was_looked_at_ends_the_session() {
    let _step = step!();
    let mut stage = Stage::with_lanes(&["client", "server", "other"], Server::builder(), idle);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    let mut client = stage.connect("client").await;
    client.get(&sid).await;
    drop(client);
    stage.later(Duration::from_secs(1)).await;
    let mut other = stage.connect("other").await;
    other.get(&sid).await;
    assert_eq!(other.answer().await.body, r#"{"code":1,"message":"Session ID unknown"}"#);
}

#[tokio::test]
async fn s5_a_client_leaves_over_a_real_connection_too() {
    let _step = step!();
    let (waits, mut waiting) = mpsc::unbounded_channel();
    let (ends, mut reasons) = mpsc::unbounded_channel();
    let mut stage = Stage::on_tcp(Server::builder(), move |mut connection: Connection| {
        let (waits, ends) = (waits.clone(), ends.clone());
        async move {
            signal_waiting_gets(&mut connection, waits).await;
            ends.send(connection.close_reason().cloned()).expect("the test listens");
        }
    })
    .await;
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.get(&sid).await;
    within("the GET to reach its session", waiting.recv()).await;
    drop(client);
    let reason = within("the session to end", reasons.recv()).await;
    assert_eq!(reason, Some(Some(CloseReason::RequestCancelled)));
}

#[tokio::test(start_paused = true)]
async fn s5_a_client_that_leaves_in_the_middle_of_a_post_ends_the_session() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client
        .say(&format!(
            "POST /engine.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nhost: a\r\n\
         content-length: 6\r\n\r\n4hel"
        ))
        .await;
    stage.later(Duration::from_secs(1)).await;
    drop(client);
    stage.later(Duration::from_secs(1)).await;
    assert_eq!(stage.server.sessions(), 0);
}

#[tokio::test(start_paused = true)]
async fn s5_a_client_that_leaves_before_its_body_was_asked_for_ends_the_session() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        connection.drained().await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        idle(connection).await;
    });
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client
        .say(&format!(
            "POST /engine.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nhost: a\r\n\
             content-length: 6\r\n\r\n"
        ))
        .await;
    stage.later(Duration::from_secs(1)).await;
    drop(client);
    stage.later(Duration::from_secs(5)).await;
    assert_eq!(stage.server.sessions(), 0);
}

#[tokio::test(start_paused = true)]
async fn s5_a_session_that_ended_is_forgotten_while_its_application_goes_on() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        while connection.next().await.is_some() {}
        std::future::pending::<()>().await;
        drop(connection);
    });
    let mut socket = stage.connect("client").await.websocket(None).await;
    socket.hear("the handshake").await;
    socket.say("1").await;
    socket.hear("the end").await;
    assert_eq!(stage.server.sessions(), 0);
}

#[tokio::test(start_paused = true)]
async fn s5_ten_thousand_sessions_that_are_abandoned_are_swept() {
    const SESSIONS: usize = 10_000;
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), idle);
    let mut client = stage.connect("client").await;
    for _ in 0..SESSIONS {
        client.raw("GET", "EIO=4&transport=polling", "", "").await;
    }
    assert_eq!(stage.server.sessions(), SESSIONS);
    stage.later(Duration::from_secs(24)).await;
    assert_eq!(stage.server.sessions(), SESSIONS, "nobody was pinged yet");
    stage.later(Duration::from_secs(21)).await;
    stage.later(Duration::from_secs(1)).await;
    assert_eq!(stage.server.sessions(), 0, "nobody answered");
}

#[tokio::test]
async fn s5_they_are_swept_over_a_real_connection_too() {
    const SESSIONS: usize = 1_000;
    let _step = step!();
    let builder = Server::builder()
        .ping_interval(Duration::from_secs(1))
        .ping_timeout(Duration::from_millis(100));
    let mut stage = Stage::on_tcp(builder, idle).await;
    let mut client = stage.connect("client").await;
    for _ in 0..SESSIONS {
        client.raw("GET", "EIO=4&transport=polling", "", "").await;
    }
    assert!(stage.server.sessions() > 0, "the last ones live for another second");
    within("all sessions to be swept", async {
        while stage.server.sessions() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn s5_a_panic_in_the_application_ends_its_session_alone() {
    let _step = step!();
    let mut stage = Stage::with_lanes(
        &["client", "server", "other"],
        Server::builder(),
        |mut connection: Connection| async move {
            while let Some(message) = connection.next().await {
                assert_ne!(message, Message::from("bad"), "the application stumbles");
                connection.send(message).expect("the session is open");
            }
        },
    );
    let mut stumbles = stage.connect("client").await.websocket(None).await;
    let mut other = stage.connect("other").await.websocket(None).await;
    stumbles.hear("the handshake").await;
    other.hear("the handshake").await;
    stumbles.say("4bad").await;
    stumbles.hear("the end").await;
    other.say("4good").await;
    other.hear("the echo").await;
    assert_eq!(stage.server.sessions(), 1);
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test]
async fn s5_a_server_that_stops_tells_each_of_a_hundred_clients() {
    let _step = step!();
    // Longer than the test waits: the shutdown ends with the last session, not with its time.
    let builder = Server::builder().shutdown_timeout(Duration::from_secs(60));
    let mut stage = Stage::on_tcp(builder, idle).await;
    let mut sockets = Vec::new();
    let mut pollers = Vec::new();
    for _ in 0..50 {
        let mut socket = stage.connect("client").await.websocket(None).await;
        socket.hear("the handshake").await;
        sockets.push(socket);
        let mut client = stage.connect("client").await;
        let sid = client.open().await;
        client.get(&sid).await;
        pollers.push(client);
    }
    // One that polls, and is not waiting just now.
    let mut between = stage.connect("client").await;
    let sid = between.open().await;
    assert_eq!(stage.server.sessions(), 101);
    let server = stage.server.clone();
    let stopped = tokio::spawn(async move { server.shutdown().await });
    for socket in &mut sockets {
        assert_eq!(socket.hear("the end").await, "close without a code");
    }
    for client in &mut pollers {
        assert_eq!(client.answer().await.body, "1");
    }
    let refused = between.raw("GET", "EIO=4&transport=polling", "", "").await;
    assert_eq!(refused.status, 503, "a server that stops takes nobody in");
    between.get(&sid).await;
    assert_eq!(between.answer().await.body, "1");
    within("the shutdown", stopped).await.expect("it does not panic");
    assert_eq!(stage.server.sessions(), 0);
    stage.stopped().await;
}

#[tokio::test(start_paused = true)]
async fn s5_what_a_server_does_is_counted_and_told() {
    let _step = step!();
    let log = Log::listen();
    let builder = Server::builder().max_buffered(200).slow_consumer(SlowConsumer::DropNewest);
    let mut stage = Stage::in_memory(builder, |mut connection: Connection| async move {
        while let Some(message) = connection.next().await {
            let _ = connection.send(message); // one is too long
        }
    });
    let mut client = stage.connect("client").await;
    client.raw("GET", "EIO=3&transport=polling", "", "").await;
    client.raw("GET", "EIO=4&transport=polling&sid=gone", "", "").await;
    let sid = client.open().await;
    client.post(&sid, "4hello").await;
    assert_eq!(client.answer().await.body, "ok");
    client.get(&sid).await;
    assert_eq!(client.answer().await.body, "4hello");
    client.post(&sid, &format!("4{}", "x".repeat(300))).await;
    assert_eq!(client.answer().await.body, "ok");
    let before = stage.server.stats();
    assert_eq!((before.polling, before.websocket), (1, 0));
    let mut socket = stage.connect("client").await.websocket(Some(&sid)).await;
    socket.say("2probe").await;
    socket.hear("the answer to the probe").await;
    socket.say("5").await;
    socket.say("4there").await;
    assert_eq!(socket.hear("the echo").await, "4there");
    let after = stage.server.stats();
    assert_eq!((after.polling, after.websocket), (0, 1));
    stage.server.shutdown().await;
    let end = stage.server.stats();
    assert_eq!((end.polling, end.websocket), (0, 0));
    assert_eq!((end.opened, end.upgraded, end.refused, end.unknown), (1, 1, 1, 1));
    assert_eq!((end.received, end.sent, end.dropped), (3, 2, 1));
    let told = [
        r#"DEBUG refused opens=true why="Unsupported protocol version""#,
        r#"DEBUG refused opens=false why="Session ID unknown""#,
        r#"DEBUG connection{number=1}: opened transport="polling""#,
        r#"DEBUG connection{number=1}: upgraded"#,
        r#"DEBUG connection{number=1}: closed reason="forced close" why="closed by the server""#,
    ];
    assert_eq!(log.lines(), told);
}

#[tokio::test(start_paused = true)]
async fn s5_a_server_that_stops_does_not_wait_for_ever() {
    let _step = step!();
    let log = Log::listen();
    let mut stage = Stage::in_memory(Server::builder(), |connection: Connection| async move {
        std::future::pending::<()>().await;
        drop(connection);
    });
    let mut client = stage.connect("client").await.websocket(None).await;
    client.hear("the handshake").await;
    let began = tokio::time::Instant::now();
    let server = stage.server.clone();
    let stopped = tokio::spawn(async move { server.shutdown().await });
    stage.later(Duration::from_secs(11)).await;
    within("the shutdown", stopped).await.expect("it does not panic");
    assert!(began.elapsed() < Duration::from_secs(12));
    assert_eq!(client.hear("the end").await, "the connection ends");
    assert_eq!(stage.server.sessions(), 0);
    let told = [
        r#"DEBUG connection{number=1}: opened transport="websocket""#,
        r#"DEBUG connection{number=1}: closed reason="forced close" why="cut off""#,
    ];
    assert_eq!(log.lines(), told);
}

#[tokio::test(start_paused = true)]
async fn s5_a_get_that_a_busy_session_did_not_see_is_answered_when_the_session_is_cut() {
    let _step = step!();
    let mut stage = Stage::in_memory(Server::builder(), |mut connection: Connection| async move {
        connection.drained().await;
        std::future::pending::<()>().await;
    });
    let mut client = stage.connect("client").await;
    let sid = client.open().await;
    client.get(&sid).await;
    stage.later(Duration::from_secs(1)).await;
    let server = stage.server.clone();
    let stopped = tokio::spawn(async move { server.shutdown().await });
    stage.later(Duration::from_secs(11)).await;
    within("the shutdown", stopped).await.expect("it does not panic");
    let answer = within("the answer to the GET", client.answer()).await;
    assert_eq!(answer.body, r#"{"code":1,"message":"Session ID unknown"}"#);
}

// What the applications of the tests do.

/// Hears everything, says nothing.
async fn idle(mut connection: Connection) {
    while connection.next().await.is_some() {}
}

async fn echo(mut connection: Connection) {
    while let Some(message) = connection.next().await {
        if connection.send(message).is_err() {
            break;
        }
    }
}

/// Says something every ten seconds.
async fn clock(mut connection: Connection) {
    for tick in 1.. {
        let pause = tokio::time::sleep(Duration::from_secs(10));
        tokio::select! {
            biased;
            message = connection.next() => match message {
                Some(_) => {}
                None => break,
            },
            () = pause => connection.send(format!("tick {tick}")).expect("the session is open"),
        }
    }
}

async fn tell(mut connection: Connection, said: String) {
    connection.drained().await;
    connection.send(said).expect("the session is open");
    idle(connection).await;
}

/// Hears nothing until the session ends, and tells the test whenever a GET waits.
async fn signal_waiting_gets(connection: &mut Connection, waits: mpsc::UnboundedSender<()>) {
    let end = poll_fn(|cx| {
        let next = connection.poll_next(cx);
        if connection.is_writable() {
            waits.send(()).expect("the test listens");
        }
        next
    });
    assert_eq!(end.await, None);
}

/// Sends three messages of 40 bytes and tells the test how that went.
async fn flood(mut connection: Connection, results: mpsc::UnboundedSender<Result<(), SendError>>) {
    connection.drained().await;
    for _ in 0..3 {
        let sent = connection.send("x".repeat(40));
        results.send(sent).expect("the test listens");
    }
    idle(connection).await;
}

/// Sends until it cannot, but no more than 64 MB, and tells the test why.
async fn pour(mut connection: Connection, reasons: mpsc::UnboundedSender<CloseReason>) {
    let message = Message::from(vec![0; 64 << 10]);
    for _ in 0..1000 {
        if connection.send(message.clone()).is_err() {
            break;
        }
        // What the connection takes may leave.
        tokio::select! {
            biased;
            _ = connection.next() => {}
            () = tokio::task::yield_now() => {}
        }
    }
    let reason = connection.close_reason().cloned().expect("the session has ended");
    reasons.send(reason).expect("the test listens");
}

/// A frame as clients send it, with a mask that changes nothing.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match u16::try_from(payload.len()).expect("a short payload") {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length => {
            frame.push(0x80 | 126);
            frame.extend(length.to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend_from_slice(payload);
    frame
}
