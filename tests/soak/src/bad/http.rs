//! Below Engine.IO.

use std::time::Duration;

use rand::RngExt;
use tokio::time::sleep;

use super::{Mischief, Outcome, Trouble};
use crate::client::Polling;
use crate::server::MAX_PAYLOAD;
use crate::wire::request;

pub(super) async fn garbage(it: &mut Mischief) -> Outcome {
    let mut wire = it.dial().await?;
    wire.write(&it.some_bytes(2_000)).await?;
    it.leave(wire).await
}

pub(super) async fn half_a_request(it: &mut Mischief) -> Outcome {
    let whole = request("POST", "EIO=4&transport=polling&sid=abc", b"42[\"echo\"]");
    let mut wire = it.dial().await?;
    wire.write(&whole[..it.rng.random_range(0..whole.len())]).await?;
    it.leave(wire).await
}

pub(super) async fn letter_by_letter(it: &mut Mischief) -> Outcome {
    let whole = request("GET", "EIO=4&transport=polling", b"");
    let mut wire = it.dial().await?;
    for letter in &whole[..whole.len() - 1] {
        wire.write(&[*letter]).await?;
        sleep(Duration::from_millis(60)).await;
    }
    it.must_end(wire).await
}

pub(super) async fn wrong_lengths(it: &mut Mischief) -> Outcome {
    let polling = Polling::open(it.address).await?;
    let lengths = it.choose(&[
        "content-length: 100",
        "content-length: 3",
        "content-length: -1",
        "content-length: 99999999999999999999999",
        "content-length: 12\r\ncontent-length: 13",
        "content-length: 12\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked",
        "transfer-encoding: gzip",
        "content-length: 0x10",
        "x: y",
    ]);
    let query = &polling.query;
    let head = format!("POST /socket.io/?{query} HTTP/1.1\r\nhost: a\r\n{lengths}\r\n\r\n");
    let mut wire = it.dial().await?;
    wire.write(head.as_bytes()).await?;
    let body = it.choose(&[
        "40",
        "42[\"echo\",1]",
        "5\r\n4",
        "FFFFFFFFFFFFFFFFF\r\n",
        "2\r\n40\r\n0\r\n\r\n",
    ]);
    wire.write(body.as_bytes()).await?;
    it.leave(wire).await
}

pub(super) async fn odd_requests(it: &mut Mischief) -> Outcome {
    let mut wire = it.dial().await?;
    for _ in 0..20 {
        let method = it.choose(&["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"]);
        let query = it.choose(&[
            "",
            "EIO=4",
            "EIO=3&transport=polling",
            "EIO=4&transport=websocket",
            "EIO=4&transport=carrier-pigeon",
            "EIO=4&transport=polling&sid=nobody",
            "EIO=4&transport=polling&sid=%00%ff",
            "EIO=4&transport=polling&sid=../../etc/passwd",
            "EIO=4&EIO=4&transport=polling&transport=websocket",
        ]);
        let answer = wire.request(method, query, b"").await?;
        if answer.status >= 500 {
            let fault = format!("expected another answer to {method} ?{query}, came {answer:?}");
            return Err(Trouble::Fault(fault));
        }
    }
    it.leave(wire).await
}

pub(super) async fn endless_head(it: &mut Mischief) -> Outcome {
    let mut wire = it.dial().await?;
    wire.write(b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n").await?;
    let line = match it.rng.random_range(0..3) {
        0 => "x: y\r\n".repeat(100),
        1 => format!("x: {}\r\n", "y".repeat(1_000)),
        _ => "y".repeat(1_000),
    };
    for _ in 0..1_000 {
        wire.write(line.as_bytes()).await?;
    }
    it.must_end(wire).await
}

pub(super) async fn oversized_body(it: &mut Mischief) -> Outcome {
    let polling = Polling::open(it.address).await?;
    let mut wire = it.dial().await?;
    let size = MAX_PAYLOAD as usize + it.rng.random_range(1..200_000);
    if it.rng.random() {
        wire.write(&request("POST", &polling.query, &vec![b'4'; size])).await?;
        return it.leave(wire).await;
    }
    let head = format!(
        "POST /socket.io/?{} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n",
        polling.query
    );
    wire.write(head.as_bytes()).await?;
    for _ in 0..size / 1_000 {
        wire.write(format!("3e8\r\n{}\r\n", "4".repeat(1_000)).as_bytes()).await?;
    }
    it.must_end(wire).await
}

pub(super) async fn pipelined(it: &mut Mischief) -> Outcome {
    let polling = Polling::open(it.address).await?;
    let mut wire = it.dial().await?;
    let mut all = Vec::new();
    for _ in 0..it.rng.random_range(2..50) {
        let body = it.choose(&["40", "42[\"echo\",1]", "3", "41"]);
        let method = it.choose(&["GET", "POST"]);
        all.extend(request(method, &polling.query, body.as_bytes()));
    }
    wire.write(&all).await?;
    it.leave(wire).await
}
