//! Lesson 04: one HTTP request turns the connection into a WebSocket.

use std::fmt::Write;

use http_message::{Limits, Request, RequestParser};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use transcript::{Transcript, step};

use super::subject::{
    Acceptance, Answer, AnswerParser, InvalidOpening, Key, Opened, Opening, Origins, Policy,
    StatusLine, WrongAnswer, accept,
};

/// The random bytes of RFC 6455, section 1.3, the key they make, and its answer.
const NONCE: [u8; 16] = *b"the sample nonce";
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// The same bytes as text, with one of the four unused bits set.
const SLOPPY: &str = "dGhlIHNhbXBsZSBub25jZR==";

// Step 1: answer the key.

#[test]
fn s1_the_key_of_the_specification_has_the_answer_of_the_specification() {
    let _step = step!();
    let key = Key::from_bytes(NONCE);
    assert_eq!(key.to_string(), KEY);
    assert_eq!(key.accept(), ACCEPT);
}

#[test]
fn s1_each_key_has_its_own_answer() {
    let _step = step!();
    let mut table = String::new();
    for random in [[0; 16], [255; 16], *b"sixteen bytes !!"] {
        let key = Key::from_bytes(random);
        writeln!(table, "{key} → {}", key.accept()).expect("a String takes every write");
    }
    insta::assert_snapshot!(table);
}

// Step 2: change the protocol.

#[test]
fn s2_one_request_and_one_answer_change_the_protocol() {
    let _step = step!();
    let request = handshake(&[]);
    let transcript = Transcript::untimed(&["client", "server"]);
    transcript.bytes("client", "server", &request);
    transcript.bytes("server", "client", &answer_to(&request, &Policy::default()));
    transcript.event("client", "may send frames, and so may the server");
    insta::assert_snapshot!(transcript);
}

#[test]
fn s2_a_browser_is_understood() {
    let _step = step!();
    let transcript = Transcript::untimed(&["browser", "server"]);
    let policy = Policy { subprotocols: spoken(&["board.v1"]), ..Policy::default() };
    transcript.bytes("browser", "server", CHROMIUM.as_bytes());
    transcript.bytes("server", "browser", &answer_to(CHROMIUM.as_bytes(), &policy));
    insta::assert_snapshot!(transcript);
}

#[test]
fn s2_the_server_chooses_the_best_that_was_offered() {
    let _step = step!();
    let policy = Policy { subprotocols: spoken(&["board.v2", "board.v1"]), ..Policy::default() };
    let offers = [
        "Sec-WebSocket-Protocol: board.v1",
        "Sec-WebSocket-Protocol: board.v1, board.v2",
        "Sec-WebSocket-Protocol: board.v1\r\nSec-WebSocket-Protocol:board.v2",
        "sec-websocket-protocol: ,ÿ ,\tboard.v1,",
        "Sec-WebSocket-Protocol: chat",
        "Sec-WebSocket-Protocol: BOARD.V1",
        "Sec-WebSocket-Protocol: board.v1; q=1",
        "Sec-WebSocket-Protocol: board, board.v1 board.v2",
        "Sec-WebSocket-Protocol:",
        "X-Nothing: offered",
    ];
    insta::assert_snapshot!(table(&offers, |offer| {
        let accepted = accepted(&handshake(&[offer]), &policy);
        let header = accepted.response.headers().get("Sec-WebSocket-Protocol");
        let named = header.map(|name| String::from_utf8_lossy(name).into_owned());
        assert_eq!(named, accepted.subprotocol, "what is said is what is returned");
        accepted.subprotocol.unwrap_or_else(|| "none".to_owned())
    }));
}

#[test]
fn s2_an_extension_is_declined_by_silence() {
    let _step = step!();
    let request = handshake(&["Sec-WebSocket-Extensions: permessage-deflate"]);
    let answer = answer_to(&request, &Policy::default());
    assert_eq!(text(&answer), text(&right_answer()));
}

// Step 3: ask, and read the answer.

#[test]
fn s3_a_client_asks() {
    let _step = step!();
    let opening = Opening::new("board:4004", "/news?since=3")
        .and_then(|opening| opening.with_subprotocol("board.v2"))
        .and_then(|opening| opening.with_subprotocol("board.v1"))
        .and_then(|opening| opening.with_header("Cookie", "visitor=7"))
        .and_then(|opening| opening.with_header("Authorization", "Bearer 7"))
        .expect("an opening that can be sent");
    let transcript = Transcript::untimed(&["client", "server"]);
    transcript.bytes("client", "server", &opening.start(NONCE).0);
    insta::assert_snapshot!(transcript);
}

#[test]
fn s3_what_would_break_the_request_is_never_written() {
    let _step = step!();
    let new = Opening::new;
    let fine = || new("board", "/").expect("an opening that can be sent");
    let openings = [
        new("board", "/"),
        new("", "/"),
        new("two words", "/"),
        new("board\r\nX-Stolen: 1", "/"),
        new("board", "news"),
        new("board", "/two words"),
        new("board", "/news#today"),
        new("board", "/ HTTP/1.1\r\nX-Stolen: 1"),
        fine().with_subprotocol("board v1"),
        fine().with_subprotocol(""),
        fine().with_subprotocol("a").and_then(|opening| opening.with_subprotocol("a")),
        fine().with_header("Cookie", "a=1\r\nX-Stolen: 1"),
        fine().with_header("X Header", "1"),
        fine().with_header("HOST", "other"),
        fine().with_header("Connection", "close"),
        fine().with_header("Upgrade", "h2c"),
        fine().with_header("Transfer-Encoding", "chunked"),
        fine().with_header("Content-Length", "5"),
        fine().with_header("sec-websocket-extensions", "permessage-deflate"),
    ];
    let shown = |opening: Result<Opening, InvalidOpening>| match opening {
        Ok(opening) => format!("{} bytes", opening.start(NONCE).0.len()),
        Err(error) => error.to_string(),
    };
    insta::assert_snapshot!(openings.map(shown).join("\n"));
}

#[test]
fn s3_a_status_line_has_a_version_a_code_and_a_reason() {
    let _step = step!();
    let lines = [
        "HTTP/1.1 101 Switching Protocols",
        "HTTP/1.1 101 ",
        "HTTP/1.1 101",
        "HTTP/1.9 200 OK",
        "HTTP/1.1 403  \x1b[2Jfermé",
        "HTTP/1.0 101 Switching Protocols",
        "HTTP/2 101 Switching Protocols",
        "HTTP/1.1  101 Switching Protocols",
        "HTTP/1.1\t101\tSwitching Protocols",
        "HTTP/1.1 1011 Too Long",
        "HTTP/1.1 +10 Signed",
        "HTTP/1.1 099 Below",
        "101 Switching Protocols",
        "",
    ];
    insta::assert_snapshot!(table(&lines, |line| {
        match StatusLine::parse(&bytes(line)) {
            Ok(StatusLine { code, reason }) => format!("{code} ({reason})"),
            Err(error) => error.to_string(),
        }
    }));
}

#[test]
fn s3_the_answer_may_come_in_pieces() {
    let _step = step!();
    let answer = right_answer();
    let transcript = Transcript::untimed(&["client", "server"]);
    let (request, mut parser) = opening().start(NONCE);
    transcript.bytes("client", "server", &request);
    for piece in [&answer[..20], &answer[20..100], &answer[100..answer.len() - 1], b"\n\x81\x05he"]
    {
        transcript.message("server", "client", piece);
        match parser.read(piece).expect("a right answer") {
            Answer::Incomplete(next) => {
                transcript.event("client", "needs more bytes");
                parser = next;
            }
            Answer::Opened(opened) => {
                let early = opened.early.len();
                transcript.event("client", format!("is open, and has {early} bytes of a frame"));
                break;
            }
        }
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn s3_an_answer_before_the_answer_is_skipped() {
    let _step = step!();
    let mut bytes = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 199\r\n\r\n".to_vec();
    bytes.extend(right_answer());
    let opened = opened(&bytes).expect("the last answer is right");
    assert_eq!(opened.headers.get("Link"), None, "each answer has its own headers");
    assert_eq!(opened.headers.len(), 3);
}

#[test]
fn s3_a_refusal_is_passed_on_with_what_the_server_says() {
    let _step = step!();
    let long = format!("HTTP/1.1 500 No\r\nContent-Length: 300000\r\n\r\n{}", "x".repeat(300));
    let answers = [
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 11\r\n\r\nnot for you",
        "HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 404\r\nContent-Length: 11\r\n\r\n\x1b[2Jnowhere",
        "HTTP/1.1 204\r\n\r\n",
        "HTTP/1.1 400 No\r\nContent-Length: a lot\r\n\r\nhello",
        &long,
    ];
    insta::assert_snapshot!(table(&answers, |answer| outcome(answer.as_bytes())));
}

#[test]
fn s3_the_end_of_the_connection_is_no_answer() {
    let _step = step!();
    let end_after = |bytes: &[u8]| incomplete(opening(), bytes).end().to_string();
    let answers = [
        "",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 11\r\n\r\nnot for",
    ];
    insta::assert_snapshot!(table(&answers, |answer| end_after(answer.as_bytes())));
}

#[test]
fn s3_an_answer_that_never_ends_is_refused_before_it_ends() {
    let _step = step!();
    let limits = Limits { max_line: 64, max_headers: 3, ..Limits::default() };
    let status = "HTTP/1.1 101 Switching Protocols\r\n";
    let longest = |count: usize| format!("X: {}", "v".repeat(count - "X: ".len()));
    let after = |bytes: String| match opening()
        .with_limits(limits.clone())
        .start(NONCE)
        .1
        .read(bytes.as_bytes())
    {
        Ok(_) => "taken".to_owned(),
        Err(error) => error.to_string(),
    };
    let report = [
        after("HTTP/1.1 101 ".to_owned() + &"x".repeat(64 - "HTTP/1.1 101 ".len())),
        after("HTTP/1.1 101 ".to_owned() + &"x".repeat(65 - "HTTP/1.1 101 ".len())),
        after(format!("{status}{}\r", longest(64))),
        after(format!("{status}{}", longest(65))),
        after(format!("{status}{}", "X: v\r\n".repeat(3))),
        after(format!("{status}{}", "X: v\r\n".repeat(4))),
    ];
    insta::assert_snapshot!(report.join("\n"));
}

#[test]
fn s3_client_and_server_understand_each_other() {
    let _step = step!();
    let opening = opening().with_subprotocol("board.v1").expect("a token, and new");
    let (request, parser) = opening.start([7; 16]);
    let policy = Policy { subprotocols: spoken(&["board.v2", "board.v1"]), ..Policy::default() };
    let answer = answer_to(&request, &policy);
    match parser.read(&[answer.as_slice(), b"\x81\x00"].concat()) {
        Ok(Answer::Opened(opened)) => {
            assert_eq!(opened.subprotocol.as_deref(), Some("board.v1"));
            assert_eq!(opened.early, b"\x81\x00");
        }
        other => panic!("expected an open connection, came {other:?} from {}", text(&answer)),
    }
}

#[test]
fn s3_every_split_of_the_answer_gives_the_same() {
    let _step = step!();
    let early = [&right_answer(), b"\x81\x05hello".as_slice()].concat();
    let interim = [b"HTTP/1.1 100 Continue\r\n\r\n", right_answer().as_slice()].concat();
    let wrong = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 11\r\n\r\nnot for you, nor for them";
    assert_eq!(told(opened(&early)), r"open, after 3 headers, and early: \x81\x05hello");
    proptest!(quietly(), |(cuts in vec(0..200_usize, 0..12))| {
        for bytes in [early.as_slice(), &interim, wrong] {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| *cut.min(&bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect();
            prop_assert_eq!(told(read_all(&pieces)), told(read_all(&[bytes])));
        }
    });
}

#[test]
fn s3_no_bytes_make_the_client_panic() {
    let _step = step!();
    let status = b"HTTP/1.1 101 Switching Protocols\r\n".to_vec();
    proptest!(quietly(), |(mut pieces in vec(piece(), 0..20), is_status_first in any::<bool>())| {
        if is_status_first {
            pieces.insert(0, status.clone());
        }
        let whole = told(opened(&pieces.concat()));
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(told(read_all(&pieces)), whole);
    });
    assert!(opened(&right_answer()).is_ok(), "and yet it reads what is right");
}

// Step 4: believe only the right answer.

#[test]
fn s4_only_the_right_answer_opens_the_connection() {
    let _step = step!();
    let accept = format!("Sec-WebSocket-Accept: {ACCEPT}");
    let accept_of = |random| format!("Sec-WebSocket-Accept: {}", Key::from_bytes(random).accept());
    let changes = [
        ("Upgrade: websocket", "UPGRADE: WebSocket"),
        ("Upgrade: websocket", ""),
        ("Upgrade: websocket", "Upgrade: h2c"),
        ("Upgrade: websocket", "Upgrade: websocketÿ"),
        ("Upgrade: websocket", "Upgrade: h2c, websocket"),
        ("Upgrade: websocket", "Upgrade: websocket\r\nUpgrade: h2c"),
        ("Connection: Upgrade", "connection: keep-alive\r\nConnection: TE,UPGRADE"),
        ("Connection: Upgrade", ""),
        ("Connection: Upgrade", "Connection: ÿ"),
        ("Connection: Upgrade", "Connection: upgrades, no upgrade"),
        (&accept, ""),
        (&accept, &format!("Sec-WebSocket-Accept: {KEY}")),
        (&accept, &accept_of([7; 16])),
        (&accept, "Sec-WebSocket-Accept: ÿ"),
        (&accept, &accept.to_uppercase()),
        (&accept, accept.trim_end_matches('=')),
        (&accept, &format!("{accept},")),
        (&accept, &format!("{accept}\r\n{accept}")),
        (&accept, &format!("{accept}\r\nSec-WebSocket-Extensions: ÿ")),
    ];
    insta::assert_snapshot!(table_of_changes(&right_answer(), &changes, outcome));
}

#[test]
fn s4_the_subprotocol_is_one_that_was_offered() {
    let _step = step!();
    let answers = [
        "X-Nothing: chosen",
        "Sec-WebSocket-Protocol: board.v1",
        "Sec-WebSocket-Protocol: board",
        "Sec-WebSocket-Protocol: board.v11",
        "Sec-WebSocket-Protocol: ÿ",
        "Sec-WebSocket-Protocol: Board.V1",
        "Sec-WebSocket-Protocol: board.v1, board.v2",
        "Sec-WebSocket-Protocol: board.v1\r\nSec-WebSocket-Protocol: board.v1",
        "Sec-WebSocket-Protocol:",
    ];
    insta::assert_snapshot!(table(&answers, |header| {
        let opening = opening()
            .with_subprotocol("board.v2")
            .and_then(|opening| opening.with_subprotocol("board.v1"))
            .expect("tokens, and new");
        shown(opening.start(NONCE).1.read(&right_answer_with(header)))
    }));
}

#[test]
fn s4_a_subprotocol_that_was_not_asked_for_is_not_taken() {
    let _step = step!();
    let error = outcome(&right_answer_with("Sec-WebSocket-Protocol: chat"));
    assert_eq!(error, "expected no subprotocol but one of those offered (), came `chat`");
}

// Step 5: refuse what is no handshake.

#[test]
fn s5_a_page_of_another_site_does_not_speak_for_its_visitor() {
    let _step = step!();
    let transcript = Transcript::untimed(&["browser", "server"]);
    transcript
        .event("browser", "shows evil.example, to a visitor who is logged in at board.example");
    let request = handshake(&["Origin: https://evil.example", "Cookie: session=of-the-visitor"]);
    transcript.bytes("browser", "server", &request);
    transcript.bytes("server", "browser", &answer_to(&request, &Policy::default()));
    insta::assert_snapshot!(transcript);
}

#[test]
fn s5_the_policy_says_which_pages_may_connect() {
    let _step = step!();
    let only = Origins::Only(spoken(&["https://board.example", "http://localhost:3000"]));
    let mut report = String::new();
    for (name, origins) in [("SameHost", Origins::SameHost), ("Only", only), ("Any", Origins::Any)]
    {
        let policy = Policy { origins, subprotocols: Vec::new() };
        let origins = [
            "X-Origin: none",
            "Origin: http://board.example:4004",
            "Origin: HTTPS://Board.Example:4004",
            "Origin: https://board.example",
            "Origin: http://localhost:3000",
            "Origin: https://board.example.evil.example",
            "Origin: http://board.example:4004.evil.example",
            "Origin: http://evil.example/board.example:4004",
            "Origin: null",
            "Origin: ÿ",
            "Origin: http://board.example:4004\r\nOrigin: https://evil.example",
            "Origin: https://evil.example\r\nOrigin: http://board.example:4004",
            "Origin: https://evil.example\r\nX-Forwarded-Host: evil.example",
        ];
        let rows = table(&origins, |origin| status_by(&policy, &handshake(&[origin])));
        write!(report, "{name}\n{rows}").expect("a String takes every write");
    }
    insta::assert_snapshot!(report);
}

#[test]
fn s5_what_is_no_upgrade_is_refused() {
    let _step = step!();
    let changes = [
        ("GET", "POST"),
        ("GET", "HEAD"),
        ("GET", "get"),
        ("HTTP/1.1", "HTTP/1.0"),
        ("GET /news HTTP/1.1", "POST /news HTTP/1.0"),
        ("Upgrade: websocket", ""),
        ("Upgrade: websocket", "Upgrade: h2c"),
        ("Upgrade: websocket", "Upgrade: h2c, WEBSOCKET"),
        ("Connection: Upgrade", ""),
        ("Connection: Upgrade", "Connection: keep-alive, ÿ"),
        ("Connection: Upgrade", "Connection: upgrades, no upgrade"),
        ("Connection: Upgrade", "Connection: keep-alive\r\nConnection: TE,UPGRADE"),
        ("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\nhello"),
        ("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n"),
    ];
    insta::assert_snapshot!(table_of_changes(&handshake(&[]), &changes, status));
}

#[test]
fn s5_key_and_version_come_once_and_right() {
    let _step = step!();
    let version = "Sec-WebSocket-Version: 13";
    let key = format!("Sec-WebSocket-Key: {KEY}");
    let changes = [
        (version, ""),
        (version, "Sec-WebSocket-Version: ÿ"),
        (version, "Sec-WebSocket-Version: 14"),
        (version, "Sec-WebSocket-Version: 013"),
        (version, "Sec-WebSocket-Version: 13, 8"),
        (version, &format!("{version}\r\n{version}")),
        (&key, ""),
        (&key, &format!("{key}\r\n{key}")),
        (&key, "Sec-WebSocket-Key:"),
        (KEY, "the sämple nonce"),
        (KEY, "dGhlIHNhbXBsZSBub25j"),
        (KEY, "dGhlIHNhbXBsZSBub25jZSE="),
        (KEY, "dGhlIHNhbXBsZSBub25jZQ"),
        (KEY, "dGhlIHNhbXBsZSBub25jZQ===="),
        (KEY, "dGhl_HNhbXBsZSBub25jZQ=="),
        (KEY, SLOPPY),
    ];
    insta::assert_snapshot!(table_of_changes(&handshake(&[]), &changes, status));
    let kept = Key::parse(SLOPPY.as_bytes()).map(|key| key.to_string());
    assert_eq!(kept, Ok(SLOPPY.to_owned()), "the text is hashed, so it stays as it came");
}

#[test]
fn s5_a_refusal_says_what_to_do_instead() {
    let _step = step!();
    const POST: &[u8] = b"POST / HTTP/1.1\r\nHost: board.example\r\nContent-Length: 5\r\n\r\nhello";
    let transcript = Transcript::untimed(&["client", "server"]);
    for (phase, request) in [
        ("a request like any other", b"GET / HTTP/1.1\r\nHost: board.example\r\n\r\n".to_vec()),
        ("another method", POST.to_vec()),
        ("another version", changed(&handshake(&[]), "Version: 13", "Version: 8")),
    ] {
        transcript.phase(phase);
        transcript.bytes("client", "server", &request);
        transcript.bytes("server", "client", &answer_to(&request, &Policy::default()));
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn s5_no_bytes_make_the_server_panic() {
    let _step = step!();
    let right = text(&handshake(&["Origin: http://board.example:4004"]));
    let names = vec!["Sec-WebSocket-Key: ", "Sec-WebSocket-Version: ", "Origin: "];
    proptest!(quietly(), |(name in select(names), value in vec(any::<u8>(), 0..40))| {
        let (before, rest) = right.split_once(name).expect("each is there");
        let (_, after) = rest.split_once("\r\n").expect("the end of the line");
        let mut parser = RequestParser::new(Limits::default());
        for piece in [before.as_bytes(), name.as_bytes(), &value, b"\r\n", after.as_bytes()] {
            parser.feed(piece);
        }
        if let Ok(Some(request)) = parser.next_request() {
            let is_refused = accept(&request, &Policy::default()).is_err();
            let is_right = value.trim_ascii() == b"13";
            prop_assert!(is_refused || is_right, "expected a refusal of this value, came a 101");
        }
    });
}

// What the tests share.

/// What Chromium sends for `new WebSocket("ws://127.0.0.1:4004/news", ["board.v1"])`.
const CHROMIUM: &str = "GET /news HTTP/1.1\r\n\
    Host: 127.0.0.1:4004\r\n\
    Connection: Upgrade\r\n\
    Pragma: no-cache\r\n\
    Cache-Control: no-cache\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0\r\n\
    Upgrade: websocket\r\n\
    Origin: http://127.0.0.1:4004\r\n\
    Sec-WebSocket-Version: 13\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Accept-Language: en-US,en;q=0.9\r\n\
    Sec-WebSocket-Key: Gs/VDm5m8Jzo7y8/YoF/Kg==\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
    Sec-WebSocket-Protocol: board.v1\r\n\
    \r\n";

/// The handshake of RFC 6455, with further headers.
fn handshake(headers: &[&str]) -> Vec<u8> {
    let mut head = format!(
        "GET /news HTTP/1.1\r\n\
        Host: board.example:4004\r\n\
        Upgrade: websocket\r\n\
        Connection: Upgrade\r\n\
        Sec-WebSocket-Key: {KEY}\r\n\
        Sec-WebSocket-Version: 13\r\n"
    );
    for header in headers {
        head += &format!("{header}\r\n");
    }
    bytes(&(head + "\r\n"))
}

/// A byte for each character, so that `ÿ` is one that no UTF-8 has: what travels need not be text.
fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(letter).expect("a letter of Latin-1")).collect()
}

/// A message with one thing changed, or one line taken out.
fn changed(message: &[u8], from: &str, to: &str) -> Vec<u8> {
    let line = format!("{from}\r\n");
    let from = if to.is_empty() && text(message).contains(&line) { &line } else { from };
    assert!(text(message).contains(from), "expected {from:?} in the message");
    bytes(&text(message).replacen(from, to, 1))
}

/// What comes of a message when one thing in it is changed.
fn table_of_changes(
    message: &[u8],
    changes: &[(&str, &str)],
    read: impl Fn(&[u8]) -> String,
) -> String {
    let shown = |text: &str| match text {
        "" => "nothing".to_owned(),
        _ => bytes(text).escape_ascii().to_string(),
    };
    changes
        .iter()
        .map(|(from, to)| {
            let result = read(&changed(message, from, to));
            format!("{} → {}\n  {result}\n", shown(from), shown(to))
        })
        .collect()
}

fn spoken(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn request(bytes: &[u8]) -> Request {
    let mut parser = RequestParser::new(Limits::default());
    parser.feed(bytes);
    match parser.next_request() {
        Ok(Some(request)) => request,
        other => panic!("expected a whole request, came {other:?} from {}", text(bytes)),
    }
}

fn accepted(bytes: &[u8], policy: &Policy) -> Acceptance {
    accept(&request(bytes), policy)
        .unwrap_or_else(|refusal| panic!("expected a 101, came the refusal: {refusal}"))
}

fn answer_to(bytes: &[u8], policy: &Policy) -> Vec<u8> {
    match accept(&request(bytes), policy) {
        Ok(accepted) => accepted.response.to_bytes(),
        Err(refusal) => refusal.to_response().to_bytes(),
    }
}

fn status(bytes: &[u8]) -> String {
    status_by(&Policy::default(), bytes)
}

fn status_by(policy: &Policy, bytes: &[u8]) -> String {
    match accept(&request(bytes), policy) {
        Ok(accepted) => accepted.response.status.to_string(),
        Err(refusal) => format!("{}: {refusal}", refusal.status()),
    }
}

fn opening() -> Opening {
    Opening::new("board.example:4004", "/news").expect("an opening that can be sent")
}

/// The answer to `NONCE`.
fn right_answer() -> Vec<u8> {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\n\
        Upgrade: websocket\r\n\
        Connection: Upgrade\r\n\
        Sec-WebSocket-Accept: {ACCEPT}\r\n\
        \r\n"
    )
    .into_bytes()
}

fn right_answer_with(header: &str) -> Vec<u8> {
    changed(&right_answer(), "\r\n\r\n", &format!("\r\n{header}\r\n\r\n"))
}

/// What comes of an answer that arrives at once.
fn opened(bytes: &[u8]) -> Result<Opened, WrongAnswer> {
    read_all(&[bytes])
}

/// What comes of an answer in these pieces; what is left of them is early, too.
fn read_all(pieces: &[&[u8]]) -> Result<Opened, WrongAnswer> {
    let mut parser = opening().start(NONCE).1;
    let mut pieces = pieces.iter();
    while let Some(piece) = pieces.next() {
        match parser.read(piece)? {
            Answer::Incomplete(next) => parser = next,
            Answer::Opened(mut opened) => {
                opened.early.extend(pieces.copied().flatten());
                return Ok(opened);
            }
        }
    }
    Err(parser.end())
}

/// The parser after bytes that are not the whole answer.
fn incomplete(opening: Opening, bytes: &[u8]) -> AnswerParser {
    match opening.start(NONCE).1.read(bytes) {
        Ok(Answer::Incomplete(parser)) => parser,
        other => panic!("expected to need more bytes, came {other:?}"),
    }
}

fn outcome(bytes: &[u8]) -> String {
    shown(opening().start(NONCE).1.read(bytes))
}

/// The same for an answer that has come to an end, with what is early.
fn told(answer: Result<Opened, WrongAnswer>) -> String {
    match answer {
        Ok(Opened { headers, early, .. }) => {
            format!("open, after {} headers, and early: {}", headers.len(), early.escape_ascii())
        }
        Err(error) => error.to_string(),
    }
}

fn shown(answer: Result<Answer, WrongAnswer>) -> String {
    match answer {
        Ok(Answer::Opened(opened)) => format!("open, subprotocol: {:?}", opened.subprotocol),
        Ok(Answer::Incomplete(_)) => "needs more bytes".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Each input with what it gives.
fn table(inputs: &[&str], read: impl Fn(&str) -> String) -> String {
    inputs
        .iter()
        .map(|input| format!("{}\n  {}\n", bytes(input).escape_ascii(), read(input)))
        .collect()
}

/// What fails is printed, and not kept in a file beside the tests.
fn quietly() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// What answers are made of, so that random input gets beyond the first line; a scrap of it; and now
/// and then anything else.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    const LINES: [&str; 7] = [
        "HTTP/1.1 101 Switching Protocols\r\n",
        "HTTP/1.1 103 Early Hints\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
        "Upgrade: h2c\r\n",
        "X: y\n",
        "\r\n",
    ];
    const SCRAPS: [&str; 6] = ["HTTP/1.1 4", "X: ", "Content-Length: 1", "\r", "\n", "a"];
    prop_oneof![
        12 => select(LINES.as_slice()).prop_map(Vec::from),
        3 => select(SCRAPS.as_slice()).prop_map(Vec::from),
        1 => vec(any::<u8>(), 0..40),
    ]
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
