//! Changes the protocol for whoever asks rightly, and then speaks without being asked.
//!
//!     cargo run -p lesson-04-websocket-handshake --example upgrade
//!
//! Open http://127.0.0.1:4004/ in a browser, and in the console of that page:
//!
//!     socket = new WebSocket("ws://127.0.0.1:4004/"); socket.onmessage = (event) => console.log(event.data)
//!     socket.send("hello")

use std::io::{Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use http_message::{Limits, Request, RequestParser};
use lesson_04_websocket_handshake::{Policy, accept};

/// A frame, made by hand: one text of 5 bytes. The next lesson takes it apart.
const FRAME: &[u8] = b"\x81\x05hello";

fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:4004")?;
    println!("listening on http://{} (Ctrl+C stops)", listener.local_addr()?);
    for stream in listener.incoming() {
        // A thread for each: a browser opens more connections than it uses at once.
        thread::spawn(move || {
            if let Err(error) = stream.and_then(converse) {
                println!("the connection broke: {error}");
            }
        });
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
        parser.feed(&piece[..count]);
        match parser.next_request() {
            Ok(None) => {}
            Ok(Some(request)) => return answer(stream, &request, &parser.into_waiting()),
            Err(refusal) => return stream.write_all(&refusal.to_response().to_bytes()),
        }
    }
}

/// `early` is what came after the request, before it was answered.
fn answer(mut stream: TcpStream, request: &Request, early: &[u8]) -> Result<()> {
    let policy = Policy { subprotocols: vec!["board.v1".to_owned()], ..Policy::default() };
    match accept(request, &policy) {
        Ok(accepted) => {
            println!("{} {}: accepted, {:?}", request.method, request.target, accepted.subprotocol);
            stream.write_all(&accepted.response.to_bytes())?;
            stream.write_all(FRAME)?;
            println!("← {}", FRAME.escape_ascii());
            show(stream, early)
        }
        Err(refusal) => {
            println!("{} {}: {refusal}", request.method, request.target);
            stream.write_all(&refusal.to_response().to_bytes())
        }
    }
}

/// Both may speak now, whenever they like.
fn show(mut stream: TcpStream, early: &[u8]) -> Result<()> {
    if !early.is_empty() {
        println!("→ {}", early.escape_ascii());
    }
    let mut piece = [0; 1024];
    loop {
        let count = stream.read(&mut piece)?;
        if count == 0 {
            println!("the client has gone");
            return Ok(());
        }
        println!("→ {}", piece[..count].escape_ascii());
    }
}
