//! What happens between two things that each go well: ends while somebody comes in, panics halfway,
//! clients that choose what a log says. Beside the lesson, whose steps it would only lengthen.

use lesson_15_socketio_server as subject;

#[path = "../../../tests/15_socketio_server/corners.rs"]
mod corners;
