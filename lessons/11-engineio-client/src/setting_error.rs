use thiserror::Error;

/// Why a client cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SettingError {
    /// The text is no URL.
    #[error("expected a URL such as http://localhost:3000, came {came:?}: {problem}")]
    Url {
        /// The text.
        came: String,
        /// What is wrong with it.
        problem: String,
    },
    /// It is a URL of something else.
    #[error("expected a URL that begins with http, https, ws or wss, came {came}")]
    Scheme {
        /// What it begins with.
        came: String,
    },
    /// A path in the URL would mean two things: the server's, and in Socket.IO the namespace.
    #[error("expected a URL without a path, came {came}; give the server's path with path(…)")]
    Path {
        /// The path.
        came: String,
    },
    /// The URL holds a name or a password, which would end up in logs.
    #[error(
        "expected a URL without name and password; send them with header(\"authorization\", …)"
    )]
    Credentials,
    /// `https` or `wss`, without this crate's feature.
    #[error("expected http or ws, came {came}; https and wss need the feature tls of this crate")]
    NoTls {
        /// The scheme.
        came: String,
    },
    /// The certificates that the system trusts cannot be loaded.
    #[error("expected the system's certificates: {problem}")]
    Certificates {
        /// What the system says.
        problem: String,
    },
    /// It cannot be sent as a header.
    #[error("expected a header's name and value, came {name:?}: {problem}")]
    Header {
        /// The name.
        name: String,
        /// What is wrong with one of them.
        problem: String,
    },
}
