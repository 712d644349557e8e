//! Times as a transcript writes them.

use std::time::Duration;

/// A pause as long as this is worth drawing.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// `250ms`, `25s`, `1.250s`
pub(super) fn spoken(time: Duration) -> String {
    match (time.as_secs(), time.subsec_millis()) {
        (0, millis) => format!("{millis}ms"),
        (secs, 0) => format!("{secs}s"),
        (secs, millis) => format!("{secs}.{millis:03}s"),
    }
}

/// A pause, to a tenth of a second: its exact ends stand above and below it.
pub(super) fn pause(passed: Duration) -> String {
    format!("+{}s", (passed.as_secs_f64() * 10.0).round() / 10.0)
}
