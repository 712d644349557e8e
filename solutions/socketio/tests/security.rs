//! What a stranger can try, over real connections: one test for each line of the book's chapter "Security" that
//! no lesson's own test holds.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use socketio::{Args, Builder, Cors, Handshake, Pattern, Refusal, RequestHead, Server, Socket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;
use wire::{CLOSE, TEXT, Wire};

#[path = "../../../tests/soak/src/wire.rs"]
#[allow(dead_code, reason = "the soak uses the rest")]
mod wire;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

const POLLING: &str = "EIO=4&transport=polling";
const WEBSOCKET: &str = "EIO=4&transport=websocket";

// Who may connect.

#[tokio::test]
async fn a_page_of_another_origin_reads_no_answer() {
    let evil = "origin: https://evil.example\r\n";
    let silent = serve(Server::builder()).await;
    assert_eq!(header(&get(silent, POLLING, evil).await, "access-control-allow-origin"), None);

    let friends = Cors::only(["https://chat.example"]).credentials(true);
    let friendly = serve(Server::builder().cors(friends)).await;
    let answer = get(friendly, POLLING, evil).await;
    assert_eq!(header(&answer, "access-control-allow-origin"), None);
    let answer = get(friendly, POLLING, "origin: https://chat.example\r\n").await;
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("https://chat.example"));
    assert_eq!(header(&answer, "vary"), Some("Origin"));
}

// ANCHOR: origins
/// Pages of `https://chat.example`, and programs, which have nobody else's cookies.
async fn our_pages_alone(head: Arc<RequestHead>) -> Result<(), String> {
    let is_ours = match head.header("origin") {
        Some(origin) => origin == b"https://chat.example",
        // A GET of a page to its own origin names none: its host is the one it asks.
        None => head.header("host") == Some(b"chat.example"),
    };
    is_ours.then_some(()).ok_or_else(|| "expected a page of https://chat.example".to_owned())
}
// ANCHOR_END: origins

#[tokio::test]
async fn a_page_of_another_origin_opens_a_websocket_unless_it_is_refused() {
    let opening = wire::opening(WEBSOCKET);
    let from = |head: &str| opening.replace("host: a\r\n", head);
    let evil = from("host: chat.example\r\norigin: https://evil.example\r\n");
    let ours = from("host: chat.example\r\norigin: https://chat.example\r\n");

    let open = serve(Server::builder()).await;
    assert_eq!(status(&exchange(open, &evil).await), 101);

    let guarded = guarded().await;
    let answer = exchange(guarded, &evil).await;
    assert_eq!(status(&answer), 400);
    assert!(answer.ends_with("expected a page of https://chat.example"), "{answer}");
    assert_eq!(status(&exchange(guarded, &ours).await), 101);
}

#[tokio::test]
async fn a_page_whose_name_was_bound_to_our_address_is_refused() {
    let guarded = guarded().await;
    let poll = |host: &str| format!("GET /socket.io/?{POLLING} HTTP/1.1\r\nhost: {host}\r\n\r\n");
    assert_eq!(status(&exchange(guarded, &poll("evil.example")).await), 403);
    assert_eq!(status(&exchange(guarded, &poll("chat.example")).await), 200);
}

async fn guarded() -> SocketAddr {
    serve(Server::builder().engine(|engine| engine.allow_request(our_pages_alone))).await
}

#[tokio::test]
async fn no_page_runs_an_answer_as_its_script() {
    let address = serve(Server::builder()).await;
    let session = open(address).await;
    assert_eq!(status(&post(address, &session, "40/attack(),").await), 200);
    let answer = get(address, &session, "").await;
    // An expression of JavaScript, of the attacker's making.
    assert!(answer.ends_with(r#"44/attack(),{"message":"Invalid namespace"}"#), "{answer}");
    assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn the_id_that_others_see_opens_no_session() {
    let address = serve(Server::builder()).await;
    let Client { id, wire: _wire } = enter(address, "40").await;
    let answer = get(address, &format!("{POLLING}&sid={id}"), "").await;
    assert!(answer.ends_with(r#"{"code":1,"message":"Session ID unknown"}"#), "{answer}");
    let stolen = wire::opening(&format!("{WEBSOCKET}&sid={id}"));
    assert!(exchange(address, &stolen).await.ends_with("Session ID unknown"));
}

#[tokio::test]
async fn a_session_goes_on_from_another_address_so_its_id_is_a_secret() {
    let address = serve(Server::builder()).await;
    let session = open(address).await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 2], 0).into()).expect("a loopback address");
    let mut stream = socket.connect(address).await.expect("the server listens");
    let body = wire::request("POST", &session, b"40");
    stream.write_all(&body).await.expect("the server reads");
    assert_eq!(status(&read_answer(&mut stream).await), 200);
    assert!(get(address, &session, "").await.contains("\r\n\r\n40{"));
}

#[tokio::test]
async fn who_is_in_one_namespace_is_in_no_other() {
    let handled = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&handled);
    let address = serve_with(Server::builder(), |io| {
        let admins = io.of("/admin").auth(async |_: Handshake, shown: Value| {
            if shown["token"] == "right" { Ok(()) } else { Err(Refusal::new("expected the token")) }
        });
        admins.on("delete", async move |_: Socket| {
            count.fetch_add(1, Ordering::SeqCst);
        });
    })
    .await;
    let mut client = enter(address, "40").await;
    let refused = r#"44/admin,{"message":"expected the token"}"#;
    assert_eq!(client.ask(r#"40/admin,{"token":"guess"}"#).await, refused);
    client.say(r#"42/admin,["delete"]"#).await;
    client.hear_the_end().await;
    assert_eq!(handled.load(Ordering::SeqCst), 0);
}

// Sizes and counts.

#[tokio::test]
async fn a_head_is_no_longer_than_16_kib() {
    let address = serve(Server::builder()).await;
    let long = format!("x-long: {}\r\n", "x".repeat(20_000));
    assert_eq!(status(&get(address, POLLING, &long).await), 431);
}

#[tokio::test]
async fn deep_json_is_a_deep_value_to_nobody() {
    let address = serve_with(Server::builder(), |io| {
        io.of("/").on("value", async |_: Socket, _: Value| ());
    })
    .await;
    let mut client = enter(address, "40").await;
    let deep = format!(r#"420["value",{}{}]"#, "[".repeat(400_000), "]".repeat(400_000));
    let heard = client.ask(&deep).await;
    assert!(heard.contains("recursion limit exceeded"), "{heard}");
    assert_eq!(client.ask(r#"421["value",[]]"#).await, "431[]");
}

#[tokio::test]
async fn a_name_that_means_something_in_javascript_is_a_name() {
    let address = serve(Server::builder()).await;
    let mut client = enter(address, "40").await;
    for name in ["__proto__", "constructor", "toString", "hasOwnProperty", ""] {
        let heard = client.ask(&format!(r#"427["{name}"]"#)).await;
        let expected = format!(r#"expected a handler for \"{name}\", there is none"#);
        assert_eq!(heard, format!(r#"437[{{"error":{{"message":"{expected}"}}}}]"#));
    }
}

#[tokio::test]
async fn an_answer_to_no_question_means_nothing() {
    let address = serve_with(Server::builder(), |io| {
        io.of("/").on("ask me", async |socket: Socket| {
            let answer = socket.call::<u8>("what?", Args(())).await;
            answer.map_err(|error| Refusal::new(error.to_string()))
        });
    })
    .await;
    let mut client = enter(address, "40").await;
    for id in 0..1000 {
        client.say(&format!("43{}[1]", id + (1_u64 << 52))).await;
    }
    let question = client.ask(r#"427["ask me"]"#).await;
    let id = question.strip_prefix("42").and_then(|rest| rest.strip_suffix(r#"["what?"]"#));
    let id = id.unwrap_or_else(|| panic!("expected the question, came {question}"));
    assert_eq!(client.ask(&format!("43{id}[2]")).await, "437[2]");
    client.say(&format!("43{id}[3]")).await; // once more
    assert_eq!(client.ask(r#"428["nobody"]"#).await.get(..3), Some("438"));
}

#[tokio::test]
async fn dynamic_namespaces_go_with_those_who_asked_for_them() {
    let built = Arc::new(());
    let held = Arc::clone(&built);
    let address = serve_with(Server::builder(), |io| {
        io.of_dynamic(Pattern::new("/room-*"), move |room| {
            let held = Arc::clone(&held);
            room.on("hold", async move |_: Socket| drop(Arc::clone(&held)));
        });
    })
    .await;
    let before = Arc::strong_count(&built);
    let mut client = enter(address, "40").await;
    for room in 0..1000 {
        assert!(client.ask(&format!("40/room-{room},")).await.starts_with("40/room-"));
        client.say(&format!("41/room-{room},")).await;
    }
    // Behind all that was said before it.
    assert_eq!(client.ask(r#"427["nobody"]"#).await.get(..3), Some("437"));
    assert_eq!(Arc::strong_count(&built), before);
}

// ANCHOR: rooms
/// A client names a room. All that it can name is a room that is meant for that.
async fn enter_room(socket: Socket, name: String) -> Result<(), Refusal> {
    const MOST: usize = 10;
    if name.is_empty() || name.len() > 40 {
        return Err(Refusal::new("expected a name of 1 to 40 bytes"));
    }
    // The room of its own id is one of them.
    if socket.rooms().len() > MOST {
        return Err(Refusal::new(format!("expected at most {MOST} rooms, came one more")));
    }
    // With a prefix: a room of somebody's id hears what `io.to(id)` says to them alone.
    socket.join(&format!("room:{name}"));
    Ok(())
}
// ANCHOR_END: rooms

#[tokio::test]
async fn who_names_rooms_enters_few_and_nobody_elses() {
    let (address, io) = serve_and_keep(Server::builder(), |io| {
        io.of("/").on("enter", enter_room);
    })
    .await;
    let mut ada = enter(address, "40").await;
    let mut eve = enter(address, "40").await;
    let id = ada.id.clone();
    assert_eq!(eve.ask(&format!(r#"420["enter","{id}"]"#)).await, "430[]");
    io.to(&id).emit("secret", "for Ada");
    assert_eq!(ada.hear().await, r#"42["secret","for Ada"]"#);
    for room in 1..10 {
        assert_eq!(eve.ask(&format!(r#"420["enter","{room}"]"#)).await, "430[]");
    }
    let refused = eve.ask(r#"420["enter","one more"]"#).await;
    assert!(refused.contains("expected at most 10 rooms"), "{refused}");
}

// What is not what it seems.

#[tokio::test]
async fn of_a_request_with_two_lengths_nothing_is_left_over_for_the_next() {
    let address = serve(Server::builder()).await;
    for lengths in [
        "content-length: 4\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 4\r\n",
        "content-length: 4\r\ncontent-length: 5\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding : chunked\r\n",
    ] {
        let session = open(address).await;
        let smuggled = format!("GET /socket.io/?{session} HTTP/1.1\r\nhost: a\r\n\r\n");
        let request = format!(
            "POST /socket.io/?{session} HTTP/1.1\r\nhost: a\r\n{lengths}\r\n2\r\n40\r\n0\r\n\r\n{smuggled}"
        );
        let mut stream = dial(address).await;
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut answers = Vec::new();
        let read = timeout(PATIENCE, stream.read_to_end(&mut answers)).await;
        let _ = read.expect("the connection ends"); // or it is reset
        let answers = String::from_utf8_lossy(&answers);
        assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{lengths}: {answers}");
    }
}

#[tokio::test]
async fn nothing_that_a_client_says_becomes_a_header() {
    let address = serve(Server::builder().cors(Cors::any().credentials(true))).await;
    let broken = "%0d%0aset-cookie:%20evil=1";
    for target in [format!("/socket.io/{broken}?{POLLING}"), format!("/{broken}")] {
        let request = format!(
            "GET {target} HTTP/1.1\r\nhost: a\r\norigin: https://a{broken}\r\n\
             access-control-request-headers: a{broken}\r\n\r\n"
        );
        let answer = exchange(address, &request).await;
        assert_eq!(header(&answer, "set-cookie"), None, "{answer}");
    }
}

#[tokio::test]
async fn a_websocket_is_never_compressed() {
    let address = serve(Server::builder()).await;
    let opening = wire::opening(WEBSOCKET).replace(
        "host: a\r\n",
        "host: a\r\nsec-websocket-extensions: permessage-deflate; client_max_window_bits\r\n",
    );
    assert_eq!(header(&exchange(address, &opening).await, "sec-websocket-extensions"), None);
    // And who compresses all the same speaks no WebSocket.
    let mut client = enter(address, "40").await;
    client.wire.write(&wire::frame(0xc0 | TEXT, b"42[]")).await.expect("the server reads");
    client.hear_the_end().await;
}

// Time.

#[tokio::test]
async fn a_head_that_does_not_end_is_not_awaited() {
    let soon = Duration::from_millis(50);
    let address = serve(Server::builder().engine(|engine| engine.head_timeout(soon))).await;
    for said in ["", "GET /socket.io/?EIO=4", "GET / HTTP/1.1\r\nhost: a\r\nx-slow: "] {
        let mut stream = dial(address).await;
        stream.write_all(said.as_bytes()).await.expect("the server reads");
        let mut heard = Vec::new();
        let read = timeout(PATIENCE, stream.read_to_end(&mut heard)).await;
        let _ = read.unwrap_or_else(|_| panic!("expected the end after {said:?}"));
    }
}

#[tokio::test]
async fn a_panic_before_a_session_is_the_end_of_one_connection() {
    let builder = Server::builder().engine(|engine| {
        engine.allow_request(async |head: Arc<RequestHead>| {
            assert!(head.header("x-evil").is_none(), "as it was told to");
            Ok(())
        })
    });
    let address = serve(builder).await;
    assert_eq!(get(address, POLLING, "x-evil: 1\r\n").await, "");
    assert_eq!(status(&get(address, POLLING, "").await), 200);
}

// The chapter.

#[test]
fn every_line_of_the_chapter_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let chapter = fs::read_to_string(root.join("book/en/src/security.md")).expect("the chapter");
    let rows = chapter.lines().filter(|line| line.starts_with("| ") && !line.ends_with("test |"));
    let mut lines = 0;
    for row in rows {
        let shown_by = row.trim_end_matches(" |").rsplit("| ").next().expect("a last cell");
        let names: Vec<_> = shown_by.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "expected the name of a test at the end of: {row}");
        for name in names {
            let (lesson, name) = name.split_once(' ').unwrap_or(("", name));
            let (written, test) = match lesson {
                "" => (include_str!("security.rs").to_owned(), format!("fn {name}")),
                "interop" => (sources(&root.join("tests/interop"), "20-"), format!("test('{name}")),
                _ => (tests_of(&root, lesson), format!("fn {name}")),
            };
            assert!(written.contains(&test), "expected a test {name}, for: {row}");
        }
        lines += 1;
    }
    assert!(lines > 40, "expected the chapter's tables, came {lines} lines");
}

/// All that is written below `tests` for a lesson, and beside it for its solution.
fn tests_of(root: &Path, lesson: &str) -> String {
    let shared = sources(&root.join("tests"), &format!("{lesson}_"));
    let solutions = fs::read_dir(root.join("solutions")).expect("the solutions");
    let own = solutions.map(|it| it.expect("an entry").path()).find(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(lesson))
    });
    shared + &sources(&own.expect("a solution").join("tests"), "")
}

fn sources(folder: &Path, begin: &str) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if name.starts_with(begin) && path.is_dir() {
            text += &sources(&path, "");
        } else if name.starts_with(begin) && (name.ends_with(".rs") || name.ends_with(".mjs")) {
            text += &fs::read_to_string(&path).expect("a source");
        }
    }
    text
}

// What the tests stand on.

async fn serve(builder: Builder) -> SocketAddr {
    serve_with(builder, |_| ()).await
}

async fn serve_with(builder: Builder, set_up: impl FnOnce(&Server)) -> SocketAddr {
    serve_and_keep(builder, set_up).await.0
}

async fn serve_and_keep(builder: Builder, set_up: impl FnOnce(&Server)) -> (SocketAddr, Server) {
    let io = builder.on_problem(|_| ()).build();
    set_up(&io);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let server = io.clone();
    tokio::spawn(async move { server.serve(listener).await });
    (address, io)
}

async fn dial(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("the server listens")
}

/// A session on polling: the query of its requests.
async fn open(address: SocketAddr) -> String {
    let answer = get(address, POLLING, "").await;
    let sid = answer.split(r#""sid":""#).nth(1).and_then(|rest| rest.split('"').next());
    format!("{POLLING}&sid={}", sid.unwrap_or_else(|| panic!("expected a sid, came {answer}")))
}

async fn get(address: SocketAddr, query: &str, headers: &str) -> String {
    let request = format!("GET /socket.io/?{query} HTTP/1.1\r\nhost: a\r\n{headers}\r\n");
    exchange(address, &request).await
}

async fn post(address: SocketAddr, query: &str, body: &str) -> String {
    let request = wire::request("POST", query, body.as_bytes());
    exchange(address, &String::from_utf8(request).expect("a text")).await
}

/// One request, and the whole answer to it; nothing, if none came.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = dial(address).await;
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    read_answer(&mut stream).await
}

async fn read_answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = async {
        while !is_whole(&answer) {
            if !stream.read_buf(&mut answer).await.is_ok_and(|count| count > 0) {
                break;
            }
        }
    };
    timeout(PATIENCE, read).await.expect("expected an answer, or the end of the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return false };
    let head = str::from_utf8(&answer[..end]).expect("a head in ASCII");
    let length = header(head, "content-length").map_or(0, |it| it.parse().expect("a number"));
    answer.len() - (end + 4) >= length
}

fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("expected an answer, came {answer:?}"))
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines().skip(1).find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

/// A client in a namespace, over a WebSocket, and the id that others see.
struct Client {
    id: String,
    wire: Wire,
}

async fn enter(address: SocketAddr, connect: &str) -> Client {
    let wire = Wire::dial(address).await.expect("the server listens");
    let wire = timeout(PATIENCE, wire.upgrade(WEBSOCKET)).await.expect("expected a 101");
    let wire = wire.expect("the server takes a WebSocket");
    let mut client = Client { id: String::new(), wire };
    assert!(client.hear().await.starts_with("0{"));
    let heard = client.ask(connect).await;
    let id = heard.split('"').nth(3).unwrap_or_else(|| panic!("expected a sid, came {heard}"));
    client.id = id.to_owned();
    client
}

impl Client {
    async fn say(&mut self, packet: &str) {
        self.wire.send(TEXT, packet.as_bytes()).await.expect("the connection stands");
    }

    async fn hear(&mut self) -> String {
        let frame = timeout(PATIENCE, self.wire.read_frame()).await.expect("expected a packet");
        String::from_utf8(frame.expect("the connection stands").payload).expect("a text")
    }

    async fn ask(&mut self, packet: &str) -> String {
        self.say(packet).await;
        self.hear().await
    }

    async fn hear_the_end(&mut self) {
        let frame = timeout(PATIENCE, self.wire.read_frame()).await.expect("expected the end");
        assert!(frame.is_err() || frame.is_ok_and(|it| it.opcode == CLOSE), "expected the end");
    }
}
