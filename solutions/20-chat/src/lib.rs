//! A chat that people would use: rooms, presence, private messages with receipts, files, and a desk for admins.

mod options;
mod page;
mod protocol;

pub use options::Options;
pub use page::Page;
pub use protocol::*;
