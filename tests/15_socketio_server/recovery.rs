//! Clients whose connection breaks, and who come back as who they were. Beside the lesson, which has no step for it.

#[path = "shelf.rs"]
mod shelf;
#[path = "stage.rs"]
#[allow(dead_code, reason = "the lesson's tests use the rest")]
mod stage;

use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::time::sleep;
use transcript::within;

use self::shelf::{Shelf, Told};
use self::stage::{Client, Notes, Stage, notes};
use super::subject::{
    Args, Builder, DisconnectReason, Handshake, Namespace, Refusal, Server, Socket,
};

/// A server that recovers, and what becomes of its sockets.
struct Scene {
    stage: Stage,
    shelf: Shelf,
    told: Notes<Told>,
    sockets: Notes<Socket>,
}

impl Scene {
    fn new() -> Self {
        Self::of(Server::builder())
    }

    fn of(builder: Builder) -> Self {
        let (shelf, told) = Shelf::new();
        let stage = Stage::new(builder.recovery(shelf.clone()));
        let (note, sockets) = notes();
        stage.io.of("/").on_connect(async move |socket: Socket| {
            let _ = note.send(socket); // a test may be over
        });
        Self { stage, shelf, told, sockets }
    }

    /// Somebody who comes for the first time.
    async fn enter(&mut self) -> (Client, Socket, Who) {
        let mut client = self.stage.connect("client").await;
        let who = who(&client.ask("40").await);
        (client, self.sockets.next("a socket").await, who)
    }

    /// Somebody who says that they were here before: what they hear until they are in.
    async fn come_back(
        &mut self,
        pid: &str,
        offset: Option<&str>,
    ) -> (Client, Socket, Vec<String>) {
        let mut client = self.stage.connect("client").await;
        client.say(&format!("40{}", json!({ "pid": pid, "offset": offset }))).await;
        let mut heard = Vec::new();
        while heard.last().is_none_or(|last: &String| !last.starts_with("40")) {
            heard.push(client.hear().await);
        }
        (client, self.sockets.next("a socket").await, heard)
    }

    async fn lost(&mut self) -> Told {
        self.told.next("a session to be stored").await
    }
}

struct Who {
    sid: String,
    pid: String,
}

fn who(connect: &str) -> Who {
    let told: Value = serde_json::from_str(&connect[2..]).expect("JSON");
    let [sid, pid] =
        ["sid", "pid"].map(|key| told[key].as_str().expect("both are there").to_owned());
    Who { sid, pid }
}

/// Of `42["news",1,"@3"]`, the offset.
fn offset(event: &str) -> String {
    let event: Vec<Value> = serde_json::from_str(&event[2..]).expect("an event");
    event.last().and_then(Value::as_str).expect("an offset stands at the end").to_owned()
}

#[tokio::test(start_paused = true)]
async fn without_a_log_nothing_on_the_wire_says_so() {
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on_connect(async |socket: Socket| {
        assert!(!socket.is_recovered());
        socket.emit("own", 1);
        socket.namespace().emit("all", 2);
    });
    let mut client = stage.connect("client").await;
    let connect = client.ask(r#"40{"pid":"x","offset":"@1"}"#).await;
    assert!(!connect.contains("pid"), "{connect}");
    assert_eq!(client.hear().await, r#"42["own",1]"#);
    assert_eq!(client.hear().await, r#"42["all",2]"#);
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_has_id_rooms_and_data_and_hears_what_they_missed_before_they_are_in() {
    let mut scene = Scene::new();
    let (mut client, socket, who) = scene.enter().await;
    assert!(!socket.is_recovered());
    socket.join("room");
    socket.set_data(&json!({ "name": "Ann" })).expect("JSON");
    socket.emit("first", 1);
    let first = client.hear().await;
    assert_eq!(first, r#"42["first",1,"@1"]"#);
    drop(client);
    let Told { rooms, data, .. } = scene.lost().await;
    assert_eq!(
        (rooms, data),
        (vec![who.sid.clone(), "room".to_owned()], r#"{"name":"Ann"}"#.to_owned())
    );

    let main = scene.stage.io.of("/");
    main.to("room").emit("second", Args((2, "x")));
    main.to("elsewhere").emit("not for them", ());
    socket.emit("third", 3);
    let (mut client, again, heard) = scene.come_back(&who.pid, Some(&offset(&first))).await;
    let connect = format!(r#"40{{"sid":"{}","pid":"{}"}}"#, who.sid, who.pid);
    let expected = [r#"42["second",2,"x","@2"]"#, r#"42["third",3,"@4"]"#, &connect];
    assert_eq!(heard, expected);
    assert!(again.is_recovered());
    assert_eq!(again.rooms(), [who.sid.as_str(), "room"]);
    assert_eq!(again.data::<Value>(), Some(json!({ "name": "Ann" })));
    main.to("room").emit("fourth", 4);
    assert_eq!(client.hear().await, r#"42["fourth",4,"@5"]"#);
}

#[tokio::test(start_paused = true)]
async fn what_is_volatile_or_asks_is_neither_stored_nor_bears_an_offset() {
    let mut scene = Scene::new();
    let (mut client, socket, _) = scene.enter().await;
    let main = scene.stage.io.of("/");
    socket.emit_volatile("a", 1);
    assert_eq!(client.hear().await, r#"42["a",1]"#);
    main.everybody().volatile().emit("b", 2);
    assert_eq!(client.hear().await, r#"42["b",2]"#);
    let _unanswered = tokio::spawn(socket.call::<()>("c", 3).into_future());
    assert_eq!(client.hear().await, r#"420["c",3]"#);
    assert_eq!(scene.shelf.events(), 0);
    socket.emit_uncompressed("d", 4);
    assert_eq!(client.hear().await, r#"42["d",4,"@1"]"#);
    main.everybody().compress(false).emit("e", 5);
    assert_eq!(client.hear().await, r#"42["e",5,"@2"]"#);
    assert_eq!(scene.shelf.compressed(), [false, false], "they keep how they travel");
}

#[tokio::test(start_paused = true)]
async fn who_is_lost_is_stored_and_who_leaves_is_not() {
    let (ping, builder) = (Duration::from_secs(4), Server::builder());
    let mut scene = Scene::of(builder.ping_interval(ping).ping_timeout(ping));
    let (note, mut ends): (_, Notes<&str>) = notes();
    scene.stage.io.of("/").on_disconnect(async move |_: Socket, reason: DisconnectReason| {
        let _ = note.send(reason.reference_name());
    });

    let (mut leaves, ..) = scene.enter().await;
    leaves.say("41").await;
    assert_eq!(ends.next("an end").await, "client namespace disconnect");
    let (_client, socket, _) = scene.enter().await;
    socket.disconnect();
    assert_eq!(ends.next("an end").await, "server namespace disconnect");
    let (_client, socket, _) = scene.enter().await;
    socket.disconnect_all();
    assert_eq!(ends.next("an end").await, "server namespace disconnect");
    let (mut wrong, ..) = scene.enter().await;
    wrong.say("no packet of Engine.IO").await;
    assert_eq!(ends.next("an end").await, "parse error");
    assert_eq!(scene.told.so_far().len(), 0);

    let (client, _, who) = scene.enter().await;
    drop(client);
    assert_eq!(scene.lost().await.pid, who.pid);
    assert!(ends.next("an end").await.starts_with("transport "));
    let (mut wrong, _, who) = scene.enter().await;
    wrong.say("4 and none of Socket.IO").await;
    assert_eq!(scene.lost().await.pid, who.pid);
    assert_eq!(ends.next("an end").await, "forced close");
    let (_silent, _, who) = scene.enter().await;
    assert_eq!(scene.lost().await.pid, who.pid);
    assert_eq!(ends.next("an end").await, "ping timeout");
    let (_client, _, who) = scene.enter().await;
    scene.stage.io.shutdown().await;
    assert_eq!(scene.lost().await.pid, who.pid);
    assert_eq!(ends.next("an end").await, "server shutting down");
}

#[tokio::test(start_paused = true)]
async fn who_is_stored_is_in_no_room_any_more_and_was_as_the_connection_broke() {
    let mut scene = Scene::new();
    let main = scene.stage.io.of("/");
    main.on_disconnecting(|socket: Socket, _: &DisconnectReason| socket.leave("room"));
    let there = main.clone();
    scene.shelf.on_session(move || {
        let known = there.fetch().now_or_never().expect("nobody else is asked");
        assert_eq!(known.len(), 0, "whoever is back at once has their id for themselves");
    });
    let (client, socket, who) = scene.enter().await;
    socket.join("room");
    drop(client);
    let told = scene.lost().await;
    assert_eq!(told.rooms, [who.sid.as_str(), "room"]);
    assert_eq!(scene.stage.problems(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn whoever_holds_the_socket_of_before_reaches_who_came_back_and_nobody_else() {
    let mut scene = Scene::new();
    let (mut client, before, who) = scene.enter().await;
    before.emit("first", ());
    let first = offset(&client.hear().await);
    let (mut curious, other, _) = scene.enter().await;
    other.join(&who.sid);
    drop(client);
    scene.lost().await;
    let (mut client, ..) = scene.come_back(&who.pid, Some(&first)).await;
    assert!(!before.is_connected());
    before.emit("to one", ());
    assert_eq!(client.hear().await, r#"42["to one",null,"@2"]"#);
    before.join("room");
    scene.stage.io.of("/").to("room").emit("to a room", ());
    assert_eq!(client.hear().await, r#"42["to a room",null,"@3"]"#);
    curious.hear_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn who_is_not_known_is_somebody_new() {
    let mut scene = Scene::new();
    let (mut client, socket, who) = scene.enter().await;
    socket.emit("first", ());
    let first = offset(&client.hear().await);
    // The connection still stands, as far as anybody knows.
    let (_other, early, heard) = scene.come_back(&who.pid, Some(&first)).await;
    assert_eq!(heard.len(), 1);
    assert!(!early.is_recovered() && early.id() != socket.id());
    drop(client);
    scene.lost().await;
    assert!(early.is_connected(), "who was new stays");
    assert_eq!(early.rooms(), [early.id().as_str()]);

    for auth in
        [r#"{"pid":7,"offset":"@1"}"#, r#"{"offset":"@1"}"#, r#"{"pid":"x","offset":"@1"}"#, "{}"]
    {
        let mut client = scene.stage.connect("client").await;
        client.ask(&format!("40{auth}")).await;
        assert!(!scene.sockets.next("a socket").await.is_recovered(), "{auth}");
    }
    let (_client, again, _) = scene.come_back(&who.pid, Some(&first)).await;
    assert!(again.is_recovered());
    let (_client, twice, _) = scene.come_back(&who.pid, Some(&first)).await;
    assert!(!twice.is_recovered(), "each comes back once");
}

#[tokio::test(start_paused = true)]
async fn who_is_refused_may_try_again_and_comes_back() {
    let mut scene = Scene::new();
    let (note, mut sockets): (_, Notes<bool>) = notes();
    let guarded = scene.stage.io.of("/guarded").auth(async |_: Handshake, pass: Value| {
        if pass["token"] == "old" { Err(Refusal::new("expired")) } else { Ok(()) }
    });
    guarded.on_connect(async move |socket: Socket| {
        socket.emit("hello", ());
        let _ = note.send(socket.is_recovered());
    });
    let mut client = scene.stage.connect("client").await;
    let who = who(&client.ask("40/guarded,").await.replace("/guarded,", ""));
    let first = offset(&client.hear().await.replace("/guarded,", ""));
    assert!(!sockets.next("a socket").await);
    drop(client);
    scene.lost().await;
    let mut client = scene.stage.connect("client").await;
    for (token, recovered) in [("old", None), ("new", Some(true))] {
        let auth = json!({ "pid": who.pid, "offset": first, "token": token });
        client.ask(&format!("40/guarded,{auth}")).await;
        if let Some(recovered) = recovered {
            assert_eq!(sockets.next("a socket").await, recovered);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_missed_more_than_may_wait_is_somebody_new_and_stays() {
    let mut scene = Scene::of(Server::builder().max_buffered(100_000));
    let (mut client, socket, who) = scene.enter().await;
    socket.emit("first", ());
    let first = offset(&client.hear().await);
    drop(client);
    scene.lost().await;
    for _ in 0..11 {
        socket.emit("long", "x".repeat(10_000));
    }
    let (mut client, again, heard) = scene.come_back(&who.pid, Some(&first)).await;
    assert_eq!(heard.len(), 1);
    assert!(!again.is_recovered());
    again.emit("next", ());
    assert!(client.hear().await.starts_with(r#"42["next""#));
}

#[tokio::test(start_paused = true)]
async fn a_log_that_panics_takes_nothing_with_it() {
    let mut scene = Scene::new();
    let (mut client, socket, who) = scene.enter().await;
    socket.emit("first", ());
    let first = offset(&client.hear().await);
    drop(client);
    scene.lost().await;

    scene.shelf.panic(true);
    let (mut client, again, _) = scene.come_back(&who.pid, Some(&first)).await;
    assert!(!again.is_recovered());
    assert_eq!(scene.stage.problems().len(), 1);
    again.emit("own", 1);
    assert_eq!(client.hear().await, r#"42["own",1]"#, "it is sent, and not stored");
    scene.stage.io.emit("all", 2);
    assert_eq!(client.hear().await, r#"42["all",2]"#);
    let problem = r#"expected the handler of "recovery log" to return, it panicked"#;
    assert_eq!(scene.stage.problems(), [problem; 2]);
    drop(client);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(scene.stage.problems(), [problem]);
    assert_eq!(scene.stage.io.of("/").fetch().await.len(), 0);

    scene.shelf.panic(false);
    let (mut client, socket, _) = scene.enter().await;
    socket.emit("own", 3);
    offset(&client.hear().await);
}

/// While it is written it says something itself.
struct Talkative(Namespace);

impl Serialize for Talkative {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.emit("inner", 1);
        serializer.serialize_u8(2)
    }
}

#[tokio::test]
async fn a_value_may_speak_itself_while_it_is_written() {
    let mut scene = Scene::new();
    let (mut client, socket, _) = scene.enter().await;
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || {
        socket.emit("outer", Talkative(socket.namespace()));
        done.send(()).expect("the test listens");
    });
    assert_eq!(client.hear().await, r#"42["inner",1,"@1"]"#);
    assert_eq!(client.hear().await, r#"42["outer",2,"@2"]"#);
    is_done.recv_timeout(Duration::from_secs(10)).expect("it returns");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wire_has_the_order_of_the_log_however_many_speak_at_once() {
    const EACH: usize = 500;
    let mut scene = Scene::of(Server::builder().max_buffered(usize::MAX / 4));
    let (mut client, socket, _) = scene.enter().await;
    let (others, _, _) = scene.enter().await;
    let barrier = Arc::new(Barrier::new(3));
    let speakers: Vec<_> = (0..3)
        .map(|speaker| {
            let (barrier, socket) = (Arc::clone(&barrier), socket.clone());
            thread::spawn(move || {
                barrier.wait();
                for number in 0..EACH {
                    match speaker {
                        0 => socket.emit("own", number),
                        1 => socket.namespace().emit("all", number),
                        _ => socket.namespace().except("room").emit("most", number),
                    }
                }
            })
        })
        .collect();
    for place in 1..=3 * EACH {
        let came =
            within("an event", client.stream.next()).await.expect("an event").expect("an event");
        assert_eq!(offset(came.to_text().expect("a text")), format!("@{place}"));
    }
    speakers.into_iter().for_each(|speaker| speaker.join().expect("it does not panic"));
    drop(others);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_is_forgotten_without_traffic_and_then_nothing_runs() {
    let mut scene = Scene::new();
    let (client, socket, _) = scene.enter().await;
    drop(client);
    scene.lost().await;
    socket.emit("into the void", ());
    assert_eq!((scene.shelf.sessions(), scene.shelf.events()), (1, 1));
    sleep(shelf::KEPT + Duration::from_secs(60)).await;
    assert_eq!((scene.shelf.sessions(), scene.shelf.events()), (0, 0));
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0, "connections and expiry are over");
    socket.emit("once more", ());
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 1);
    let io = scene.stage.io;
    drop((io, socket, scene.sockets));
    sleep(shelf::KEPT + Duration::from_secs(60)).await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0, "it keeps no server alive");
}
