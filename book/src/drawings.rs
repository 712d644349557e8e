//! Drawings, kept aside while mdBook renders: its search would find each word of a figure five times,
//! and show the drawing's text in place of the sentence around it.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

const START: &str = "<svg";
const END: &str = "</svg>";
const MARK: &str = "<svg data-drawing=\"";
const MARK_END: &str = "\"></svg>";

/// The drawings of a book, in the order in which they were met.
#[derive(Default)]
pub struct Drawings(RefCell<Vec<String>>);

impl Drawings {
    /// Keeps every drawing of `html`, and leaves a mark in its place.
    pub fn take_out(&self, html: &str) -> String {
        let mut drawings = self.0.borrow_mut();
        let mut marked = String::new();
        let mut rest = html;
        while let Some((before, drawing)) = rest.split_once(START) {
            let (drawing, after) = drawing.split_once(END).unwrap_or((drawing, ""));
            marked.push_str(&format!("{before}{MARK}{}{MARK_END}", drawings.len()));
            drawings.push(format!("{START}{drawing}{END}"));
            rest = after;
        }
        marked + rest
    }

    /// Puts the drawings back where their marks are.
    pub fn put_back(&self, html: &str) -> String {
        let drawings = self.0.borrow();
        let mut parts = html.split(MARK);
        let mut drawn = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (index, after) = part.split_once(MARK_END).unwrap_or((part, ""));
            let drawing = index.parse().ok().and_then(|index: usize| drawings.get(index));
            drawn.push_str(drawing.map_or("", String::as_str));
            drawn.push_str(after);
        }
        drawn
    }

    /// Puts the drawings back into the pages of the book in `folder`, where they lie side by side.
    ///
    /// # Errors
    ///
    /// If a page cannot be read or written.
    pub fn put_back_in(&self, folder: &Path) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "html") {
                let name = || path.display().to_string();
                let page = fs::read_to_string(&path).with_context(name)?;
                if page.contains(MARK) {
                    fs::write(&path, self.put_back(&page)).with_context(name)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_out_is_put_back() {
        let drawings = Drawings::default();
        let html = "<p>a</p><svg class=\"x\"><g/></svg>b<svg></svg>";
        let marked = drawings.take_out(html);
        assert!(!marked.contains("<g/>"), "{marked}");
        let twice = format!("{marked}{marked}");
        assert_eq!(drawings.put_back(&twice), format!("{html}{html}"));
        assert_eq!(drawings.put_back("nothing"), "nothing");
    }
}
