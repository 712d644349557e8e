//! Answers each request with what it understood of it, one connection at a time.
//!
//!     cargo run -p http-message --example http-echo
//!     curl -i http://127.0.0.1:4001/news -d 'two words'

use std::fmt::Write as _;
use std::io::{Read, Result, Write};
use std::net::{TcpListener, TcpStream};

use http_message::{Limits, Request, RequestParser, Response, Status};

fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:4001")?;
    println!("listening on http://{} (Ctrl+C stops)", listener.local_addr()?);
    for stream in listener.incoming() {
        // One connection that breaks, before it is ours or after, is no reason to stop.
        if let Err(error) = stream.and_then(converse) {
            println!("the connection broke: {error}");
        }
    }
    Ok(())
}

fn converse(mut stream: TcpStream) -> Result<()> {
    let mut parser = RequestParser::new(Limits::default());
    let mut piece = [0; 1024];
    loop {
        let count = stream.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        println!("→ {}", piece[..count].escape_ascii());
        parser.feed(&piece[..count]);
        loop {
            match parser.next_request() {
                Ok(None) => break,
                Ok(Some(request)) => stream.write_all(&understood(&request).to_bytes())?,
                Err(refusal) => return stream.write_all(&refusal.to_response().to_bytes()),
            }
        }
    }
}

fn understood(request: &Request) -> Response {
    let mut text = format!("method  {}\ntarget  {}\n", request.method, request.target);
    for header in request.headers.iter() {
        writeln!(text, "header  {} = {}", header.name, header.value.escape_ascii())
            .expect("a String takes every write");
    }
    writeln!(text, "body    {} bytes", request.body.len()).expect("a String takes every write");
    Response::text(Status::OK, text)
}
