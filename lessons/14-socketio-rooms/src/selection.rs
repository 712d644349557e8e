use bytestring::ByteString;
use smallvec::SmallVec;

/// Which sockets are meant: those in any of some rooms, but in none of some others.
///
/// Without a room that it names, everybody is meant.
///
/// ```
/// use lesson_14_socketio_rooms::Selection;
///
/// let selection = Selection::default().to("kitchen").to("garden").except("muted");
/// assert!(selection.rooms().eq(["kitchen", "garden"]));
/// assert!(selection.excepted().eq(["muted"]));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    rooms: Names,
    except: Names,
}

/// One name needs no allocation of its own, and more than one is rare.
type Names = SmallVec<[ByteString; 1]>;

impl Selection {
    /// Those in this room, too.
    #[must_use]
    pub fn to(mut self, room: impl Into<ByteString>) -> Self {
        self.rooms.push(room.into());
        self
    }

    /// None who is in this room, whichever others it is in.
    #[must_use]
    pub fn except(mut self, room: impl Into<ByteString>) -> Self {
        self.except.push(room.into());
        self
    }

    /// The rooms it names, in the order in which it was told of them. None: everybody is meant.
    pub fn rooms(&self) -> impl ExactSizeIterator<Item = &str> {
        self.rooms.iter().map(|room| &**room)
    }

    /// The rooms whose sockets are left out.
    pub fn excepted(&self) -> impl ExactSizeIterator<Item = &str> {
        self.except.iter().map(|room| &**room)
    }
}
