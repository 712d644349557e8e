//! The tests of this lesson, as the solution runs them and the starter too.

use websocket_chat as subject;
#[path = "../../../tests/07_websocket_chat.rs"]
mod l07_websocket_chat;
