use std::collections::VecDeque;

use engineio_packet::Frame;

/// Takes from the front as many frames as one POST may carry: their payload, with the separators, is
/// at most `max_payload` bytes long. One frame is taken in any case.
pub fn take_batch(waiting: &mut VecDeque<Frame>, max_payload: Option<u64>) -> Vec<Frame> {
    // TODO step 11.2: What one POST carries
    //
    // The server refuses a body of more than `maxPayload` bytes with 413, and that ends the
    // session. So what waits is cut: `take_batch` takes from the front as many frames as fit, with
    // the separator of one byte between two of them; one frame in any case, or nothing would ever
    // leave. A server that names no limit (`None`) takes everything. `next_post` sends a batch, if
    // no POST is under way: two at once could overtake each other. What is taken is not buffered
    // any more. `check` refuses, before it is sent, what could not be sent or may not wait: the
    // session is closed, or closing (`Pausing` knows it, too); the message alone is longer than
    // `maxPayload`, by its `text_len` on polling and by its `len` on a WebSocket; with it, more
    // than `max_buffered` would wait. (Engine.IO protocol, "HTTP long-polling")
    //
    // Stuck? cargo course hint 11.2
    todo!("step 11.2: What one POST carries (cargo course hint 11.2)")
}
