//! A namespace in the terminal: you say who joins which room, and to whom something is said.
//!
//!     cargo run -p socketio-rooms --example rooms
//!
//! Each line is one thing that happens. `help` says which there are. Lines may come from a file, too:
//!
//!     printf 'join ann kitchen\nto kitchen say dinner\n' | cargo run -p socketio-rooms --example rooms

use std::io::{self, BufRead, IsTerminal, Write};

use socketio_rooms::{RoomEvent, Rooms, Selection};

const HELP: &str = "\
join ann kitchen        ann enters the kitchen
leave ann kitchen       and leaves it
come dan                another socket; ann, bea and cem are here already
go ann                  ann disconnects
rooms                   which rooms there are, and who is in them
say good night          to everybody
to kitchen say dinner   to those in the kitchen; also: to kitchen to garden except ann say dinner";

fn main() -> io::Result<()> {
    let mut house = House { rooms: Rooms::watched() };
    println!("ann, bea and cem are here. `help` says what may happen.\n");
    for name in ["ann", "bea", "cem"] {
        house.rooms.insert(name.into(), name.to_owned());
    }
    while house.rooms.poll_event().is_some() {}
    let is_typed = io::stdin().is_terminal();
    loop {
        print!("> ");
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            println!();
            return Ok(());
        }
        if !is_typed {
            print!("{line}");
        }
        house.perform(line.trim());
        house.show_events();
    }
}

struct House {
    /// A server has a connection to write to where this has a name.
    rooms: Rooms<String>,
}

impl House {
    fn perform(&mut self, line: &str) {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            [] => {}
            ["help"] => println!("{HELP}"),
            ["rooms"] => self.show_rooms(),
            ["come", name] => {
                if self.rooms.get(name).is_some() {
                    println!("  {name} is here already");
                } else {
                    self.rooms.insert(name.into(), name.to_owned());
                }
            }
            ["go", name] => {
                if self.rooms.remove(name).is_none() {
                    println!("  {name} is not here");
                }
            }
            ["join", name, room] => {
                if !self.rooms.join(name, room) {
                    println!("  {name} is not here, or in {room} already");
                }
            }
            ["leave", name, room] => {
                if !self.rooms.leave(name, room) {
                    println!("  {name} is not in {room}");
                }
            }
            ref words => self.say(words),
        }
    }

    /// `to kitchen to garden except ann say dinner is ready`
    fn say(&self, words: &[&str]) {
        let mut selection = Selection::default();
        let mut rest = words;
        let text = loop {
            (selection, rest) = match rest {
                ["to", room, rest @ ..] => (selection.to(*room), rest),
                ["except", room, rest @ ..] => (selection.except(*room), rest),
                ["say", text @ ..] => break text.join(" "),
                [word, ..] => {
                    println!(
                        "  expected to, except, say or another command, came {word:?}; try help"
                    );
                    return;
                }
                [] => {
                    println!("  expected say and a text at the end; try help");
                    return;
                }
            };
        };
        // A server would collect under its lock, let go of it, and write to each.
        let hear: Vec<&String> = self.rooms.select(&selection).map(|(_, name)| name).collect();
        if hear.is_empty() {
            println!("  nobody hears {text:?}");
        }
        for name in hear {
            println!("  {name} hears {text:?}");
        }
    }

    fn show_rooms(&self) {
        let mut rooms: Vec<&str> = self.rooms.rooms().collect();
        rooms.sort_unstable();
        for room in rooms {
            let members: Vec<_> = self.rooms.members(room).map(|(id, _)| id.as_str()).collect();
            println!("  {room}: {}", members.join(", "));
        }
    }

    fn show_events(&mut self) {
        while let Some(event) = self.rooms.poll_event() {
            match event {
                RoomEvent::Created { room } => println!("  room {room} is created"),
                RoomEvent::Joined { room, id } => println!("  {id} has joined {room}"),
                RoomEvent::Left { room, id } => println!("  {id} has left {room}"),
                RoomEvent::Deleted { room } => println!("  room {room} is deleted"),
            }
        }
    }
}
