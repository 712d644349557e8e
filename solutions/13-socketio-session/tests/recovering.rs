//! Clients that may come back as who they were. Beside the lesson, whose steps let everybody in as somebody new.

use socketio_session as subject;

#[path = "../../../tests/13_socketio_session/recovering.rs"]
mod recovering;
