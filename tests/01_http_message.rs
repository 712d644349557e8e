//! Lesson 01: bytes to a request, a response to bytes.

use std::fmt::Write;

use proptest::collection::vec;
use proptest::prelude::*;
use transcript::{Transcript, step};

use super::subject::{
    Header, Limits, LineBuffer, Refusal, Request, RequestLine, RequestParser, Response, Status,
    Version,
};

// Step 1: write a response.

#[test]
fn s1_a_response_is_a_status_line_headers_and_a_body() {
    let _step = step!();
    let response = Response::text(Status::OK, "hello")
        .with_header("Server", "by hand")
        .expect("a header that can be sent");
    let transcript = Transcript::untimed(&["client", "server"]);
    transcript.bytes("server", "client", &response.to_bytes());
    insta::assert_snapshot!(transcript);
}

#[test]
fn s1_an_empty_body_has_a_length_too() {
    let _step = step!();
    let head = Response::new(Status::NOT_FOUND).head_to_bytes();
    assert_eq!(text(&head), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

#[test]
fn s1_a_status_that_allows_no_body_has_no_length() {
    let _step = step!();
    let mut response = Response::new(Status::NO_CONTENT);
    response.body = b"never sent".to_vec();
    assert_eq!(text(&response.to_bytes()), "HTTP/1.1 204 No Content\r\n\r\n");
    let switch = Response::new(Status::SWITCHING_PROTOCOLS);
    assert_eq!(text(&switch.to_bytes()), "HTTP/1.1 101 Switching Protocols\r\n\r\n");
}

#[test]
fn s1_a_header_that_would_break_the_response_is_never_written() {
    let _step = step!();
    let refused = |name, value| match Response::new(Status::OK).with_header(name, value) {
        Err(error) => error.to_string(),
        Ok(response) => panic!("expected an error, came {}", text(&response.to_bytes())),
    };
    insta::assert_snapshot!(
        [
            refused("X-News", "none\r\nSet-Cookie: stolen=1"),
            refused("X-News", "\x1b[2J"),
            refused("X News", "none"),
            refused("content-length", "7"),
            refused("Transfer-Encoding", "chunked"),
            text(&Response::new(Status::OK).head_to_bytes()).escape_debug().to_string(),
        ]
        .join("\n")
    );
}

// Step 2: read the lines of a head.

#[test]
fn s2_a_request_line_has_three_parts() {
    let _step = step!();
    let line = RequestLine::parse(b"GET /news?since=3 HTTP/1.1");
    let expected = RequestLine {
        method: "GET".to_owned(),
        target: "/news?since=3".to_owned(),
        version: Version::Http11,
    };
    assert_eq!(line, Ok(expected));
}

#[test]
fn s2_anything_else_is_refused_and_the_answer_says_why() {
    let _step = step!();
    let lines: [&[u8]; 22] = [
        b"GET /news",
        b"GET  HTTP/1.1",
        b"GET  /news HTTP/1.1",
        b"GET /news HTTP/1.1 ",
        b"GET /two words HTTP/1.1",
        b" / HTTP/1.1",
        b"G(T / HTTP/1.1",
        b"GET /caf\xc3\xa9 HTTP/1.1",
        b"GET news HTTP/1.1",
        b"GET * HTTP/1.1",
        b"GET ftp://board/news HTTP/1.1",
        b"GET http:///news HTTP/1.1",
        b"GET http://me@board/news HTTP/1.1",
        b"CONNECT /news HTTP/1.1",
        b"CONNECT board HTTP/1.1",
        b"GET / HTTP/2.0",
        b"GET / HTTP/11",
        b"GET / http/1.1",
        b"GET / HTTP/1.1\r",
        b" GET / HTTP/1.1",
        b"tell me the news, and if there is none, tell me that there is none",
        b"\x16\x03\x01\x02\x00",
    ];
    insta::assert_snapshot!(
        table(&lines, |line| RequestLine::parse(line).map(|line| format!("{line:?}")))
    );
}

#[test]
fn s2_a_target_has_one_of_four_forms() {
    let _step = step!();
    for (method, target) in [
        ("GET", "/news?from=http://board/"),
        ("GET", "http://board/news"),
        ("POST", "HTTPS://[::1]:4001"),
        ("OPTIONS", "*"),
        ("OPTIONS", "/news"),
        ("CONNECT", "board:4001"),
    ] {
        let line = RequestLine::parse(format!("{method} {target} HTTP/1.1").as_bytes());
        assert_eq!(line.map(|line| line.target).as_deref(), Ok(target));
    }
}

#[test]
fn s2_a_later_minor_version_is_read_as_the_latest_known() {
    let _step = step!();
    let version = |line: &[u8]| RequestLine::parse(line).map(|line| line.version);
    assert_eq!(version(b"GET / HTTP/1.0"), Ok(Version::Http10));
    assert_eq!(version(b"GET / HTTP/1.9"), Ok(Version::Http11));
}

#[test]
fn s2_a_header_is_a_name_a_colon_and_a_value() {
    let _step = step!();
    let lines: [&[u8]; 11] = [
        b"Host: board",
        b"Host:board",
        b"Host: \t board:4001 \t",
        b"X-Empty:",
        b"X-Old: caf\xe9",
        b"!#$%&'*+-.^_`|~: a token",
        b"no colon",
        b": no name",
        b"two words: value",
        b"Host : board",
        b" Host: board",
    ];
    insta::assert_snapshot!(table(&lines, |line| {
        Header::parse(line)
            .map(|header| format!("{} = `{}`", header.name, header.value.escape_ascii()))
    }));
}

// Step 3: bytes arrive in pieces.

#[test]
fn s3_a_line_waits_until_its_end_has_come() {
    let _step = step!();
    let mut buffer = LineBuffer::default();
    buffer.feed(b"GET / HT");
    assert_eq!(line(&mut buffer), MORE, "no line feed has come yet");
    buffer.feed(b"TP/1.1\r");
    assert_eq!(line(&mut buffer), MORE, "a CR alone ends no line");
    buffer.feed(b"\nHost: a\nX: b\r\r\n\r\nrest");
    assert_eq!(line(&mut buffer), "GET / HTTP/1.1");
    assert_eq!(line(&mut buffer), "Host: a", "a lone LF ends a line too");
    assert_eq!(line(&mut buffer), "X: b\\r", "only one CR belongs to the line's end");
    assert_eq!(line(&mut buffer), "", "an empty line is a line");
    assert_eq!(line(&mut buffer), MORE);
    assert_eq!(escaped(buffer.waiting()), "rest", "what is no line yet still waits");
}

#[test]
fn s3_a_line_that_comes_byte_by_byte_is_searched_once() {
    let _step = step!();
    let mut buffer = LineBuffer::default();
    for count in 1..=100 {
        buffer.feed(b"a");
        assert_eq!(line(&mut buffer), MORE);
        assert_eq!(buffer.searched(), count, "all {count} bytes are searched, and not again");
    }
    buffer.feed(b"\nb");
    assert_eq!(line(&mut buffer), "a".repeat(100));
    assert_eq!(buffer.searched(), 0, "the next line was not searched yet");
}

#[test]
fn s3_what_waits_is_not_moved_for_each_line_that_is_taken() {
    let _step = step!();
    let mut buffer = LineBuffer::default();
    let all = b"a line\r\n".repeat(1000);
    buffer.feed(&all);
    let mut moved = 0;
    for _ in 0..1000 {
        assert_eq!(line(&mut buffer), "a line");
        let before = buffer.waiting().as_ptr();
        buffer.feed(b"");
        if buffer.waiting().as_ptr() != before {
            moved += buffer.waiting().len();
        }
    }
    assert!(moved <= all.len(), "{} bytes were taken, and {moved} moved for it", all.len());
}

#[test]
fn s3_a_request_may_come_in_pieces() {
    let _step = step!();
    let transcript = converse(&[
        b"POST /messages HTT",
        b"P/1.1\r\nHost: board\r\nCont",
        b"ent-Length: 5\r\n\r\nhe",
        b"llo",
    ]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn s3_two_requests_may_come_in_one_piece() {
    let _step = step!();
    let transcript = converse(&[
        b"GET /a HTTP/1.1\r\nHost: board\r\n\r\nGET /b HTTP/1.1\r\nHost: board\r\n\r\nGET /c",
        b" HTTP/1.1\r\nHost: board\r\n\r\n",
    ]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn s3_a_person_at_a_terminal_is_understood() {
    let _step = step!();
    let transcript = converse(&[b"\n", b"\r\n", b"GET / HTTP/1.1\n", b"host: board\n", b"\n"]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn s3_header_names_are_found_without_regard_to_case() {
    let _step = step!();
    let request = one_request(
        b"GET / HTTP/1.1\r\nhOsT: a\r\nConnection: keep-alive,, Upgrade\r\nconnection: x,\r\n\r\n",
    );
    assert_eq!(request.headers.get("Host").map(escaped).as_deref(), Some("a"));
    assert_eq!(request.headers.get_all("CONNECTION").count(), 2);
    let connection: Vec<String> = request.headers.get_list("connection").map(escaped).collect();
    assert_eq!(connection, ["keep-alive", "Upgrade", "x"]);
    assert!(request.headers.has_token("connection", "upgrade"));
    assert!(request.headers.has_token("connection", "X"));
    assert!(!request.headers.has_token("connection", "keep"));
}

#[test]
fn s3_a_target_is_a_path_and_a_query_and_a_uri_brings_its_host() {
    let _step = step!();
    let lines: [&[u8]; 7] = [
        b"GET /news HTTP/1.1",
        b"GET /news?since=3?4 HTTP/1.1",
        b"GET /a?from=http://other/b HTTP/1.1",
        b"GET http://other:4001/news?since=3 HTTP/1.1",
        b"GET HTTP://other?since=3 HTTP/1.1",
        b"GET https://other HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
    ];
    insta::assert_snapshot!(table(&lines, |line| {
        let request = first_of(&[line, b"\r\nHost: board\r\n\r\n"].concat())?;
        let host = request.headers.get_list("host").map(escaped).collect::<Vec<_>>().join(" and ");
        Ok(format!("path `{}`, query `{}`, host `{host}`", request.path(), request.query()))
    }));
}

#[test]
fn s3_a_length_is_made_of_digits() {
    let _step = step!();
    let lengths: [&[u8]; 7] = [b"5", b"0", b"", b"+5", b"-1", b"5 5", b"0x5"];
    insta::assert_snapshot!(table(&lengths, |length| {
        let head =
            [b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ", length, b"\r\n\r\nhello"].concat();
        first_of(&head).map(|request| shown(&request))
    }));
}

#[test]
fn s3_a_refusal_is_final() {
    let _step = step!();
    let mut parser = RequestParser::new(Limits::default());
    parser.feed(b"nonsense\r\n\r\n");
    let refusal = parser.next_request().expect_err("one word is no request line");
    parser.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(parser.buffered(), 0, "nothing is kept after a refusal");
    assert_eq!(parser.next_request(), Err(refusal));
}

#[test]
fn s3_what_follows_a_request_can_be_handed_on() {
    let _step = step!();
    let mut parser = RequestParser::new(Limits::default());
    parser.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nanother protocol");
    assert!(parser.next_request().is_ok_and(|request| request.is_some()));
    assert_eq!(escaped(&parser.into_waiting()), "another protocol");
}

#[test]
fn s3_a_client_may_wait_to_be_told_to_continue() {
    let _step = step!();
    let mut parser = RequestParser::new(Limits::default());
    parser.feed(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n");
    assert_eq!(parser.next_request(), Ok(None));
    assert!(!parser.awaits_continue(), "the head is not complete");
    parser.feed(b"\r\n");
    assert_eq!(parser.next_request(), Ok(None));
    assert!(parser.awaits_continue());
    parser.feed(b"he");
    assert_eq!(parser.next_request(), Ok(None));
    assert!(!parser.awaits_continue(), "some of the body is here");
    parser.feed(b"llo");
    assert!(parser.next_request().is_ok_and(|request| request.is_some()));
    assert!(!parser.is_mid_request());
}

#[test]
fn s3_who_does_not_ask_to_be_told_to_continue_is_not_told() {
    let _step = step!();
    for head in [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
        // "A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore that
        // expectation" (RFC 9110, section 10.1.1).
        "POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
    ] {
        let mut parser = RequestParser::new(Limits::default());
        parser.feed(head.as_bytes());
        assert_eq!(parser.next_request(), Ok(None));
        assert!(parser.is_mid_request() && !parser.awaits_continue(), "{head}");
    }
}

#[test]
fn s3_every_split_of_the_bytes_gives_the_same_requests() {
    let _step = step!();
    proptest!(quietly(), |(cuts in vec(0..STREAM.len(), 0..12))| {
        let mut cuts = cuts;
        cuts.extend([0, STREAM.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|ends| &STREAM[ends[0]..ends[1]]).collect();
        let (came, expected) = (all_of(&pieces), all_of(&[STREAM]));
        prop_assert!(came == expected, "expected {}\ncame {}", told(&expected), told(&came));
        prop_assert!(expected.0.len() == 4, "expected four requests, came {}", told(&expected));
    });
}

#[test]
fn s3_no_bytes_make_it_panic() {
    let _step = step!();
    proptest!(quietly(), |(pieces in vec(piece(), 0..20))| {
        let expected = all_of(&[&pieces.concat()]);
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        let came = all_of(&pieces);
        prop_assert!(came.0 == expected.0, "expected {}\ncame {}", told(&expected), told(&came));
        prop_assert!(!all_of(&[STREAM]).0.is_empty(), "and yet it reads what is right");
    });
}

/// What fails is printed, and not kept in a file beside the tests.
fn quietly() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// Four requests, one with a body that looks like a request, then a refusal.
const STREAM: &[u8] = b"GET /a HTTP/1.1\r\nHost: board\r\n\r\n\
    \r\nPOST /b HTTP/1.1\r\nHost: board\r\nContent-Length: 18\r\n\r\nGET /c HTTP/1.1\r\n\r\
    GET /d HTTP/1.0\nHost:board\n\n\
    DELETE /e?x=1 HTTP/1.1\r\nHost: board\r\nX-Empty:\r\n\r\n\
    GET / HTTP/3.0\r\n\r\nGET /never HTTP/1.1\r\n\r\n";

/// What requests are made of, so that random input gets beyond the first line; a scrap of it; and now
/// and then anything else.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    const LINES: [&[u8]; 6] = [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.0\nContent-Length: 9\n\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"Host: a\r\n",
        b"\r\n",
        b"\n",
    ];
    const SCRAPS: [&[u8]; 5] = [b"GET / HT", b"X: ", b"Content-Length: 1", b"\r", b"a"];
    prop_oneof![
        12 => prop::sample::select(LINES.as_slice()).prop_map(<[u8]>::to_vec),
        3 => prop::sample::select(SCRAPS.as_slice()).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..40),
    ]
}

// Step 4: refuse what could be read in two ways.

#[test]
fn s4_a_request_hidden_in_another_is_refused() {
    let _step = step!();
    // A proxy that goes by the length sees one request; a server that goes by the coding sees two.
    let transcript = converse(&[b"POST /search HTTP/1.1\r\n\
        Host: board\r\n\
        Content-Length: 41\r\n\
        Transfer-Encoding: chunked\r\n\
        \r\n\
        0\r\n\
        \r\n\
        GET /admin HTTP/1.1\r\n\
        Host: board\r\n\
        \r\n"]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn s4_one_body_has_one_length() {
    let _step = step!();
    let headers: [&[u8]; 13] = [
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Content-Length: 5, 6",
        b"content-length: 5\r\nCONTENT-LENGTH: 6",
        b"Content-Length: 5\r\nContent-Length: 5",
        b"Content-Length: 5, 5",
        b"Content-Length: 5,",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: gzip, Chunked",
        b"Transfer-Encoding: chunked, gzip",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5",
        b"transfer-encoding: chunked\r\ncontent-length: 5",
        b"Transfer-Encoding:\r\nContent-Length: 5",
    ];
    insta::assert_snapshot!(table(&headers, |headers| {
        let bytes = [b"POST / HTTP/1.1\r\nHost: a\r\n", headers, b"\r\n\r\nhello"].concat();
        first_of(&bytes).map(|request| shown(&request))
    }));
}

#[test]
fn s4_a_line_means_one_thing() {
    let _step = step!();
    let headers: [&[u8]; 11] = [
        b"X-Fold: a\r\n b",
        b"X-Fold: a\r\n\tb",
        b"Content-Length : 5",
        b"Content-Length\t: 5",
        b"X-Cr: a\rContent-Length: 5",
        b"X-Nul: a\0b",
        b"Content-Length: \x0c5",
        b"\x0bContent-Length: 5",
        b"X-Delete: \x7f",
        b"X-Tab: a\tb",
        b"X-Fine: a : b",
    ];
    insta::assert_snapshot!(table(&headers, |headers| {
        let bytes = [b"GET / HTTP/1.1\r\nHost: a\r\n", headers, b"\r\n\r\n"].concat();
        first_of(&bytes).map(|request| shown(&request))
    }));
}

#[test]
fn s4_a_request_is_for_one_host() {
    let _step = step!();
    let heads: [&[u8]; 10] = [
        b"GET / HTTP/1.1",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: a",
        b"GET / HTTP/1.1\r\nhost: a\r\nHOST: b",
        b"GET / HTTP/1.0\r\nHost: a\r\nHost: b",
        b"GET / HTTP/1.0",
        b"GET / HTTP/1.1\r\nHost: a",
        b"GET / HTTP/1.1\r\nHost: [::1]:4001",
        b"GET / HTTP/1.1\r\nHost:",
        b"GET / HTTP/1.1\r\nHost: a/b",
        b"GET / HTTP/1.0\r\nHost: user@a",
    ];
    insta::assert_snapshot!(table(&heads, |head| {
        first_of(&[head, b"\r\n\r\n".as_slice()].concat()).map(|request| shown(&request))
    }));
}

// Step 5: a limit on everything a peer chooses.

#[test]
fn s5_each_limit_is_exact_and_named_in_the_answer() {
    let _step = step!();
    let tail = "\r\nHost: a\r\n\r\n";
    let method = |count: usize| format!("{} / HTTP/1.1{tail}", "M".repeat(count));
    let target = |count: usize| format!("GET /{} HTTP/1.1{tail}", "t".repeat(count - 14));
    let header = |count: usize| format!("GET / HTTP/1.1\r\nX: {}{tail}", "v".repeat(count - 3));
    let headers =
        |count: usize| format!("GET / HTTP/1.1\r\n{}Host: a\r\n\r\n", "X: v\r\n".repeat(count - 1));
    let body = |count: usize| {
        format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {count}\r\n\r\n{}",
            "b".repeat(count)
        )
    };
    let mut report = String::new();
    for (limit, largest, make) in [
        ("max_method", 32, &method as &dyn Fn(usize) -> String),
        ("max_line of a request line", 8192, &target),
        ("max_line of a header", 8192, &header),
        ("max_headers", 100, &headers),
        ("max_body", 1 << 20, &body),
    ] {
        let status = |count| match first_of(make(count).as_bytes()) {
            Ok(_) => "taken".to_owned(),
            Err(refusal) => format!("{}: {refusal}", refusal.status()),
        };
        writeln!(
            report,
            "{limit}\n  {largest}: {}\n  {}: {}",
            status(largest),
            largest + 1,
            status(largest + 1)
        )
        .expect("a String takes every write");
    }
    insta::assert_snapshot!(report);
}

#[test]
fn s5_a_line_that_never_ends_is_refused_before_it_ends() {
    let _step = step!();
    for (beginning, status) in [
        ("", Status::NOT_IMPLEMENTED),
        ("GET /", Status::URI_TOO_LONG),
        ("GET / HTTP/1.1\r\nX: ", Status::REQUEST_HEADER_FIELDS_TOO_LARGE),
    ] {
        let mut parser = RequestParser::new(Limits::default());
        parser.feed(beginning.as_bytes());
        let refusal = (0..1000).find_map(|_| {
            parser.feed(&[b'a'; 1000]);
            parser.next_request().err()
        });
        let refusal = refusal
            .unwrap_or_else(|| panic!("expected {status}, came {} bytes kept", parser.buffered()));
        assert_eq!(refusal.status(), status, "{refusal}");
    }
}

#[test]
fn s5_a_line_of_the_largest_length_may_be_cut_anywhere() {
    let _step = step!();
    for length in [8191, 8192, 8193] {
        let value = "v".repeat(length - "X: ".len());
        let bytes = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {value}\r\n\r\n").into_bytes();
        let whole = all_of(&[&bytes]);
        let taken = whole.0.len() == 1;
        assert_eq!(taken, length <= 8192, "a header of {length} bytes: {}", told(&whole));
        for cut in bytes.len() - 6..bytes.len() {
            let (first, second) = bytes.split_at(cut);
            assert!(all_of(&[first, second]) == whole, "a header of {length} bytes, cut at {cut}");
        }
    }
}

#[test]
fn s5_a_length_beyond_every_number_is_refused_too() {
    let _step = step!();
    // 2^32 + 1 is 1 for who counts in 32 bits; the last is beyond 64.
    for length in ["4294967297", "18446744073709551615", "99999999999999999999"] {
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\nb");
        let came = told(&all_of(&[head.as_bytes()]));
        assert!(came.starts_with("413"), "expected 413 for a length of {length}, came {came}");
    }
}

#[test]
fn s5_nothing_is_kept_beyond_the_limits() {
    let _step = step!();
    proptest!(quietly(), |(pieces in vec(piece(), 0..20))| {
        let limits = Limits { max_method: 8, max_line: 24, max_headers: 2, max_body: 16 };
        let mut parser = RequestParser::new(limits.clone());
        for piece in pieces.iter().map(Vec::as_slice).chain([[b'a'; 40].as_slice()]) {
            parser.feed(piece);
            while let Ok(Some(_)) = parser.next_request() {}
            // A line that waits for its line feed, with the CR before it.
            prop_assert!(parser.buffered() <= limits.max_line.max(limits.max_body) + 1);
        }
    });
}

// What the tests share.

/// What a server understands of what a client says, piece by piece.
fn converse(pieces: &[&[u8]]) -> Transcript {
    let transcript = Transcript::untimed(&["client", "server"]);
    let mut parser = RequestParser::new(Limits::default());
    for piece in pieces {
        transcript.message("client", "server", piece);
        parser.feed(piece);
        loop {
            match parser.next_request() {
                Ok(Some(request)) => transcript.event("server", shown(&request)),
                Ok(None) if parser.is_mid_request() => {
                    break transcript.event("server", "needs more bytes");
                }
                Ok(None) => break,
                Err(refusal) => {
                    transcript.message("server", "client", refusal.to_response().to_bytes());
                    return transcript;
                }
            }
        }
    }
    transcript
}

/// All requests in these pieces, and the refusal at their end, if there is one.
fn all_of(pieces: &[&[u8]]) -> (Vec<Request>, Option<Refusal>) {
    let mut parser = RequestParser::new(Limits::default());
    let mut requests = Vec::new();
    for piece in pieces {
        parser.feed(piece);
        loop {
            match parser.next_request() {
                Ok(Some(request)) => requests.push(request),
                Ok(None) => break,
                Err(refusal) => return (requests, Some(refusal)),
            }
        }
    }
    (requests, None)
}

fn first_of(bytes: &[u8]) -> Result<Request, Refusal> {
    let mut parser = RequestParser::new(Limits::default());
    parser.feed(bytes);
    let request = parser.next_request()?;
    Ok(request.unwrap_or_else(|| {
        panic!("expected a request or a refusal, came neither: the parser waits for more bytes")
    }))
}

fn one_request(bytes: &[u8]) -> Request {
    first_of(bytes)
        .unwrap_or_else(|refusal| panic!("expected a request, came the refusal: {refusal}"))
}

fn shown(request: &Request) -> String {
    let Request { method, target, headers, body, .. } = request;
    format!(
        "understands {method} {target} (headers: {}, body: {} bytes)",
        headers.len(),
        body.len()
    )
}

/// Each input with what it gives, the refusals with their status.
fn table(inputs: &[&[u8]], read: impl Fn(&[u8]) -> Result<String, Refusal>) -> String {
    let row = |input: &&[u8]| {
        let result =
            read(input).unwrap_or_else(|refusal| format!("{}: {refusal}", refusal.status()));
        format!("`{}`\n  {result}\n", visible(input))
    };
    inputs.iter().map(row).collect()
}

/// What came of some pieces, in a few words a request.
fn told((requests, refusal): &(Vec<Request>, Option<Refusal>)) -> String {
    let refusal = refusal.iter().map(|refusal| format!("{}: {refusal}", refusal.status()));
    let told: Vec<String> = requests.iter().map(shown).chain(refusal).collect();
    if told.is_empty() { "nothing yet".to_owned() } else { told.join("; ") }
}

/// What [`line`] gives for a line whose end has not come.
const MORE: &str = "(needs more bytes)";

fn line(buffer: &mut LineBuffer) -> String {
    buffer.take_line().map_or(MORE.to_owned(), |line| escaped(&line))
}

fn escaped(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// As [`escaped`], but quotes need no escape.
fn visible(bytes: &[u8]) -> String {
    escaped(bytes).replace("\\'", "'").replace("\\\"", "\"")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
