//! The two crates that are made of a solution in order to prove it, in `target/verify`.

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::environment;
use crate::generate;
use crate::libtest;
use crate::manifest;
use crate::problem::{self, Problem};
use crate::rename;
use crate::source::Source;
use crate::tree::{self, Tree};

/// The workspace of the proofs, relative to the root. It lies below the root, so that cargo applies
/// the course's own `.cargo/config.toml`.
const WORKSPACE: &str = "target/verify";

/// The environment variable that names the holes to leave open, with commas between.
pub(super) const MISSING: &str = "COURSE_MISSING";

/// A lesson's two crates, written to disk.
pub(super) struct Crates<'a> {
    source: &'a Source,
    switched: String,
}

/// A test binary, and the folder to run it in.
pub(super) struct Spec {
    pub(super) binary: PathBuf,
    pub(super) dir: PathBuf,
    pub(super) root: PathBuf,
}

/// Writes both crates and the workspace around them.
pub(super) fn write(source: &Source) -> Result<Crates<'_>, Problem> {
    let (root, lesson) = (&source.root, &source.lesson);
    let switched = format!("switched-{}", lesson.dir());
    let workspace = Path::new(WORKSPACE);
    let mut starter = generate::starter(source)?;
    let mut solution = switch(source, &switched)?;
    for files in [&mut starter, &mut solution] {
        point_at_tests(root, files);
    }
    tree::write(root, &workspace.join("starters").join(lesson.dir()), &starter)?;
    tree::write(root, &workspace.join("switched").join(lesson.dir()), &solution)?;

    let members = [format!("starters/{}", lesson.dir()), format!("switched/{}", lesson.dir())];
    let text = problem::read(root, Path::new("Cargo.toml"))?;
    let text = manifest::workspace(root, &text, &members)?;
    let mut around = Tree::from([("Cargo.toml".to_owned(), text.into_bytes())]);
    if let Ok(lock) = std::fs::read(root.join("Cargo.lock")) {
        around.insert("Cargo.lock".to_owned(), lock);
    }
    tree::add(root, workspace, &around)?;
    Ok(Crates { source, switched })
}

impl Crates<'_> {
    /// Proves that the starter and its examples compile, without a warning.
    pub(super) fn check_starter(&self) -> Result<(), Problem> {
        let package = self.source.lesson.starter_package();
        let output = self.cargo(&["check", "--all-targets", "--package", &package])?;
        let text = String::from_utf8_lossy(&output.stderr);
        match first_diagnostic(&text) {
            None if output.status.success() => Ok(()),
            diagnostic => Err(Problem::in_file(
                self.source.lesson.starter(),
                "the starter to compile without a warning",
                diagnostic.unwrap_or(text.into_owned()),
                "mend the solution around its holes, or what a hole starts as",
            )),
        }
    }

    /// Builds the switched crate's tests.
    pub(super) fn build_switched(&self) -> Result<Spec, Problem> {
        let args = ["test", "--no-run", "--test", "spec", "--package", &self.switched];
        let output = self.cargo(&args)?;
        let text = String::from_utf8_lossy(&output.stderr);
        let executable = text.lines().find_map(libtest::executable);
        let workspace = self.source.root.join(WORKSPACE);
        let Some(executable) = executable.filter(|_| output.status.success()) else {
            return Err(Problem::in_file(
                self.source.lesson.solution(),
                "the solution's tests to compile with each hole behind a switch",
                first_diagnostic(&text).unwrap_or(text.into_owned()),
                "make each hole the body of a block, or its tail",
            ));
        };
        Ok(Spec {
            binary: workspace.join(executable),
            dir: workspace.join("switched").join(self.source.lesson.dir()),
            root: self.source.root.clone(),
        })
    }

    fn cargo(&self, args: &[&str]) -> Result<Output, Problem> {
        let workspace = self.source.root.join(WORKSPACE);
        // The course's own, which holds most of what the lessons depend on.
        let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        let target = self.source.root.join(target);
        environment::command("cargo")
            .args(args)
            .current_dir(&workspace)
            .env("CARGO_TARGET_DIR", target)
            // Quicker to build, and nobody looks at a backtrace.
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("CARGO_TERM_COLOR", "never")
            .output()
            .map_err(|error| {
                Problem::in_file(WORKSPACE, "to run cargo", error.to_string(), "install it")
            })
    }
}

/// The solution, each hole of which can be opened by [`MISSING`].
fn switch(source: &Source, package: &str) -> Result<Tree, Problem> {
    let mut files = Tree::new();
    for (path, content) in &source.files {
        let content = match std::str::from_utf8(content) {
            Ok(text) if path == "Cargo.toml" => {
                manifest::starter(&source.lesson.solution().join(path), text, package)?.into_bytes()
            }
            Ok(text) if path.ends_with(".rs") => {
                let mut text = switched_text(source, path, text);
                if is_crate_root(path) {
                    text.push_str(&switch_function());
                }
                rename::crate_name(path, &text, &source.lesson.name, package).into_bytes()
            }
            _ => content.clone(),
        };
        files.insert(path.clone(), content);
    }
    Ok(files)
}

/// What each crate root gains. The environment is asked once: a hole may lie in a loop.
fn switch_function() -> String {
    format!(
        r#"
#[doc(hidden)]
#[allow(dead_code)]
pub fn course_missing(hole: &str) -> bool {{
    static MISSING: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| std::env::var("{MISSING}").unwrap_or_default());
    MISSING.split(',').any(|missing| missing == hole)
}}
"#
    )
}

fn is_crate_root(path: &str) -> bool {
    path == "src/lib.rs" || path == "src/main.rs" || path.starts_with("src/bin/")
}

/// An `if` with an `else`, not an early `return`: it also fits the tail of a loop or of an async block.
fn switched_text(source: &Source, path: &str, text: &str) -> String {
    generate::replace_holes(text, &source.pairs_in(path), |pair| {
        let (id, body) = (pair.hole.id, &pair.hole.body);
        let placeholder = generate::placeholder(pair);
        format!("if crate::course_missing(\"{id}\") {{ {placeholder} }} else {{\n{body}}}\n")
    })
}

/// The shared tests lie outside of `target/verify`.
fn point_at_tests(root: &Path, files: &mut Tree) {
    let tests = root.join("tests").to_string_lossy().replace('\\', "/");
    for (path, content) in files.iter_mut().filter(|(path, _)| path.starts_with("tests/")) {
        if let (true, Ok(text)) = (path.ends_with(".rs"), std::str::from_utf8(content)) {
            *content = text.replace("\"../../../tests/", &format!("\"{tests}/")).into_bytes();
        }
    }
}

/// The first error or warning of the compiler: its message and its place.
fn first_diagnostic(text: &str) -> Option<String> {
    let mut lines =
        text.lines().skip_while(|line| !(line.starts_with("error") || line.starts_with("warning")));
    let message = lines.next()?;
    let place = lines.find_map(|line| line.trim_start().strip_prefix("--> "));
    Some(match place {
        Some(place) => format!("{message} ({place})"),
        None => message.to_owned(),
    })
}
