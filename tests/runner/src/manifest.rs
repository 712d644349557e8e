//! `Cargo.toml` files that are made from others.

use std::path::Path;

use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::problem::{self, Problem};

/// The starter's manifest, from the solution's.
pub(crate) fn starter(file: &Path, text: &str, package: &str) -> Result<String, Problem> {
    let mut manifest = parse(file, text)?;
    manifest["package"]["name"] = value(package);
    // Doctests show finished code; the library's own tests are the solution's affair.
    let lib = manifest.entry("lib").or_insert(Item::Table(Table::new()));
    lib["doctest"] = value(false);
    lib["test"] = value(false);
    // What is unused today is used tomorrow: a learner should see only the compiler's errors.
    let mut lints = Table::new();
    lints.set_implicit(true);
    for (tool, lint) in [("rust", "unused"), ("clippy", "all")] {
        let mut table = Table::new();
        table[lint] = value("allow");
        lints.insert(tool, Item::Table(table));
    }
    manifest.insert("lints", Item::Table(lints));
    Ok(manifest.to_string())
}

/// Whether the workspace names a layer as a dependency, so that `use-mine` can switch it.
pub(crate) fn has_switch(root: &Path, name: &str) -> Result<bool, Problem> {
    let file = Path::new("Cargo.toml");
    let manifest = parse(file, &problem::read(root, file)?)?;
    let dependencies = manifest.get("workspace").and_then(|table| table.get("dependencies"));
    Ok(dependencies.is_some_and(|table| table.get(name).is_some()))
}

/// Reads a manifest of the course.
pub(crate) fn parse(file: &Path, text: &str) -> Result<DocumentMut, Problem> {
    text.parse::<DocumentMut>().map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        let came = error.message().replace('\n', " ");
        Problem::in_file(file, "valid TOML", came, "mend it").at_line(line)
    })
}

/// The manifest of a workspace elsewhere with other members, from the course's own: the same
/// dependencies, profiles and lints, with paths that hold from anywhere.
pub(crate) fn workspace(root: &Path, text: &str, members: &[String]) -> Result<String, Problem> {
    let mut manifest = parse(Path::new("Cargo.toml"), text)?;
    manifest["workspace"]["members"] = value(Array::from_iter(members));
    if let Some(workspace) = manifest["workspace"].as_table_like_mut() {
        workspace.remove("default-members");
    }
    let dependencies = manifest["workspace"].get_mut("dependencies");
    let dependencies = dependencies.and_then(Item::as_table_like_mut);
    for (_, dependency) in dependencies.into_iter().flat_map(|table| table.iter_mut()) {
        let absolute = dependency.get("path").and_then(Item::as_str).map(|path| root.join(path));
        if let Some(absolute) = absolute {
            dependency["path"] = value(absolute.to_string_lossy().into_owned());
        }
    }
    Ok(manifest.to_string())
}
