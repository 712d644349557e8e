//! Nothing: the conversations are this crate's tests.
