//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_16_reconnection as subject;
#[path = "../../../tests/16_reconnection.rs"]
mod l16_reconnection;
