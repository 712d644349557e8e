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
    // TODO step 1.4: Refuse what could be read in two ways
    //
    // Until now these three let everything through. `refuse_misleading_line` refuses a header line
    // with a control character in it, the tab excepted, a line that begins with a space or a tab,
    // and one with a space or tab right before its first colon. `refuse_ambiguous_length` refuses
    // every `Transfer-Encoding`, an empty one too, with one refusal when a `Content-Length` is
    // there too, with another when `chunked` comes last, and with a third when it does not; and it
    // refuses lengths that are not all the same: `5,` is two, the second of them empty, and
    // `get_list` would leave that one out. `refuse_unclear_host` wants exactly one `Host`, or none
    // in HTTP/1.0, and nothing but a host in it (`is_host`). The documentation above each names the
    // refusals. (RFC 9112, sections 2.2, 3.2, 5.1, 5.2, 6.3 and 11.2)
    //
    // Stuck? cargo course hint 1.4
    Ok(())
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
    // TODO step 1.4, continued: see `refuse_misleading_line` in src/strict.rs
    Ok(())
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
    // TODO step 1.4, continued: see `refuse_misleading_line` in src/strict.rs
    Ok(())
}
