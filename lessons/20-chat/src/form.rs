//! What is looked at before it is believed: names, ids, texts.

use unicode_security::skeleton;

use crate::{Limits, Mistake, Named};

/// The longest id, and the longest media type, in bytes.
const LONGEST: usize = 64;

impl Limits {
    /// What this name looks like: equal for two names that a reader would take for one another (Unicode Technical
    /// Standard 39, section 4).
    pub(crate) fn look(&self, what: Named, name: &str) -> Result<String, Mistake> {
        let came = name.chars().count();
        if !(1..=self.max_name).contains(&came) {
            return Err(Mistake::NameLength { what, limit: self.max_name, came });
        }
        if name.trim() != name || name.chars().any(is_unseen) {
            return Err(Mistake::NameForm { what, came: name.to_owned() });
        }
        Ok(skeleton(name).collect())
    }

    pub(crate) fn check_text(&self, text: &str) -> Result<(), Mistake> {
        let (limit, came) = (self.max_text, text.len());
        if text.trim().is_empty() || came > limit {
            return Err(Mistake::Text { limit, came });
        }
        Ok(())
    }
}

/// A control character, or one that is nothing to see by itself, as those that turn text around are.
fn is_unseen(c: char) -> bool {
    c.is_control() || skeleton(c.encode_utf8(&mut [0; 4])).next().is_none()
}

pub(crate) fn check_id(id: &str) -> Result<(), Mistake> {
    let is_id = (1..=LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if is_id { Ok(()) } else { Err(Mistake::Id { came: id.len() }) }
}

/// `type/subtype`, in the characters that both may have (RFC 6838, section 4.2), or nothing, as of a file that a
/// browser does not know.
pub(crate) fn check_kind(kind: &str) -> Result<(), Mistake> {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|it| it.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&it))
    };
    let is_kind = kind.split_once('/').is_some_and(|(left, right)| is_part(left) && is_part(right));
    if kind.is_empty() || (is_kind && kind.len() <= LONGEST) { Ok(()) } else { Err(Mistake::Kind) }
}
