use std::time::Duration;

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
    match tokio::time::timeout(DEADLINE, future).await {
        Ok(output) => output,
        Err(_) => panic!("waited {DEADLINE:?} for {awaited}, and it did not come"),
    }
}
