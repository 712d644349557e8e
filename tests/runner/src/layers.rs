//! What a lesson's crate stands on: which of the course's other crates, read from their manifests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item};

use crate::manifest;
use crate::map::{Course, Lesson};
use crate::problem::{self, Problem};

/// The lessons whose crates lie under this one's, by whatever way: in order.
///
/// # Errors
///
/// A manifest that cannot be read.
pub fn below<'a>(course: &'a Course, lesson: &Lesson) -> Result<Vec<&'a Lesson>, Problem> {
    let workspace = read(course, Path::new(""))?;
    let mut known = BTreeSet::new();
    let mut waiting = vec![lesson.solution()];
    while let Some(folder) = waiting.pop() {
        for name in dependencies(&read(course, &folder)?) {
            let Some(folder) = folder_of(course, &workspace, &name) else { continue };
            if known.insert(name) {
                waiting.push(folder);
            }
        }
    }
    Ok(course.lessons().filter(|lesson| known.contains(&lesson.name)).collect())
}

/// A lesson's crate, or one that joins several; whoever's it is that others run on now.
fn folder_of(course: &Course, workspace: &DocumentMut, name: &str) -> Option<PathBuf> {
    if let Some(lesson) = course.lessons().find(|lesson| lesson.name == name) {
        return Some(lesson.solution());
    }
    let dependencies = workspace.get("workspace")?.get("dependencies")?;
    Some(dependencies.get(name)?.get("path")?.as_str()?.into())
}

fn dependencies(manifest: &DocumentMut) -> Vec<String> {
    let table = manifest.get("dependencies").and_then(Item::as_table_like);
    table.into_iter().flat_map(|table| table.iter()).map(|(name, _)| name.to_owned()).collect()
}

fn read(course: &Course, folder: &Path) -> Result<DocumentMut, Problem> {
    let file = folder.join("Cargo.toml");
    manifest::parse(&file, &problem::read(&course.root, &file)?)
}
