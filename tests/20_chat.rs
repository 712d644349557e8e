//! Lesson 20: a chat with rooms, whispers, a desk, and people who come back.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use transcript::step;

use super::subject::{
    Allowance, Began, Bytes, Entry, Hall, History, Join, Limits, Message, Rate, Receipt, Secret,
    Since,
};
use stage::{Client, Stage, entry, key};

#[path = "20_chat/stage.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod stage;

const SECOND: Duration = Duration::from_secs(1);

// Step 1: a room, who is in it, and what was said.

#[tokio::test(start_paused = true)]
async fn s1_who_joins_sees_who_is_there_and_they_hear_of_it() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben"]).await;
    let [mut anna, mut ben] = [stage.enter("anna").await, stage.enter("ben").await];
    answered(&anna.ask(r#"420["join",{"room":"tea"}]"#).await);
    answered(&ben.ask(r#"420["join",{"room":"tea"}]"#).await);
    anna.hear().await;
    answered(&ben.ask(r#"421["join",{"room":"tea"}]"#).await);
    anna.hear_nothing().await;
    ben.hear_nothing().await;
    insta::assert_snapshot!(stage.transcript);
}

#[test]
fn s1_who_was_never_here_hears_all_that_is_remembered() {
    let _step = step!();
    let history = said(3, &Limits::default());
    let (messages, complete) = history.since(None);
    assert_eq!(numbers(&messages), [1, 2, 3]);
    assert!(complete, "expected that nothing is missing, came that something is");
}

#[test]
fn s1_who_comes_back_hears_what_they_missed() {
    let _step = step!();
    let history = said(3, &Limits::default());
    let (messages, complete) = history.since(Some(&since("today", 2)));
    assert_eq!(numbers(&messages), [3]);
    assert!(complete, "expected that nothing is missing, came that something is");
    let (messages, complete) = history.since(Some(&since("today", 3)));
    assert_eq!((numbers(&messages), complete), (vec![], true));
}

#[test]
fn s1_numbers_of_another_epoch_say_nothing() {
    let _step = step!();
    let (messages, complete) = said(3, &Limits::default()).since(Some(&since("yesterday", 2)));
    assert_eq!((numbers(&messages), complete), (vec![1, 2, 3], false));
}

#[test]
fn s1_what_is_forgotten_is_missing() {
    let _step = step!();
    let history = said(5, &Limits { max_history: 3, ..Limits::default() });
    let missed = |number| {
        let (messages, complete) = history.since(Some(&since("today", number)));
        (numbers(&messages), complete)
    };
    assert_eq!(missed(2), (vec![3, 4, 5], true), "what was said since 2");
    assert_eq!(missed(1), (vec![3, 4, 5], false), "what was said since 1");
    assert!(!history.since(None).1, "expected that something is missing, came that nothing is");
    let history = said(1, &Limits { max_history_bytes: 1, ..Limits::default() });
    let (messages, complete) = history.since(None);
    assert_eq!((numbers(&messages), complete), (vec![], false), "where all is forgotten");
}

// Step 2: a message, and its receipt.

#[tokio::test(start_paused = true)]
async fn s2_the_others_hear_it_and_who_says_it_gets_a_receipt() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben"]).await;
    let [mut anna, mut ben] = stage.gather(["anna", "ben"]).await;
    answered(&anna.ask(r#"421["say",{"room":"tea","id":"a1","text":"milk?"}]"#).await);
    ben.hear().await;
    answered(&ben.ask(r#"421["say",{"room":"tea","id":"b1","text":"please"}]"#).await);
    anna.hear().await;
    anna.hear_nothing().await;
    ben.hear_nothing().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s2_the_same_id_twice_is_one_message() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben"]).await;
    let [mut anna, mut ben] = stage.gather(["anna", "ben"]).await;
    answered(&anna.ask(r#"421["say",{"room":"tea","id":"a1","text":"milk?"}]"#).await);
    stage.transcript.note("imagine that it is lost on its way");
    ben.hear().await;
    stage.later(SECOND).await;
    answered(&anna.ask(r#"422["say",{"room":"tea","id":"a1","text":"milk?"}]"#).await);
    ben.hear_nothing().await;
    answered(&ben.ask(r#"421["say",{"room":"tea","id":"a1","text":"my own a1"}]"#).await);
    anna.hear().await;
    insta::assert_snapshot!(stage.transcript);
}

#[test]
fn s2_a_receipt_is_found_for_as_long_as_the_message_is_remembered() {
    let _step = step!();
    let mut history = said(3, &Limits { max_history: 3, ..Limits::default() });
    let expected = Receipt { number: 1, at: 1001, again: true };
    assert_eq!(history.find("anna", "id 1"), Some(expected));
    assert_eq!(history.find("ben", "id 1"), None, "what ben said under anna's id");
    history.record(message("id 4", 4), Bytes::new());
    assert_eq!(history.find("anna", "id 1"), None, "what is forgotten");
    assert_eq!(history.find("anna", "ID 4"), None, "another id");
    assert_eq!(
        history.find("anna", "id 4").map(|it| it.number),
        Some(4),
        "its number, not its place"
    );
}

// Step 3: a whisper, which is read or kept.

#[tokio::test(start_paused = true)]
async fn s3_a_whisper_is_answered_when_it_has_been_shown() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben", "carla"]).await;
    let [mut anna, mut ben, mut carla] = stage.gather(["anna", "ben", "carla"]).await;
    anna.say(r#"421["whisper",{"to":"ben","id":"w1","text":"sugar?"}]"#).await;
    let asked = ben.hear().await;
    stage.later(SECOND).await;
    ben.say(&format!("43{}[]", ack_id(&asked))).await;
    stage.transcript.note("ben's page has shown it");
    answered(&anna.hear().await);
    carla.hear_nothing().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s3_who_waits_for_a_receipt_is_not_kept_from_speaking() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben"]).await;
    let [mut anna, mut ben] = stage.gather(["anna", "ben"]).await;
    anna.say(r#"421["whisper",{"to":"ben","id":"w1","text":"sugar?"}]"#).await;
    let asked = ben.hear().await;
    anna.say(r#"422["say",{"room":"tea","id":"a1","text":"milk?"}]"#).await;
    assert!(
        anna.hear().await.starts_with("432["),
        "expected the receipt of what was said after it"
    );
    ben.say(&format!("43{}[]", ack_id(&asked))).await;
    let receipt = answered(&anna.hear().await);
    assert_eq!(receipt["read"], json!(true));
}

#[tokio::test(start_paused = true)]
async fn s3_what_is_not_shown_in_time_is_kept_until_it_is() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben"]).await;
    let [mut anna, mut ben] = stage.gather(["anna", "ben"]).await;
    anna.say(r#"421["whisper",{"to":"ben","id":"w1","text":"sugar?"}]"#).await;
    ben.hear().await;
    stage.transcript.note("ben looks at another page");
    answered(&anna.hear().await);
    ben.say(r#"42["shown",{"from":"anna","id":"w1"}]"#).await;
    let read = anna.hear().await;
    assert!(read.contains(r#"["read","#), "expected that it has been read, came {read}");
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s3_whatever_a_client_answers_it_has_shown_the_whisper() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben"]).await;
    let [mut anna, mut ben] = stage.gather(["anna", "ben"]).await;
    anna.say(r#"421["whisper",{"to":"ben","id":"w1","text":"sugar?"}]"#).await;
    let asked = ben.hear().await;
    ben.say(&format!(r#"43{}["shown",2]"#, ack_id(&asked))).await;
    assert_eq!(answered(&anna.hear().await)["read"], json!(true));
}

#[tokio::test(start_paused = true)]
async fn s3_what_has_been_shown_is_kept_no_more() {
    let _step = step!();
    let limits = Limits { max_mail: 1, ..Limits::default() };
    let stage = Stage::with(limits, &["anna", "ben"]).await;
    let [mut anna, mut ben] = stage.gather(["anna", "ben"]).await;
    anna.say(r#"421["whisper",{"to":"ben","id":"w1","text":"sugar?"}]"#).await;
    let asked = ben.hear().await;
    ben.say(&format!("43{}[]", ack_id(&asked))).await;
    assert_eq!(answered(&anna.hear().await)["read"], json!(true));
    let next = r#"422["whisper",{"to":"ben","id":"w2","text":"milk?"}]"#;
    assert_eq!(answered(&anna.ask(next).await)["read"], json!(false));
}

#[tokio::test(start_paused = true)]
async fn s3_nobody_waits_longer_than_the_limits_say() {
    let _step = step!();
    let limits = Limits { read_timeout: 2 * SECOND, ..Limits::default() };
    let stage = Stage::with(limits, &["anna", "ben"]).await;
    let [mut anna, _ben] = stage.gather(["anna", "ben"]).await;
    anna.say(r#"421["whisper",{"to":"ben","id":"w1","text":"sugar?"}]"#).await;
    anna.hear_nothing_for(2 * SECOND - Duration::from_millis(1)).await;
    let began = tokio::time::Instant::now();
    assert_eq!(answered(&anna.hear().await)["read"], json!(false));
    assert_eq!(began.elapsed().as_secs(), 0, "seconds more than the limit");
}

// Step 4: who may.

#[test]
fn s4_a_secret_is_what_it_is_and_nothing_else() {
    let _step = step!();
    let secret = Secret::new("open sesame");
    assert!(secret.is("open sesame"), "expected the secret to be known, came that it is not");
    for wrong in ["", "open", "open sesamf", "open sesame ", "Open sesame"] {
        assert!(!secret.is(wrong), "expected {wrong:?} to be refused, came that it is let in");
    }
    assert!(!Secret::new("ab").is("ba"), "expected \"ba\" to be refused, came that it is let in");
}

#[tokio::test(start_paused = true)]
async fn s4_only_the_token_opens_the_desk() {
    let _step = step!();
    let stage = Stage::new(&["anna", "desk"]).await;
    let [_anna] = stage.gather(["anna"]).await;
    let mut desk = stage.connect("desk").await;
    let no = desk.ask(r#"40/admin,{"token":"open simsim"}"#).await;
    assert!(no.starts_with("44/admin,"), "expected a refusal, came {no}");
    let yes = desk.ask(r#"40/admin,{"token":"open sesame"}"#).await;
    assert!(yes.starts_with("40/admin,"), "expected to be let in, came {yes}");
    answered(&desk.ask(r#"42/admin,1["who"]"#).await);
    desk.hear_nothing_for(10 * SECOND).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s4_nobody_takes_anothers_name() {
    let _step = step!();
    let stage = Stage::new(&["anna", "mallory"]).await;
    let [mut anna] = stage.gather(["anna"]).await;
    let mut mallory = stage.connect("mallory").await;
    let shown = json!({ "name": "anna", "key": key("mallory") });
    let no = mallory.ask(&format!("40{shown}")).await;
    assert!(no.contains(r#""code":"name-taken""#), "expected that it is taken, came {no}");
    anna.hear_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn s4_who_is_muted_may_listen_and_not_speak() {
    let _step = step!();
    let stage = Stage::new(&["anna", "desk"]).await;
    let [mut anna] = stage.gather(["anna"]).await;
    let mut desk = sit(&stage).await;
    let mute = r#"42/admin,1["mute",{"name":"anna","seconds":60}]"#;
    answered(&desk.ask_through(mute, "43").await);
    anna.hear().await;
    let no = anna.ask(r#"421["say",{"room":"tea","id":"a1","text":"why?"}]"#).await;
    assert!(no.contains(r#""code":"muted""#), "expected that she is muted, came {no}");
    anna.hear_nothing_for(60 * SECOND).await;
    answered(&anna.ask(r#"422["say",{"room":"tea","id":"a1","text":"why?"}]"#).await);
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s4_the_last_second_of_a_mute_is_a_whole_one() {
    let _step = step!();
    let stage = Stage::new(&["anna", "desk"]).await;
    let [mut anna] = stage.gather(["anna"]).await;
    let mut desk = sit(&stage).await;
    let mute = r#"42/admin,1["mute",{"name":"anna","seconds":10}]"#;
    answered(&desk.ask_through(mute, "43").await);
    anna.hear().await;
    anna.hear_nothing_for(Duration::from_millis(9500)).await;
    let no = anna.ask(r#"421["say",{"room":"tea","id":"a1","text":"why?"}]"#).await;
    assert!(no.contains(r#""code":"muted""#), "expected that she is muted, came {no}");
}

#[tokio::test(start_paused = true)]
async fn s4_who_is_not_there_cannot_be_dismissed() {
    let _step = step!();
    let stage = Stage::new(&["desk"]).await;
    let mut desk = sit(&stage).await;
    let no = desk.ask_through(r#"42/admin,1["dismiss","nobody"]"#, "43").await;
    assert!(no.contains(r#""code":"not-here""#), "expected that nobody is not here, came {no}");
}

#[tokio::test(start_paused = true)]
async fn s4_the_desk_shows_somebody_the_door() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben", "desk"]).await;
    let [mut anna, mut ben] = stage.gather(["anna", "ben"]).await;
    let mut desk = sit(&stage).await;
    answered(&desk.ask_through(r#"42/admin,1["dismiss","anna"]"#, "43").await);
    anna.hear().await;
    let end = anna.hear().await;
    assert_eq!(end, "41", "the last that anna hears");
    ben.hear().await;
    ben.hear_nothing().await;
    insta::assert_snapshot!(stage.transcript);
}

// Step 5: what one may cost the others, and who comes back.

#[test]
fn s5_so_many_at_once_and_then_one_after_each_while() {
    let _step = step!();
    let rate = Rate { burst: 3, every: SECOND };
    let now = Instant::now();
    let mut allowance = Allowance::new(now);
    let mut take = |ms| allowance.take(rate, now + Duration::from_millis(ms));
    let came = [0, 0, 0, 0, 400, 999, 1000, 1000].map(&mut take);
    let wait = |ms| Err(Duration::from_millis(ms));
    let expected = [Ok(()), Ok(()), Ok(()), wait(1000), wait(600), wait(1), Ok(()), wait(1000)];
    assert_eq!(came, expected);
    let came = [60_000, 60_000, 60_000, 60_000].map(take);
    assert_eq!(came, [Ok(()), Ok(()), Ok(()), wait(1000)], "a minute later");
}

#[tokio::test(start_paused = true)]
async fn s5_who_talks_too_fast_is_told_how_long_to_wait() {
    let _step = step!();
    let stage = Stage::new(&["anna"]).await;
    let [mut anna] = stage.gather(["anna"]).await;
    let say = |id: u64| format!(r#"42{id}["say",{{"room":"tea","id":"a{id}","text":"again"}}]"#);
    for id in 1..=10 {
        answered(&anna.ask(&say(id)).await);
    }
    let no = anna.ask(&say(11)).await;
    let wait = no.split(r#""retry_ms":"#).nth(1).and_then(|it| it.split('}').next());
    let wait = wait.unwrap_or_else(|| panic!("expected how long to wait, came {no}"));
    stage.later(Duration::from_millis(wait.parse().expect("a number"))).await;
    let receipt = answered(&anna.ask(&say(11)).await);
    assert_eq!(receipt["number"], json!(11));
}

#[tokio::test(start_paused = true)]
async fn s5_who_loses_the_connection_is_away_and_then_gone() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben"]).await;
    let [mut anna, ben] = stage.gather(["anna", "ben"]).await;
    ben.cut();
    anna.hear().await;
    anna.hear_nothing_for(299 * SECOND).await;
    anna.hear().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s5_who_is_away_can_be_dismissed() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben", "desk"]).await;
    let [mut anna, ben] = stage.gather(["anna", "ben"]).await;
    ben.cut();
    anna.hear().await;
    let mut desk = sit(&stage).await;
    answered(&desk.ask_through(r#"42/admin,1["dismiss","ben"]"#, "43").await);
    let gone = anna.hear().await;
    assert!(gone.contains(r#""name":"ben","is":"gone""#), "expected that ben is gone, came {gone}");
    let seen = answered(&desk.ask_through(r#"42/admin,2["who"]"#, "43").await);
    assert_eq!(names(&seen), ["anna"]);
}

#[tokio::test(start_paused = true)]
async fn s5_who_leaves_by_choice_is_gone_at_once() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben", "carla"]).await;
    let [mut anna, mut ben, carla] = stage.gather(["anna", "ben", "carla"]).await;
    ben.say("41").await;
    let left = anna.hear().await;
    assert!(left.contains(r#""name":"ben","is":"gone""#), "expected that ben is gone, came {left}");
    carla.cut();
    let lost = anna.hear().await;
    assert!(
        lost.contains(r#""name":"carla","is":"away""#),
        "expected that she is away, came {lost}"
    );
    let people = answered(&anna.ask(r#"421["who","tea"]"#).await);
    assert_eq!(names(&people), ["anna", "carla"]);
}

#[test]
fn s5_only_the_end_of_the_latest_connection_says_anything() {
    let _step = step!();
    let now = Instant::now();
    let mut hall = Hall::new(Limits::default(), "today".to_owned(), Began { now, at: 1000 });
    let entry = Entry { name: "anna".to_owned(), key: key("anna") };
    let anna = hall.admit(&entry, now).expect("nobody else has this name");
    let [older, latest] =
        [0; 2].map(|_| hall.arrive(&anna, String::new(), now).expect("she is in").visit);
    let join = Join { room: "tea".to_owned(), since: None };
    hall.join(&anna, &join, now).expect("there is room");
    assert_eq!(hall.depart(&anna, older, true, now), [], "the older one, and she is here");
    assert_eq!(hall.depart(&anna, latest, false, now).len(), 1, "how many rooms hear of it");
    assert_eq!(hall.depart(&anna, older, true, now), [], "the older one, and she is away");
}

#[tokio::test(start_paused = true)]
async fn s5_the_end_of_an_older_connection_is_not_the_end_of_somebody() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben (old)", "ben (new)"]).await;
    let [mut anna, mut ben] = stage.gather(["anna", "ben"]).await;
    ben.lane = "ben (old)";
    let mut again = stage.connect("ben (new)").await;
    again.ask(&format!("40{}", entry("ben"))).await;
    again.hear().await;
    stage.transcript.note("his rooms are his still");
    ben.hear().await;
    assert_eq!(ben.hear().await, "41", "the last that the older page hears");
    ben.cut();
    anna.hear_nothing().await;
    answered(&anna.ask(r#"421["say",{"room":"tea","id":"a1","text":"still there?"}]"#).await);
    again.hear().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s5_who_comes_back_is_shown_what_was_whispered_meanwhile() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben"]).await;
    let [mut anna, ben] = stage.gather(["anna", "ben"]).await;
    ben.cut();
    anna.hear().await;
    answered(&anna.ask(r#"421["whisper",{"to":"ben","id":"w1","text":"sugar?"}]"#).await);
    let mut ben = stage.connect("ben").await;
    let asked = ben.ask_through(&format!("40{}", entry("ben")), "421").await;
    anna.hear().await;
    ben.say(&format!("43{}[]", ack_id(&asked))).await;
    let read = anna.hear().await;
    assert!(read.contains(r#"["read","#), "expected that it has been read, came {read}");
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s5_a_short_cut_loses_nothing() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben"]).await;
    let [mut anna] = stage.gather(["anna"]).await;
    let mut ben = stage.connect("ben").await;
    let yes = ben.ask(&format!("40{}", entry("ben"))).await;
    let pid = yes.split(r#""pid":""#).nth(1).and_then(|it| it.split('"').next());
    let pid = pid.expect("the server remembers").to_owned();
    ben.settle().await;
    ben.ask(r#"421["join",{"room":"tea"}]"#).await;
    anna.hear().await;
    answered(&anna.ask(r#"421["say",{"room":"tea","id":"a1","text":"milk?"}]"#).await);
    let heard = ben.hear().await;
    let offset = heard.rsplit('"').nth(1).expect("an offset at the end").to_owned();
    ben.cut();
    anna.hear().await;
    answered(&anna.ask(r#"422["say",{"room":"tea","id":"a2","text":"sugar?"}]"#).await);
    anna.hear_nothing_for(100 * SECOND).await;
    let mut ben = stage.connect("ben").await;
    let shown = json!({ "name": "ben", "key": key("ben"), "pid": pid, "offset": offset });
    let welcome = ben.ask_through(&format!("40{shown}"), r#"42["welcome""#).await;
    assert!(welcome.contains(r#""recovered":true"#), "expected to be known again, came {welcome}");
    anna.hear().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s5_after_a_long_cut_name_and_rooms_are_kept_and_the_rest_is_asked_for() {
    let _step = step!();
    let stage = Stage::new(&["anna", "ben"]).await;
    let [mut anna, mut ben] = stage.gather(["anna", "ben"]).await;
    answered(&anna.ask(r#"421["say",{"room":"tea","id":"a1","text":"milk?"}]"#).await);
    ben.hear().await;
    let before = answered(&ben.ask(r#"421["join",{"room":"tea"}]"#).await);
    stage.transcript.note("what he has: 1 of this epoch");
    ben.cut();
    anna.hear().await;
    answered(&anna.ask(r#"422["say",{"room":"tea","id":"a2","text":"sugar?"}]"#).await);
    anna.hear_nothing_for(200 * SECOND).await;
    let mut ben = stage.connect("ben").await;
    ben.ask_through(&format!("40{}", entry("ben")), r#"42["presence""#).await;
    anna.hear().await;
    let since = json!({ "epoch": before["epoch"], "number": before["last"] });
    let join = json!(["join", { "room": "tea", "since": since }]);
    let joined = answered(&ben.ask(&format!("421{join}")).await);
    let texts = joined["messages"].as_array().expect("a list").iter().map(|it| &it["text"]);
    assert_eq!(texts.collect::<Vec<_>>(), ["sugar?"]);
    anna.hear_nothing().await;
    insta::assert_snapshot!(stage.transcript);
}

// What the tests share.

/// Somebody at the desk.
async fn sit(stage: &Stage) -> Client {
    let mut desk = stage.connect("desk").await;
    desk.ask(r#"40/admin,{"token":"open sesame"}"#).await;
    desk
}

/// The value of an answer, which is no refusal.
fn answered(packet: &str) -> Value {
    let answer = packet.split_once('[').map(|(_, args)| format!("[{args}"));
    let answer = answer.filter(|_| packet.starts_with("43"));
    let answer = answer.unwrap_or_else(|| panic!("expected an answer, came {packet}"));
    let args: Value = serde_json::from_str(&answer).expect("JSON");
    let value = args.get(0).cloned().unwrap_or_default();
    assert!(value.get("error").is_none(), "expected a yes, came {packet}");
    value
}

fn names(people: &Value) -> Vec<&str> {
    let people = people.as_array().expect("a list of people");
    people.iter().filter_map(|person| person["name"].as_str()).collect()
}

/// Of `423["whisper",…]`, the 3.
fn ack_id(packet: &str) -> String {
    let id: String = packet.chars().skip(2).take_while(char::is_ascii_digit).collect();
    assert!(packet.starts_with("42") && !id.is_empty(), "expected a question, came {packet}");
    id
}

fn said(messages: u64, limits: &Limits) -> History {
    let mut history = History::new("today".to_owned(), limits);
    for number in 1..=messages {
        history.record(message(&format!("id {number}"), number), Bytes::new());
    }
    history
}

fn message(id: &str, number: u64) -> Message {
    let [room, from, id, text] = ["tea", "anna", id, "milk?"].map(str::to_owned);
    Message { room, number: 0, at: 1000 + number, from, id, text, file: None }
}

fn since(epoch: &str, number: u64) -> Since {
    Since { epoch: epoch.to_owned(), number }
}

fn numbers(messages: &[Message]) -> Vec<u64> {
    messages.iter().map(|message| message.number).collect()
}
