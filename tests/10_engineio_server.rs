//! Lesson 10: sessions over HTTP and WebSocket.

use super::subject::Server;

#[test]
fn s1_a_server_begins_without_sessions() {
    let _step = transcript::step!();
    assert_eq!(Server::builder().build().sessions(), 0);
}
