//! Does what it is told to rooms, and says what came of it. Each line of the input is a JSON array of things
//! that happen in one namespace; each line of the output has an answer for each.

use std::error::Error;
use std::io;

use serde::{Deserialize, Serialize};
use socketio_rooms::{RoomEvent, Rooms, Selection};

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Happens {
    Insert(String),
    Remove(String),
    Join(String, String),
    Leave(String, String),
    Select { to: Vec<String>, except: Vec<String> },
}

/// All lists but the events are sorted.
#[derive(Serialize)]
struct Answer {
    selected: Vec<String>,
    events: Vec<Vec<String>>,
    rooms: Vec<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lines() {
        let all: Vec<Happens> = serde_json::from_str(&line?)?;
        let mut rooms = Rooms::watched();
        let answers: Vec<Answer> = all.into_iter().map(|one| perform(&mut rooms, one)).collect();
        println!("{}", serde_json::to_string(&answers)?);
    }
    Ok(())
}

fn perform(rooms: &mut Rooms<()>, happens: Happens) -> Answer {
    let mut selected = Vec::new();
    match happens {
        Happens::Insert(id) => _ = rooms.insert(id.as_str().into(), ()),
        Happens::Remove(id) => _ = rooms.remove(&id),
        Happens::Join(id, room) => _ = rooms.join(&id, &room),
        Happens::Leave(id, room) => _ = rooms.leave(&id, &room),
        Happens::Select { to, except } => {
            let selection = to.into_iter().fold(Selection::default(), Selection::to);
            let selection = except.into_iter().fold(selection, Selection::except);
            selected.extend(rooms.select(&selection).map(|(id, ())| id.to_string()));
            selected.sort();
        }
    }
    let mut names: Vec<String> = rooms.rooms().map(str::to_owned).collect();
    names.sort();
    let events = std::iter::from_fn(|| rooms.poll_event()).map(words).collect();
    Answer { selected, events, rooms: names }
}

/// As the reference calls it.
fn words(event: RoomEvent) -> Vec<String> {
    let (name, room, id) = match event {
        RoomEvent::Created { room } => ("create-room", room, None),
        RoomEvent::Joined { room, id } => ("join-room", room, Some(id)),
        RoomEvent::Left { room, id } => ("leave-room", room, Some(id)),
        RoomEvent::Deleted { room } => ("delete-room", room, None),
    };
    [Some(name.to_owned()), Some(room.to_string()), id.map(|id| id.to_string())]
        .into_iter()
        .flatten()
        .collect()
}
