//! What a flood leaves behind, in a process of its own: other tests would be counted too.

#[path = "stage.rs"]
#[allow(dead_code, reason = "the lesson's tests use the rest")]
mod stage;

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Message;
use transcript::within;

use self::stage::{Stage, notes};
use super::subject::{Server, Socket};
use super::{ALLOCATOR, Region};

#[tokio::test(start_paused = true)]
async fn what_a_flood_of_events_made_grow_is_given_back() {
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
    let change = region.change();
    let rest = change.bytes_allocated.saturating_sub(change.bytes_deallocated);
    assert!(rest < REST, "expected less than {REST} bytes to be kept, came {rest}");
}
