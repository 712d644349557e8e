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
    // TODO step 4.5: Refuse what is no handshake
    //
    // Until now the server gives a WebSocket to whoever sends a key, to a page of any other site
    // too, with the visitor's cookies. `refuse_what_is_no_upgrade` wants the method GET, HTTP/1.1,
    // the token `websocket` in `Upgrade`, the token `upgrade` in `Connection`, and no body, in this
    // order. `refuse_other_version` wants `the_one` version to be 13. `Key::parse` wants base64 of
    // exactly 16 bytes, and keeps the text. `Origins::check` wants every `Origin` that came to be
    // allowed for the `Host` (`self.allows`); when none came, there is nothing to forbid. The
    // documentation above each names the refusals; `shown` and `shown_header` make the text for
    // `came`. (RFC 6455, sections 4.2.1, 4.2.2, 4.4 and 10.2)
    //
    // Stuck? cargo course hint 4.5
    Ok(())
}

/// Refuses any version but 13, the only one that was ever finished (RFC 6455, section 4.4).
///
/// # Errors
///
/// [`Refusal::Once`], or [`Refusal::Version`], whose answer names the version to use.
pub(crate) fn refuse_other_version(headers: &Headers) -> Result<(), Refusal> {
    // TODO step 4.5, continued: see `refuse_what_is_no_upgrade` in src/strict.rs
    Ok(())
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
