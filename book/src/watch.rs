//! Notices changes by asking the disk: that works on every system, in containers and on network drives.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the book is made of, relative to the root.
const SOURCES: [&str; 4] = ["book", "solutions", "tests/snapshots", "tests/runner/course.toml"];

/// The files of the book as they were at one moment.
#[derive(Debug, Default, PartialEq)]
pub struct Seen(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Seen {
    /// Looks at all sources of the course at `root`.
    pub fn now(root: &Path) -> Self {
        let mut seen = Self::default();
        for source in SOURCES {
            seen.add(&root.join(source));
        }
        seen
    }

    /// A file that disappears while it is looked at is a file that is not there.
    fn add(&mut self, path: &Path) {
        let Ok(metadata) = fs::metadata(path) else {
            return;
        };
        if metadata.is_file() {
            let state = (metadata.modified().ok(), metadata.len());
            self.0.insert(path.to_owned(), state);
        } else if path.file_name().is_none_or(|name| name != "target") {
            for entry in fs::read_dir(path).into_iter().flatten().flatten() {
                self.add(&entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_added_changed_or_removed_is_seen() {
        let root = tempfile::tempdir().expect("a folder");
        let page = root.path().join("book/en/page.md");
        fs::create_dir_all(page.parent().expect("a parent")).expect("a folder");
        let empty = Seen::now(root.path());
        assert_eq!(Seen::now(root.path()), empty);
        fs::write(&page, "one").expect("a file");
        let added = Seen::now(root.path());
        assert_ne!(added, empty);
        fs::write(&page, "three").expect("a file");
        assert_ne!(Seen::now(root.path()), added);
        fs::remove_file(&page).expect("a file");
        assert_eq!(Seen::now(root.path()), empty);
    }
}
