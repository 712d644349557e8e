//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_01_http_message as subject;
#[path = "../../../tests/01_http_message.rs"]
mod l01_http_message;
