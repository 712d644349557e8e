//! A fixed piece of work, timed again and again: how quiet the machine was.

use std::hash::{DefaultHasher, Hasher};
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::statistics::Spread;

const HASHED: usize = 64 << 10;
const HASHES: usize = 200;

const MESSAGE: usize = 128;
const MESSAGES: usize = 2000;

/// By the clock on the wall, for who is kept waiting by others is slow as well.
#[derive(Default)]
pub(crate) struct Calibration {
    user: Vec<f64>,
    kernel: Vec<f64>,
}

impl Calibration {
    /// Does the work once.
    pub(crate) fn take(&mut self) -> io::Result<()> {
        self.user.push(compute().as_secs_f64());
        self.kernel.push(converse()?.as_secs_f64());
        Ok(())
    }

    pub(crate) fn user(&self) -> Option<Spread> {
        Spread::of(&self.user)
    }

    pub(crate) fn kernel(&self) -> Option<Spread> {
        Spread::of(&self.kernel)
    }
}

/// Nothing but instructions.
fn compute() -> Duration {
    let bytes = vec![7; HASHED];
    let start = Instant::now();
    let mut hasher = DefaultHasher::new();
    for _ in 0..HASHES {
        hasher.write(black_box(&bytes));
    }
    black_box(hasher.finish());
    start.elapsed()
}

/// Hardly anything but the kernel: what one end of a connection writes, the other reads.
fn converse() -> io::Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut sender = TcpStream::connect(listener.local_addr()?)?;
    let (mut receiver, _) = listener.accept()?;
    sender.set_nodelay(true)?;
    let mut message = [0; MESSAGE];
    let start = Instant::now();
    for _ in 0..MESSAGES {
        sender.write_all(&message)?;
        receiver.read_exact(&mut message)?;
    }
    Ok(start.elapsed())
}
