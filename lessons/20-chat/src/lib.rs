//! A chat that people would use: rooms with a history, presence, whispers with receipts, files, and a desk for admins.
//!
//! What is said on the wire, in both namespaces, stands in `src/protocol.rs`; its types are exported here. The [`Hall`]
//! knows who is where and what was said, and nothing of sockets:
//!
//! ```
//! use std::time::Instant;
//! use lesson_20_chat::{Began, Entry, Hall, Join, Limits, Say};
//!
//! let now = Instant::now();
//! let mut hall = Hall::new(Limits::default(), "today".to_owned(), Began { now, at: 0 });
//! let entry = Entry { name: "Anna".to_owned(), key: "0123456789abcdef".to_owned() };
//! let anna = hall.admit(&entry, now)?;
//! hall.join(&anna, &Join { room: "tea".to_owned(), since: None }, now)?;
//! let [room, id, text] = ["tea", "a1", "milk?"].map(str::to_owned);
//! let say = Say { room, id, text };
//! assert_eq!(hall.say(&anna, say.clone(), now)?.receipt.number, 1);
//! assert!(hall.say(&anna, say, now)?.receipt.again); // the same id twice is one message
//! # Ok::<(), lesson_20_chat::Mistake>(())
//! ```
//!
//! [`Chat`] is the shell around it: it asks the hall for what clients ask for, and tells those whom it concerns. [`Page`]
//! answers with the files of `page/`.
//!
//! Not here: accounts, and anything that outlives the program. Whoever has a name keeps it with a key, for as long as
//! the server remembers them; histories are in memory, within [`Limits`].

mod limits;
mod mistake;
mod options;
mod protocol;

mod allowance;
mod form;
mod hall;
mod history;
mod secret;

mod chat;
mod desk;
mod page;
mod talk;
mod whispers;

pub use allowance::{Allowance, Rate};
pub use chat::Chat;
pub use desk::Admin;
pub use hall::{Arrival, Began, Guest, Hall, Said, Visit, Wish};
pub use history::History;
pub use limits::Limits;
pub use mistake::{Mistake, Named};
pub use options::Options;
pub use page::Page;
pub use protocol::*;
pub use secret::Secret;
pub use socketio::Bytes;
