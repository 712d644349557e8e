//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_15_socketio_server as subject;
#[path = "../../../tests/15_socketio_server.rs"]
mod l15_socketio_server;
