//! Lesson 17: what waits for a connection, in which order it leaves, and what is lost by name.

use std::collections::{BTreeSet, VecDeque};
use std::hash::RandomState;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use socketio_packet::{AckId, Namespace};
use socketio_rooms::{NotRestored, RecoveryLog, Restored, Selection};
use transcript::{Transcript, step};

use super::subject::{
    Backlog, Bound, Config, Dropped, EarlyFlood, LogConfig, Mailroom, MemoryLog, NoAnswer, Output,
    Overflow, Retried, RetryQueue,
};
use scene::{Room, Scene, secs};
use server::{Server, session, text};

#[path = "17_buffering/scene.rs"]
mod scene;
#[path = "17_buffering/server.rs"]
mod server;

// Step 1: wait for the connection.

#[test]
fn s1_what_waited_leaves_when_the_connection_is_there() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.emit(r#"2["line","first"]"#);
    scene.emit(r#"2["line","second"]"#);
    scene.wait(3);
    scene.connect();
    scene.emit(r#"2["line","third"]"#);
    scene.lose();
    scene.wait(1);
    scene.emit(r#"2["line","fourth"]"#);
    scene.wait(1);
    scene.connect();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s1_first_what_came_then_what_waited_then_the_application_hears_of_it() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.emit(r#"2["line","first"]"#);
    scene.hear(r#"2["news","missed 1","…"]"#);
    scene.emit(r#"2["line","second"]"#);
    scene.hear(r#"2["news","missed 2","…"]"#);
    scene.connect();
    scene.hear(r#"2["news","3","…"]"#);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s1_what_waits_outlives_attempts_that_fail() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.emit("a");
    scene.lose();
    scene.emit("b");
    scene.lose();
    assert_eq!(scene.room.waiting(), 2);
    scene.said.clear();
    scene.connect();
    assert_eq!(scene.said, ["a", "b", "is connected"]);
}

#[test]
fn s1_what_left_does_not_leave_again() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.emit("a");
    scene.connect();
    assert_eq!((scene.room.waiting(), scene.room.is_connected()), (0, true));
    scene.emit("b");
    scene.lose();
    assert!(!scene.room.is_connected(), "the connection broke, and it says it is connected");
    scene.said.clear();
    scene.connect();
    assert_eq!(scene.said, ["is connected"]);
}

#[test]
fn s1_what_came_early_is_forgotten_with_its_connection() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.hear("missed");
    scene.lose();
    scene.hear("missed"); // the server does not know that it came, and sends it again
    scene.said.clear();
    scene.connect();
    assert_eq!(scene.said, ["hears missed", "is connected"]);
}

#[test]
fn s1_whatever_happens_each_packet_leaves_once_and_in_order() {
    let _step = step!();
    proptest!(quietly(), |(ops in vec(0..4, 0..60))| {
        let mut room: Room = Mailroom::new(&roomy());
        let (mut emitted, mut came, mut sent, mut heard) = (0, 0, Vec::new(), Vec::new());
        for op in ops.into_iter().chain([1]) {
            match op {
                0 => room.handle_disconnect(),
                1 => room.handle_connect(Instant::now()),
                2 => {
                    room.emit(emitted.to_string(), 1);
                    emitted += 1;
                }
                _ if room.is_connected() => {
                    prop_assert_eq!(room.handle_event(came.to_string(), 1), Ok(()));
                    came += 1;
                }
                _ => {}
            }
            while let Some(output) = room.poll_output() {
                match output {
                    Output::Send(packet) => sent.push(packet),
                    Output::Received(event) => heard.push(event),
                    Output::Connected => {}
                    other => prop_assert!(false, "nothing is lost, came {:?}", other),
                }
            }
        }
        prop_assert_eq!(sent, numbers(emitted));
        prop_assert_eq!(heard, numbers(came));
    });
}

// Step 2: bound what waits.

#[test]
fn s2_a_full_backlog_refuses_what_comes() {
    let _step = step!();
    let mut backlog = of_three(Overflow::Refuse);
    assert_eq!(backlog.push(4, 0), [4]);
    assert_eq!(backlog.pop(), Some(1));
    assert!(backlog.push(5, 0).is_empty(), "there is room, and 5 was refused");
    assert_eq!(Vec::from_iter(backlog.drain()), [2, 3, 5]);
}

#[test]
fn s2_or_it_drops_the_oldest() {
    let _step = step!();
    let mut backlog = of_three(Overflow::DropOldest);
    assert_eq!(backlog.push(4, 0), [1]);
    assert_eq!(backlog.push(5, 0), [2]);
    assert_eq!(Vec::from_iter(backlog.drain()), [3, 4, 5]);
}

#[test]
fn s2_or_it_drops_all() {
    let _step = step!();
    let mut backlog = of_three(Overflow::DropAll);
    assert_eq!(backlog.push(4, 0), [1, 2, 3]);
    assert!(backlog.push(5, 0).is_empty());
    assert_eq!(Vec::from_iter(backlog.drain()), [4, 5]);
}

#[test]
fn s2_bytes_are_counted_as_well_with_what_each_item_takes() {
    let _step = step!();
    let each = weight_of_an_item();
    let bound = Bound { items: 100, bytes: 2 * each + 1000 };
    let mut backlog = Backlog::new(bound, Overflow::DropOldest);
    assert!(backlog.push(1, 400).is_empty());
    assert!(backlog.push(2, 600).is_empty(), "1000 bytes of 1000, and something was lost");
    assert_eq!(backlog.bytes(), bound.bytes);
    assert_eq!(backlog.push(3, 0), [1], "a third item takes room even if it holds nothing");
    assert_eq!(backlog.push(4, 401 + each), [2], "the oldest, and no more than needed");
    assert_eq!(backlog.push(5, 1000), [3, 4]);
    assert_eq!((backlog.len(), backlog.bytes()), (1, 1000 + each));
}

#[test]
fn s2_what_has_no_room_even_alone_costs_no_other_its_place() {
    let _step = step!();
    for overflow in [Overflow::Refuse, Overflow::DropOldest, Overflow::DropAll] {
        let mut backlog = of_three(overflow);
        assert_eq!(backlog.push(4, 1001), [4], "{overflow:?}");
        assert_eq!(backlog.push(5, usize::MAX), [5], "{overflow:?}");
        assert_eq!(backlog.len(), 3, "{overflow:?}");
        let alone = 1000 - weight_of_an_item();
        assert!(!backlog.push(6, alone).is_empty(), "{overflow:?}: four have no room");
        let mut none = Backlog::new(Bound { items: 0, bytes: 1000 }, overflow);
        assert_eq!(none.push(1, 1), [1], "{overflow:?}, and a bound of nothing");
    }
}

#[test]
fn s2_a_backlog_is_what_a_naive_one_would_be() {
    let _step = step!();
    let policy =
        prop::sample::select(&[Overflow::Refuse, Overflow::DropOldest, Overflow::DropAll][..]);
    let op = prop_oneof![
        6 => (0_usize..120).prop_map(Op::Push),
        1 => Just(Op::Pop),
        1 => (0_usize..6).prop_map(Op::TakeFirst),
        1 => Just(Op::Drain),
    ];
    proptest!(quietly(), |(policy in policy, items in 0_usize..6, ops in vec(op, 0..80))| {
        let each = weight_of_an_item();
        let bound = Bound { items, bytes: 3 * each + 100 };
        let mut backlog = Backlog::new(bound, policy);
        let mut model: VecDeque<(usize, usize)> = VecDeque::new();
        for (number, op) in ops.into_iter().enumerate() {
            match op {
                Op::Push(size) => {
                    let lost = naive_push(&mut model, bound, policy, (number, size + each));
                    prop_assert_eq!(backlog.push(number, size), lost);
                }
                Op::Pop => {
                    prop_assert_eq!(backlog.pop(), model.pop_front().map(|(number, _)| number));
                }
                Op::TakeFirst(rest) => {
                    let place = model.iter().position(|(number, _)| number % 6 == rest);
                    let taken = place.and_then(|place| model.remove(place));
                    let came = backlog.take_first(|number| number % 6 == rest);
                    prop_assert_eq!(came, taken.map(|(number, _)| number));
                }
                Op::Drain => {
                    drop(backlog.drain());
                    model.clear();
                }
            }
            prop_assert!(backlog.after(|_| false).eq(model.iter().map(|(number, _)| number)));
            let later = model.iter().map(|(number, _)| number).filter(|number| **number >= 20);
            prop_assert!(backlog.after(|number| *number < 20).eq(later));
            prop_assert_eq!(backlog.first(), model.front().map(|(number, _)| number));
            prop_assert_eq!(backlog.bytes(), model.iter().map(|(_, weight)| weight).sum::<usize>());
            prop_assert!(backlog.len() <= bound.items && backlog.bytes() <= bound.bytes);
            prop_assert_eq!(backlog.is_empty(), model.is_empty());
        }
    });
}

#[test]
fn s2_what_is_lost_is_said() {
    let _step = step!();
    let to_send = Bound { items: 2, bytes: 1_000_000 };
    let mut scene =
        Scene::of(&Config { to_send, overflow: Overflow::DropOldest, ..Config::default() });
    for number in 1..=4 {
        scene.emit(&format!(r#"2["position",{number}]"#));
    }
    scene.connect();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s2_whatever_one_packet_drives_out_is_said_the_oldest_first() {
    let _step = step!();
    let to_send = Bound { items: 3, bytes: 1_000_000 };
    let mut scene =
        Scene::of(&Config { to_send, overflow: Overflow::DropAll, ..Config::default() });
    for packet in ["a", "b", "c", "d"] {
        scene.emit(packet);
    }
    assert_eq!(scene.said, ["Overflow: a", "Overflow: b", "Overflow: c"]);
}

#[test]
fn s2_a_thousand_packets_wait_and_four_megabytes() {
    let _step = step!();
    let mut room: Room = Mailroom::new(&Config::default());
    for number in 0..1001 {
        room.emit(number.to_string(), 1);
    }
    assert_eq!(room.waiting(), 1000);
    let dropped = Output::Dropped { packet: "1000".to_owned(), why: Dropped::Overflow };
    assert_eq!(room.poll_output(), Some(dropped));
    assert_eq!(room.poll_output(), None);

    let mut room: Room = Mailroom::new(&Config::default());
    room.emit("large".to_owned(), 3_900_000);
    room.emit("one more".to_owned(), 100_000);
    room.emit("small".to_owned(), 1000);
    let dropped = Output::Dropped { packet: "one more".to_owned(), why: Dropped::Overflow };
    assert_eq!((room.poll_output(), room.waiting()), (Some(dropped), 2));
    assert_eq!(Config::default().early, Bound { items: 10_000, bytes: 16 << 20 });
}

#[test]
fn s2_a_volatile_packet_leaves_now_or_never() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.emit_volatile("a");
    scene.emit("b");
    scene.connect();
    scene.emit_volatile("c");
    scene.room.handle_writable(false);
    scene.emit_volatile("d");
    scene.emit("e");
    scene.room.handle_writable(true);
    scene.emit_volatile("f");
    scene.lose();
    scene.emit_volatile("g");
    scene.connect();
    let expected = [
        "Volatile: a",
        "b",
        "is connected",
        "c",
        "Volatile: d",
        "e",
        "f",
        "the connection breaks",
        "Volatile: g",
        "is connected",
    ];
    assert_eq!(scene.said, expected);
}

#[test]
fn s2_a_flood_before_the_reply_ends_the_connection() {
    let _step = step!();
    let early = Bound { items: 2, bytes: 1000 };
    let mut room: Room = Mailroom::new(&Config { early, ..Config::default() });
    assert_eq!(room.handle_event("1".to_owned(), 1), Ok(()));
    assert_eq!(room.handle_event("2".to_owned(), 1), Ok(()));
    assert_eq!(room.handle_event("3".to_owned(), 1), Err(EarlyFlood));
    room.handle_disconnect();
    let large = room.handle_event("large".to_owned(), 1000);
    assert_eq!(large, Err(EarlyFlood), "1000 bytes, and what it takes to keep them");
    assert_eq!(room.handle_event("1".to_owned(), 1), Ok(()));
    room.handle_connect(Instant::now());
    for number in 1..=4 {
        let came = room.poll_output();
        match number {
            1 => assert_eq!(came, Some(Output::Received("1".to_owned()))),
            2 => assert_eq!(came, Some(Output::Connected)),
            _ => assert_eq!(came, None),
        }
    }
}

// Step 3: tell whoever asks.

#[test]
fn s3_what_was_sent_is_given_up_and_what_waits_goes_on() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.connect();
    let first = scene.call("ann", 10);
    scene.call("bea", 10);
    scene.answer(first);
    scene.lose();
    scene.wait(1);
    let third = scene.call("cem", 10);
    scene.lose();
    scene.wait(2);
    scene.connect();
    scene.wait(1);
    scene.answer(third);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_a_question_that_timed_out_is_not_sent_any_more() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.call("ann", 10);
    scene.call("bea", 5);
    scene.emit("line");
    scene.call("cem", 8);
    scene.wait(8);
    scene.connect();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_a_deadline_is_no_earlier_and_no_later_than_it_says() {
    let _step = step!();
    let mut room: Room = Mailroom::new(&Config::default());
    let start = Instant::now();
    assert_eq!(room.poll_timeout(), None);
    for (id, seconds, asker) in [(0, 9, "ann"), (1, 5, "bea")] {
        room.call(AckId(id), asker.to_owned(), 3, start + secs(seconds), asker);
    }
    assert_eq!(room.poll_timeout().map(|due| due - start), Some(secs(5)));
    room.handle_timeout(start + secs(5) - Duration::from_nanos(1));
    assert_eq!(room.poll_output(), None);
    room.handle_timeout(start + secs(5));
    let unanswered = Output::Unanswered { asker: "bea", why: NoAnswer::TimedOut };
    assert_eq!((room.poll_output(), room.poll_output()), (Some(unanswered), None));
    assert_eq!(room.poll_timeout().map(|due| due - start), Some(secs(9)));
    room.handle_connect(start + secs(6));
    assert_eq!(room.handle_ack(AckId(0), start + secs(6)), Some("ann"));
    assert_eq!(room.poll_timeout(), None);
}

#[test]
fn s3_all_whose_time_has_come_hear_it_at_once() {
    let _step = step!();
    let mut room: Room = Mailroom::new(&Config::default());
    let start = Instant::now();
    for (id, seconds, asker) in [(0, 7, "ann"), (1, 5, "bea"), (2, 5, "cem"), (3, 9, "dan")] {
        room.call(AckId(id), asker.to_owned(), 3, start + secs(seconds), asker);
    }
    room.handle_timeout(start + secs(8)); // late, as on a machine that slept
    for asker in ["bea", "cem", "ann"] {
        let unanswered = Output::Unanswered { asker, why: NoAnswer::TimedOut };
        assert_eq!(room.poll_output(), Some(unanswered));
    }
    assert_eq!((room.poll_output(), room.waiting()), (None, 1));
}

#[test]
fn s3_nobody_hears_twice() {
    let _step = step!();
    let mut scene = Scene::connected(&Config::default());
    let answered = scene.call("ann", 10);
    scene.answer(answered);
    scene.answer(answered);
    let late = scene.call("bea", 1);
    scene.wait(1);
    scene.answer(late);
    let lost = scene.call("cem", 10);
    scene.lose();
    scene.connect();
    scene.answer(lost);
    scene.wait(60);
    let news: Vec<_> =
        scene.said.iter().filter(|line| line.contains(':') || line.contains("hears")).collect();
    assert_eq!(news, ["ann hears the answer", "bea: TimedOut", "cem: Disconnected"]);
    assert_eq!(scene.said.iter().filter(|line| *line == "nobody waits for it").count(), 3);
}

#[test]
fn s3_whose_question_is_dropped_hears_it_at_once() {
    let _step = step!();
    let to_send = Bound { items: 1, bytes: 1000 };
    let refuse = Config { to_send, ..Config::default() };
    let mut scene = Scene::of(&refuse);
    scene.emit("a line");
    scene.call("ann", 10);
    let expected = ["ann asks, and waits 10 s", r#"Overflow: 20["ann"]"#, "ann: Dropped"];
    assert_eq!(scene.said, expected);
    assert_eq!(scene.room.poll_timeout(), None, "nobody waits, and a deadline is kept");

    let mut scene = Scene::of(&Config { overflow: Overflow::DropOldest, ..refuse });
    scene.call("bea", 10);
    scene.emit("a line");
    let expected = ["bea asks, and waits 10 s", r#"Overflow: 20["bea"]"#, "bea: Dropped"];
    assert_eq!(scene.said, expected);
    assert_eq!(scene.room.poll_timeout(), None, "nobody waits, and a deadline is kept");

    let mut room: Room = Mailroom::new(&refuse);
    room.call(AckId(0), "large".to_owned(), 1000, Instant::now() + secs(10), "cem");
    assert_eq!(room.waiting(), 0, "1000 bytes, and what it takes to keep them");
}

#[test]
fn s3_who_asked_first_hears_first() {
    let _step = step!();
    let mut scene = Scene::connected(&Config::default());
    scene.call("ann", 10);
    scene.call("bea", 5);
    scene.call("cem", 8);
    scene.said.clear();
    scene.lose();
    let askers = ["ann: Disconnected", "bea: Disconnected", "cem: Disconnected"];
    assert_eq!(scene.said[1..], askers);
}

#[test]
fn s3_a_number_that_is_used_again_has_one_asker() {
    let _step = step!();
    let mut room: Room = Mailroom::new(&Config::default());
    let now = Instant::now();
    room.handle_connect(now);
    assert_eq!(room.poll_output(), Some(Output::Connected));
    room.call(AckId(7), "a".to_owned(), 1, now + secs(5), "ann");
    room.call(AckId(7), "b".to_owned(), 1, now + secs(9), "bea");
    let told = std::iter::from_fn(|| room.poll_output())
        .filter(|output| matches!(output, Output::Unanswered { .. }));
    let unanswered = Output::Unanswered { asker: "ann", why: NoAnswer::TimedOut };
    assert_eq!(Vec::from_iter(told), [unanswered]);
    assert_eq!(room.handle_ack(AckId(7), now), Some("bea"));
    assert_eq!(room.handle_ack(AckId(7), now), None);
}

#[test]
fn s3_what_was_not_sent_is_not_answered() {
    let _step = step!();
    let mut scene = Scene::new();
    let ann = scene.call("ann", 10);
    scene.answer(ann); // of a server that has not let the client in
    scene.connect();
    scene.answer(ann);
    let (asks, ann) = ("ann asks, and waits 10 s", r#"20["ann"]"#);
    let expected = [asks, "nobody waits for it", ann, "is connected", "ann hears the answer"];
    assert_eq!(scene.said, expected);
}

#[test]
fn s3_whatever_happens_each_asker_hears_exactly_once() {
    let _step = step!();
    let op = (0..5, 0_u64..12);
    proptest!(quietly(), |(ops in vec(op, 1..60), items in 1_usize..4, policy in 0..3)| {
        let overflow = [Overflow::Refuse, Overflow::DropOldest, Overflow::DropAll][policy as usize];
        let to_send = Bound { items, bytes: 1 << 20 };
        let config = Config { to_send, overflow, ..Config::default() };
        let mut room: Mailroom<u64, (), u64> = Mailroom::new(&config);
        let mut now = Instant::now();
        let (mut asked, mut heard, mut sent) = (0, Vec::new(), Vec::new());
        let ends = [(1, 0), (3, 11), (3, 11), (0, 0)];
        for (op, number) in ops.into_iter().chain(ends) {
            match op {
                0 => room.handle_disconnect(),
                1 => room.handle_connect(now),
                2 => {
                    room.call(AckId(asked), asked, 1, now + secs(number), asked);
                    asked += 1;
                }
                3 => {
                    now += secs(number);
                    room.handle_timeout(now);
                }
                _ => heard.extend(room.handle_ack(AckId(number), now)),
            }
            while let Some(output) = room.poll_output() {
                match output {
                    Output::Unanswered { asker, .. } => {
                        // Whose question was sent in vain does not hear that it was dropped.
                        heard.push(asker);
                    }
                    Output::Send(packet) => {
                        prop_assert!(!heard.contains(&packet), "{} was sent in vain", packet);
                        sent.push(packet);
                    }
                    _ => {}
                }
            }
        }
        prop_assert_eq!(room.poll_timeout(), None);
        prop_assert!(sent.is_sorted(), "out of order: {:?}", sent);
        sent.dedup();
        heard.sort_unstable();
        prop_assert_eq!(heard, Vec::from_iter(0..asked));
    });
}

// Step 4: send it until it is answered.

#[test]
fn s4_one_at_a_time_until_it_is_answered() {
    let _step = step!();
    let mut scene = Scene::new();
    scene.emit(r#"2["line"]"#);
    let ann = scene.retry("ann", 5);
    let bea = scene.retry("bea", 5);
    scene.connect();
    scene.wait(7);
    scene.lose();
    scene.wait(2);
    scene.connect();
    scene.answer(ann);
    scene.answer(bea);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_it_is_given_up_after_the_last_time_and_the_next_has_its_turn() {
    let _step = step!();
    let mut scene = Scene::connected(&retries(2));
    scene.retry("ann", 5);
    scene.retry("bea", 1);
    scene.wait(60);
    let (ann, bea) = (r#"20["ann"]"#, r#"21["bea"]"#);
    assert_eq!(scene.said, [ann, ann, ann, "ann: TimedOut", bea, bea, bea, "bea: TimedOut"]);
    assert_eq!((scene.room.waiting(), scene.room.poll_timeout()), (0, None));
}

#[test]
fn s4_a_connection_that_breaks_is_a_time_too() {
    let _step = step!();
    let mut scene = Scene::connected(&retries(1));
    scene.retry("ann", 5);
    scene.lose();
    scene.wait(60); // no time counts while nothing is sent
    scene.lose();
    scene.connect();
    scene.lose();
    scene.connect();
    let ann = r#"20["ann"]"#;
    let (lost, fails) = ("the connection breaks", "an attempt to connect fails");
    let expected =
        [ann, lost, fails, ann, "is connected", lost, "ann: Disconnected", "is connected"];
    assert_eq!(scene.said, expected);
}

#[test]
fn s4_a_late_answer_is_one() {
    let _step = step!();
    let mut scene = Scene::connected(&Config::default());
    let ann = scene.retry("ann", 5);
    let bea = scene.retry("bea", 5);
    scene.wait(6);
    scene.answer(ann); // to the first time
    scene.answer(ann); // to the second
    scene.answer(bea);
    let (ann, bea) = (r#"20["ann"]"#, r#"21["bea"]"#);
    let expected =
        [ann, ann, "ann hears the answer", bea, "nobody waits for it", "bea hears the answer"];
    assert_eq!(scene.said, expected);
    assert_eq!(scene.room.poll_timeout(), None, "nobody waits, and a deadline is kept");
}

#[test]
fn s4_what_was_not_sent_is_not_answered() {
    let _step = step!();
    let mut scene = Scene::new();
    let ann = scene.retry("ann", 5);
    scene.answer(ann);
    scene.connect();
    let bea = scene.retry("bea", 5);
    scene.answer(bea);
    scene.answer(ann);
    let expected = [
        "nobody waits for it",
        r#"20["ann"]"#,
        "is connected",
        "nobody waits for it",
        "ann hears the answer",
        r#"21["bea"]"#,
    ];
    assert_eq!(scene.said, expected);
}

#[test]
fn s4_the_next_one_has_all_its_times_and_all_its_time() {
    let _step = step!();
    let mut scene = Scene::connected(&retries(1));
    let ann = scene.retry("ann", 5);
    scene.retry("bea", 5);
    scene.wait(9);
    scene.answer(ann);
    scene.wait(4);
    let (ann, bea) = (r#"20["ann"]"#, r#"21["bea"]"#);
    assert_eq!(scene.said, [ann, ann, "ann hears the answer", bea]);
    scene.wait(1);
    assert_eq!(scene.said.last().map(String::as_str), Some(bea), "5 s, and it was not sent again");
    scene.wait(5);
    assert_eq!(scene.said.last().map(String::as_str), Some("bea: TimedOut"));
}

#[test]
fn s4_three_more_times_if_nothing_else_is_said() {
    let _step = step!();
    let mut scene = Scene::connected(&Config::default());
    scene.retry("ann", 5);
    scene.wait(60);
    let ann = r#"20["ann"]"#;
    assert_eq!(scene.said, [ann, ann, ann, ann, "ann: TimedOut"]);
}

#[test]
fn s4_it_may_be_sent_again_for_ever() {
    let _step = step!();
    let mut scene = Scene::connected(&retries(u32::MAX));
    scene.retry("ann", 5);
    scene.wait(5 * 300);
    assert_eq!(scene.said.len(), 301);
    let said = BTreeSet::from_iter(&scene.said);
    assert_eq!(Vec::from_iter(said), [r#"20["ann"]"#]);
}

#[test]
fn s4_the_earliest_deadline_is_the_next() {
    let _step = step!();
    for (call, retry, next) in [(5, 9, 5), (9, 5, 5)] {
        let mut scene = Scene::connected(&Config::default());
        let now = scene.clock.now();
        scene.call("ann", call);
        scene.retry("bea", retry);
        let due = scene.room.poll_timeout().map(|due| due - now);
        assert_eq!(due, Some(secs(next)));
    }
}

#[test]
fn s4_without_retries_it_is_sent_once() {
    let _step = step!();
    let mut scene = Scene::connected(&retries(0));
    scene.retry("ann", 5);
    scene.wait(60);
    scene.retry("bea", 5);
    scene.lose();
    let (ann, bea) = (r#"20["ann"]"#, r#"21["bea"]"#);
    let expected = [ann, "ann: TimedOut", bea, "the connection breaks", "bea: Disconnected"];
    assert_eq!(scene.said, expected);
}

#[test]
fn s4_beyond_the_bound_one_more_is_refused_and_says_so() {
    let _step = step!();
    let to_retry = Bound { items: 1, bytes: 1000 };
    let config = Config { to_retry, overflow: Overflow::DropOldest, ..Config::default() };
    let mut scene = Scene::of(&config);
    scene.retry("ann", 5);
    scene.retry("bea", 5);
    assert_eq!(scene.said, [r#"Overflow: 21["bea"]"#, "bea: Dropped"]);
    assert_eq!(scene.room.waiting(), 1);
    scene.said.clear();
    scene.connect();
    assert_eq!(scene.said, [r#"20["ann"]"#, "is connected"]);
}

#[test]
fn s4_a_time_without_end_is_one_time() {
    let _step = step!();
    let mut queue = RetryQueue::new(ROOMY, 3);
    let (id, timeout) = (AckId(0), Duration::MAX);
    assert!(queue.push(Retried { id, packet: 'a', timeout, asker: "ann" }, 1).is_none());
    let now = Instant::now();
    assert_eq!(queue.handle_ack(id), None, "answered, and never sent");
    assert_eq!(queue.send_next(now), Some('a'));
    assert_eq!(queue.send_next(now), None, "it was in flight, and was sent again");
    assert_eq!((queue.poll_timeout(), queue.handle_timeout(now + secs(1 << 30))), (None, None));
    assert_eq!(queue.handle_disconnect(), None);
    assert_eq!(queue.send_next(now), Some('a'));
    assert_eq!((queue.handle_ack(id), queue.is_empty()), (Some("ann"), true));
}

#[test]
fn s4_through_a_bad_network_all_arrives_in_order_and_each_asker_hears_once() {
    let _step = step!();
    let fate = (any::<bool>(), any::<bool>(), 0..8);
    proptest!(quietly(), |(fates in vec(fate, 0..80), many in 1_u64..6, again in 0_u32..4)| {
        let mut room: Mailroom<u64, (), u64> = Mailroom::new(&retries(again));
        let mut now = Instant::now();
        room.handle_connect(now);
        for number in 0..many {
            room.retry(AckId(number), number, 1, secs(5), number, now);
        }
        let mut world = World::default();
        let healthy = (true, true, 7);
        for (arrives, answered, breaks) in fates.into_iter().chain(vec![healthy; 20]) {
            world.take(&mut room);
            if breaks == 0 {
                room.handle_disconnect();
                world.in_flight = None;
                world.take(&mut room);
                room.handle_connect(now);
            } else if let Some(packet) = world.in_flight.take() {
                if arrives {
                    world.arrived.push(packet);
                }
                if arrives && answered {
                    world.settled.extend(room.handle_ack(AckId(packet), now));
                } else {
                    now += secs(5);
                    room.handle_timeout(now);
                }
            }
        }
        world.take(&mut room);
        prop_assert_eq!(room.waiting(), 0);
        prop_assert!(world.arrived.is_sorted(), "out of order: {:?}", world.arrived);
        prop_assert_eq!(&world.settled, &Vec::from_iter(0..many));
        for number in 0..many {
            let sends = world.sent.iter().filter(|packet| **packet == number).count();
            let given_up = world.given_up.contains(&number);
            prop_assert!((1..=again as usize + 1).contains(&sends), "{} sends", sends);
            prop_assert!(given_up || world.arrived.contains(&number), "answered by nobody");
            prop_assert!(!given_up || sends == again as usize + 1, "given up too early");
        }
    });
}

// Step 5: keep what they missed.

#[test]
fn s5_who_comes_back_finds_what_they_missed() {
    let _step = step!();
    let mut server = Server::new();
    let transcript = Transcript::timed_by(&server.clock, &["ann", "server"]);
    let offset = server.say(to("kitchen"), "dinner is ready");
    transcript.rename("offset", &offset);
    let heard = format!(r#"2["news","dinner is ready","{offset}"]"#);
    transcript.message("server", "ann", heard);
    server.wait(secs(20));
    let unseen = server.say(to("kitchen"), "it is getting cold");
    transcript.rename("offset", &unseen);
    let lost = format!(r#"2["news","it is getting cold","{unseen}"]"#);
    transcript.lost("server", "ann", lost);
    server.wait(secs(25));
    transcript.event("server", "hears no pong, and remembers ann: her id, her rooms, her data");
    server.lose("ann", &["kitchen"]);
    server.wait(secs(30));
    server.say(to("garden"), "it rains");
    transcript.event("server", "to the kitchen, where nobody is: it is cold");
    transcript.rename("offset", &server.say(to("kitchen"), "it is cold"));
    server.wait(secs(30));
    transcript.message("ann", "server", format!(r#"0{{"pid":"pid of ann","offset":"{offset}"}}"#));
    let restored = restore(&mut server.log, "pid of ann", Some(&offset), server.clock.now());
    let restored = restored.expect("she was away for 60 s");
    for packet in &restored.missed {
        transcript.message("server", "ann", text(packet));
    }
    transcript.message("server", "ann", r#"0{"sid":"ann","pid":"pid of ann"}"#);
    assert_eq!(restored.session, session("ann", &["kitchen"]));
    insta::assert_snapshot!(transcript);
}

#[test]
fn s5_only_what_was_meant_for_them() {
    let _step = step!();
    let mut server = Server::new();
    let seen = server.say(all(), "seen");
    server.lose("ann", &["kitchen", "garden"]);
    server.say(all(), "to all");
    server.say(to("kitchen").to("garden"), "to both rooms, once");
    server.say(to("cellar"), "to another room");
    server.say(to("cellar").to("garden"), "to either");
    server.say(to("ann"), "to her alone");
    server.say(to("bea"), "to bea");
    server.say(all().except("ann"), "by ann's other tab: to all but her");
    server.say(to("kitchen").except("garden"), "not to whom the garden hears");
    server.say(all().except("garden").except("cellar"), "not to whom either hears");
    server.say(all().except("cellar"), "to all but another room");
    server.say_in("/admin", all(), "in another namespace");
    let expected =
        ["to all", "to both rooms, once", "to either", "to her alone", "to all but another room"];
    assert_eq!(server.back("ann", Some(&seen)).as_deref(), Ok(&expected.map(str::to_owned)[..]));
}

#[test]
fn s5_a_secret_is_good_once_and_in_its_namespace() {
    let _step = step!();
    let mut server = Server::new();
    let seen = server.say(all(), "seen");
    server.lose("ann", &[]);
    let now = server.clock.now();
    let admin = Namespace::new("/admin");
    let elsewhere = server.log.restore(&admin, "pid of ann", Some(&seen), now);
    assert_eq!(elsewhere.err(), Some(NotRestored::UnknownSession));
    assert_eq!(server.back("bea", Some(&seen)), Err(NotRestored::UnknownSession));
    assert_eq!(server.back("ann", Some(&seen)), Ok(vec![]));
    assert_eq!(server.back("ann", Some(&seen)), Err(NotRestored::UnknownSession));
    // Lost again, it may be restored again.
    server.lose("ann", &[]);
    server.say(all(), "once more");
    assert_eq!(server.back("ann", Some(&seen)), Ok(vec!["once more".to_owned()]));
}

#[test]
fn s5_an_offset_is_one_that_this_log_gave() {
    let _step = step!();
    let mut server = Server::new();
    let seen = server.say(all(), "seen");
    let (number, tag) = seen.split_once('.').expect("a number and a tag");
    let other = MemoryLog::new(LogConfig::default(), RandomState::new()).next_offset();
    let guesses = [
        "",
        ".",
        "hello",
        number,
        &format!("0.{tag}"),
        &format!("2.{tag}"),
        &format!("+{number}.{tag}"),
        &format!("0{number}.{tag}"),
        &format!("{number}.{tag}.{tag}"),
        &format!("{number}.0{tag}"),
        &seen.to_uppercase(),
        &other,
        &"f".repeat(1000),
    ];
    let tags: BTreeSet<String> = (0..1000)
        .map(|_| server.log.next_offset())
        .filter_map(|offset| Some(offset.split_once('.')?.1.to_owned()))
        .collect();
    assert!(tags.len() > 990, "of a thousand tags {} are different", tags.len());
    for guess in guesses.into_iter().filter(|guess| *guess != seen) {
        server.lose("ann", &[]);
        let came = server.back("ann", Some(guess));
        assert_eq!(came, Err(NotRestored::UnknownOffset), "{guess:?}");
        // It was one guess: the session is gone, and with it the way to make more.
        assert_eq!(server.back("ann", Some(&seen)), Err(NotRestored::UnknownSession));
    }
    server.lose("ann", &[]);
    assert_eq!(server.back("ann", Some(&seen)), Ok(vec![]));
    server.lose("ann", &[]);
    assert_eq!(server.back("ann", None), Err(NotRestored::NoOffset));
}

#[test]
fn s5_all_that_was_missed_or_nothing() {
    let _step = step!();
    let events = Bound { items: 3, bytes: 1 << 20 };
    let mut server = Server::of(LogConfig { events, ..LogConfig::default() });
    let seen: Vec<_> = ["1", "2", "3", "4", "5"].map(|what| server.say(all(), what)).into();
    // 3, 4 and 5 are kept.
    server.lose("ann", &[]);
    assert_eq!(server.back("ann", Some(&seen[0])), Err(NotRestored::Gap), "2 is missing");
    server.lose("ann", &[]);
    let expected = ["3", "4", "5"].map(str::to_owned);
    assert_eq!(server.back("ann", Some(&seen[1])).as_deref(), Ok(&expected[..]));
    server.lose("ann", &[]);
    assert_eq!(server.back("ann", Some(&seen[2])).as_deref(), Ok(&expected[1..]));
}

#[test]
fn s5_an_event_that_is_too_large_to_keep_is_a_gap() {
    let _step = step!();
    let events = Bound { items: 2, bytes: 10_000 };
    let mut server = Server::of(LogConfig { events, ..LogConfig::default() });
    let seen = ["1", "2"].map(|what| server.say(all(), what));
    let large = server.say(all(), &"x".repeat(20_000));
    assert_eq!(server.log.events(), 2, "20 kB are kept in 10 kB");
    server.say(all(), "4");
    server.lose("ann", &[]);
    assert_eq!(server.back("ann", Some(&seen[1])), Err(NotRestored::Gap));
    server.lose("ann", &[]);
    assert_eq!(server.back("ann", Some(&large)), Ok(vec!["4".to_owned()]));
    let large = server.say(all(), &"x".repeat(6000));
    server.say(all(), &"x".repeat(6000));
    assert_eq!(server.log.events(), 1, "12 kB are kept in 10 kB");
    server.lose("ann", &[]);
    assert_eq!(server.back("ann", Some(&large)).map(|missed| missed.len()), Ok(1));
}

#[test]
fn s5_what_is_too_old_leaves_no_gap_when_it_goes() {
    let _step = step!();
    let events = Bound { items: 2, bytes: 1 << 20 };
    let mut server = Server::of(LogConfig { events, ..LogConfig::default() });
    let seen = server.say(all(), "seen");
    server.say(all(), "seen as well, an hour ago");
    server.wait(secs(3600));
    server.say(all(), "3");
    server.say(all(), "4");
    server.lose("ann", &[]);
    assert_eq!(server.back("ann", Some(&seen)).as_deref(), Ok(&["3", "4"].map(str::to_owned)[..]));
}

#[test]
fn s5_who_heard_nothing_for_long_has_missed_nothing() {
    let _step = step!();
    let mut server = Server::new();
    let seen = server.say(all(), "an hour ago");
    server.wait(secs(3600));
    server.lose("ann", &[]);
    server.wait(secs(5));
    server.say(all(), "now");
    assert_eq!(server.log.events(), 1, "what was said an hour ago is kept");
    assert_eq!(server.back("ann", Some(&seen)), Ok(vec!["now".to_owned()]));
}

#[test]
fn s5_after_two_minutes_nobody_is_remembered() {
    let _step = step!();
    let kept = LogConfig::default();
    assert_eq!(kept.events, Bound { items: 100_000, bytes: 16 << 20 });
    assert_eq!(kept.sessions, Bound { items: 10_000, bytes: 16 << 20 });
    let mut server = Server::of(kept);
    let seen = server.say(all(), "seen");
    server.lose("ann", &[]);
    server.wait(secs(1));
    server.lose("bea", &[]);
    server.wait(secs(119));
    assert_eq!(server.back("ann", Some(&seen)), Err(NotRestored::UnknownSession));
    server.wait(Duration::from_millis(999));
    assert_eq!(server.back("bea", Some(&seen)), Ok(vec![]));
}

#[test]
fn s5_without_a_limit_nobody_is_forgotten() {
    let _step = step!();
    let max_disconnection = Duration::MAX;
    let mut server = Server::of(LogConfig { max_disconnection, ..LogConfig::default() });
    let seen = server.say(all(), "seen");
    server.lose("ann", &[]);
    server.say(all(), "a year ago");
    server.wait(secs(365 * 24 * 3600));
    assert_eq!(server.log.expire(server.clock.now()), None);
    assert_eq!(server.back("ann", Some(&seen)), Ok(vec!["a year ago".to_owned()]));
}

#[test]
fn s5_events_are_kept_for_longer_than_a_dead_connection_goes_unnoticed() {
    let _step = step!();
    let mut server = Server::new();
    let seen = server.say(all(), "seen");
    server.say(all(), "sent into a connection that was dead already");
    server.wait(secs(44));
    server.lose("ann", &[]);
    server.wait(secs(119));
    let missed = vec!["sent into a connection that was dead already".to_owned()];
    assert_eq!(server.back("ann", Some(&seen)), Ok(missed));
    server.wait(secs(2));
    assert_eq!(server.log.expire(server.clock.now()), None);
    assert_eq!(server.log.events(), 0);
}

#[test]
fn s5_what_is_too_old_is_forgotten_and_the_next_time_is_told() {
    let _step = step!();
    let mut server = Server::new();
    let start = server.clock.now();
    let next = |server: &mut Server, after| {
        let next = server.log.expire(start + secs(after));
        next.map(|next| next - start)
    };
    assert_eq!(next(&mut server, 0), None);
    server.say(all(), "1");
    server.wait(secs(10));
    server.say(all(), "2");
    server.lose("ann", &[]);
    assert_eq!(next(&mut server, 10), Some(secs(130)), "ann's session");
    assert_eq!(next(&mut server, 130), Some(secs(165)), "the first event");
    assert_eq!((server.log.events(), server.log.sessions()), (2, 0));
    assert_eq!(next(&mut server, 165), Some(secs(175)), "the second");
    assert_eq!(server.log.events(), 1);
    assert_eq!(next(&mut server, 3600), None);
    assert_eq!(server.log.events(), 0);
}

#[test]
fn s5_whoever_was_lost_first_is_forgotten_first() {
    let _step = step!();
    let sessions = Bound { items: 2, bytes: 1 << 20 };
    let mut server = Server::of(LogConfig { sessions, ..LogConfig::default() });
    let seen = server.say(all(), "seen");
    for name in ["ann", "bea", "cem"] {
        server.lose(name, &[]);
    }
    assert_eq!(server.back("ann", Some(&seen)), Err(NotRestored::UnknownSession));
    assert_eq!(server.back("bea", Some(&seen)), Ok(vec![]));
    assert_eq!(server.back("cem", Some(&seen)), Ok(vec![]));

    let sessions = Bound { items: 1000, bytes: 10_000 };
    let mut server = Server::of(LogConfig { sessions, ..LogConfig::default() });
    let seen = server.say(all(), "seen");
    server.lose("ann", &[]);
    server.lose("bea", &[&"x".repeat(6000)]);
    server.lose("cem", &[&"y".repeat(6000)]);
    assert_eq!(server.log.sessions(), 1, "12 kB of rooms are kept in 10 kB");
    assert_eq!(server.back("cem", Some(&seen)), Ok(vec![]));
}

#[test]
fn s5_a_log_shows_no_secret() {
    let _step = step!();
    let mut server = Server::new();
    server.lose("ann", &["kitchen"]);
    let shown = format!("{:?}", server.log);
    assert!(shown.contains("kitchen"), "{shown}");
    assert!(!shown.contains("pid of ann"), "{shown}");
    let seen = server.say(all(), "seen");
    let restored = restore(&mut server.log, "pid of ann", Some(&seen), server.clock.now());
    assert!(!format!("{restored:?}").contains("pid of ann"));
}

#[test]
fn s5_whatever_happens_nobody_gets_a_part_of_what_they_missed() {
    let _step = step!();
    let op = (0..6, 0_usize..4, 0_u64..60);
    proptest!(quietly(), |(ops in vec(op, 0..80), items in 1_usize..30)| {
        let events = Bound { items, bytes: 1 << 20 };
        let mut server = Server::of(LogConfig { events, ..LogConfig::default() });
        let start = server.clock.now();
        // All that was ever said, and to which room; who left when, and what they saw last.
        let mut said: Vec<(String, usize, Instant)> = Vec::new();
        let mut lost: [Option<(Instant, usize)>; 4] = [None; 4];
        for (op, who, number) in ops {
            let now = server.clock.now();
            match op {
                0 => server.wait(secs(number)),
                1 if lost[who].is_none() && !said.is_empty() => {
                    let seen = number as usize % said.len();
                    // What is older than that had arrived: the connection was alive.
                    if said[seen + 1..].iter().all(|(_, _, at)| now < *at + secs(45)) {
                        server.lose(NAMES[who], &[ROOMS[who % 2]]);
                        lost[who] = Some((now, seen));
                    }
                }
                2 => {
                    let Some((left, seen)) = lost[who].take() else { continue };
                    let came = server.back(NAMES[who], Some(&said[seen].0));
                    let later = said.iter().enumerate().skip(seen + 1);
                    let missed: Vec<String> = later
                        .filter(|(_, (_, room, _))| *room == who % 2)
                        .map(|(place, _)| place.to_string())
                        .collect();
                    // Only the bound makes a gap: of the last so many, all that are young are there.
                    let is_kept = said.len() - seen <= items + 1;
                    match came {
                        Ok(came) => prop_assert_eq!(came, missed),
                        Err(NotRestored::Gap) => prop_assert!(!is_kept, "a gap, and room for all"),
                        Err(why) => {
                            prop_assert_eq!(why, NotRestored::UnknownSession);
                            prop_assert!(now >= left + secs(120), "forgotten too early");
                        }
                    }
                }
                _ => {
                    let (room, what) = (who % 2, said.len().to_string());
                    let offset = server.say(to(ROOMS[room]), &what);
                    said.push((offset, room, now));
                }
            }
            prop_assert!(server.log.events() <= items);
        }
        let end = start + secs(100_000);
        prop_assert_eq!(server.log.expire(end), None);
        prop_assert_eq!((server.log.events(), server.log.sessions()), (0, 0));
    });
}

#[test]
fn s5_no_text_that_a_client_sends_does_harm() {
    let _step = step!();
    proptest!(quietly(), |(offset in "[0-9a-f.+-]{0,20}|\\PC{0,20}", pid in "\\PC{0,20}")| {
        let mut server = Server::new();
        let seen = server.say(all(), "seen");
        let now = server.clock.now();
        server.lose("ann", &[]);
        let by_pid = restore(&mut server.log, &pid, Some(&seen), now);
        prop_assert_eq!(by_pid.err(), Some(NotRestored::UnknownSession));
        prop_assert_eq!(server.back("ann", Some(&offset)), Err(NotRestored::UnknownOffset));
        server.lose("ann", &[]);
        prop_assert_eq!(server.back("ann", Some(&seen)), Ok(vec![]));
    });
}

// What the tests stand on.

const NAMES: [&str; 4] = ["ann", "bea", "cem", "dan"];
const ROOMS: [&str; 2] = ["kitchen", "garden"];

/// So much that a test does not come near it.
const ROOMY: Bound = Bound { items: usize::MAX, bytes: usize::MAX };

fn roomy() -> Config {
    Config { to_send: ROOMY, to_retry: ROOMY, early: ROOMY, ..Config::default() }
}

fn retries(retries: u32) -> Config {
    Config { retries, ..Config::default() }
}

fn numbers(end: usize) -> Vec<String> {
    (0..end).map(|number| number.to_string()).collect()
}

fn of_three(overflow: Overflow) -> Backlog<usize> {
    let mut backlog = Backlog::new(Bound { items: 3, bytes: 1000 }, overflow);
    for number in 1..=3 {
        assert!(backlog.push(number, 0).is_empty());
    }
    backlog
}

/// Beside its bytes.
fn weight_of_an_item() -> usize {
    let mut backlog = Backlog::new(ROOMY, Overflow::Refuse);
    assert!(backlog.push(0_usize, 0).is_empty());
    backlog.bytes()
}

#[derive(Clone, Debug)]
enum Op {
    Push(usize),
    Pop,
    TakeFirst(usize),
    Drain,
}

/// What [`Backlog::push`] is, told so plainly that it can hardly be wrong.
fn naive_push(
    model: &mut VecDeque<(usize, usize)>,
    bound: Bound,
    policy: Overflow,
    item: (usize, usize),
) -> Vec<usize> {
    let fits = |model: &VecDeque<(usize, usize)>| {
        let bytes: usize = model.iter().map(|(_, weight)| weight).sum();
        model.len() < bound.items && bytes + item.1 <= bound.bytes
    };
    if !fits(&VecDeque::new()) || (policy == Overflow::Refuse && !fits(model)) {
        return vec![item.0];
    }
    let mut lost = Vec::new();
    if policy == Overflow::DropAll && !fits(model) {
        lost.extend(model.drain(..).map(|(number, _)| number));
    }
    while !fits(model) {
        lost.extend(model.pop_front().map(|(number, _)| number));
    }
    model.push_back(item);
    lost
}

/// What is on its way, and what became of the rest.
#[derive(Default)]
struct World {
    in_flight: Option<u64>,
    sent: Vec<u64>,
    arrived: Vec<u64>,
    settled: Vec<u64>,
    given_up: Vec<u64>,
}

impl World {
    fn take(&mut self, room: &mut Mailroom<u64, (), u64>) {
        while let Some(output) = room.poll_output() {
            match output {
                Output::Send(packet) => {
                    assert_eq!(self.in_flight, None, "two in flight, the second is {packet}");
                    self.in_flight = Some(packet);
                    self.sent.push(packet);
                }
                Output::Unanswered { asker, .. } => {
                    self.settled.push(asker);
                    self.given_up.push(asker);
                }
                Output::Connected => {}
                other => panic!("expected something sent or given up, came {other:?}"),
            }
        }
    }
}

fn all() -> Selection {
    Selection::default()
}

fn to(room: &'static str) -> Selection {
    all().to(room)
}

fn restore(
    log: &mut dyn RecoveryLog,
    pid: &str,
    offset: Option<&str>,
    now: Instant,
) -> Result<Restored, NotRestored> {
    log.restore(&Namespace::MAIN, pid, offset, now)
}

/// What fails is printed, and not kept in a file beside the tests.
fn quietly() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}
