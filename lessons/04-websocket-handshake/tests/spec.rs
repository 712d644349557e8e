//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_04_websocket_handshake as subject;
#[path = "../../../tests/04_websocket_handshake.rs"]
mod l04_websocket_handshake;
