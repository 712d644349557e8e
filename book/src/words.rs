//! The words that the book's machinery writes itself, one set for each language.

/// What a page says that no chapter wrote.
pub struct Words {
    /// Unfolds the text of a drawing.
    pub as_text: &'static str,
    /// Before the highest count of a row of bars.
    pub at_most: &'static str,
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
    /// The two who talk.
    pub client: &'static str,
    /// The two who talk.
    pub server: &'static str,
    /// Of each stop on the road, a title and what changes there.
    pub stops: [(&'static str, &'static str); 7],
}

/// For `book/en`.
pub const ENGLISH: Words = Words {
    as_text: "As text",
    at_most: "at most",
    lesson: "Lesson",
    minutes: "minutes",
    folder: "You work in",
    edit: "You edit",
    run: "You run",
    you_are_here: "You are here",
    planned: "planned",
    solution_of: "Solution of step",
    road: "The road from one request to servers in production",
    client: "client",
    server: "server",
    stops: [
        ("Request, response", "Only the client may start. A server with news has to wait."),
        ("Long polling", "The client asks in advance, and the answer waits until there is one."),
        ("WebSocket", "One request becomes a connection on which both may speak."),
        ("Engine.IO", "Polling first, then WebSocket; a heartbeat notices silence."),
        ("Socket.IO", "Events for one, for a room, for all. Namespaces share a connection."),
        ("Staying connected", "Keep what was said during a break, come back, catch up."),
        ("In production", "Many servers act as one, and a chat that people would use."),
    ],
};
