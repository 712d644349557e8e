use std::time::{Duration, Instant};

use super::subject::{Heartbeat, Pulse};

#[test]
fn s1_the_first_ping_is_due_after_one_interval() {
    let _step = transcript::step!();
    let start = Instant::now();
    let (interval, timeout) = (Duration::from_secs(25), Duration::from_secs(20));
    let mut heartbeat = Heartbeat::start(interval, timeout, start);
    assert_eq!(heartbeat.handle_timeout(start), None);
    assert_eq!(heartbeat.handle_timeout(start + interval), Some(Pulse::Ping));
}
