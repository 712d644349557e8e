use http_message::Headers;

use crate::Refusal;
use crate::shown::shown_header;

/// What a server grants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The pages that may connect.
    pub origins: Origins,
    /// The subprotocols that the server speaks, the best first. With none of them the connection
    /// opens all the same.
    pub subprotocols: Vec<String>,
}

/// The pages that may connect: their `Origin`, such as `https://board.example`.
///
/// The rule that keeps a page from reading other sites does not hold for WebSockets: a browser opens
/// one from any page to any server, and sends along the cookies of that server (but for those that
/// their `SameSite` holds back). Without this check any page could speak to the server from its
/// visitor's place and in its visitor's name.
///
/// Only browsers send an `Origin`, and only of browsers can it be believed; a client without one is
/// not a page and passes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origins {
    /// Pages whose host and port are those that the request itself is for. The scheme is not compared,
    /// for behind a proxy a server does not know its own.
    #[default]
    SameHost,
    /// Pages of these origins. For a server without a name of its own, such as one on localhost, this
    /// is the better choice: whoever controls a domain can point it, and so the `Host`, at any address.
    Only(Vec<String>),
    /// All pages. Right only where a connection may do nothing that a stranger may not.
    Any,
}

impl Origins {
    /// Checks every `Origin` of a request.
    ///
    /// # Errors
    ///
    /// [`Refusal::Origin`]: "if the server does not wish to accept this connection, it MUST return an
    /// appropriate HTTP error code (e.g., 403 Forbidden)" (RFC 6455, section 4.2.2, step 4).
    pub(crate) fn check(&self, headers: &Headers) -> Result<(), Refusal> {
        // TODO step 4.5, continued: see `refuse_what_is_no_upgrade` in src/strict.rs
        Ok(())
    }

    /// Whether a page of this origin may connect to this host. An origin that hides itself, `null`,
    /// is nobody's host.
    fn allows(&self, origin: &[u8], host: &[u8]) -> bool {
        match self {
            Self::SameHost => {
                let origin = String::from_utf8_lossy(origin);
                origin
                    .split_once("://")
                    .is_some_and(|(_, page)| page.as_bytes().eq_ignore_ascii_case(host))
            }
            Self::Only(allowed) => {
                allowed.iter().any(|allowed| origin.eq_ignore_ascii_case(allowed.as_bytes()))
            }
            Self::Any => true,
        }
    }
}
