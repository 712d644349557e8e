//! The tests of this lesson, as the solution runs them and the starter too.

use socketio_packet as subject;
#[path = "../../../tests/12_socketio_packet.rs"]
mod l12_socketio_packet;
