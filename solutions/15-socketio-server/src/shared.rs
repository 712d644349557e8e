use std::sync::{Arc, atomic::AtomicBool};

use crate::namespaces::Namespaces;
use crate::settings::Settings;
use crate::stats::Counters;

/// What all connections of a server have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Arc<Settings>,
    pub(crate) namespaces: Arc<Namespaces>,
    pub(crate) counters: Arc<Counters>,
    /// Set before the connections are told to end.
    pub(crate) stopping: AtomicBool,
}
