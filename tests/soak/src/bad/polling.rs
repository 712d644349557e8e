//! Engine.IO over polling.

use rand::RngExt;
use rand::seq::SliceRandom;
use serde_json::json;

use super::{Mischief, Outcome};
use crate::client::{Client, How, Polling};
use crate::wire::{Wire, request};

pub(super) async fn garbage(it: &mut Mischief) -> Outcome {
    let mut polling = Polling::open(it.address).await?;
    let payload = match it.rng.random_range(0..6) {
        0 => it.some_bytes(3_000),
        1 => vec![0x1e; it.rng.random_range(1..3_000)],
        2 => b"4\xff\xfe".to_vec(),
        3 => b"bnot base64!".to_vec(),
        4 => ["40", "9", "", "b", "bAA=", "4"].repeat(100).join("\u{1e}").into_bytes(),
        // As many messages as there is room for.
        _ => ["4"; 40_000].join("\u{1e}").into_bytes(),
    };
    polling.post(&payload).await?;
    let wire = polling.into_wire().await?;
    it.leave(wire).await
}

/// What a server says, and a client on polling does not.
pub(super) async fn out_of_turn(it: &mut Mischief) -> Outcome {
    let mut polling = Polling::open(it.address).await?;
    for _ in 0..10 {
        let packet = it.choose(&["2", "3", "3probe", "2probe", "5", "6", "0{}", "3", "3"]);
        polling.post(packet.as_bytes()).await?;
    }
    let wire = polling.into_wire().await?;
    it.leave(wire).await
}

pub(super) async fn two_gets(it: &mut Mischief) -> Outcome {
    at_once(it, &[("GET", ""), ("GET", "")]).await
}

pub(super) async fn two_posts(it: &mut Mischief) -> Outcome {
    let mut polling = Polling::open(it.address).await?;
    let first = request("POST", &polling.query, &b"40\x1e".repeat(100));
    let (beginning, rest) = first.split_at(it.rng.random_range(100..first.len()));
    let mut wire = it.dial().await?;
    wire.write(beginning).await?;
    it.pause(20).await;
    let second = polling.post(b"3").await;
    wire.write(rest).await?;
    it.leave(wire).await?;
    Ok(second?)
}

pub(super) async fn post_while_closing(it: &mut Mischief) -> Outcome {
    at_once(it, &[("POST", "1"), ("POST", "40"), ("GET", "")]).await
}

pub(super) async fn abandoned(it: &mut Mischief) -> Outcome {
    let mut client = Client::open(it.address, How::Polling).await?;
    it.connect(&mut client, "/").await?;
    it.emit(&mut client, None, json!(["join", "crowd"])).await?;
    Ok(())
}

pub(super) async fn abandoned_get(it: &mut Mischief) -> Outcome {
    let mut polling = Polling::open(it.address).await?;
    let get = request("GET", &polling.query, b"");
    let mut wire = it.dial().await?;
    wire.write(&get).await?;
    if it.rng.random() {
        polling.post(b"40").await?;
    }
    it.pause(20).await;
    it.leave(wire).await
}

pub(super) async fn abandoned_post(it: &mut Mischief) -> Outcome {
    let polling = Polling::open(it.address).await?;
    let post = request("POST", &polling.query, &b"42[\"echo\",1]".repeat(1_000));
    let mut wire = it.dial().await?;
    wire.write(&post[..it.rng.random_range(100..post.len())]).await?;
    it.pause(20).await;
    it.leave(wire).await
}

pub(super) async fn unread_answer(it: &mut Mischief) -> Outcome {
    let mut client = Client::open(it.address, How::Polling).await?;
    it.connect(&mut client, "/").await?;
    it.emit(&mut client, None, json!(["flood", 15, 50_000])).await?;
    let query = client.query().unwrap_or_default().to_owned();
    let mut wire = it.dial().await?;
    wire.write(&request("GET", &query, b"")).await?;
    it.pause(4_000).await;
    it.leave(wire).await
}

/// Requests for one session that do not wait for each other, in any order.
async fn at_once(it: &mut Mischief, requests: &[(&str, &str)]) -> Outcome {
    let polling = Polling::open(it.address).await?;
    let mut requests = requests.to_vec();
    requests.shuffle(&mut it.rng);
    let mut wires: Vec<Wire> = Vec::new();
    for (method, body) in requests {
        let mut wire = it.dial().await?;
        wire.write(&request(method, &polling.query, body.as_bytes())).await?;
        wires.push(wire);
    }
    for wire in wires {
        it.leave(wire).await?;
    }
    Ok(())
}
