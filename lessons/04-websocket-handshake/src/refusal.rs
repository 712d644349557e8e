use http_message::{Response, Status};
use thiserror::Error;

/// Why a server does not change the protocol. All of these are the client's doing.
///
/// The text is the body of the [response](Self::to_response): it says what was expected, what came
/// and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A WebSocket begins with GET.
    #[error("expected GET, came {came}; a WebSocket begins with GET")]
    Method {
        /// The method.
        came: String,
    },
    /// Too old to change the protocol.
    #[error("expected HTTP/1.1, came HTTP/1.0, which cannot change the protocol")]
    Http10,
    /// A request like any other.
    #[error(
        "expected the token `{token}` in the header {name}, came {came}; at this target is only a WebSocket"
    )]
    NoUpgrade {
        /// The header.
        name: &'static str,
        /// What it has to hold.
        token: &'static str,
        /// Its values.
        came: String,
    },
    /// A body before the first frame.
    #[error("expected a request without a body, came a body of {came} bytes; send it in a frame")]
    Body {
        /// In bytes.
        came: usize,
    },
    /// A header is missing, or is there several times.
    #[error("expected one {name} header, came {came}; send exactly one")]
    Once {
        /// The header.
        name: &'static str,
        /// How many came.
        came: usize,
    },
    /// Another version of WebSocket.
    #[error(
        "expected Sec-WebSocket-Version 13, came `{came}`; this server speaks no other version"
    )]
    Version {
        /// The version.
        came: String,
    },
    /// A page that may not connect.
    #[error("expected an Origin that this server allows, came {came}")]
    Origin {
        /// All origins that came.
        came: String,
    },
    /// Not a key.
    #[error("expected a Sec-WebSocket-Key of 16 bytes in base64, came `{came}`")]
    Key {
        /// The value.
        came: String,
    },
}

impl Refusal {
    /// The status that the RFCs ask for.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Method { .. } => Status::METHOD_NOT_ALLOWED,
            Self::Http10 | Self::NoUpgrade { .. } | Self::Version { .. } => {
                Status::UPGRADE_REQUIRED
            }
            Self::Origin { .. } => Status::FORBIDDEN,
            Self::Body { .. } | Self::Once { .. } | Self::Key { .. } => Status::BAD_REQUEST,
        }
    }

    /// The answer to the client. It announces that the connection will be closed, and it has to be:
    /// a proxy may believe that the protocol has changed, and pass on unseen whatever follows.
    #[must_use]
    pub fn to_response(&self) -> Response {
        let refused = Response::text(self.status(), format!("{self}\n")).closing();
        self.advice().iter().fold(refused, |response, (name, value)| {
            response.with_header(name, value).expect("these headers can be sent")
        })
    }

    /// The headers that tell a client what to do instead.
    fn advice(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            // "The origin server MUST generate an Allow header field in a 405 response" (RFC 9110,
            // section 15.5.6).
            Self::Method { .. } => &[("Allow", "GET")],
            // "The server MUST send an Upgrade header field in a 426 response" (RFC 9110, section
            // 15.5.22), and whoever sends one names it in Connection (section 7.8).
            Self::Http10 | Self::NoUpgrade { .. } => {
                &[("Upgrade", "websocket"), ("Connection", "Upgrade")]
            }
            // "[…] and a |Sec-WebSocket-Version| header field indicating the version(s) the server
            // is capable of understanding" (RFC 6455, section 4.2.2).
            Self::Version { .. } => &[
                ("Upgrade", "websocket"),
                ("Connection", "Upgrade"),
                ("Sec-WebSocket-Version", "13"),
            ],
            _ => &[],
        }
    }
}
