//! Lesson 14: who is in which room, and whom a selection means.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use transcript::{Transcript, step};

use super::subject::{RoomEvent, Rooms, Selection};

/// Sockets that a test does not concern, but for a few.
const CROWD: usize = 20_000;

/// And so few of them that nothing can be lost on them.
const HANDFUL: usize = 20;

// Step 1: join, and tell a room.

#[test]
fn s1_a_room_hears_what_is_said_to_it() {
    let _step = step!();
    let mut house = House::of_three();
    house.join("ann", "kitchen");
    house.join("bea", "kitchen");
    house.join("cem", "garden");
    house.say(to("kitchen"), "dinner is ready");
    house.say(to("garden"), "it rains");
    house.say(Selection::default(), "good night");
    insta::assert_snapshot!(house.transcript);
}

#[test]
fn s1_who_joins_twice_is_in_once() {
    let _step = step!();
    let mut rooms = three();
    assert!(rooms.join("ann", "kitchen"), "join said false, and ann was not in the kitchen yet");
    assert!(!rooms.join("ann", "kitchen"), "join said true, and ann was in the kitchen already");
    assert!(rooms.join("ann", "garden"), "join said false, and ann was not in the garden yet");
    assert_eq!(of(&rooms, "ann"), ["ann", "kitchen", "garden"]);
    assert_eq!(members(&rooms, "kitchen"), ["ann"]);
    assert_eq!(heard(&rooms, &to("kitchen")), ["ann"]);
}

#[test]
fn s1_a_socket_that_is_not_here_joins_nothing() {
    let _step = step!();
    let mut rooms = three();
    assert!(!rooms.join("dan", "kitchen"));
    assert!(!rooms.join("dan", "dan"));
    assert!(!rooms.join("", ""));
    assert_eq!(all(&rooms), ["ann", "bea", "cem"]);
    assert!(rooms.join("ann", "kitchen"));
    assert_eq!(all(&rooms), ["ann", "bea", "cem", "kitchen"]);
    assert!(of(&rooms, "dan").is_empty());
}

#[test]
fn s1_a_room_that_nobody_is_in_means_nobody() {
    let _step = step!();
    let mut rooms = three();
    assert!(
        heard(&rooms, &to("kitchen")).is_empty(),
        "somebody hears it, and nobody is in the kitchen"
    );
    assert!(rooms.join("ann", "garden"));
    assert!(heard(&rooms, &to("kitchen")).is_empty());
    assert!(heard(&Rooms::<u8>::default(), &to("kitchen")).is_empty());
}

#[test]
fn s1_without_a_room_everybody_is_meant_if_there_is_anybody() {
    let _step = step!();
    let rooms = three();
    assert_eq!(heard(&rooms, &Selection::default()), ["ann", "bea", "cem"]);
    assert!(heard(&Rooms::<u8>::default(), &Selection::default()).is_empty());
}

#[test]
fn s1_a_socket_keeps_its_rooms_in_the_order_it_joined_them() {
    let _step = step!();
    let mut rooms = three();
    for room in ["z", "a", "m", "b"] {
        assert!(rooms.join("bea", room));
    }
    assert_eq!(of(&rooms, "bea"), ["bea", "z", "a", "m", "b"]);
    assert_eq!(of(&rooms, "ann"), ["ann"]);
}

#[test]
fn s1_any_text_names_a_room() {
    let _step = step!();
    let mut rooms = three();
    let names =
        ["", " ", "Kitchen", "kitchen", "κουζίνα", "a\0b", "__proto__", &"x".repeat(70_000)];
    for name in names {
        assert!(rooms.join("cem", name), "{name:?} is a room of its own");
    }
    for name in names {
        assert_eq!(heard(&rooms, &to(name)), ["cem"], "{name:?}");
    }
}

#[test]
fn s1_what_stands_for_a_socket_comes_with_it() {
    let _step = step!();
    let mut rooms = Rooms::default();
    assert!(rooms.is_empty());
    assert_eq!(rooms.insert("ann".into(), 1), None);
    assert_eq!(rooms.insert("bea".into(), 2), None);
    assert!(rooms.join("bea", "kitchen"));
    let found: Vec<_> =
        rooms.members("kitchen").map(|(id, member)| (id.as_str(), *member)).collect();
    assert_eq!(found, [("bea", 2)]);
    assert_eq!((rooms.get("ann"), rooms.get("bea"), rooms.get("cem")), (Some(&1), Some(&2), None));
    assert_eq!((rooms.len(), rooms.is_empty()), (2, false));
}

#[test]
fn s1_an_id_that_comes_again_stays_in_its_rooms() {
    let _step = step!();
    let mut rooms = three();
    assert!(rooms.join("ann", "kitchen"));
    assert_eq!(rooms.insert("ann".into(), "ann's second connection"), Some("ann"));
    assert_eq!(heard(&rooms, &to("kitchen")), ["ann's second connection"]);
    assert_eq!(rooms.len(), 3);
}

#[test]
fn s1_a_room_costs_nothing_for_those_who_are_not_in_it() {
    let _step = step!();
    let prepare = |rooms: &mut Rooms<usize>| assert!(rooms.join("7", "kitchen"));
    costs_as_much_in_a_crowd(prepare, |rooms| assert_eq!(heard(rooms, &to("kitchen")), [7]));
}

// Step 2: leave.

#[test]
fn s2_who_leaves_or_goes_hears_nothing_more() {
    let _step = step!();
    let mut house = House::of_three();
    for name in ["ann", "bea", "cem"] {
        house.join(name, "kitchen");
        house.join(name, "garden");
    }
    house.say(to("kitchen"), "dinner is ready");
    house.leave("ann", "kitchen");
    house.say(to("kitchen"), "it gets cold");
    house.go("bea");
    house.say(to("kitchen"), "it is cold");
    house.say(to("garden"), "it rains");
    insta::assert_snapshot!(house.transcript);
}

#[test]
fn s2_a_room_is_gone_with_the_last_who_leaves() {
    let _step = step!();
    let mut rooms = three();
    assert!(rooms.join("ann", "kitchen") && rooms.join("bea", "kitchen"));
    assert!(rooms.leave("ann", "kitchen"));
    assert_eq!(all(&rooms), ["ann", "bea", "cem", "kitchen"]);
    assert!(rooms.leave("bea", "kitchen"));
    assert_eq!(all(&rooms), ["ann", "bea", "cem"]);
}

#[test]
fn s2_a_room_is_gone_with_the_last_who_goes() {
    let _step = step!();
    let mut rooms = three();
    for room in ["kitchen", "garden", "cellar"] {
        assert!(rooms.join("ann", room));
    }
    assert!(rooms.join("bea", "garden"));
    assert_eq!(rooms.remove("ann"), Some("ann"));
    assert_eq!(all(&rooms), ["bea", "cem", "garden"]);
    assert_eq!(rooms.remove("bea"), Some("bea"));
    assert_eq!(all(&rooms), ["cem"]);
}

#[test]
fn s2_leaving_where_one_is_not_changes_nothing() {
    let _step = step!();
    let mut rooms = three();
    assert!(rooms.join("ann", "kitchen") && rooms.join("bea", "garden"));
    assert!(!rooms.leave("ann", "garden"), "leave said true, and ann is not in the garden");
    assert!(!rooms.leave("ann", "cellar"), "leave said true, and there is no cellar");
    assert!(!rooms.leave("dan", "kitchen"), "leave said true, and there is no dan");
    assert_eq!(rooms.remove("dan"), None);
    assert_eq!((members(&rooms, "kitchen"), members(&rooms, "garden")), (vec!["ann"], vec!["bea"]));
    assert_eq!(
        (of(&rooms, "ann"), of(&rooms, "bea")),
        (vec!["ann", "kitchen"], vec!["bea", "garden"])
    );
    assert!(rooms.leave("ann", "kitchen"));
    assert!(!rooms.leave("ann", "kitchen"), "leave said true, and ann had left the kitchen before");
}

#[test]
fn s2_the_rooms_that_stay_keep_their_order() {
    let _step = step!();
    let mut rooms = three();
    for room in ["d", "a", "c", "b"] {
        assert!(rooms.join("ann", room));
    }
    assert!(rooms.leave("ann", "a"));
    assert_eq!(of(&rooms, "ann"), ["ann", "d", "c", "b"]);
    assert!(rooms.join("ann", "a"));
    assert_eq!(of(&rooms, "ann"), ["ann", "d", "c", "b", "a"]);
}

#[test]
fn s2_who_comes_next_inherits_no_room() {
    let _step = step!();
    let mut rooms = three();
    assert!(rooms.join("bea", "kitchen") && rooms.join("cem", "kitchen"));
    assert_eq!(rooms.remove("bea"), Some("bea"));
    assert_eq!(rooms.insert("dan".into(), "dan"), None);
    assert_eq!(heard(&rooms, &to("kitchen")), ["cem"], "dan may well have bea's number");
    assert_eq!(rooms.insert("bea".into(), "bea"), None);
    assert_eq!(heard(&rooms, &to("kitchen")), ["cem"], "bea comes back, and begins anew");
    assert_eq!(of(&rooms, "bea"), ["bea"]);
}

#[test]
fn s2_going_costs_nothing_for_the_rooms_of_others() {
    let _step = step!();
    let prepare = |rooms: &mut Rooms<usize>| {
        for number in 0..rooms.len() {
            rooms.join(&number.to_string(), &format!("the room of {number}"));
            rooms.join(&number.to_string(), "kitchen");
        }
    };
    costs_as_much_in_a_crowd(prepare, |rooms| {
        rooms.insert("ann".into(), 0);
        assert!(rooms.join("ann", "kitchen") && rooms.join("ann", "the room of ann"));
        assert!(rooms.leave("ann", "the room of ann"));
        assert_eq!(rooms.remove("ann"), Some(0));
    });
}

#[test]
fn s2_a_crowd_that_went_leaves_the_others_as_they_were() {
    let _step = step!();
    let mut rooms = house_of(CROWD);
    let ids = || (0..CROWD).map(|number| number.to_string());
    let stays = |id: &String| id.ends_with("77");
    for id in ids() {
        rooms.join(&id, if stays(&id) { "kitchen" } else { "garden" });
        rooms.join(&id, "house");
    }
    for id in ids().filter(|id| !stays(id)) {
        assert!(rooms.remove(&id).is_some(), "{id}");
    }
    let expected: Vec<usize> = (0..CROWD).filter(|number| number % 100 == 77).collect();
    for room in ["kitchen", "house"] {
        assert_eq!(heard(&rooms, &to(room)), expected, "{room}");
    }
    assert_eq!(heard(&rooms, &Selection::default()), expected);
    for id in ids().filter(stays) {
        assert_eq!(rooms.get(&id).map(usize::to_string), Some(id.clone()));
        assert_eq!(of(&rooms, &id), [&*id, "kitchen", "house"]);
    }
}

#[test]
fn s2_any_coming_and_going_is_kept_as_a_plain_list_would() {
    let _step = step!();
    let select = vec(room_name(), 0..2).prop_map(|to| Op::Select { to, except: Vec::new() });
    proptest!(quietly(), |(ops in vec(prop_oneof![4 => change(room_name()), 1 => select], 0..60))| {
        same_as_the_model(Rooms::default(), &ROOMS, &ops)?;
    });
    assert!(three().remove("ann").is_some());
}

// Step 3: several rooms, each socket once.

#[test]
fn s3_who_is_in_two_of_the_rooms_hears_it_once() {
    let _step = step!();
    let mut house = House::of_three();
    house.join("ann", "kitchen");
    house.join("bea", "kitchen");
    house.join("bea", "garden");
    house.join("cem", "garden");
    house.say(to("kitchen"), "dinner is ready");
    house.say(to("garden"), "dinner is ready");
    house.say(to("kitchen").to("garden"), "dinner is ready");
    insta::assert_snapshot!(house.transcript);
}

#[test]
fn s3_a_room_named_twice_is_the_same_room() {
    let _step = step!();
    let mut rooms = three();
    assert!(rooms.join("ann", "kitchen") && rooms.join("cem", "kitchen"));
    assert_eq!(heard(&rooms, &to("kitchen").to("kitchen")), ["ann", "cem"]);
    assert_eq!(heard(&rooms, &to("kitchen").to("garden").to("kitchen")), ["ann", "cem"]);
}

#[test]
fn s3_rooms_without_anybody_add_nobody() {
    let _step = step!();
    let mut rooms = three();
    assert!(rooms.join("ann", "kitchen"));
    assert_eq!(heard(&rooms, &to("garden").to("kitchen").to("cellar")), ["ann"]);
    assert!(
        heard(&rooms, &to("garden").to("cellar")).is_empty(),
        "somebody hears it, and nobody is in either room"
    );
}

#[test]
fn s3_rooms_are_united_at_no_cost_for_those_who_are_in_none() {
    let _step = step!();
    let prepare = |rooms: &mut Rooms<usize>| {
        assert!(rooms.join("7", "kitchen") && rooms.join("7", "garden"));
        assert!(rooms.join("8", "garden"));
    };
    let both = to("kitchen").to("garden");
    costs_as_much_in_a_crowd(prepare, |rooms| assert_eq!(heard(rooms, &both), [7, 8]));
}

#[test]
fn s3_a_thousand_rooms_are_united_too() {
    let _step = step!();
    let mut rooms = house_of(1000);
    let mut selection = Selection::default();
    for number in 0..1000 {
        let room = format!("the room of {number}");
        rooms.join(&number.to_string(), &room);
        rooms.join("7", &room);
        selection = selection.to(room);
    }
    assert_eq!(heard(&rooms, &selection), Vec::from_iter(0..1000));
}

#[test]
fn s3_who_is_united_is_not_compared_with_all_others() {
    let _step = step!();
    let mut rooms = house_of(CROWD / 2);
    for id in (0..CROWD / 2).map(|number| number.to_string()) {
        rooms.join(&id, "kitchen");
        rooms.join(&id, "garden");
    }
    let (kitchen, both) = (to("kitchen"), to("kitchen").to("garden"));
    let sorted = best_of(10, || assert_eq!(heard(&rooms, &kitchen).len(), CROWD / 2));
    let united = best_of(10, || assert_eq!(rooms.select(&both).count(), CROWD / 2));
    // Sorted too, it is up to three times as long. Each compared with all others, it is over a hundred times.
    assert!(
        united < 30 * sorted,
        "expected two rooms to be united in some times as long as one is sorted, took {united:?} and \
         {sorted:?}: is each compared with all others?"
    );
}

#[test]
fn s3_any_rooms_give_each_socket_once() {
    let _step = step!();
    let select = vec(room_name(), 0..5).prop_map(|to| Op::Select { to, except: Vec::new() });
    proptest!(quietly(), |(ops in vec(prop_oneof![2 => change(room_name()), 1 => select], 0..60))| {
        same_as_the_model(Rooms::default(), &ROOMS, &ops)?;
    });
    assert_eq!(heard(&three(), &to("a").to("b")).len(), 0);
}

// Step 4: all but some, and the room of one's own id.

#[test]
fn s4_the_others_hear_what_one_says() {
    let _step = step!();
    let mut house = House::of_three();
    for name in ["ann", "bea", "cem"] {
        house.join(name, "kitchen");
    }
    house.join("cem", "asleep");
    house.say(to("kitchen").except("ann"), "ann: dinner is ready");
    house.say(Selection::default().except("bea"), "bea: thank you");
    house.say(to("kitchen").except("asleep"), "we save some for cem");
    house.say(to("cem"), "yours is in the fridge");
    insta::assert_snapshot!(house.transcript);
}

#[test]
fn s4_each_is_in_the_room_of_its_own_id() {
    let _step = step!();
    let mut rooms = three();
    assert_eq!(heard(&rooms, &to("ann")), ["ann"]);
    assert_eq!(members(&rooms, "ann"), ["ann"]);
    assert_eq!(heard(&rooms, &to("ann").to("bea").to("ann")), ["ann", "bea"]);
    assert!(!rooms.join("ann", "ann"), "join said true, and ann is in there already");
    assert!(rooms.join("ann", "kitchen") && rooms.join("bea", "kitchen"));
    assert_eq!(heard(&rooms, &to("kitchen").to("ann").to("cem")), ["ann", "bea", "cem"]);
    assert_eq!(rooms.remove("ann"), Some("ann"));
    assert!(heard(&rooms, &to("ann")).is_empty());
}

#[test]
fn s4_others_may_join_a_room_that_is_somebodys_id() {
    let _step = step!();
    let mut house = House::of_three();
    house.join("bea", "ann");
    house.say(to("ann"), "for ann, and bea listens");
    house.say(to("bea"), "for bea alone");
    house.say(Selection::default().except("ann"), "about ann");
    house.go("ann");
    house.say(to("ann"), "ann is not here");
    house.come("ann");
    house.say(to("ann"), "ann is back");
    house.leave("bea", "ann");
    house.say(to("ann"), "for ann alone");
    insta::assert_snapshot!(house.transcript);
}

#[test]
fn s4_a_room_is_listed_once_whoever_is_in_it() {
    let _step = step!();
    let mut rooms = three();
    assert!(rooms.join("bea", "ann") && rooms.join("cem", "ann") && rooms.join("cem", "kitchen"));
    assert_eq!(all(&rooms), ["ann", "bea", "cem", "kitchen"]);
    assert_eq!(members(&rooms, "ann"), ["ann", "bea", "cem"]);
    assert_eq!(rooms.remove("ann"), Some("ann"));
    assert_eq!(
        all(&rooms),
        ["ann", "bea", "cem", "kitchen"],
        "bea and cem are in ann's room still"
    );
    assert_eq!(members(&rooms, "ann"), ["bea", "cem"]);
}

#[test]
fn s4_who_leaves_the_room_of_its_own_id_is_not_found_by_it() {
    let _step = step!();
    let mut rooms = three();
    assert_eq!(heard(&rooms, &to("ann")), ["ann"]);
    assert!(rooms.leave("ann", "ann"));
    assert!(!rooms.leave("ann", "ann"), "leave said true, and ann had left before");
    assert!(heard(&rooms, &to("ann")).is_empty(), "ann has left her own room, and is found by it");
    assert!(of(&rooms, "ann").is_empty(), "ann has left her own room, and is told to be in it");
    assert_eq!(all(&rooms), ["bea", "cem"]);
    assert_eq!(heard(&rooms, &Selection::default().except("ann")), ["ann", "bea", "cem"]);
    assert!(rooms.join("ann", "ann"));
    assert_eq!(heard(&rooms, &to("ann")), ["ann"]);
}

#[test]
fn s4_to_leave_out_is_stronger_than_to_mean() {
    let _step = step!();
    let mut rooms = three();
    for name in ["ann", "bea", "cem"] {
        assert!(rooms.join(name, "kitchen"));
    }
    assert!(rooms.join("bea", "muted") && rooms.join("cem", "asleep"));
    assert!(heard(&rooms, &to("kitchen").except("kitchen")).is_empty());
    assert!(heard(&rooms, &to("ann").except("ann")).is_empty());
    assert_eq!(heard(&rooms, &to("kitchen").except("muted").except("asleep")), ["ann"]);
    assert_eq!(heard(&rooms, &to("bea").to("kitchen").except("muted")), ["ann", "cem"]);
    assert_eq!(heard(&rooms, &to("kitchen").except("nobody is in here")), ["ann", "bea", "cem"]);
    assert_eq!(heard(&rooms, &Selection::default().except("muted")), ["ann", "cem"]);
}

#[test]
fn s4_leaving_thousands_out_costs_as_much_as_those_who_are_meant() {
    let _step = step!();
    let prepare = |rooms: &mut Rooms<usize>| {
        for number in 10..rooms.len() {
            rooms.join(&number.to_string(), "muted");
        }
        for id in ["7", "8", "11", "12"] {
            rooms.join(id, "kitchen");
        }
    };
    let selection = to("kitchen").except("muted").except("8");
    costs_as_much_in_a_crowd(prepare, |rooms| assert_eq!(heard(rooms, &selection), [7]));
}

#[test]
fn s4_any_selection_is_what_a_plain_list_would_say() {
    let _step = step!();
    proptest!(quietly(), |(ops in vec(any_op(), 0..60))| {
        same_as_the_model(Rooms::default(), &NAMES, &ops)?;
    });
    assert_eq!(heard(&three(), &to("ann").except("bea")), ["ann"]);
}

// Step 5: what became of a room.

#[test]
fn s5_a_room_is_told_of_from_its_first_socket_to_its_last() {
    let _step = step!();
    let mut house = House { rooms: Rooms::watched(), transcript: lanes() };
    house.come("ann");
    house.come("bea");
    house.join("ann", "kitchen");
    house.join("bea", "kitchen");
    house.join("bea", "kitchen");
    house.leave("ann", "kitchen");
    house.leave("ann", "kitchen");
    house.go("bea");
    insta::assert_snapshot!(house.transcript);
}

#[test]
fn s5_who_goes_leaves_its_rooms_as_it_joined_them() {
    let _step = step!();
    let mut house = House { rooms: Rooms::watched(), transcript: lanes() };
    house.come("ann");
    house.come("bea");
    for room in ["kitchen", "garden", "cellar"] {
        house.join("ann", room);
    }
    house.join("bea", "garden");
    house.go("ann");
    let told = house.transcript.to_string();
    let left =
        ["kitchen", "garden", "cellar"].map(|room| told.find(&format!("left: {room}, by ann")));
    assert!(
        left.is_sorted(),
        "expected ann to leave her rooms in the order of her list, as step 14.2 has it (leave_all): {told}"
    );
    insta::assert_snapshot!(house.transcript);
}

#[test]
fn s5_the_room_of_an_id_is_told_of_like_any_other() {
    let _step = step!();
    let mut house = House { rooms: Rooms::watched(), transcript: lanes() };
    house.come("ann");
    house.come("bea");
    house.join("bea", "ann");
    house.go("ann");
    house.come("ann");
    house.leave("bea", "ann");
    house.leave("ann", "ann");
    house.join("ann", "ann");
    house.go("ann");
    insta::assert_snapshot!(house.transcript);
}

#[test]
fn s5_nothing_is_kept_for_nobody() {
    let _step = step!();
    let mut unwatched = three();
    assert!(unwatched.join("ann", "kitchen") && unwatched.leave("ann", "kitchen"));
    assert_eq!(unwatched.poll_event(), None);
    let mut watched = Rooms::watched();
    watched.insert("ann".into(), ());
    let created = RoomEvent::Created { room: "ann".into() };
    let joined = RoomEvent::Joined { room: "ann".into(), id: "ann".into() };
    assert_eq!((watched.poll_event(), watched.poll_event()), (Some(created), Some(joined)));
    assert_eq!(watched.poll_event(), None);
}

#[test]
fn s5_any_change_is_told_as_it_was() {
    let _step = step!();
    proptest!(quietly(), |(ops in vec(any_op(), 0..60))| {
        same_as_the_model(Rooms::watched(), &NAMES, &ops)?;
    });
    let mut rooms = Rooms::watched();
    rooms.insert("ann".into(), ());
    assert!(rooms.poll_event().is_some());
}

// What the tests share.

fn to(room: &str) -> Selection {
    Selection::default().to(room)
}

fn three() -> Rooms<&'static str> {
    let mut rooms = Rooms::default();
    for name in ["ann", "bea", "cem"] {
        rooms.insert(name.into(), name);
    }
    rooms
}

/// Sockets by number: "0", "1" and so on.
fn house_of(size: usize) -> Rooms<usize> {
    let mut rooms = Rooms::default();
    for number in 0..size {
        rooms.insert(number.to_string().as_str().into(), number);
    }
    rooms
}

fn costs_as_much_in_a_crowd(prepare: impl Fn(&mut Rooms<usize>), act: impl Fn(&mut Rooms<usize>)) {
    let [few, many] = [HANDFUL, CROWD].map(|size| {
        let mut rooms = house_of(size);
        prepare(&mut rooms);
        best_of(100, || act(&mut rooms))
    });
    assert!(
        many < 10 * few,
        "expected no more work among {CROWD} sockets than among {HANDFUL}, took {many:?} and {few:?}: \
         what goes through those whom it does not concern?"
    );
}

/// How long it takes: the best of many times, so that it does not matter what else the machine does.
fn best_of(times: usize, mut act: impl FnMut()) -> Duration {
    let times = (0..times).map(|_| {
        let began = Instant::now();
        act();
        began.elapsed()
    });
    times.min().expect("some times")
}

/// Whom a selection means, sorted: in which order they are told does not matter.
fn heard<M: Copy + Ord>(rooms: &Rooms<M>, selection: &Selection) -> Vec<M> {
    let mut heard: Vec<M> = rooms.select(selection).map(|(_, member)| *member).collect();
    heard.sort_unstable();
    heard
}

fn members<'a, M>(rooms: &'a Rooms<M>, room: &str) -> Vec<&'a str> {
    let mut ids: Vec<_> = rooms.members(room).map(|(id, _)| id.as_str()).collect();
    ids.sort_unstable();
    ids
}

fn of<'a, M>(rooms: &'a Rooms<M>, id: &'a str) -> Vec<&'a str> {
    rooms.rooms_of(id).collect()
}

fn all<M>(rooms: &Rooms<M>) -> Vec<&str> {
    let mut names: Vec<_> = rooms.rooms().collect();
    names.sort_unstable();
    names
}

/// Three people, and a transcript of what they hear.
struct House {
    rooms: Rooms<&'static str>,
    transcript: Transcript,
}

fn lanes() -> Transcript {
    Transcript::untimed(&["server", "ann", "bea", "cem"])
}

impl House {
    fn of_three() -> Self {
        Self { rooms: three(), transcript: lanes() }
    }

    fn come(&mut self, name: &'static str) {
        self.rooms.insert(name.into(), name);
        self.did(name, "comes");
    }

    fn go(&mut self, name: &str) {
        self.rooms.remove(name);
        self.did(name, "goes");
    }

    fn join(&mut self, name: &str, room: &str) {
        self.rooms.join(name, room);
        self.did(name, &format!("joins {room}"));
    }

    fn leave(&mut self, name: &str, room: &str) {
        self.rooms.leave(name, room);
        self.did(name, &format!("leaves {room}"));
    }

    fn did(&mut self, name: &str, what: &str) {
        self.transcript.event(name, what);
        while let Some(event) = self.rooms.poll_event() {
            self.transcript.event("server", in_words(&event));
        }
    }

    fn say(&self, selection: Selection, text: &str) {
        self.transcript.phase(&format!("{}: {text}", named(&selection)));
        for name in heard(&self.rooms, &selection) {
            self.transcript.message("server", name, text);
        }
    }
}

/// `to kitchen, to garden, except ann`, or `to all`.
fn named(selection: &Selection) -> String {
    let mut words: Vec<String> = selection.rooms().map(|room| format!("to {room}")).collect();
    if words.is_empty() {
        words.push("to all".to_owned());
    }
    words.extend(selection.excepted().map(|room| format!("except {room}")));
    words.join(", ")
}

fn in_words(event: &RoomEvent) -> String {
    match event {
        RoomEvent::Created { room } => format!("created: {room}"),
        RoomEvent::Joined { room, id } => format!("joined: {room}, by {id}"),
        RoomEvent::Left { room, id } => format!("left: {room}, by {id}"),
        RoomEvent::Deleted { room } => format!("deleted: {room}"),
    }
}

const ROOMS: [&str; 3] = ["a", "b", "c"];
const IDS: [&str; 5] = ["1", "2", "3", "4", "5"];
/// Of rooms, those that are ids among them.
const NAMES: [&str; 8] = ["a", "b", "c", "1", "2", "3", "4", "5"];

type Name = &'static str;

#[derive(Clone, Debug)]
enum Op {
    Insert(Name),
    Remove(Name),
    Join(Name, Name),
    Leave(Name, Name),
    Select { to: Vec<Name>, except: Vec<Name> },
}

fn room_name() -> impl Strategy<Value = Name> + Clone {
    prop::sample::select(&ROOMS[..])
}

fn change(room: impl Strategy<Value = Name> + Clone) -> impl Strategy<Value = Op> {
    let id = || prop::sample::select(&IDS[..]);
    prop_oneof![
        3 => id().prop_map(Op::Insert),
        1 => id().prop_map(Op::Remove),
        4 => (id(), room.clone()).prop_map(|(id, room)| Op::Join(id, room)),
        2 => (id(), room).prop_map(|(id, room)| Op::Leave(id, room)),
    ]
}

fn any_op() -> impl Strategy<Value = Op> {
    let name = || prop::sample::select(&NAMES[..]);
    let select = (vec(name(), 0..4), vec(name(), 0..3));
    prop_oneof![
        3 => change(name()),
        1 => select.prop_map(|(to, except)| Op::Select { to, except }),
    ]
}

/// What rooms are, told so plainly that it can hardly be wrong: a list of rooms for each socket.
#[derive(Default)]
struct Model {
    sockets: BTreeMap<Name, Vec<Name>>,
    events: VecDeque<RoomEvent>,
}

impl Model {
    fn insert(&mut self, id: Name) -> Option<Name> {
        if self.sockets.contains_key(id) {
            return Some(id);
        }
        self.sockets.insert(id, Vec::new());
        self.join(id, id);
        None
    }

    fn remove(&mut self, id: Name) -> Option<Name> {
        for room in self.sockets.get(id)?.clone() {
            self.leave(id, room);
        }
        self.sockets.remove(id);
        Some(id)
    }

    fn join(&mut self, id: Name, room: Name) -> bool {
        let is_new = self.members(room).is_empty();
        let Some(rooms) = self.sockets.get_mut(id) else { return false };
        if rooms.contains(&room) {
            return false;
        }
        // Its own is always the first.
        rooms.insert(if id == room { 0 } else { rooms.len() }, room);
        if is_new {
            self.events.push_back(RoomEvent::Created { room: room.into() });
        }
        self.events.push_back(RoomEvent::Joined { room: room.into(), id: id.into() });
        true
    }

    fn leave(&mut self, id: Name, room: Name) -> bool {
        let Some(rooms) = self.sockets.get_mut(id) else { return false };
        let Some(place) = rooms.iter().position(|name| *name == room) else { return false };
        rooms.remove(place);
        self.events.push_back(RoomEvent::Left { room: room.into(), id: id.into() });
        if self.members(room).is_empty() {
            self.events.push_back(RoomEvent::Deleted { room: room.into() });
        }
        true
    }

    fn members(&self, room: Name) -> Vec<Name> {
        self.sockets.iter().filter(|(_, rooms)| rooms.contains(&room)).map(|(id, _)| *id).collect()
    }

    fn select(&self, to: &[Name], except: &[Name]) -> Vec<Name> {
        let is_meant =
            |rooms: &Vec<Name>| to.is_empty() || to.iter().any(|room| rooms.contains(room));
        let is_excepted = |rooms: &Vec<Name>| except.iter().any(|room| rooms.contains(room));
        let meant = self.sockets.iter().filter(|(_, rooms)| is_meant(rooms) && !is_excepted(rooms));
        meant.map(|(id, _)| *id).collect()
    }
}

/// Does the same to the rooms and to the model, and compares them after each step. `names` are the
/// rooms to look into.
fn same_as_the_model(
    mut rooms: Rooms<Name>,
    names: &[Name],
    ops: &[Op],
) -> Result<(), TestCaseError> {
    let mut model = Model::default();
    rooms.insert("0".into(), "0");
    model.insert("0");
    let is_watched = rooms.poll_event().is_some();
    while rooms.poll_event().is_some() {}
    model.events.clear();
    for op in ops {
        match op {
            Op::Insert(id) => prop_assert_eq!(rooms.insert((*id).into(), id), model.insert(id)),
            Op::Remove(id) => prop_assert_eq!(rooms.remove(id), model.remove(id)),
            Op::Join(id, room) => prop_assert_eq!(rooms.join(id, room), model.join(id, room)),
            Op::Leave(id, room) => prop_assert_eq!(rooms.leave(id, room), model.leave(id, room)),
            Op::Select { to, except } => {
                let selection = to.iter().copied().fold(Selection::default(), Selection::to);
                let selection = except.iter().copied().fold(selection, Selection::except);
                let selected = rooms.select(&selection);
                let (least, most) = selected.size_hint();
                let came = selected.count();
                prop_assert!(least <= came && Some(came) <= most, "{least}, {came}, {most:?}");
                prop_assert_eq!(heard(&rooms, &selection), model.select(to, except));
            }
        }
        for room in names {
            prop_assert_eq!(members(&rooms, room), model.members(room), "in {}", room);
        }
        prop_assert_eq!(rooms.len(), model.sockets.len());
        let listed: BTreeSet<Name> = model.sockets.values().flatten().copied().collect();
        prop_assert_eq!(all(&rooms), Vec::from_iter(listed));
        for (id, joined) in &model.sockets {
            prop_assert_eq!(&of(&rooms, id), joined);
        }
        while is_watched && let Some(event) = model.events.pop_front() {
            prop_assert_eq!(rooms.poll_event(), Some(event));
        }
        prop_assert_eq!(rooms.poll_event(), None);
    }
    Ok(())
}

/// What fails is printed, and not kept in a file beside the tests.
fn quietly() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}
