//! What a flood leaves behind, in a process of its own: other tests would be counted too.

#[path = "stage.rs"]
#[allow(dead_code, reason = "the lesson's tests use the rest")]
mod stage;

use std::alloc::System;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Message;
use transcript::within;

use self::stage::{Stage, notes};
use super::subject::{Builder, Pattern, Server, Socket};
use super::{ALLOCATOR, Region};

/// Runs a test while no other allocates anything, nor gives it back.
fn alone<T>(test: impl Future<Output = T>) -> T {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut builder = runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().expect("a runtime").block_on(test)
}

#[test]
fn what_a_flood_of_events_made_grow_is_given_back() {
    alone(flood());
}

async fn flood() {
    const EVENTS: usize = 60_000;
    const WAITING: usize = 20_000;
    /// The buffers of the pipe and of both ends stay, and libtest's thread allocates a little beside them.
    const REST: usize = 200_000;
    let stage = Stage::new(Server::builder());
    let (note, mut notes) = notes();
    let gate = Arc::new(Notify::new());
    let opened = Arc::clone(&gate);
    stage
        .io
        .of("/")
        .on_connect(async move |socket: Socket| note.send(socket).expect("the test listens"))
        .on("wait", async move |_: Socket| opened.notified().await)
        .on("x", async |_: Socket| ());
    let mut client = stage.enter("client").await;
    let socket = notes.next("a socket").await;
    socket.emit("x", ());
    client.hear().await;
    let region = Region::new(ALLOCATOR);
    for _ in 0..EVENTS {
        socket.emit("x", ());
    }
    for _ in 0..EVENTS {
        let came = futures_util::StreamExt::next(&mut client.stream);
        within("an event", came).await.expect("the connection stands").expect("an event");
    }
    within("all to have left", socket.drained()).await;
    client.send(Message::text(r#"42["wait"]"#)).await;
    for _ in 0..WAITING {
        client.send(Message::text(r#"42["x"]"#)).await;
    }
    gate.notify_one();
    assert_eq!(client.ask(r#"420["x"]"#).await, "430[]");
    let rest = grown(&region);
    assert!(rest < REST, "expected less than {REST} bytes to be kept, came {rest}");
}

/// The longest message, here.
const LONG: usize = 100_000;

/// Eighty of them are four times as much. The buffers of both ends, the rooms and the transcript take a third of this.
const LITTLE: usize = 20 * LONG;

fn bounded() -> Builder {
    Server::builder().max_payload(LONG as u64)
}

/// A message of which most is of no use.
fn padded(before: &str, padding: &str, behind: &str) -> Message {
    let room = LONG - before.len() - behind.len();
    Message::text(format!("{before}{}{behind}", padding.repeat(room)))
}

/// What so much of this kind keeps: as a client sends it, until another namespace answers.
async fn kept(builder: Builder, messages: impl IntoIterator<Item = Message>) -> usize {
    let stage = Stage::new(builder);
    stage.io.of_dynamic(Pattern::new("/room-*"), |room| {
        room.on("wait", async |_: Socket| std::future::pending::<()>().await);
    });
    stage.io.of("/").on("are you there?", async |_: Socket| ());
    let mut client = stage.enter("client").await;
    client.enter("40/room-1,").await;
    let region = Region::new(ALLOCATOR);
    for message in messages {
        client.send(message).await;
    }
    client.send(Message::text(r#"420["are you there?"]"#)).await;
    while client.hear().await != "430[]" {}
    grown(&region)
}

fn grown(region: &Region<'_, System>) -> usize {
    let change = region.change();
    change.bytes_allocated.saturating_sub(change.bytes_deallocated)
}

#[test]
fn an_event_that_waits_keeps_no_more_than_it_says() {
    let spaces = vec![padded(r#"42/room-1,["wait"]"#, " ", "")];
    let zeros = vec![padded("42/room-1,", "0", r#"1["wait"]"#)];
    // The memory into which a long message was read has room for the next.
    let long = || padded("43/room-1,7[]", " ", "");
    let event = vec![long(), Message::text(r#"42/room-1,["wait"]"#)];
    let announced = Message::text(r#"451-/room-1,["wait"]"#);
    let attachment = vec![long(), announced, Message::binary(vec![4])];
    for one in [spaces, zeros, event, attachment] {
        let messages = std::iter::repeat_n(one, 100).flatten();
        let kept = alone(kept(bounded(), messages));
        assert!(kept < LITTLE, "a hundred events that say little, and they keep {kept} bytes");
    }
}

#[test]
fn an_event_that_is_handled_keeps_no_more_than_its_handler_does() {
    let rooms = (2..80).flat_map(|room| {
        let enter = Message::text(format!("40/room-{room},"));
        [enter, padded(&format!(r#"42/room-{room},["wait"]"#), " ", "")]
    });
    let kept = alone(kept(bounded(), rooms));
    assert!(kept < LITTLE, "handlers that took nothing, and their events keep {kept} bytes");
}

#[test]
fn what_a_client_shows_keeps_no_more_than_it_says() {
    let rooms = (2..80).map(|room| padded(&format!("40/room-{room},"), "0", r#"{"a":1}"#));
    let kept = alone(kept(bounded(), rooms));
    assert!(kept < LITTLE, "it shows little, and that keeps {kept} bytes");
}
