//! How long a client waits before each attempt: without jitter, and three that leave it to chance.
//!
//!     cargo run -p lesson-16-reconnection --example delays

use std::time::Duration;

use lesson_16_reconnection::{Backoff, Clamp, Delays};

fn main() {
    let defaults = Delays::default();
    print("no jitter", &Delays { jitter: 0.0, ..defaults.clone() });
    for client in ["one client", "another", "a third"] {
        print(client, &defaults);
    }
    print("max, then jitter", &Delays { clamp: Clamp::BeforeJitter, ..defaults });
}

fn print(name: &str, delays: &Delays) {
    let mut backoff = Backoff::new(delays.clone());
    let delays = (0..8).map(|_| backoff.next(rand::random::<f64>()));
    let delays: Vec<_> = delays.map(|delay| format!("{:>6}", seconds(delay))).collect();
    println!("{name:<18}{}", delays.concat());
}

fn seconds(delay: Duration) -> String {
    format!("{:.2}", delay.as_secs_f64())
}
