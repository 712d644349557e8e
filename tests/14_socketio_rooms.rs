//! Lesson 14: rooms and selections.

use super::subject::{Rooms, Selection};

#[test]
fn a_selection_gives_each_socket_once() {
    let mut rooms = Rooms::default();
    for id in ["A", "B", "C"] {
        rooms.insert(id.into(), id);
        rooms.join(id, "kitchen");
    }
    rooms.join("A", "garden");
    let selection = Selection::default().to("garden").to("kitchen").to("A").except("C");
    let whom: Vec<_> = rooms.select(&selection).map(|(_, member)| *member).collect();
    assert_eq!(whom, ["A", "B"]);
}
