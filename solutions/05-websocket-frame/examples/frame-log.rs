//! Greets whoever opens a WebSocket, and logs the frames that come, piece by piece.
//!
//!     cargo run -p websocket-frame --example frame-log
//!
//! Open http://127.0.0.1:4005/ in a browser, and in the console of that page:
//!
//!     socket = new WebSocket("ws://127.0.0.1:4005/")
//!     socket.onmessage = (event) => console.log(event.data)
//!     socket.send("hello"); socket.send("hello"); socket.send("x".repeat(2000))

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use http_message::{Limits, RequestParser};
use websocket_frame::{Config, Frame, FrameDecoder, FrameError, FrameHeader, Opcode, Part, Role};
use websocket_handshake::{Policy, accept};

fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:4005")?;
    println!("listening on http://{} (Ctrl+C stops)", listener.local_addr()?);
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || match converse(stream) {
            Ok(()) => println!("the client has gone"),
            Err(error) => println!("the connection ends: {error}"),
        });
    }
    Ok(())
}

fn converse(mut stream: TcpStream) -> Result<(), Box<dyn Error>> {
    let Some(mut early) = shake_hands(&mut stream)? else { return Ok(()) };
    let mut greeting = Vec::new();
    let frame = Frame { is_final: true, opcode: Opcode::Text, payload: b"hello from the wire" };
    frame.encode(None, &mut greeting);
    stream.write_all(&greeting)?;

    let mut decoder = FrameDecoder::new(Config::new(Role::Server));
    log(&mut decoder, &mut early)?;
    // So small that a long frame has to come in pieces.
    let mut piece = [0; 1024];
    loop {
        let count = stream.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        println!("→ {count} bytes");
        log(&mut decoder, &mut piece[..count])?;
    }
}

/// Answers one request; what came after it, if it became a WebSocket.
fn shake_hands(stream: &mut TcpStream) -> Result<Option<Vec<u8>>, Box<dyn Error>> {
    let mut parser = RequestParser::new(Limits::default());
    let mut piece = [0; 1024];
    loop {
        let count = stream.read(&mut piece)?;
        if count == 0 {
            return Ok(None);
        }
        parser.feed(&piece[..count]);
        let Some(request) = parser.next_request()? else { continue };
        return match accept(&request, &Policy::default()) {
            Ok(accepted) => {
                stream.write_all(&accepted.response.to_bytes())?;
                Ok(Some(parser.into_waiting()))
            }
            Err(refusal) => {
                stream.write_all(&refusal.to_response().to_bytes())?;
                Ok(None)
            }
        };
    }
}

fn log(decoder: &mut FrameDecoder, mut input: &mut [u8]) -> Result<(), FrameError> {
    while let Some(part) = decoder.next_part(&mut input)? {
        match part {
            Part::Header(FrameHeader { is_final, opcode, payload_len, .. }) => {
                let last = if is_final { "final" } else { "more to follow" };
                println!("  header   {opcode}, {last}, {payload_len} bytes");
            }
            Part::Payload(piece) => match piece.len() {
                0..=40 => println!("  payload  {}", piece.escape_ascii()),
                count => println!("  payload  {count} bytes"),
            },
            Part::End => println!("  end"),
        }
    }
    Ok(())
}
