//! What a request is for, in one of four forms (RFC 9112, section 3.2).
//!
//! ```text
//! /news?since=3                path and query
//! http://board/news?since=3    a whole URI, as one writes to a proxy
//! *                            only with OPTIONS: the server itself
//! board:4001                   only with CONNECT: where a tunnel is to lead
//! ```

/// Whether this is a target, in a form that goes with the method.
pub(crate) fn is_target(method: &[u8], target: &[u8]) -> bool {
    let Ok(target) = std::str::from_utf8(target) else { return false };
    let is_visible = target.bytes().all(|byte| byte.is_ascii_graphic());
    is_visible
        && match (method, target) {
            (b"CONNECT", place) => is_host_and_port(place),
            (b"OPTIONS", "*") => true,
            (_, uri) => {
                uri.starts_with('/')
                    || split_uri(uri)
                        .is_some_and(|(host, _)| !host.is_empty() && is_host(host.as_bytes()))
            }
        }
}

/// The host, with its port, and the rest of a target that is a whole URI; `None` for another form.
pub(crate) fn split_uri(target: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = target.split_once("://")?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    Some(rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len())))
}

/// What `board`, `board:4001` and `[::1]:4001` are made of (RFC 3986, section 3.2.2): no path, no user,
/// no white space. It may be empty.
pub(crate) fn is_host(value: &[u8]) -> bool {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(byte);
    value.iter().all(belongs)
}

/// A tunnel needs both, for CONNECT knows no usual port (RFC 9110, section 9.3.6).
fn is_host_and_port(place: &str) -> bool {
    place.rsplit_once(':').is_some_and(|(host, port)| {
        let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        !host.is_empty() && is_host(host.as_bytes()) && is_port
    })
}
