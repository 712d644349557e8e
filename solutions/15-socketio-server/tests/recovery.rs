//! Clients whose connection breaks, and who come back as who they were. Beside the lesson, which has no step for it.

use socketio_server as subject;

#[path = "../../../tests/15_socketio_server/recovery.rs"]
mod recovery;
