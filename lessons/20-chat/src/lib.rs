//! A chat that people would use: rooms, presence, private messages with receipts, files, and a desk for admins.

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
