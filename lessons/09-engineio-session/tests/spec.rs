//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_09_engineio_session as subject;
#[path = "../../../tests/09_engineio_session.rs"]
mod l09_engineio_session;
