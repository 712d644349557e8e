//! The tests of this lesson, as the solution runs them and the starter too.

use http_message as subject;
#[path = "../../../tests/01_http_message.rs"]
mod l01_http_message;
