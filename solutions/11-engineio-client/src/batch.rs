use std::collections::VecDeque;

use engineio_packet::Frame;

/// Takes from the front as many frames as one POST may carry: their payload, with the separators, is
/// at most `max_payload` bytes long. One frame is taken in any case.
pub fn take_batch(waiting: &mut VecDeque<Frame>, max_payload: Option<u64>) -> Vec<Frame> {
    // ANCHOR: step_11_2
    let limit =
        max_payload.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let mut length = 0;
    let mut count = 0;
    for frame in waiting.iter() {
        length += frame.text_len() + usize::from(count > 0);
        if count > 0 && length > limit {
            break;
        }
        count += 1;
    }
    waiting.drain(..count).collect()
    // ANCHOR_END: step_11_2
}
