//! The rooms of one Socket.IO namespace: who is in which, and whom a selection of them means.
//!
//! A room is a name. It is there as long as a socket is in it, and each socket is in the room of its own
//! id. [`Rooms`] keeps a value for each socket, whatever its owner sends through; a [`Selection`]
//! of rooms gives those values, each once, however many of the rooms a socket is in.
//!
//! ```
//! use lesson_14_socketio_rooms::{Rooms, Selection};
//!
//! let mut rooms = Rooms::default();
//! rooms.insert("A".into(), "Ann's connection");
//! rooms.insert("B".into(), "Bea's connection");
//! rooms.join("A", "kitchen");
//! rooms.join("B", "kitchen");
//! rooms.join("B", "garden");
//!
//! let selection = Selection::default().to("kitchen").to("garden").except("A");
//! let whom: Vec<_> = rooms.select(&selection).map(|(_, connection)| *connection).collect();
//! assert_eq!(whom, ["Bea's connection"]);
//! ```
//!
//! Nothing here costs by how many sockets there are that it does not concern. Rooms stand behind a short
//! lock: collect what [`Rooms::select`] gives, let go of the lock, and send then.
//!
//! A [`RecoveryLog`] keeps what was said to rooms, for those who were away. Lesson 17 writes one; here is only what
//! it is asked.
//!
//! Not here: sending. The next layer, `socketio-server`, does, and 19 asks other servers as well.

mod event;
mod recovery;
mod selection;

mod membership;
mod rooms;
mod select;
mod watching;

mod room;
mod sockets;
mod sparse;

pub use event::RoomEvent;
pub use recovery::{LostSession, MissedEvent, NotRestored, RecoveryLog, Restored};
pub use rooms::Rooms;
pub use select::Selected;
pub use selection::Selection;
pub use socketio_session::SocketId;
