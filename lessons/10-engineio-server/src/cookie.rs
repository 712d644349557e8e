use std::fmt::Write as _;
use std::time::Duration;

use engineio_packet::Sid;
use hyper::header::HeaderValue;

/// A cookie with the session's id, for a proxy in front of several servers: all requests of a session
/// have to reach the same one. The server itself never reads it.
///
/// It is set by the answer that opens a session on polling. Who begins on a WebSocket needs none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Its name: `io`.
    pub name: String,
    /// The paths that get it back: `/`.
    pub path: Option<String>,
    /// The host, with all below it, that gets it back: this host alone.
    pub domain: Option<String>,
    /// How long it is kept: until the browser is closed.
    pub max_age: Option<Duration>,
    /// Whether scripts cannot read it: yes.
    pub http_only: bool,
    /// Whether it travels over TLS alone: no.
    pub secure: bool,
    /// Whether it comes with requests that begin on other sites: `Lax`.
    pub same_site: Option<SameSite>,
}

/// See [`Cookie::same_site`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// With requests of the same site.
    Strict,
    /// And when somebody follows a link to it.
    Lax,
    /// With all requests. Browsers want [`Cookie::secure`] for it.
    None,
}

impl Default for Cookie {
    fn default() -> Self {
        Self {
            name: "io".to_owned(),
            path: Some("/".to_owned()),
            domain: None,
            max_age: None,
            http_only: true,
            secure: false,
            same_site: Some(SameSite::Lax),
        }
    }
}

impl Cookie {
    /// The header's value (RFC 6265, section 4.1), its parts in the reference's order. `None` if a part
    /// holds what no header can.
    pub(crate) fn to_header(&self, sid: &Sid) -> Option<HeaderValue> {
        let mut text = format!("{}={sid}", self.name);
        if let Some(age) = self.max_age {
            write!(text, "; Max-Age={}", age.as_secs()).expect("a String takes every write");
        }
        for (name, value) in [("Domain", &self.domain), ("Path", &self.path)] {
            if let Some(value) = value {
                write!(text, "; {name}={value}").expect("a String takes every write");
            }
        }
        text += if self.http_only { "; HttpOnly" } else { "" };
        text += if self.secure { "; Secure" } else { "" };
        text += match self.same_site {
            Some(SameSite::Strict) => "; SameSite=Strict",
            Some(SameSite::Lax) => "; SameSite=Lax",
            Some(SameSite::None) => "; SameSite=None",
            None => "",
        };
        HeaderValue::try_from(text).ok()
    }
}
