use std::time::Instant;

use crate::Dial;

/// Where a [`Manager`](crate::Manager) stands.
// ANCHOR: state
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There is no connection, and none will be until the application opens it.
    Closed,
    /// It dials.
    Opening {
        /// This.
        dial: Dial,
        /// Until then.
        deadline: Option<Instant>,
    },
    /// There is a connection.
    Open {
        /// What it came of.
        dial: Dial,
    },
    /// It dials again later.
    Waiting {
        /// Then.
        until: Instant,
    },
}
// ANCHOR_END: state
