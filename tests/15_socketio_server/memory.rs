//! What a flood leaves behind, in a process of its own: other tests would be counted too.

#[path = "stage.rs"]
#[allow(dead_code, reason = "the lesson's tests use the rest")]
mod stage;

use transcript::within;

use self::stage::{Stage, notes};
use super::subject::{Server, Socket};
use super::{ALLOCATOR, Region};

#[tokio::test(start_paused = true)]
async fn what_a_flood_of_events_made_grow_is_given_back() {
    const EVENTS: usize = 60_000;
    /// The test's own thread, and libtest's, allocate a little beside it.
    const REST: usize = 100_000;
    let stage = Stage::new(Server::builder());
    let (note, mut notes) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| {
        note.send(socket).expect("the test listens");
    });
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
    let change = region.change();
    let rest = change.bytes_allocated.saturating_sub(change.bytes_deallocated);
    assert!(rest < REST, "expected less than {REST} bytes to be kept, came {rest}");
}
