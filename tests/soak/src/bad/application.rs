//! Packets as they should be, and clients that are not.

use rand::RngExt;
use serde_json::{Value, json};

use super::{Mischief, Outcome};

pub(super) async fn wrong_types(it: &mut Mischief) -> Outcome {
    let mut client = it.enter().await?;
    for id in 0..20 {
        let event =
            it.choose(&["add", "bytes", "number", "slow", "join", "flood", "data", "any", "x"]);
        let arg = it.choose(&[
            json!(null),
            json!("x"),
            json!(-1),
            json!({ "a": 1 }),
            json!([[]]),
            json!(1e300),
        ]);
        let id = it.rng.random::<bool>().then_some(id);
        let event =
            if it.rng.random() { json!([event, arg]) } else { json!([event, arg, arg, arg]) };
        it.emit(&mut client, id, event).await?;
    }
    it.leave_client(client).await
}

pub(super) async fn panics(it: &mut Mischief) -> Outcome {
    let mut client = it.enter().await?;
    for id in 0..it.rng.random_range(1..20) {
        let event = it.choose(&["panic", "slow panic", "vengeance", "refuse"]);
        it.emit(&mut client, Some(id), json!([event])).await?;
    }
    it.leave_client(client).await
}

pub(super) async fn leave_in_the_middle(it: &mut Mischief) -> Outcome {
    let mut client = it.enter().await?;
    for id in 0..it.rng.random_range(1..10) {
        let event = it.choose(&[
            json!(["slow", 300]),
            json!(["until I leave"]),
            json!(["call me", 1]),
            json!(["call aside"]),
            json!(["produce", 100]),
            json!(["slow panic"]),
            json!(["disconnect me"]),
            json!(["hang up"]),
        ]);
        it.emit(&mut client, Some(id), event).await?;
    }
    it.pause(200).await;
    match it.rng.random_range(0..3) {
        0 => it.disconnect(&mut client, "/").await?,
        1 => client.say("1").await?,
        _ => {}
    }
    it.leave_client(client).await
}

pub(super) async fn answer_never(it: &mut Mischief) -> Outcome {
    let mut client = it.enter().await?;
    it.emit(&mut client, None, json!(["join", "crowd"])).await?;
    for id in 0..it.rng.random_range(1..5) {
        let event = it.choose(&["call me", "call all", "call aside"]);
        it.emit(&mut client, Some(id), json!([event])).await?;
    }
    it.pause(800).await;
    it.leave_client(client).await
}

/// To what was not asked, twice, and with what is no answer.
pub(super) async fn answer_too_much(it: &mut Mischief) -> Outcome {
    let mut client = it.enter().await?;
    for _ in 0..20 {
        let id = it.choose(&[0, 1, 2, 1_000, 1 << 53, u64::MAX]);
        it.answer(&mut client, id, json!(["to nothing"])).await?;
    }
    it.emit(&mut client, None, json!(["call me", 1])).await?;
    // The id stands in front of the array, as does that of a packet with `id` in MessagePack.
    let asked = format!("{:?}", client.hear().await?);
    let digits = asked.chars().skip_while(|c| !c.is_ascii_digit()).skip(1);
    let id = digits.take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
    let answer =
        it.choose(&[json!([]), json!([1, 2]), json!([{ "error": 5 }]), json!({}), Value::Null]);
    it.answer(&mut client, id, answer.clone()).await?;
    it.answer(&mut client, id, answer).await?;
    it.leave_client(client).await
}

/// So much waits for it that it is given up.
pub(super) async fn read_never(it: &mut Mischief) -> Outcome {
    let mut client = it.enter().await?;
    it.emit(&mut client, None, json!(["join", "crowd"])).await?;
    let (times, size) = it.choose(&[(50, 50_000), (10_000, 10), (15, 50_000), (100, 5_000)]);
    it.emit(&mut client, None, json!(["flood", times, size])).await?;
    it.emit(&mut client, None, json!(["produce", 1_000])).await?;
    it.pause(4_000).await;
    it.leave_client(client).await
}

/// More than its handlers can take.
pub(super) async fn event_flood(it: &mut Mischief) -> Outcome {
    let mut client = it.enter().await?;
    let event = it.choose(&["slow", "number", "echo", "call me"]);
    let text = "x".repeat(it.choose(&[0, 1_000, 20_000]));
    for _ in 0..it.rng.random_range(10..300) {
        it.emit(&mut client, None, json!([event, text])).await?;
        it.emit(&mut client, None, json!(["slow", 10])).await?;
    }
    it.leave_client(client).await
}

pub(super) async fn room_flood(it: &mut Mischief) -> Outcome {
    let mut client = it.enter().await?;
    for _ in 0..it.rng.random_range(10..500) {
        let number = it.rng.random_range(0..1_000);
        let (event, room) = (it.choose(&["join", "join", "leave"]), format!("room {number}"));
        it.emit(&mut client, None, json!([event, room])).await?;
    }
    it.emit(&mut client, None, json!(["say", "room 1", "x".repeat(1_000)])).await?;
    it.leave_client(client).await
}

pub(super) async fn throw_out(it: &mut Mischief) -> Outcome {
    let mut client = it.enter().await?;
    it.emit(&mut client, None, json!(["join", "prey"])).await?;
    it.pause(100).await;
    for id in 0..10 {
        let event = it.choose(&["throw out", "hang up on all", "gather", "call all"]);
        it.emit(&mut client, Some(id), json!([event])).await?;
        it.emit(&mut client, Some(id), json!(["fetch", "prey"])).await?;
    }
    it.leave_client(client).await
}
