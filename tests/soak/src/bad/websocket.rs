//! The WebSocket itself.

use rand::RngExt;

use super::{Mischief, Outcome};
use crate::server::MAX_PAYLOAD;
use crate::wire::{BINARY, CLOSE, PING, PONG, TEXT, frame, opening};

const FIN: u8 = 0x80;

pub(super) async fn broken_opening(it: &mut Mischief) -> Outcome {
    let opening = opening("EIO=4&transport=websocket");
    let (from, to) = it.choose(&[
        ("sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "x: y"),
        ("dGhlIHNhbXBsZSBub25jZQ==", "short"),
        ("version: 13", "version: 8"),
        ("connection: Upgrade", "connection: close"),
        ("upgrade: websocket", "upgrade: h2c"),
        ("GET", "POST"),
        ("HTTP/1.1", "HTTP/1.0"),
        ("host: a", "host: a\r\nhost: b"),
    ]);
    let mut wire = it.dial().await?;
    wire.write(opening.replacen(from, to, 1).as_bytes()).await?;
    // Some do not wait for the answer.
    wire.write(&frame(FIN | TEXT, b"40")).await?;
    it.leave(wire).await
}

pub(super) async fn garbage(it: &mut Mischief) -> Outcome {
    let mut wire = it.websocket().await?;
    wire.write(&it.some_bytes(3_000)).await?;
    it.leave(wire).await
}

pub(super) async fn against_the_rules(it: &mut Mischief) -> Outcome {
    let mut wire = it.websocket().await?;
    let bytes = match it.rng.random_range(0..12) {
        0 => vec![FIN | TEXT, 2, b'4', b'0'], // no mask
        1 => frame(FIN | 0x40 | TEXT, b"40"), // a reserved bit
        2 => frame(FIN | 0x03, b"40"),        // no opcode
        3 => frame(FIN | 0x0b, b"40"),        // no opcode of a control frame
        4 => frame(FIN, b"40"),               // goes on with nothing
        5 => frame(FIN | PING, &[0; 126]),    // a ping that is too long
        6 => frame(PING, b""),                // a ping in fragments
        7 => [frame(TEXT, b"4"), frame(FIN | TEXT, b"0")].concat(), // two messages in one
        8 => frame(FIN | TEXT, b"4\xc3\x28"), // no UTF-8
        9 => [&[FIN | BINARY], &[0xff; 13][..]].concat(), // for ever
        10 => frame(FIN | CLOSE, &[3]),       // half a code
        _ => frame(FIN | CLOSE, &[0, 1, 0xff, 0xfe]), // no code, no UTF-8
    };
    let _ = wire.write(&bytes).await;
    it.must_be_told(wire, &[1002, 1007, 1009]).await
}

pub(super) async fn half_a_frame(it: &mut Mischief) -> Outcome {
    let size = it.rng.random_range(0..50_000);
    let whole = frame(FIN | it.choose(&[TEXT, BINARY]), &vec![b'4'; size]);
    let mut wire = it.websocket().await?;
    wire.write(&whole[..it.rng.random_range(1..whole.len())]).await?;
    it.leave(wire).await
}

pub(super) async fn oversized(it: &mut Mischief) -> Outcome {
    let size = MAX_PAYLOAD as usize + it.rng.random_range(1..300_000);
    let mut wire = it.websocket().await?;
    // The server may refuse it before all of it has left.
    let _ = wire.write(&frame(FIN | it.choose(&[TEXT, BINARY]), &vec![b'4'; size])).await;
    it.must_be_told(wire, &[1009]).await
}

pub(super) async fn endless_fragments(it: &mut Mischief) -> Outcome {
    let mut wire = it.websocket().await?;
    let size = it.choose(&[0, 0, 1, 100, 1_000]);
    wire.write(&frame(TEXT, b"4")).await?;
    let some = frame(0, &vec![b'x'; size]).repeat(100);
    for _ in 0..it.rng.random_range(1..100) {
        wire.write(&some).await?;
    }
    it.leave(wire).await
}

pub(super) async fn ping_flood(it: &mut Mischief) -> Outcome {
    let mut wire = it.websocket().await?;
    let size = it.choose(&[0, 125]);
    let some = frame(FIN | it.choose(&[PING, PING, PONG]), &vec![b'x'; size]).repeat(1_000);
    for _ in 0..it.rng.random_range(1..20) {
        wire.write(&some).await?;
    }
    it.leave(wire).await
}

pub(super) async fn after_the_goodbye(it: &mut Mischief) -> Outcome {
    let mut wire = it.websocket().await?;
    wire.write(&frame(FIN | CLOSE, &it.choose(&[vec![], vec![3, 0xe8], vec![0x0f, 0xa0]]))).await?;
    for _ in 0..it.rng.random_range(1..100) {
        wire.write(&frame(FIN | TEXT, b"40")).await?;
    }
    it.leave(wire).await
}
