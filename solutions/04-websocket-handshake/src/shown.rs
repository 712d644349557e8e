use http_message::Headers;

/// How much of what came is shown, in bytes.
pub(crate) const MOST: usize = 200;

/// As much of what came as fits in a message, with nothing in it that a terminal would obey.
pub(crate) fn shown(came: &[u8]) -> String {
    let dots = if came.len() > MOST { "…" } else { "" };
    format!("{}{dots}", came[..came.len().min(MOST)].escape_ascii())
}

/// What came under this name: `nothing`, or all the values.
pub(crate) fn shown_header(headers: &Headers, name: &str) -> String {
    let values: Vec<String> =
        headers.get_all(name).map(|value| format!("`{}`", shown(value))).collect();
    if values.is_empty() { "nothing".to_owned() } else { values.join(" and ") }
}
