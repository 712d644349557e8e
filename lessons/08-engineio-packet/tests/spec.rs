//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_08_engineio_packet as subject;
#[path = "../../../tests/08_engineio_packet.rs"]
mod l08_engineio_packet;
