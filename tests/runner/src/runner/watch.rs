//! `cargo course watch`: test again whenever a file was saved, and move on when a step is green. A
//! save also ends tests that still run.
//!
//! Files are looked at a few times a second. That works on every system and on network drives, and
//! needs no library.

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, SystemTime};

use course::map::Lesson;

use super::check::Verdict;
use super::report::Detail;
use super::target::Target;
use super::terminal::{Paint, clear, paint, say};
use super::{Runner, Stop, messages};

const LOOK_EVERY: Duration = Duration::from_millis(300);

/// What a file looked like: enough to see that it was saved.
type Seen = Vec<(PathBuf, Option<SystemTime>, u64)>;

enum Wish {
    Test,
    Hint,
    Quit,
}

impl Runner {
    pub(super) fn watch(&mut self, args: &[String]) -> Result<(), Stop> {
        let (_, called) = self.options(args, &[])?;
        // The sender stays, so that the channel does when nothing can be typed: an editor may close
        // the input.
        let (sender, keys) = mpsc::channel();
        read_keys(sender.clone());
        let mut target = match called {
            Some(called) => self.target(called)?,
            None => self.current_to_watch()?,
        };
        let root = self.course.root.clone();
        loop {
            let seen = look(&root, &target.lesson);
            clear();
            self.progress.set_at(&target.lesson.name);
            let is_stale = || look(&root, &target.lesson) != seen;
            match self.test(&target, Detail::First, &is_stale)? {
                Verdict::Stale => continue,
                Verdict::Red => {}
                // What was named is watched to the end; else the learner moves on.
                Verdict::Green if called.is_some() => self.tell_done(&target),
                Verdict::Green => {
                    self.tell_done(&target);
                    say("");
                    target = self.current_to_watch()?;
                    self.next(&target);
                }
            }
            say("");
            say(paint(Paint::Dim, messages::WATCHING));
            if stdin().is_terminal() {
                say(paint(Paint::Dim, messages::WATCH_KEYS));
            }
            loop {
                match wait(&root, &target.lesson, &seen, &keys) {
                    Wish::Test => break,
                    Wish::Hint => self.one_hint(&target)?,
                    Wish::Quit => return Ok(()),
                }
            }
        }
    }

    fn current_to_watch(&self) -> Result<Target, Stop> {
        self.current()?.ok_or_else(|| Stop::Because(messages::watching_nothing()))
    }
}

fn wait(root: &Path, lesson: &Lesson, seen: &Seen, keys: &Receiver<String>) -> Wish {
    loop {
        match keys.recv_timeout(LOOK_EVERY) {
            Ok(line) => match line.trim() {
                "q" => return Wish::Quit,
                "h" => return Wish::Hint,
                _ => return Wish::Test,
            },
            Err(_) if look(root, lesson) != *seen => return Wish::Test,
            Err(_) => {}
        }
    }
}

fn look(root: &Path, lesson: &Lesson) -> Seen {
    let mut files = vec![root.join(lesson.test_file())];
    let mut folders = vec![root.join(lesson.starter())];
    while let Some(folder) = folders.pop() {
        // A folder may vanish while it is read: what is seen then differs, and that is enough.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder { &mut folders } else { &mut files }.push(entry.path());
        }
    }
    files.sort();
    let look = |file: PathBuf| {
        let data = std::fs::metadata(&file).ok();
        let saved = data.as_ref().and_then(|data| data.modified().ok());
        (file, saved, data.map_or(0, |data| data.len()))
    };
    files.into_iter().map(look).collect()
}

/// Sends on what is typed, from a thread of its own, since a read cannot be given up. The end of a
/// terminal's input (Ctrl-D) is a wish to quit.
fn read_keys(sender: Sender<String>) {
    std::thread::spawn(move || {
        let end = stdin().is_terminal().then(|| Ok("q".to_owned()));
        for line in stdin().lines().chain(end).map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
}
