//! What events keep that wait, in a process of its own: other tests would be counted too.

#[path = "stage.rs"]
#[allow(dead_code, reason = "the lesson's tests use the rest")]
mod stage;

use self::stage::Stage;
use super::subject::Socket;
use super::{ALLOCATOR, Region};

/// So long is each message, of which most is of no use.
const LONG: usize = 50_000;

/// A hundred of them are five times as much. The buffers of both ends take a fifth of this.
const LITTLE: usize = 20 * LONG;

#[tokio::test]
async fn an_event_that_waits_keeps_no_more_than_it_says() {
    let stage = Stage::new().await;
    let client = stage.client();
    for name in ["/", "/late"] {
        client.of(name).on("wait", async |_: Socket| std::future::pending::<()>().await).open();
    }
    let mut peer = stage.accept().await;
    peer.welcome("40", r#"40{"sid":"A"}"#).await;
    assert_eq!(peer.hear_unseen("a CONNECT").await, "40/late,");
    for event in [r#"42["wait"]"#, r#"42/late,["wait"]"#] {
        let region = Region::new(ALLOCATOR);
        for _ in 0..100 {
            peer.send_unseen(&format!("{event:LONG$}")).await;
        }
        peer.hear_nothing().await; // so all has been taken
        let change = region.change();
        let kept = change.bytes_allocated.saturating_sub(change.bytes_deallocated);
        assert!(kept < LITTLE, "a hundred of {event}, and they keep {kept} bytes");
    }
}
