//! When a collection gives back what it does not need.

/// Whether it holds far more room than for `len`.
pub(crate) fn is_sparse(len: usize, capacity: usize) -> bool {
    capacity > 32 && len < capacity / 4
}

/// How much it keeps then. As much again has to come or go before the next time, so that giving back
/// costs nothing, seen over all that came and went.
pub(crate) fn room_for(len: usize) -> usize {
    2 * len
}
