//! Asks a server for a WebSocket, and says what came of it.
//!
//!     cargo run -p websocket-handshake --example dial -- 127.0.0.1:4004 /

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;

use websocket_handshake::{Answer, Opened, Opening};

/// The key of RFC 6455, so that you know it when you see it. A real client takes new random bytes
/// for each connection.
const NOT_RANDOM: [u8; 16] = *b"the sample nonce";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let host = arguments.next().unwrap_or_else(|| "127.0.0.1:4004".to_owned());
    let target = arguments.next().unwrap_or_else(|| "/".to_owned());
    match dial(&host, &target) {
        Ok(opened) => {
            println!("open, with the subprotocol {:?}", opened.subprotocol);
            println!("and {} bytes early: {}", opened.early.len(), opened.early.escape_ascii());
        }
        Err(error) => println!("not open: {error}"),
    }
}

fn dial(host: &str, target: &str) -> Result<Opened, Box<dyn Error>> {
    let opening = Opening::new(host, target)?.with_subprotocol("board.v1")?;
    let (request, mut parser) = opening.start(NOT_RANDOM);
    let mut stream = TcpStream::connect(host)?;
    show("→", &request);
    stream.write_all(&request)?;
    let mut piece = [0; 1024];
    loop {
        let count = stream.read(&mut piece)?;
        if count == 0 {
            return Err(parser.end().into());
        }
        show("←", &piece[..count]);
        match parser.read(&piece[..count])? {
            Answer::Incomplete(next) => parser = next,
            Answer::Opened(opened) => return Ok(opened),
        }
    }
}

/// Bytes that travelled, line by line.
fn show(arrow: &str, bytes: &[u8]) {
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        println!("{arrow} {}", line.escape_ascii());
    }
}
