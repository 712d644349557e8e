//! A course in a folder of its own, and the runner on it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A copy of a course. It stays in the target folder, for whoever wants to look at a failure.
pub(crate) struct Copy {
    pub(crate) root: PathBuf,
    target: PathBuf,
}

/// What a command said, and whether it succeeded.
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) success: bool,
}

impl Copy {
    /// An empty folder called `name`. What is built stays for the next run of the same test; no two
    /// copies share it, for cargo takes equal paths below two roots for the same crate.
    pub(crate) fn empty(name: &str) -> Copy {
        let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let root = tmp.join(name);
        if root.exists() {
            std::fs::remove_dir_all(&root).expect("an old copy can be removed");
        }
        std::fs::create_dir_all(&root).expect("a folder can be made");
        Copy { root, target: tmp.join(format!("{name}-target")) }
    }

    /// Copies a file, or a folder with all that is in it.
    pub(crate) fn add(&self, from: &Path, to: &str) {
        let to = self.root.join(to);
        if from.is_dir() {
            for entry in std::fs::read_dir(from).expect("a folder can be read") {
                let entry = entry.expect("an entry can be read");
                let name = to.join(entry.file_name());
                self.add(&entry.path(), name.to_str().expect("names are UTF-8"));
            }
        } else {
            std::fs::create_dir_all(to.parent().expect("a file lies in a folder")).expect("made");
            std::fs::copy(from, &to).expect("a file can be copied");
        }
    }

    pub(crate) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.root.join(file)).expect(file)
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.root.join(file), text).expect(file);
    }

    /// Replaces a text that must be there.
    pub(crate) fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "expected {from:?} in {file}, came:\n{text}");
        self.write(file, &text.replace(from, to));
    }

    /// `cargo course …`
    pub(crate) fn course(&self, args: &[&str]) -> Said {
        self.course_in(&[], args)
    }

    /// `cargo course …` in a shell that has set some variables.
    pub(crate) fn course_in(&self, shell: &[(&str, &str)], args: &[&str]) -> Said {
        let shell = shell.iter().copied();
        self.run(Command::new(env!("CARGO_BIN_EXE_course")).args(args).envs(shell))
    }

    /// Plain cargo.
    #[allow(dead_code)] // not every test binary needs it
    pub(crate) fn cargo(&self, args: &[&str]) -> Said {
        self.run(Command::new("cargo").args(args))
    }

    /// Sets a command to work on this copy.
    pub(crate) fn here<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .current_dir(&self.root)
            .env("COURSE_ROOT", &self.root)
            .env("CARGO_TARGET_DIR", &self.target)
    }

    fn run(&self, command: &mut Command) -> Said {
        let output = self.here(command).output().expect("the command starts");
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let text = stdout + &String::from_utf8_lossy(&output.stderr);
        Said { text, success: output.status.success() }
    }
}

impl Said {
    /// Asserts that the command succeeded, and returns what it said.
    #[track_caller]
    pub(crate) fn well(self) -> String {
        assert!(self.success, "expected success, came:\n{}", self.text);
        self.text
    }

    /// Asserts that the command failed and said all of `parts`.
    #[track_caller]
    pub(crate) fn badly(self, parts: &[&str]) -> String {
        assert!(!self.success, "expected a failure, came:\n{}", self.text);
        for part in parts {
            assert!(self.text.contains(part), "expected {part:?}, came:\n{}", self.text);
        }
        self.text
    }
}
