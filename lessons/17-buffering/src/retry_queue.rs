use std::time::{Duration, Instant};

use socketio_packet::AckId;

use crate::{Backlog, Bound, Overflow};

/// Packets that are sent until they are answered, one after the other.
///
/// ```text
///            send_next            answered: gone, and the next one's turn
///  waiting ────────────▶ in flight ──────▶
///     ▲                      │
///     └── timeout, or ───────┴── and after the last time: given up
///         disconnected
/// ```
///
/// Each is sent up to `retries + 1` times. None is sent before the one in front of it is answered or
/// given up, so they arrive in order; and whoever asks hears of it exactly once. An answer may be lost where the
/// packet was not: the other end may see it more than once.
#[derive(Debug)]
pub struct RetryQueue<P, T> {
    retries: u32,
    queue: Backlog<Retried<P, T>>,
    /// How often the first was sent.
    sends: u32,
    /// Whether the first waits for its answer.
    in_flight: bool,
    /// Until when it does.
    deadline: Option<Instant>,
}

/// A packet that is sent until it is answered.
#[derive(Debug)]
pub struct Retried<P, T> {
    /// Under which number the answer comes. It stays the same, so a late answer is one as well.
    pub id: AckId,
    /// It.
    pub packet: P,
    /// How long it waits for an answer, each time.
    pub timeout: Duration,
    /// Who asks.
    pub asker: T,
}

impl<P: Clone, T> RetryQueue<P, T> {
    /// An empty one.
    #[must_use]
    pub fn new(bound: Bound, retries: u32) -> Self {
        Self {
            retries,
            queue: Backlog::new(bound, Overflow::Refuse),
            sends: 0,
            in_flight: false,
            deadline: None,
        }
    }

    /// One more, of `size` bytes. It comes back if no more may wait.
    #[must_use = "what is refused is lost silently otherwise"]
    pub fn push(&mut self, retried: Retried<P, T>, size: usize) -> Option<Retried<P, T>> {
        self.queue.push(retried, size).pop()
    }

    /// The first, to be sent, if it does not wait for its answer already. There is a connection.
    pub fn send_next(&mut self, now: Instant) -> Option<P> {
        // TODO step 17.4: Send it until it is answered
        //
        // At most once is what you have so far: what was sent into a broken connection is gone. The
        // queue sends its first packet, and nothing else, until it is answered. `send_next` does
        // nothing while the first is in flight; else it notes that it is, counts the send, sets the
        // deadline (a timeout may be so long that there is none), and gives a clone of the packet.
        // An answer is one if something is in flight and it bears its number: then `self.settle()`
        // takes the first out, and gives who asked. `fail` is called when no answer came this time,
        // by the deadline or since the connection broke: the first is in flight no more, and if it
        // was sent `retries + 1` times, it is given up, by `self.settle()` too. If a transcript
        // says `is connected` before such a packet is sent, `handle_connect` of step 17.1 has the
        // two the wrong way round. (Socket.IO, "Delivery guarantees", "At least once")
        //
        // Stuck? cargo course hint 17.4
        todo!("step 17.4: Send it until it is answered (cargo course hint 17.4)")
    }

    /// An answer came: whose is it? It may answer any of the times that the first was sent.
    pub fn handle_ack(&mut self, id: AckId) -> Option<T> {
        // TODO step 17.4, continued: see `RetryQueue::send_next` in src/retry_queue.rs
        None
    }

    /// It is later now. Who is given up.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<T> {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return None;
        }
        self.fail()
    }

    /// The connection broke, and the answer with it. Who is given up.
    pub fn handle_disconnect(&mut self) -> Option<T> {
        if self.in_flight { self.fail() } else { None }
    }

    /// When [`RetryQueue::handle_timeout`] is to be called next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether none does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// This time no answer came.
    fn fail(&mut self) -> Option<T> {
        // TODO step 17.4, continued: see `RetryQueue::send_next` in src/retry_queue.rs
        todo!("step 17.4: Send it until it is answered (cargo course hint 17.4)")
    }

    /// The first is done with.
    fn settle(&mut self) -> Option<T> {
        self.in_flight = false;
        self.deadline = None;
        self.sends = 0;
        self.queue.pop().map(|retried| retried.asker)
    }
}
