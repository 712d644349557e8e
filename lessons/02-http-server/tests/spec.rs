//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_02_http_server as subject;
#[path = "../../../tests/02_http_server.rs"]
mod l02_http_server;
