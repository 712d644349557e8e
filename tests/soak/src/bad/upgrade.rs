//! From polling to a WebSocket, or not quite.

use rand::RngExt;

use super::{Mischief, Outcome};
use crate::client::Polling;
use crate::wire::{TEXT, Wire, request};

/// A WebSocket that asks for a session on polling.
async fn begin(it: &mut Mischief) -> std::io::Result<(Polling, Wire)> {
    let mut polling = Polling::open(it.address).await?;
    if it.rng.random() {
        polling.post(b"40").await?;
    }
    let wire = it.dial().await?.upgrade(&polling.websocket()).await?;
    Ok((polling, wire))
}

pub(super) async fn half_way(it: &mut Mischief) -> Outcome {
    let (mut polling, mut wire) = begin(it).await?;
    if it.rng.random() {
        wire.send(TEXT, b"2probe").await?;
    }
    if it.rng.random() {
        // Polling goes on as if nothing had been.
        it.leave(wire).await?;
        polling.post(b"3").await?;
        let wire = polling.into_wire().await?;
        return it.leave(wire).await;
    }
    it.leave(wire).await
}

pub(super) async fn wrong_order(it: &mut Mischief) -> Outcome {
    let (polling, mut wire) = begin(it).await?;
    for _ in 0..it.rng.random_range(1..6) {
        let packet = it.choose(&[
            "2probe",
            "2probe",
            "5",
            "3probe",
            "2",
            "40",
            "42[\"echo\"]",
            "1",
            "6",
            "x",
            "",
        ]);
        wire.send(TEXT, packet.as_bytes()).await?;
    }
    if it.rng.random() {
        let mut other = it.dial().await?;
        other.write(&request("GET", &polling.query, b"")).await?;
        it.leave(other).await?;
    }
    it.leave(wire).await
}

pub(super) async fn two_at_once(it: &mut Mischief) -> Outcome {
    let (polling, mut wire) = begin(it).await?;
    wire.send(TEXT, b"2probe").await?;
    let mut second = it.dial().await?.upgrade(&polling.websocket()).await?;
    second.send(TEXT, b"2probe").await?;
    second.send(TEXT, b"5").await?;
    wire.send(TEXT, b"5").await?;
    it.leave(second).await?;
    it.leave(wire).await
}

pub(super) async fn of_nobody(it: &mut Mischief) -> Outcome {
    let sid = it.choose(&["nobody", "", "AAAAAAAAAAAAAAAAAAAA", "%ff"]);
    let wire = it.dial().await?.upgrade(&format!("EIO=4&transport=websocket&sid={sid}")).await?;
    it.leave(wire).await
}

pub(super) async fn while_closing(it: &mut Mischief) -> Outcome {
    let (mut polling, mut wire) = begin(it).await?;
    wire.send(TEXT, b"2probe").await?;
    polling.post(b"1").await?;
    wire.send(TEXT, b"5").await?;
    it.leave(wire).await
}
