use std::sync::{Arc, atomic::AtomicBool};

use crate::namespaces::Namespaces;
use crate::settings::Settings;

/// What all connections of a server have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Arc<Settings>,
    pub(crate) namespaces: Arc<Namespaces>,
    /// Set before the connections are told to end.
    pub(crate) stopping: AtomicBool,
}
