//! The files of a crate, in memory and on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::problem::Problem;

/// The files of a crate: path relative to it, with forward slashes, to content.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// What lies beside a crate's `Cargo.toml` and is no part of a starter.
const NOT_COPIED: [&str; 3] = ["steps.md", "Cargo.lock", "target"];

/// The files below `root`/`dir` that belong to a crate, with forward slashes on every system.
///
/// # Errors
///
/// The first file or folder that cannot be read.
pub fn read(root: &Path, dir: &Path) -> Result<Tree, Problem> {
    let mut files = Tree::new();
    let mut folders = vec![(root.join(dir), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let unreadable = |error: std::io::Error| {
            let (expected, remedy) = ("a folder that can be read", "check that it exists");
            Problem::in_file(dir.join(&prefix), expected, error.to_string(), remedy)
        };
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_left_out = prefix.is_empty() && NOT_COPIED.contains(&name.as_str());
            if is_left_out || name == "node_modules" || name.starts_with('.') {
                continue;
            }
            let path = format!("{prefix}{name}");
            if entry.file_type().map_err(unreadable)?.is_dir() {
                folders.push((entry.path(), format!("{path}/")));
            } else {
                files.insert(path, std::fs::read(entry.path()).map_err(unreadable)?);
            }
        }
    }
    Ok(files)
}

/// Makes the folder `dir` hold exactly `files`.
///
/// # Errors
///
/// The first file that cannot be written or removed.
pub fn write(root: &Path, dir: &Path, files: &Tree) -> Result<(), Problem> {
    add(root, dir, files)?;
    for path in read(root, dir)?.keys().filter(|path| !files.contains_key(*path)) {
        let file = dir.join(path);
        std::fs::remove_file(root.join(&file)).map_err(|error| unwritable(&file, error))?;
    }
    Ok(())
}

/// Writes `files` into the folder `dir`. What is as it should be is not touched, so that cargo does
/// not build it again.
pub(crate) fn add(root: &Path, dir: &Path, files: &Tree) -> Result<(), Problem> {
    for (path, content) in files {
        let file = dir.join(path);
        let target = root.join(&file);
        if std::fs::read(&target).is_ok_and(|present| present == *content) {
            continue;
        }
        let folder = target.parent().expect("a file lies in a folder");
        std::fs::create_dir_all(folder).map_err(|error| unwritable(&file, error))?;
        std::fs::write(&target, content).map_err(|error| unwritable(&file, error))?;
    }
    Ok(())
}

/// What differs between a folder and the files that belong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The file says something else.
    Changed(PathBuf),
    /// The file is not there.
    Missing(PathBuf),
    /// No such file belongs there.
    Extra(PathBuf),
}

/// Compares the folder `dir` with `files`.
///
/// # Errors
///
/// If the folder exists and cannot be read.
pub fn differences(root: &Path, dir: &Path, files: &Tree) -> Result<Vec<Difference>, Problem> {
    let present = match root.join(dir).is_dir() {
        true => read(root, dir)?,
        false => Tree::new(),
    };
    let mut differences = Vec::new();
    for (path, content) in files {
        match present.get(path) {
            None => differences.push(Difference::Missing(dir.join(path))),
            Some(found) if found != content => {
                differences.push(Difference::Changed(dir.join(path)));
            }
            Some(_) => {}
        }
    }
    let extra = present.keys().filter(|path| !files.contains_key(*path));
    differences.extend(extra.map(|path| Difference::Extra(dir.join(path))));
    Ok(differences)
}

fn unwritable(file: &Path, error: std::io::Error) -> Problem {
    let (expected, remedy) = ("to write this file", "check the folder's permissions");
    Problem::in_file(file, expected, error.to_string(), remedy)
}
