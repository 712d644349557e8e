//! `cargo course reset`: the starter again, the learner's work kept.

use std::path::{Path, PathBuf};

use course::generate;
use course::source::Source;
use course::tree;

use super::progress::FOLDER;
use super::terminal::say;
use super::{Runner, Stop, messages, switchboard};

impl Runner {
    pub(super) fn reset(&mut self, args: &[String]) -> Result<(), Stop> {
        let (_, called) = self.options(args, &[])?;
        let lesson = self.whole_lesson(called, "reset")?.lesson;
        let source = Source::load(&self.course, &lesson)?;
        let files = generate::starter(&source)?;
        let root = &self.course.root;
        if tree::differences(root, &lesson.starter(), &files)?.is_empty() {
            say(messages::untouched(&lesson));
        } else if root.join(lesson.starter()).is_dir() {
            let backup = self.free_backup(&lesson.dir());
            let work = tree::read(root, &lesson.starter())?;
            tree::write(root, &backup, &work)?;
            say(messages::backed_up(&lesson, &backup));
        }
        tree::write(root, &lesson.starter(), &files)?;
        self.progress.forget(&lesson.name);
        self.progress.set_at(&lesson.name);
        self.save()?;
        match switchboard::is_mine(&self.course.root, &lesson) {
            true => self.switch_to_theirs(&lesson),
            false => Ok(()),
        }
    }

    /// The first of `.course/backup/01-http-message-1`, `-2`, … that does not exist.
    fn free_backup(&self, name: &str) -> PathBuf {
        let folder = Path::new(FOLDER).join("backup");
        let mut numbered = (1u32..).map(|n| folder.join(format!("{name}-{n}")));
        let free = |path: &PathBuf| !self.course.root.join(path).exists();
        numbered.find(free).expect("there are more numbers than folders")
    }
}
