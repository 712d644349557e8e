use std::time::{Duration, Instant};

/// How long a test waits for one thing. Long, for a machine under load; a test that passes never
/// waits for it.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Waits for `future` for at most [`DEADLINE`].
///
/// `awaited` completes the sentence "waited 10s for …".
///
/// # Panics
///
/// When the time is over, saying what was awaited.
pub async fn within<F: Future>(awaited: &str, future: F) -> F::Output {
    let began = Instant::now();
    match tokio::time::timeout(DEADLINE, future).await {
        Ok(output) => output,
        // tokio's paused clock jumps to the deadline as soon as nobody has anything to do.
        Err(_) if began.elapsed() < DEADLINE => {
            panic!("waited {DEADLINE:?} of virtual time for {awaited}, and it did not come")
        }
        Err(_) => panic!("waited {DEADLINE:?} for {awaited}, and it did not come"),
    }
}
