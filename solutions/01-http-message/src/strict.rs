//! What could be read in two ways is refused.
//!
//! Between a client and a server stand proxies, and each reads the same bytes. Where two of them
//! disagree about where a request ends, a request can be hidden in the body of another: request
//! smuggling (RFC 9112, section 11.2). The cure is to read strictly.

use crate::target::is_host;
use crate::{Headers, Refusal, Version};

/// Refuses a header line that another reader could read differently.
///
/// # Errors
///
/// - [`Refusal::ControlCharacter`]: any but the tab. "a recipient of such a bare CR MUST consider that
///   element to be invalid or replace each bare CR with SP" (section 2.2), and the others are invalid
///   in a value as well (RFC 9110, section 5.5). Some readers take them for white space.
/// - [`Refusal::Folded`]: the line begins with white space, as a continued header did in old times
///   (section 5.2). Right after the request line, too: section 2.2 asks to reject or to ignore it.
/// - [`Refusal::SpaceBeforeColon`]: "a server MUST reject, with a response status code of 400 (Bad
///   Request), any received request message that contains whitespace between a header field name and
///   colon" (section 5.1).
pub(crate) fn refuse_misleading_line(line: &[u8]) -> Result<(), Refusal> {
    // ANCHOR: step_1_4
    if line.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
        return Err(Refusal::control_character(line));
    }
    if let [b' ' | b'\t', ..] = line {
        return Err(Refusal::folded(line));
    }
    if let Some(colon) = line.iter().position(|byte| *byte == b':')
        && let [.., b' ' | b'\t'] = line[..colon]
    {
        return Err(Refusal::space_before_colon(line));
    }
    Ok(())
    // ANCHOR_END: step_1_4
}

/// Refuses headers from which two readers could take two lengths of the body.
///
/// # Errors
///
/// - [`Refusal::LengthAndCoding`]: `Content-Length` together with `Transfer-Encoding` "might indicate
///   an attempt to perform request smuggling […] and ought to be handled as an error" (section 6.3).
/// - [`Refusal::TransferCoding`]: if "the chunked transfer coding is not the final encoding, the message
///   body length cannot be determined reliably; the server MUST respond with the 400 (Bad Request)
///   status code" (section 6.3).
/// - [`Refusal::LengthRequired`]: otherwise the body comes in chunks. "A server MAY reject a request that
///   contains a message body but not a Content-Length by responding with 411 (Length Required)"
///   (section 6.3), and this crate does.
/// - [`Refusal::ContentLengthsDiffer`]: several lengths, as headers or as a list, that are not the
///   same (section 6.3). The same length twice is one length.
pub(crate) fn refuse_ambiguous_length(headers: &Headers) -> Result<(), Refusal> {
    // ANCHOR: step_1_4_b
    if headers.get("transfer-encoding").is_some() {
        let last = headers.get_list("transfer-encoding").last().unwrap_or_default();
        return Err(match headers.get("content-length") {
            Some(_) => Refusal::LengthAndCoding,
            None if last.eq_ignore_ascii_case(b"chunked") => Refusal::LengthRequired,
            None => Refusal::transfer_coding(last),
        });
    }
    let mut lengths = headers
        .get_all("content-length")
        .flat_map(|value| value.split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii);
    if let Some(first) = lengths.next()
        && let Some(other) = lengths.find(|other| *other != first)
    {
        return Err(Refusal::content_lengths_differ(first, other));
    }
    Ok(())
    // ANCHOR_END: step_1_4_b
}

/// Refuses a request from which it is not clear which host it is for.
///
/// # Errors
///
/// [`Refusal::HostCount`] and [`Refusal::Host`]: "a server MUST respond with a 400 (Bad Request)
/// status code to any HTTP/1.1 request message that lacks a Host header field and to any request
/// message that contains more than one Host header field line or a Host header field with an invalid
/// field value" (section 3.2).
pub(crate) fn refuse_unclear_host(version: Version, headers: &Headers) -> Result<(), Refusal> {
    // ANCHOR: step_1_4_c
    match (headers.get_all("host").count(), headers.get("host")) {
        (1, Some(host)) if is_host(host) => Ok(()),
        (1, Some(host)) => Err(Refusal::host(host)),
        (0, _) if version == Version::Http10 => Ok(()),
        (came, _) => Err(Refusal::HostCount { came }),
    }
    // ANCHOR_END: step_1_4_c
}
