//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_18_socketio_client as subject;
#[path = "../../../tests/18_socketio_client.rs"]
mod l18_socketio_client;
