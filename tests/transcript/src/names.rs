use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Numbers the renamed values by where they first appear, kind by kind.
pub(crate) struct Names<'a> {
    /// Kind and value, the longest value first: one value may be a part of another.
    values: Vec<&'a (String, String)>,
    /// The name of each value that has appeared.
    given: BTreeMap<&'a str, String>,
    /// How many values of each kind have appeared.
    of_kind: BTreeMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(renamed: &'a [(String, String)]) -> Self {
        let mut values: Vec<_> = renamed.iter().collect();
        values.sort_by_key(|(_, value)| Reverse(value.len()));
        Self { values, given: BTreeMap::new(), of_kind: BTreeMap::new() }
    }

    /// `text` with a name in the place of each value.
    pub(crate) fn put_into(&mut self, text: &str) -> String {
        let mut renamed = String::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let value = self.values.iter().find(|(_, value)| rest.starts_with(value.as_str()));
            if let Some((kind, value)) = value {
                renamed += self.name(kind, value);
                rest = &rest[value.len()..];
            } else {
                renamed.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
        renamed
    }

    fn name(&mut self, kind: &'a str, value: &'a str) -> &str {
        let of_kind = &mut self.of_kind;
        self.given.entry(value).or_insert_with(|| {
            let number = of_kind.entry(kind).or_default();
            *number += 1;
            format!("<{kind} {number}>")
        })
    }
}
