//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_14_socketio_rooms as subject;
#[path = "../../../tests/14_socketio_rooms.rs"]
mod l14_socketio_rooms;
