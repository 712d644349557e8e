//! Answers every connection with the same few bytes, whatever was asked.
//!
//!     cargo run -p lesson-01-http-message --example http-hello
//!     curl -i http://127.0.0.1:4001/

use std::io::{Read, Result, Write};
use std::net::{TcpListener, TcpStream};

use lesson_01_http_message::{Response, Status};

fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:4001")?;
    println!("listening on http://{} (Ctrl+C stops)", listener.local_addr()?);
    for stream in listener.incoming() {
        // One connection that breaks, before it is ours or after, is no reason to stop.
        if let Err(error) = stream.and_then(greet) {
            println!("the connection broke: {error}");
        }
    }
    Ok(())
}

fn greet(mut stream: TcpStream) -> Result<()> {
    let mut asked = [0; 1024];
    let count = stream.read(&mut asked)?;
    println!("\n→ {count} bytes\n{}", asked[..count].escape_ascii());
    let answer = Response::text(Status::OK, "hello from the wire\n").closing().to_bytes();
    println!("← {} bytes\n{}", answer.len(), answer.escape_ascii());
    stream.write_all(&answer)
}
