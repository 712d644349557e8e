use serde::Serialize;

/// What somebody posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// 1 for the first, then one more for each.
    pub id: u64,
    /// What it says.
    pub text: String,
}

/// The answer to "what came after message N?".
///
/// # Format
///
/// ```text
/// {"messages":[{"id":4,"text":"lunch is here"}],"missed":0,"last":4}
/// ```
///
/// It has this form even when nothing came, so that a client has one form to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct News {
    /// The messages after N, the oldest first.
    pub messages: Vec<Message>,
    /// How many messages after N came and are no longer kept. A client shows that there is a gap.
    pub missed: u64,
    /// The newest message's id: the N to ask with next time. Less than the N that was asked with when
    /// the server was started anew.
    pub last: u64,
}
