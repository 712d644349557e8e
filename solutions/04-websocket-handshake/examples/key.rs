//! Takes a key apart, and shows how its answer is made.
//!
//!     cargo run -p websocket-handshake --example key
//!     cargo run -p websocket-handshake --example key -- x3JJHMbDL1EzLkh9GBhXDw==

use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use websocket_handshake::Key;

fn main() -> ExitCode {
    let text = std::env::args().nth(1).unwrap_or_else(|| "dGhlIHNhbXBsZSBub25jZQ==".to_owned());
    let key = match Key::parse(text.as_bytes()) {
        Ok(key) => key,
        Err(refusal) => {
            println!("a server answers {}: {refusal}", refusal.status());
            return ExitCode::FAILURE;
        }
    };
    println!("the client sends    Sec-WebSocket-Key: {key}");
    println!("  16 random bytes   {}", hex(&text));
    let accept = key.accept();
    println!("the server answers  Sec-WebSocket-Accept: {accept}");
    println!("  20 bytes of hash  {}", hex(&accept));
    ExitCode::SUCCESS
}

/// The bytes behind base64.
fn hex(base64: &str) -> String {
    match STANDARD.decode(base64) {
        Ok(bytes) => bytes.iter().map(|byte| format!("{byte:02x} ")).collect(),
        Err(error) => format!("not decoded: {error}"),
    }
}
