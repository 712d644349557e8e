//! The tests of this lesson, as the solution runs them and the starter too.

use socketio_client as subject;
#[path = "../../../tests/18_socketio_client.rs"]
mod l18_socketio_client;
