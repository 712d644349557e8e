//! Each limit of the chat, in a hall without sockets: what is just allowed, and what is not.

use std::time::{Duration, Instant};

use super::subject::{
    Began, Bytes, Entry, Fetch, Guest, Hall, Join, Limits, Mistake, Mute, Say, SendFile, Typing,
    Whereabouts, Whisper, Wish,
};

const SECOND: Duration = Duration::from_secs(1);

/// A hall, and the time in it.
struct Scene {
    hall: Hall,
    now: Instant,
    id: u64,
}

impl Scene {
    fn new(limits: Limits) -> Self {
        let now = Instant::now();
        let hall = Hall::new(limits, "today".to_owned(), Began { now, at: 1000 });
        Self { hall, now, id: 0 }
    }

    fn admit(&mut self, name: &str) -> Result<Guest, Mistake> {
        let entry = Entry { name: name.to_owned(), key: format!("the key of {name:-<16}") };
        self.hall.admit(&entry, self.now)
    }

    /// Somebody who is connected.
    fn enter(&mut self, name: &str) -> Guest {
        let guest = self.admit(name).expect("nobody else has this name");
        self.hall.arrive(&guest, String::new(), self.now).expect("they were admitted just now");
        guest
    }

    fn join(&mut self, guest: &Guest, room: &str) -> Result<(), Mistake> {
        let join = Join { room: room.to_owned(), since: None };
        self.hall.join(guest, &join, self.now).map(drop)
    }

    /// With another id each time. The message's number.
    fn say(&mut self, guest: &Guest, text: &str) -> Result<u64, Mistake> {
        self.id += 1;
        let say = Say { room: "tea".to_owned(), id: format!("{}", self.id), text: text.to_owned() };
        self.hall.say(guest, say, self.now).map(|said| said.receipt.number)
    }

    fn send(&mut self, guest: &Guest, name: &str, kind: &str, size: usize) -> Result<u64, Mistake> {
        self.id += 1;
        let (room, id, bytes) = ("tea".to_owned(), self.id.to_string(), vec![0; size].into());
        let file = SendFile { room, id, name: name.to_owned(), kind: kind.to_owned(), bytes };
        self.hall.send(guest, file, self.now).map(|said| said.receipt.number)
    }

    fn whisper(&mut self, guest: &Guest, to: &str) -> Result<(), Mistake> {
        self.id += 1;
        let whisper =
            Whisper { to: to.to_owned(), id: self.id.to_string(), text: "psst".to_owned() };
        self.hall.whisper(guest, &whisper, self.now).map(drop)
    }

    /// The numbers that somebody new finds.
    fn remembered(&mut self) -> Vec<u64> {
        let late = self.enter("late");
        let join = Join { room: "tea".to_owned(), since: None };
        let (joined, _) = self.hall.join(&late, &join, self.now).expect("there is room");
        joined.messages.iter().map(|message| message.number).collect()
    }
}

/// Anna, alone in the room `tea`.
fn anna(limits: Limits) -> (Scene, Guest) {
    let mut scene = Scene::new(limits);
    let anna = scene.enter("anna");
    scene.join(&anna, "tea").expect("there is room");
    (scene, anna)
}

fn code<T>(came: Result<T, Mistake>) -> &'static str {
    came.map_or_else(|mistake| mistake.code(), |_| "yes")
}

#[test]
fn max_people_and_a_place_is_free_again() {
    let mut scene = Scene::new(Limits { max_people: 2, ..Limits::default() });
    let anna = scene.enter("anna");
    scene.enter("ben");
    assert_eq!(code(scene.admit("carla")), "hall-full");
    assert_eq!(code(scene.admit("anna")), "yes", "who is in comes back");
    let visit = scene.hall.arrive(&anna, String::new(), scene.now).expect("she is in").visit;
    scene.hall.depart(&anna, visit, true, scene.now);
    assert_eq!(code(scene.admit("carla")), "yes");
}

#[test]
fn who_came_and_went_leaves_no_hall_that_is_full() {
    let mut scene = Scene::new(Limits { max_people: 2, ..Limits::default() });
    for name in ["one", "two", "three", "four"] {
        let guest = scene.enter(name);
        let visit = scene.hall.arrive(&guest, String::new(), scene.now).expect("it is in").visit;
        scene.hall.depart(&guest, visit, false, scene.now);
    }
    // Who is in a room stays, connected or not, and who is connected.
    let anna = scene.admit("anna").expect("a stranger makes place");
    scene.join(&anna, "tea").expect("there is room");
    scene.enter("ben");
    assert_eq!(code(scene.admit("carla")), "hall-full");
}

#[test]
fn max_rooms_and_the_longest_empty_makes_place() {
    let (mut scene, anna) = anna(Limits { max_rooms: 2, ..Limits::default() });
    scene.join(&anna, "cake").expect("there is room");
    assert_eq!(code(scene.join(&anna, "more")), "hall-full");
    for room in ["tea", "cake"] {
        scene.now += SECOND;
        assert_eq!(scene.hall.leave(&anna, room, scene.now), Ok(true));
    }
    scene.join(&anna, "more").expect("tea has been empty for longest");
    let rooms: Vec<String> = scene.hall.rooms().into_iter().map(|it| it.room).collect();
    assert_eq!(rooms, ["cake", "more"]);
}

#[test]
fn a_room_that_is_made_anew_has_another_epoch() {
    let (mut scene, anna) = anna(Limits { max_rooms: 1, ..Limits::default() });
    let join = |room: &str| Join { room: room.to_owned(), since: None };
    let (before, _) = scene.hall.join(&anna, &join("tea"), scene.now).expect("she is in");
    for (old, new) in [("tea", "cake"), ("cake", "tea")] {
        scene.hall.leave(&anna, old, scene.now).expect("not too fast");
        scene.join(&anna, new).expect("the old one makes place");
    }
    let (after, _) = scene.hall.join(&anna, &join("tea"), scene.now).expect("she is in");
    assert_ne!(after.epoch, before.epoch);
}

#[test]
fn max_rooms_each() {
    let (mut scene, anna) = anna(Limits { max_rooms_each: 2, ..Limits::default() });
    scene.join(&anna, "cake").expect("there is room");
    assert_eq!(code(scene.join(&anna, "more")), "too-many-rooms");
    assert_eq!(code(scene.join(&anna, "cake")), "yes", "where she is already");
}

#[test]
fn max_name_and_what_a_name_may_be() {
    let mut scene = Scene::new(Limits { max_name: 5, ..Limits::default() });
    assert_eq!(code(scene.admit("ännäé")), "yes");
    for wrong in ["", "sixsix", " anna", "anna ", "an\nna", "an\u{200b}a", "an\u{202e}a", "\u{ad}"]
    {
        assert_eq!(code(scene.admit(wrong)), "bad-name", "{wrong:?}");
    }
    let ben = scene.enter("ben");
    assert_eq!(code(scene.admit("bеn")), "name-taken", "with a Cyrillic letter in it");
    assert_eq!(code(scene.join(&ben, "six six")), "bad-room");
    scene.join(&ben, "tea").expect("a good name");
    assert_eq!(code(scene.send(&ben, "a.jpeg", "image/jpeg", 1)), "bad-file");
    assert_eq!(code(scene.send(&ben, "a.png", "image/png\r\nx", 1)), "bad-file");
    assert_eq!(code(scene.send(&ben, "a.png", "", 1)), "yes", "a type that nobody knows");
}

#[test]
fn a_key_can_neither_be_guessed_nor_fill_the_memory() {
    let mut scene = Scene::new(Limits::default());
    let mut admit = |length| {
        let entry = Entry { name: "anna".to_owned(), key: "k".repeat(length) };
        code(scene.hall.admit(&entry, scene.now))
    };
    assert_eq!([15, 65, 16].map(&mut admit), ["bad-key", "bad-key", "yes"]);
    assert_eq!(admit(17), "name-taken");
}

#[test]
fn max_text() {
    let (mut scene, anna) = anna(Limits { max_text: 5, ..Limits::default() });
    assert_eq!(code(scene.say(&anna, "hello")), "yes");
    for wrong in ["", " \n ", "hello!", "ééé"] {
        assert_eq!(code(scene.say(&anna, wrong)), "bad-text", "{wrong:?}");
    }
}

#[test]
fn an_id_is_short_and_visible() {
    let (mut scene, anna) = anna(Limits::default());
    let mut say = |id: &str| {
        let say = Say { room: "tea".to_owned(), id: id.to_owned(), text: "milk?".to_owned() };
        code(scene.hall.say(&anna, say, scene.now))
    };
    assert_eq!(say(&"x".repeat(64)), "yes");
    for wrong in ["", "a b", "a\n", "é", &"x".repeat(65)] {
        assert_eq!(say(wrong), "bad-id", "{wrong:?}");
    }
}

#[test]
fn max_file_and_the_bytes_come_back() {
    let (mut scene, anna) = anna(Limits { max_file: 100, ..Limits::default() });
    assert_eq!(code(scene.send(&anna, "a.png", "image/png", 101)), "too-large");
    let number = scene.send(&anna, "a.png", "image/png", 100).expect("just small enough");
    let fetch = |number| Fetch { room: "tea".to_owned(), number };
    let file = scene.hall.fetch(&anna, &fetch(number), scene.now).expect("it is there");
    assert_eq!((file.name.as_str(), file.bytes), ("a.png", Bytes::from(vec![0; 100])));
    let text = scene.say(&anna, "no file").expect("not too fast");
    for number in [text, text + 1] {
        assert_eq!(code(scene.hall.fetch(&anna, &fetch(number), scene.now)), "file-gone");
    }
}

#[test]
fn a_file_that_comes_twice_is_there_once() {
    let (mut scene, anna) = anna(Limits::default());
    for again in [false, true] {
        let [room, id, name, kind] = ["tea", "f1", "a.png", "image/png"].map(str::to_owned);
        let file = SendFile { room, id, name, kind, bytes: vec![0; 100].into() };
        let sent = scene.hall.send(&anna, file, scene.now).expect("it is small");
        assert_eq!((sent.receipt.number, sent.receipt.again), (1, again));
        assert_eq!(sent.message.is_some(), !again, "whether the others hear it");
    }
    assert_eq!(scene.remembered(), [1]);
}

#[test]
fn max_history() {
    let (mut scene, anna) = anna(Limits { max_history: 3, ..Limits::default() });
    for _ in 0..5 {
        scene.say(&anna, "milk?").expect("not too fast");
    }
    assert_eq!(scene.remembered(), [3, 4, 5]);
}

#[test]
fn max_history_bytes() {
    let (mut scene, anna) = anna(Limits { max_history_bytes: 150, ..Limits::default() });
    scene.send(&anna, "a.png", "image/png", 100).expect("it is small");
    scene.say(&anna, &"x".repeat(50)).expect("not too fast");
    let fetch = Fetch { room: "tea".to_owned(), number: 1 };
    assert_eq!(code(scene.hall.fetch(&anna, &fetch, scene.now)), "yes");
    scene.say(&anna, "x").expect("not too fast");
    assert_eq!(code(scene.hall.fetch(&anna, &fetch, scene.now)), "file-gone");
    assert_eq!(scene.remembered(), [2, 3]);
}

#[test]
fn max_mail() {
    let (mut scene, anna) = anna(Limits { max_mail: 2, ..Limits::default() });
    scene.enter("ben");
    let came = [0; 3].map(|_| code(scene.whisper(&anna, "ben")));
    assert_eq!(came, ["yes", "yes", "mail-full"]);
    assert!(scene.hall.forget("ben", "anna", "1"), "expected the first to be kept, came that not");
    assert_eq!(code(scene.whisper(&anna, "ben")), "yes");
    assert_eq!(code(scene.whisper(&anna, "carla")), "not-here");
}

#[test]
fn a_whisper_that_comes_twice_is_kept_once() {
    let (mut scene, anna) = anna(Limits::default());
    let ben = scene.enter("ben");
    let [to, id, text] = ["ben", "w1", "psst"].map(str::to_owned);
    let whisper = Whisper { to, id, text };
    for _ in 0..2 {
        scene.hall.whisper(&anna, &whisper, scene.now).expect("there is room");
    }
    let mail = scene.hall.arrive(&ben, String::new(), scene.now).expect("he is in").mail;
    assert_eq!(mail.iter().map(|it| &*it.id).collect::<Vec<_>>(), ["w1"]);
    assert!(scene.hall.forget("ben", "anna", "w1"), "expected it to be kept, came that it is not");
    assert!(!scene.hall.forget("ben", "anna", "w1"), "expected that it is gone, came a second one");
}

#[test]
fn max_absence() {
    let limits = Limits { max_absence: 10 * SECOND, ..Limits::default() };
    let (mut scene, anna) = anna(limits);
    let visit = scene.hall.arrive(&anna, String::new(), scene.now).expect("she is in").visit;
    scene.hall.depart(&anna, visit, false, scene.now);
    scene.now += 10 * SECOND - Duration::from_millis(1);
    assert_eq!(scene.hall.sweep(scene.now), []);
    scene.now += Duration::from_millis(1);
    let told = scene.hall.sweep(scene.now);
    assert_eq!(told.iter().map(|it| it.is).collect::<Vec<_>>(), [Whereabouts::Gone]);
    assert_eq!(scene.hall.rooms()[0].people, 0);
}

#[test]
fn each_rate_is_counted_by_itself_and_for_each_person() {
    let (mut scene, anna) = anna(Limits::default());
    let ben = scene.enter("ben");
    let wishes = [
        (Wish::Speak, 10),
        (Wish::Send, 3),
        (Wish::Fetch, 40),
        (Wish::Move, 30 - 1), // she has joined
        (Wish::Type, 10),
    ];
    for (wish, burst) in wishes {
        let mut taken = 0;
        while scene.hall.spend(&anna, wish, scene.now).is_ok() {
            taken += 1;
            assert!(taken <= 100, "expected {wish:?} to end after {burst}, came no end");
        }
        assert_eq!(taken, burst, "{wish:?}");
        assert_eq!(scene.hall.spend(&ben, wish, scene.now), Ok(()), "ben's {wish:?}");
    }
}

#[test]
fn what_is_refused_takes_nothing_of_a_rate() {
    let (mut scene, anna) = anna(Limits::default());
    for _ in 0..20 {
        assert_eq!(code(scene.say(&anna, "")), "bad-text");
    }
    assert_eq!(code(scene.say(&anna, "milk?")), "yes");
}

#[test]
fn who_is_outside_hears_and_says_nothing() {
    let (mut scene, _) = anna(Limits::default());
    let ben = scene.enter("ben");
    assert_eq!(code(scene.say(&ben, "let me in")), "not-in-room");
    assert_eq!(code(scene.send(&ben, "a.png", "image/png", 1)), "not-in-room");
    assert_eq!(code(scene.hall.who(&ben, "tea", scene.now)), "not-in-room");
    let fetch = Fetch { room: "tea".to_owned(), number: 1 };
    assert_eq!(code(scene.hall.fetch(&ben, &fetch, scene.now)), "not-in-room");
    let typing = Typing { room: "tea".to_owned(), name: String::new(), typing: true };
    assert_eq!(code(scene.hall.typing(&ben, typing, scene.now)), "not-in-room");
}

#[test]
fn a_mute_is_for_everything_that_others_hear_and_ends() {
    let (mut scene, anna) = anna(Limits::default());
    scene.enter("ben");
    let mute = |seconds| Mute { name: "anna".to_owned(), seconds };
    scene.hall.mute(&mute(u64::MAX), scene.now).expect("she is here");
    let typing = Typing { room: "tea".to_owned(), name: String::new(), typing: true };
    assert_eq!(code(scene.say(&anna, "why?")), "muted");
    assert_eq!(code(scene.whisper(&anna, "ben")), "muted");
    assert_eq!(code(scene.send(&anna, "a.png", "image/png", 1)), "muted");
    assert_eq!(code(scene.hall.typing(&anna, typing, scene.now)), "muted");
    scene.now += 24 * 60 * 60 * SECOND;
    assert_eq!(code(scene.say(&anna, "a day later")), "yes");
    scene.hall.mute(&mute(60), scene.now).expect("she is here");
    scene.hall.mute(&mute(0), scene.now).expect("she is here");
    assert_eq!(code(scene.say(&anna, "thanks")), "yes");
}

#[test]
fn who_is_forgotten_does_not_speak_as_the_next_of_this_name() {
    let (mut scene, before) = anna(Limits::default());
    scene.hall.dismiss("anna", scene.now).expect("she is here");
    let entry = Entry { name: "anna".to_owned(), key: "somebody else's key".to_owned() };
    let after = scene.hall.admit(&entry, scene.now).expect("the name is free");
    scene.join(&after, "tea").expect("there is room");
    assert_eq!(code(scene.say(&before, "I am still here")), "not-here");
    assert_eq!(code(scene.hall.arrive(&before, String::new(), scene.now)), "not-here");
    assert_eq!(code(scene.say(&after, "I am new here")), "yes");
}
