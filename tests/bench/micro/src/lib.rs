//! How long the inner loops of the course's layers take, beside those of other crates: see `benches/`.
//!
//!     cargo bench -p micro-bench
//!
//! A crate of its own, so that nobody who takes a lesson has to build a benchmark's dependencies. It
//! goes by the switchboard: after `cargo course use-mine 05` it measures the crate that you wrote.
