//! The tests of this lesson, as the solution runs them and the starter too.

use websocket_connection as subject;
#[path = "../../../tests/06_websocket_connection.rs"]
mod l06_websocket_connection;
