use engineio_packet::ByteString;

/// JSON's white space.
pub(super) const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// The first element of an array, if it can be an event's name: a string, or a number. Nothing behind
/// it is looked at.
pub(super) fn read_name(array: &ByteString) -> Option<ByteString> {
    // TODO step 12.2: Read the name, and stop
    //
    // Of `["hello",{"a":1}]`, only the name is needed to know whose event it is. `read_name` gets
    // the array and gives its first element: a string, without its quotes and without copying it. A
    // string that has a backslash in it is for `read_escaped`, an element that does not begin with
    // a quote for `read_number`. A string has no character below a space in it, and behind the
    // element the array goes on, or ends (`is_end`); otherwise there is no name. What the array
    // says after that, serde reads when a type asks: `One` is a type of one argument. Without an
    // argument, it is what `Undefined` makes of the type. (Socket.IO protocol, "Packet encoding";
    // RFC 8259, section 7)
    //
    // Stuck? cargo course hint 12.2
    todo!("step 12.2: Read the name, and stop (cargo course hint 12.2)")
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
