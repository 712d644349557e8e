//! Where one is not, or should not be.

use rand::RngExt;
use serde_json::json;
use socketio_packet::Message;

use super::{Mischief, Outcome};

pub(super) async fn uninvited(it: &mut Mischief) -> Outcome {
    let mut client = if it.rng.random() { it.enter().await? } else { it.open().await? };
    let packet = it.choose(&[
        "42/other,[\"echo\"]",
        "41/other,",
        "43/other,1[]",
        "40",
        "40/nobody,",
        "42/house-99,[\"echo\"]",
        "44/,{\"message\":\"no\"}",
    ]);
    client.say(packet).await?;
    client.say(packet).await?;
    it.leave_client(client).await
}

pub(super) async fn joining_nothing(it: &mut Mischief) -> Outcome {
    let client = it.open().await?;
    let wire = client.into_wire().await?;
    it.must_end(wire).await
}

/// Into one namespace, without waiting for an answer.
pub(super) async fn connect_flood(it: &mut Mischief) -> Outcome {
    let mut client = it.open().await?;
    let nsp = it.choose(&["/nobody", "/guarded", "/house-panic", "/other"]);
    for _ in 0..it.rng.random_range(1..200) {
        it.connect(&mut client, nsp).await?;
    }
    it.leave_client(client).await
}

/// Into very many.
pub(super) async fn flood(it: &mut Mischief) -> Outcome {
    let mut client = it.enter().await?;
    for _ in 0..it.rng.random_range(1..200) {
        let number: u32 = it.rng.random();
        it.connect(&mut client, &format!("/house-{number}")).await?;
    }
    it.emit(&mut client, None, json!(["echo", "still here"])).await?;
    it.leave_client(client).await
}

/// In and out of the same, over and over, and never hearing what comes back.
pub(super) async fn come_and_go(it: &mut Mischief) -> Outcome {
    let mut client = it.open().await?;
    let nsp = it.choose(&["/", "/other", "/house-1", "/guarded", "/beside"]);
    for _ in 0..it.rng.random_range(1..100) {
        it.connect(&mut client, nsp).await?;
        if nsp == "/" && it.rng.random_bool(0.3) {
            it.emit(&mut client, None, json!(["slow", 100])).await?;
        }
        it.disconnect(&mut client, nsp).await?;
    }
    it.leave_client(client).await
}

/// As oneself, twice at once, or as nobody.
pub(super) async fn come_back(it: &mut Mischief) -> Outcome {
    let mut client = it.open().await?;
    client.say("40").await?;
    let welcome = match client.hear().await? {
        Message::Text(text) => text,
        Message::Binary(_) => return it.leave_client(client).await,
    };
    let pid = welcome.split('"').nth(7).unwrap_or_default().to_owned();
    it.emit(&mut client, None, json!(["join", "crowd"])).await?;
    it.leave_client(client).await?;
    let pid = it.choose(&[
        json!(pid),
        json!(pid),
        json!(""),
        json!("nobody"),
        json!(5),
        json!("x".repeat(50_000)),
    ]);
    let offset =
        it.choose(&[json!(null), json!(""), json!("x"), json!(-1), json!("0".repeat(50_000))]);
    let shown = json!({ "pid": pid, "offset": offset });
    for _ in 0..2 {
        let mut client = it.open().await?;
        client.say(&format!("40{shown}")).await?;
        client.hear().await?;
        it.emit(&mut client, None, json!(["flood", 20, 1_000])).await?;
        it.leave_client(client).await?;
    }
    Ok(())
}

pub(super) async fn no_key(it: &mut Mischief) -> Outcome {
    let mut client = it.open().await?;
    for token in ["", "{}", "{\"token\":5}", "{\"token\":\"x\"}", "{\"token\":\"panic\"}"] {
        client.say(&format!("40/guarded,{token}")).await?;
        client.hear().await?;
    }
    client.say("40/guarded,{\"token\":\"sesame\"}").await?;
    // It may leave while it is asked.
    it.leave_client(client).await
}
