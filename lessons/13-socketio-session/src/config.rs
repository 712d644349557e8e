use std::time::Duration;

/// How connections go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How long a connection may take until it has joined its first namespace: 45 s, the reference's
    /// default.
    pub connect_timeout: Duration,
    /// In how many namespaces one connection may be: 100. Beyond, it is refused.
    pub max_namespaces: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(45), max_namespaces: 100 }
    }
}
