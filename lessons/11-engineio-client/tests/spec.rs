//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_11_engineio_client as subject;
#[path = "../../../tests/11_engineio_client.rs"]
mod l11_engineio_client;
