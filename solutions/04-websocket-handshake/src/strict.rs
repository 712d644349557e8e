//! What is not the opening handshake of a WebSocket is refused.
//!
//! Some of it is a mistake, some of it an attack: the key and the list of exact demands exist so that
//! nobody can make a browser, or a server, take part in a WebSocket without knowing it.

use http_message::{Headers, Request, Version};

use crate::Refusal;
use crate::shown::{shown, shown_header};

/// Refuses a request that does not ask for a WebSocket (RFC 6455, section 4.2.1, points 1 to 4).
///
/// # Errors
///
/// - [`Refusal::Method`]: it is "a GET request".
/// - [`Refusal::Http10`]: "a server MUST ignore an Upgrade header field that is received in an HTTP/1.0
///   request" (RFC 9110, section 7.8).
/// - [`Refusal::NoUpgrade`]: `Upgrade` does not hold the token `websocket`, or `Connection` does not
///   hold `upgrade`, both in any case.
/// - [`Refusal::Body`]: there is a body. To a server that does not expect one it would be the first
///   frame, and what can be read in two ways is refused.
pub(crate) fn refuse_what_is_no_upgrade(request: &Request) -> Result<(), Refusal> {
    // ANCHOR: step_4_5
    if request.method != "GET" {
        return Err(Refusal::Method { came: request.method.clone() });
    }
    if request.version < Version::Http11 {
        return Err(Refusal::Http10);
    }
    for (name, token) in [("Upgrade", "websocket"), ("Connection", "upgrade")] {
        if !request.headers.has_token(name, token) {
            let came = shown_header(&request.headers, name);
            return Err(Refusal::NoUpgrade { name, token, came });
        }
    }
    if !request.body.is_empty() {
        return Err(Refusal::Body { came: request.body.len() });
    }
    Ok(())
    // ANCHOR_END: step_4_5
}

/// Refuses any version but 13, the only one that was ever finished (RFC 6455, section 4.4).
///
/// # Errors
///
/// [`Refusal::Once`], or [`Refusal::Version`], whose answer names the version to use.
pub(crate) fn refuse_other_version(headers: &Headers) -> Result<(), Refusal> {
    // ANCHOR: step_4_5_b
    match the_one("Sec-WebSocket-Version", headers)? {
        b"13" => Ok(()),
        came => Err(Refusal::Version { came: shown(came) }),
    }
    // ANCHOR_END: step_4_5_b
}

/// The value of a header that has to be there and "MUST NOT appear more than once" (RFC 6455,
/// sections 11.3.1 and 11.3.5).
///
/// # Errors
///
/// [`Refusal::Once`].
pub(crate) fn the_one<'a>(name: &'static str, headers: &'a Headers) -> Result<&'a [u8], Refusal> {
    match headers.get_all(name).count() {
        1 => Ok(headers.get(name).expect("it was just counted")),
        came => Err(Refusal::Once { name, came }),
    }
}
