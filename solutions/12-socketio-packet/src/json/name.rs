use engineio_packet::ByteString;

/// JSON's white space.
pub(super) const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// The first element of an array, if it can be an event's name: a string, or a number. Nothing behind
/// it is looked at.
pub(super) fn read_name(array: &ByteString) -> Option<ByteString> {
    // ANCHOR: step_12_2
    let inside = array.strip_prefix('[')?.trim_start_matches(SPACE);
    let Some(string) = inside.strip_prefix('"') else { return read_number(array, inside) };
    let end = string.find(|c: char| c == '"' || c == '\\' || c < ' ')?;
    match string.as_bytes()[end] {
        b'"' => is_end(&string[end + 1..]).then(|| array.slice_ref(&string[..end])),
        b'\\' => read_escaped(inside),
        _ => None, // a string holds no control character (RFC 8259, section 7)
    }
    // ANCHOR_END: step_12_2
}

/// python-socketio escapes all that is not ASCII.
fn read_escaped(inside: &str) -> Option<ByteString> {
    let mut strings = serde_json::Deserializer::from_str(inside).into_iter::<String>();
    let name = strings.next()?.ok()?;
    is_end(&inside[strings.byte_offset()..]).then(|| name.into())
}

/// A number as a name is its digits.
fn read_number(array: &ByteString, inside: &str) -> Option<ByteString> {
    let end = inside.find(|c: char| SPACE.contains(&c) || c == ',' || c == ']')?;
    let (number, behind) = inside.split_at(end);
    serde_json::from_str::<serde_json::Number>(number).ok()?;
    is_end(behind).then(|| array.slice_ref(number))
}

/// Whether an element ends here.
fn is_end(behind: &str) -> bool {
    behind.trim_start_matches(SPACE).starts_with([',', ']'])
}
