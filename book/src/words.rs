//! The words that the book's machinery writes itself, one set for each language.

/// What a page says that no chapter wrote.
pub struct Words {
    /// Unfolds the text of a drawing.
    pub as_text: &'static str,
    /// Before a lesson's number.
    pub lesson: &'static str,
    /// After a number of minutes.
    pub minutes: &'static str,
    /// Before the learner's crate.
    pub folder: &'static str,
    /// Before the files to edit.
    pub edit: &'static str,
    /// Before the commands.
    pub run: &'static str,
    /// Names the picture of the layers.
    pub you_are_here: &'static str,
    /// Of a lesson that nobody has written yet.
    pub planned: &'static str,
    /// Before the name of a step whose solution is folded.
    pub solution_of: &'static str,
    /// Names the picture of the whole road.
    pub road: &'static str,
}

/// For `book/en`.
pub const ENGLISH: Words = Words {
    as_text: "As text",
    lesson: "Lesson",
    minutes: "minutes",
    folder: "You work in",
    edit: "You edit",
    run: "You run",
    you_are_here: "You are here",
    planned: "planned",
    solution_of: "Solution of step",
    road: "The road from one request to servers in production",
};
