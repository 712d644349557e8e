//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_05_websocket_frame as subject;
#[path = "../../../tests/05_websocket_frame.rs"]
mod l05_websocket_frame;
