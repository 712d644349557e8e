//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_13_socketio_session as subject;
#[path = "../../../tests/13_socketio_session.rs"]
mod l13_socketio_session;
