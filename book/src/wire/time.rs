//! Times as a transcript writes them.

use std::time::Duration;

/// `250ms`, `25s`, `1.250s`
pub(super) fn spoken(time: Duration) -> String {
    match (time.as_secs(), time.subsec_millis()) {
        (0, millis) => format!("{millis}ms"),
        (secs, 0) => format!("{secs}s"),
        (secs, millis) => format!("{secs}.{millis:03}s"),
    }
}
