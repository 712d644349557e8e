use std::time::Instant;

use super::subject::{Config, Output, Session};

const OPEN: &str = r#"0{"sid":"A","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

#[test]
fn s1_a_session_begins_with_a_poll_and_a_websocket() {
    let _step = transcript::step!();
    let mut session = Session::open_polling(&OPEN.into(), Config::default(), Instant::now())
        .expect("this is a handshake");
    assert_eq!(session.poll_output(), Some(Output::Poll));
    assert_eq!(session.poll_output(), Some(Output::OpenWebSocket));
    assert_eq!(session.poll_output(), None);
}
