//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_10_engineio_server as subject;
#[path = "../../../tests/10_engineio_server.rs"]
mod l10_engineio_server;
