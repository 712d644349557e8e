//! Lesson 15: a server with handlers, namespaces and rooms.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::SinkExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{Barrier, Notify};
use tokio_tungstenite::tungstenite::Message as WsMessage;
use transcript::{step, within};

use super::subject::{
    Ack, Adapter, Args, Bytes, CallError, Event, Handshake, Message, NamespaceName, Next, NoAnswer,
    Pattern, Problem, RawArgs, Refusal, RemoteSocket, Selection, Server, SlowConsumer, Socket,
};
use log::Log;
use stage::{Stage, notes, panic_unseen};

#[path = "10_engineio_server/log.rs"]
mod log;
#[path = "15_socketio_server/stage.rs"]
mod stage;

/// In virtual time.
const SECOND: Duration = Duration::from_secs(1);

/// The shortest handler: it shows that a socket is served.
async fn welcome(socket: Socket) {
    socket.emit("welcome", Args(()));
}

// Step 1: a handler is called for its event.

#[tokio::test(start_paused = true)]
async fn s1_a_handler_is_called_for_its_event_and_speaks_back() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on("hello", async |socket: Socket, name: String| {
        socket.emit("welcome", format!("{name}!"));
    });
    let mut client = stage.connect("client").await;
    client.ask("40").await;
    client.ask(r#"42["hello","Ada"]"#).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s1_on_connect_comes_before_the_first_event() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage
        .io
        .of("/")
        .on_connect(async |socket: Socket| socket.emit("welcome", socket.id()))
        .on("hello", async |socket: Socket| socket.emit("again", ()));
    let mut client = stage.connect("client").await;
    client.say("40").await;
    client.say(r#"42["hello"]"#).await;
    stage.transcript.note("without waiting for the answer");
    for _ in 0..3 {
        client.hear().await;
    }
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s1_arguments_are_what_the_handler_takes() {
    let _step = step!();
    #[derive(Deserialize)]
    struct Photo {
        title: String,
        parts: Vec<Bytes>,
    }
    let stage = Stage::new(Server::builder());
    let (note, mut notes) = notes();
    let (one, two, raw, photo) = (note.clone(), note.clone(), note.clone(), note.clone());
    stage
        .io
        .of("/")
        .on("none", async move |_: Socket| drop(note.send("none".to_owned())))
        .on("one", async move |_: Socket, n: i64| drop(one.send(format!("one {n}"))))
        .on("two", async move |_: Socket, Args((n, text)): Args<(i64, String)>| {
            let _ = two.send(format!("two {n} {text}"));
        })
        .on("raw", async move |_: Socket, args: RawArgs| {
            let Ok(Args(values)) = args.decode::<Args<Vec<Value>>>() else { return };
            let _ = raw.send(format!("raw {values:?}"));
        })
        .on("photo", async move |_: Socket, Photo { title, parts }: Photo| {
            let parts: Vec<_> = parts.iter().map(|part| part.to_vec()).collect();
            let _ = photo.send(format!("photo {title} {parts:?}"));
        });
    let mut client = stage.enter("client").await;
    client.say(r#"42["none"]"#).await;
    assert_eq!(notes.next("a call without arguments").await, "none");
    client.say(r#"42["one",7]"#).await;
    assert_eq!(notes.next("a call with one argument").await, "one 7");
    client.say(r#"42["two",7,"x"]"#).await;
    assert_eq!(notes.next("a call with two arguments").await, "two 7 x");
    client.say(r#"42["raw",true,null]"#).await;
    assert_eq!(notes.next("a call with raw arguments").await, "raw [Bool(true), Null]");
    let placeholders = r#"[{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#;
    client.say(&format!(r#"452-["photo",{{"title":"cat","parts":{placeholders}}}]"#)).await;
    client.say_bytes(&[1]).await;
    client.say_bytes(&[2, 3]).await;
    assert_eq!(notes.next("a call with attachments").await, "photo cat [[2, 3], [1]]");
}

#[tokio::test(start_paused = true)]
async fn s1_several_handlers_of_one_event_are_called_in_order() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage
        .io
        .of("/")
        .on_any(async |socket: Socket, event: Event| {
            socket.emit("any", &*event.name);
        })
        .on("hello", async |socket: Socket| socket.emit("first", ()))
        .on("hello", async |socket: Socket| socket.emit("second", ()))
        .on("one", welcome);
    let mut client = stage.enter("client").await;
    assert_eq!(client.ask(r#"42["hello"]"#).await, r#"42["any","hello"]"#);
    assert_eq!(client.hear().await, r#"42["first",null]"#);
    assert_eq!(client.hear().await, r#"42["second",null]"#);
    assert_eq!(client.ask(r#"42["one"]"#).await, r#"42["any","one"]"#);
    assert_eq!(client.hear().await, r#"42["welcome"]"#);
}

#[tokio::test(start_paused = true)]
async fn s1_an_event_name_with_escapes_finds_its_handler() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on("größe \"1\"", async |socket: Socket| socket.emit("found", Args(())));
    let mut client = stage.enter("client").await;
    assert_eq!(client.ask(r#"42["gr\u00f6\u00dfe \"1\""]"#).await, r#"42["found"]"#);
}

#[tokio::test(start_paused = true)]
async fn s1_an_event_that_nobody_handles_is_a_problem_and_nothing_else() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on("hello", welcome);
    let mut client = stage.enter("client").await;
    client.say(r#"42["unknown",1]"#).await;
    assert_eq!(client.ask(r#"42["hello"]"#).await, r#"42["welcome"]"#);
    assert_eq!(stage.problems(), [r#"expected a handler for "unknown", there is none"#]);
    let long = "x".repeat(100_000);
    client.say(&format!(r#"42["{long}"]"#)).await;
    client.ask(r#"42["hello"]"#).await;
    assert!(stage.problems()[0].len() < 150, "it goes into a log");
}

#[tokio::test(start_paused = true)]
async fn s1_two_namespaces_share_one_connection() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    for name in ["/", "/chat"] {
        stage.io.of(name).on("where", async |socket: Socket| {
            socket.emit("here", socket.nsp().as_str());
        });
    }
    let mut client = stage.connect("client").await;
    client.ask("40").await;
    client.ask("40/chat,").await;
    client.ask(r#"42/chat,["where"]"#).await;
    client.ask(r#"42["where"]"#).await;
    client.say("41/chat,").await;
    stage.transcript.note("the other stays");
    client.ask(r#"42["where"]"#).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s1_an_unknown_namespace_is_refused_and_the_connection_stays() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on("hello", welcome);
    let mut client = stage.connect("client").await;
    assert_eq!(client.ask("40/random").await, r#"44/random,{"message":"Invalid namespace"}"#);
    client.enter("40").await;
    assert_eq!(client.ask(r#"42["hello"]"#).await, r#"42["welcome"]"#);
}

#[tokio::test(start_paused = true)]
async fn s1_a_query_is_part_of_the_name_of_a_namespace() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let _ = stage.io.of("/chat");
    stage.io.of("/chat?a=1").on("hello", welcome);
    let mut client = stage.connect("client").await;
    assert!(client.ask("40/chat?a=1,").await.starts_with(r#"40/chat?a=1,{"sid":"#));
    assert!(client.ask("40/chat?a=2,").await.starts_with("44/chat?a=2,"));
    assert_eq!(client.ask(r#"42/chat?a=1,["hello"]"#).await, r#"42/chat?a=1,["welcome"]"#);
}

#[tokio::test(start_paused = true)]
async fn s1_what_is_registered_later_is_for_those_who_come_later() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let main = stage.io.of("/");
    let mut early = stage.enter("client").await;
    main.on("hello", welcome);
    let mut late = stage.enter("client").await;
    assert_eq!(late.ask(r#"42["hello"]"#).await, r#"42["welcome"]"#);
    early.say(r#"42["hello"]"#).await;
    early.hear_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn s1_listeners_do_not_pile_up_when_a_client_comes_again() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on("hello", welcome);
    for _ in 0..3 {
        let mut client = stage.enter("client").await;
        assert_eq!(client.ask(r#"42["hello"]"#).await, r#"42["welcome"]"#);
        client.hear_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn s1_the_handshake_says_how_a_client_came() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on_connect(async |socket: Socket| {
        let head = socket.handshake().head();
        let host = head.header("host").map(String::from_utf8_lossy);
        let shown: Value = socket.handshake().auth().unwrap_or_default();
        let shown = json!({ "host": host, "color": head.query_value("color"), "auth": shown });
        socket.emit("came", shown);
    });
    let mut client = stage.connect("client").await;
    client.enter(r#"40{"token":7}"#).await;
    let expected = json!(["came", { "host": "a", "color": "red", "auth": { "token": 7 } }]);
    assert_eq!(client.hear().await, format!("42{expected}"));

    let mut other = stage.connect("client").await;
    other.enter("40").await;
    let expected = json!(["came", { "host": "a", "color": "red", "auth": {} }]);
    assert_eq!(other.hear().await, format!("42{expected}"));
}

#[tokio::test(start_paused = true)]
async fn s1_a_socket_keeps_what_handlers_put_there() {
    let _step = step!();
    #[derive(Serialize, Deserialize)]
    struct Profile {
        name: String,
    }
    struct Count(AtomicUsize);
    let stage = Stage::new(Server::builder());
    let count = async |socket: Socket| {
        let next = |kept: &super::subject::Extensions| {
            let count = kept.get::<Count>().map_or(0, |count| count.0.load(Ordering::SeqCst));
            kept.insert(Count(AtomicUsize::new(count + 1)));
            count + 1
        };
        let own = next(socket.extensions());
        socket.emit("count", Args((own, next(socket.handshake().extensions()))));
    };
    stage.io.of("/").on("count", count).on("name", async |socket: Socket, name: String| {
        assert!(socket.data::<Profile>().is_none());
        socket.extensions().insert(name.len()); // beside what is there of other types
        socket.set_data(&Profile { name }).expect("it is JSON");
        let Profile { name } = socket.data().expect("it was set");
        socket.emit("named", name);
    });
    stage.io.of("/other").on("count", count);
    let mut client = stage.enter("client").await;
    assert_eq!(client.ask(r#"42["count"]"#).await, r#"42["count",1,1]"#);
    assert_eq!(client.ask(r#"42["name","Ada"]"#).await, r#"42["named","Ada"]"#);
    assert_eq!(client.ask(r#"42["count"]"#).await, r#"42["count",2,2]"#);
    client.enter("40/other,").await;
    assert_eq!(
        client.ask(r#"42/other,["count"]"#).await,
        r#"42/other,["count",1,3]"#,
        "the socket's own is another, the connection's is the same"
    );
}

#[tokio::test(start_paused = true)]
async fn s1_a_value_that_cannot_be_written_is_a_problem_and_nothing_is_sent() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on("go", async |socket: Socket| {
        let unwritable = HashMap::from([((1, 2), 3)]);
        assert!(socket.try_emit("map", &unwritable).is_err());
        socket.emit("map", &unwritable);
        socket.emit("connect", ());
        socket.emit("done", Args(()));
    });
    let mut client = stage.enter("client").await;
    assert_eq!(client.ask(r#"42["go"]"#).await, r#"42["done"]"#);
    let problems = stage.problems();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(
        problems[0]
            .starts_with("expected to send \"map\": expected a value that the parser can write"),
        "{problems:?}"
    );
    assert!(problems[1].contains("came the reserved \"connect\""), "{problems:?}");
}

#[tokio::test(start_paused = true)]
async fn s1_a_handler_that_panics_leaves_the_rest_alone() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage
        .io
        .of("/")
        .on("late", async |_: Socket| -> () { panic_unseen("while it runs") })
        .on("early", |_: Socket| -> std::future::Ready<()> { panic_unseen("before it runs") })
        .on("args", async |_: Socket, _: Bomb| ())
        .on("hello", welcome);
    let mut other = stage.enter("client").await;
    let mut client = stage.enter("client").await;
    for event in [r#"42["late"]"#, r#"42["early"]"#, r#"42["args",1]"#] {
        client.say(event).await;
    }
    assert_eq!(client.ask(r#"42["hello"]"#).await, r#"42["welcome"]"#);
    assert_eq!(other.ask(r#"42["hello"]"#).await, r#"42["welcome"]"#);
    let panicked = |name| format!("expected the handler of {name:?} to return, it panicked");
    assert_eq!(stage.problems(), ["late", "early", "args"].map(panicked));
}

/// Goes off when it is read.
struct Bomb;

impl<'de> Deserialize<'de> for Bomb {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic_unseen("while the arguments are read")
    }
}

#[tokio::test(start_paused = true)]
async fn s1_a_connection_in_no_namespace_ends() {
    let _step = step!();
    let stage = Stage::new(Server::builder().connect_timeout(SECOND));
    stage.io.of("/").on("hello", welcome);
    let mut idle = stage.connect("client").await;
    let began = tokio::time::Instant::now();
    idle.hear_the_end().await;
    assert_eq!(began.elapsed().as_secs(), 1);
    assert_eq!(
        stage.problems(),
        [
            "a connection was closed: expected to join a namespace within 1s (connect_timeout), came none"
        ]
    );
    let mut member = stage.enter("client").await;
    member.hear_nothing().await;
    member.hear_nothing().await;
    assert_eq!(member.ask(r#"42["hello"]"#).await, r#"42["welcome"]"#);
}

#[tokio::test(start_paused = true)]
async fn s1_a_message_over_the_limit_ends_the_connection_and_both_ends_hear_of_the_limit() {
    let _step = step!();
    let stage = Stage::new(Server::builder().max_payload(1000));
    stage.io.of("/").on("hello", welcome);
    let mut client = stage.enter("client").await;
    assert_eq!(client.ask(r#"42["hello"]"#).await, r#"42["welcome"]"#);
    client.send(WsMessage::text("x".repeat(2000))).await;
    assert_eq!(
        client.hear().await,
        "close 1009: expected a message of at most 1000 bytes (max_message), came 2000; send less"
    );
    let reason = "expected a message of at most 1000 bytes (max_payload), came a longer one";
    assert_eq!(stage.problems(), [format!("a connection was closed: {reason}")]);
}

#[tokio::test(start_paused = true)]
async fn s1_one_connection_is_in_so_many_namespaces_and_no_more() {
    let _step = step!();
    let stage = Stage::new(Server::builder().max_namespaces(2));
    for name in ["/", "/a", "/b"] {
        stage.io.of(name).on("hello", welcome);
    }
    let mut client = stage.enter("client").await;
    client.enter("40/a,").await;
    assert_eq!(client.ask("40/b,").await, r#"44/b,{"message":"Too many namespaces"}"#);
    assert_eq!(stage.io.stats().refused, 1);
    client.say("41/a,").await;
    client.enter("40/b,").await;
    assert_eq!(client.ask(r#"42/b,["hello"]"#).await, r#"42/b,["welcome"]"#);
}

#[tokio::test(start_paused = true)]
async fn s1_who_panics_while_a_namespace_is_built_keeps_its_client_out() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of_dynamic(Pattern::new("/room-*"), |_| panic_unseen("secret"));
    stage.io.of("/").on("hello", welcome);
    let mut client = stage.connect("client").await;
    assert_eq!(client.ask("40/room-1,").await, r#"44/room-1,{"message":"internal error"}"#);
    client.enter("40").await;
    assert_eq!(client.ask(r#"42["hello"]"#).await, r#"42["welcome"]"#);
    assert_eq!(stage.problems(), [r#"expected the handler of "/room-1" to return, it panicked"#]);
}

#[tokio::test(start_paused = true)]
async fn s1_who_is_cut_off_is_in_no_room() {
    let _step = step!();
    let hook = |_: &Problem| panic_unseen("nobody catches this: the connection's task dies of it");
    let stage = Stage::of(&["client", "server"], Server::builder().on_problem(hook).build());
    let (sockets, mut came) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| drop(sockets.send(socket)));
    let mut client = stage.enter("client").await;
    let socket = came.next("on_connect").await;
    assert_eq!((socket.is_connected(), socket.rooms().len()), (true, 1));
    client.say(r#"42["nobody handles this"]"#).await;
    client.hear_the_end().await;
    assert_eq!((socket.is_connected(), socket.rooms().len()), (false, 0));
}

// Step 2: to others.

#[tokio::test(start_paused = true)]
async fn s2_a_broadcast_reaches_everybody_else_at_once() {
    let _step = step!();
    let stage = Stage::with_lanes(&["Ada", "server", "Bob", "Eve"], Server::builder());
    stage.io.of("/").on("say", async |socket: Socket, text: String| {
        socket.broadcast().emit("said", &text);
    });
    let _ = stage.io.of("/other");
    let mut ada = stage.enter("Ada").await;
    let mut bob = stage.enter("Bob").await;
    let mut eve = stage.connect("Eve").await;
    eve.enter("40/other,").await;
    eve.enter("40").await;
    ada.say(r#"42["say","hello"]"#).await;
    bob.hear().await;
    eve.hear().await;
    for client in [&mut ada, &mut bob, &mut eve] {
        client.hear_nothing().await;
    }
    insta::assert_snapshot!(stage.transcript);
}

/// Four clients: in the rooms that their names say.
struct House {
    stage: Stage,
    clients: Vec<(&'static str, stage::Client)>,
    ids: HashMap<&'static str, String>,
}

impl House {
    async fn open() -> Self {
        let builder = Server::builder().call_timeout(3 * SECOND);
        let stage = Stage::with_lanes(&["a", "b", "ab", "none", "server"], builder);
        stage.io.of("/").on("join", async |socket: Socket, rooms: Vec<String>| {
            for room in &rooms {
                socket.join(room);
            }
            socket.emit("joined", Args(()));
        });
        let (mut clients, mut ids) = (Vec::new(), HashMap::new());
        for (name, rooms) in [("a", "\"a\""), ("b", "\"b\""), ("ab", "\"a\",\"b\""), ("none", "")] {
            let mut client = stage.connect(name).await;
            ids.insert(name, client.enter("40").await);
            let join = format!(r#"42["join",[{rooms}]]"#);
            assert_eq!(client.ask(&join).await, r#"42["joined"]"#);
            clients.push((name, client));
        }
        Self { stage, clients, ids }
    }

    /// Who hears "news", once; whoever hears it twice, or anything else, fails the test.
    async fn who_hears(&mut self) -> Vec<&'static str> {
        self.stage.io.emit("end", Args(()));
        let mut heard = Vec::new();
        for (name, client) in &mut self.clients {
            let mut came = client.hear().await;
            if came == r#"42["news"]"# {
                heard.push(*name);
                came = client.hear().await;
            }
            assert_eq!(came, r#"42["end"]"#, "for {name}");
        }
        heard
    }
}

#[tokio::test(start_paused = true)]
async fn s2_a_selection_reaches_each_once() {
    let _step = step!();
    let mut house = House::open().await;
    let (main, ada) = (house.stage.io.of("/"), house.ids["a"].clone());
    let everybody = ["a", "b", "ab", "none"];
    for (selection, expected) in [
        (main.everybody(), &everybody[..]),
        (main.to("a"), &["a", "ab"]),
        (main.to("a").to("b"), &["a", "b", "ab"]),
        (main.to("a").except("b"), &["a"]),
        (main.except("a"), &["b", "none"]),
        (main.to("nobody"), &[]),
        (main.to(&ada), &["a"]),
        (main.to("b").to(&ada), &["a", "b", "ab"]),
        (main.except(&ada).except("b"), &["none"]),
    ] {
        selection.emit("news", Args(()));
        assert_eq!(house.who_hears().await, expected, "{selection:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn s2_a_socket_that_speaks_to_a_room_is_left_out() {
    let _step = step!();
    let mut house = House::open().await;
    house.stage.io.of("/").on_connect(async |socket: Socket| {
        socket.join("a");
        socket.to("a").to("b").emit("news", Args(()));
        socket.except("a").emit("news", Args(()));
    });
    let mut late = house.stage.enter("server").await;
    house.stage.io.emit("begin", Args(()));
    assert_eq!(late.hear().await, r#"42["begin"]"#);
    for (name, heard) in [("a", 1), ("b", 2), ("ab", 1), ("none", 1)] {
        let found = house.clients.iter_mut().find(|(known, _)| *known == name);
        let (_, client) = found.expect("it is there");
        for _ in 0..heard {
            assert_eq!(client.hear().await, r#"42["news"]"#, "for {name}");
        }
        assert_eq!(client.hear().await, r#"42["begin"]"#, "for {name}");
    }
}

#[tokio::test(start_paused = true)]
async fn s2_rooms_can_be_joined_and_left() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage
        .io
        .of("/")
        .on("join", async |socket: Socket, room: String| {
            socket.join(&room);
            socket.join(&room);
            socket.emit("rooms", socket.rooms().len());
        })
        .on("leave", async |socket: Socket, room: String| {
            socket.leave(&room);
            socket.emit("rooms", &socket.rooms()[1..]);
        });
    let mut client = stage.enter("client").await;
    assert_eq!(client.ask(r#"42["join","a"]"#).await, r#"42["rooms",2]"#);
    assert_eq!(client.ask(r#"42["join","b"]"#).await, r#"42["rooms",3]"#);
    assert_eq!(client.ask(r#"42["leave","a"]"#).await, r#"42["rooms",["b"]]"#);
    stage.io.to("a").emit("news", ());
    client.hear_nothing().await;
    stage.io.to("b").emit("news", ());
    assert_eq!(client.hear().await, r#"42["news",null]"#);
}

#[tokio::test(start_paused = true)]
async fn s2_sockets_are_fetched_and_moved_by_selection() {
    let _step = step!();
    let mut house = House::open().await;
    let io = house.stage.io.clone();
    let mut fetched: Vec<_> = io
        .to("a")
        .fetch()
        .await
        .into_iter()
        .map(|socket| (socket.id.to_string(), socket.rooms))
        .collect();
    fetched.sort();
    let (a, ab) = (house.ids["a"].clone(), house.ids["ab"].clone());
    let rooms = |rooms: &[&str]| rooms.iter().map(|room| (*room).to_owned()).collect::<Vec<_>>();
    let mut expected = vec![(a.clone(), rooms(&[&a, "a"])), (ab.clone(), rooms(&[&ab, "a", "b"]))];
    expected.sort();
    assert_eq!(fetched, expected);
    assert_eq!(io.fetch().await.len(), 4);

    io.to("a").except("b").join("c");
    io.to("c").emit("news", Args(()));
    assert_eq!(house.who_hears().await, ["a"]);
    io.to("a").leave("a");
    io.to("a").emit("news", Args(()));
    assert_eq!(house.who_hears().await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn s2_sockets_are_disconnected_by_selection() {
    let _step = step!();
    let mut house = House::open().await;
    house.stage.io.to("a").except("b").disconnect();
    house.stage.io.except("a").except("b").disconnect_all();
    let none = &mut house.clients[3].1;
    assert_eq!(none.hear().await, "41");
    none.hear_the_end().await;
    let a = &mut house.clients[0].1;
    assert_eq!(a.hear().await, "41");
    a.enter("40").await; // its connection stands
}

#[tokio::test(start_paused = true)]
async fn s2_what_others_may_know_of_a_socket_is_fetched() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on_connect(async |socket: Socket| {
        socket.set_data(&json!({ "name": "Ada" })).expect("it is JSON");
    });
    let mut client = stage.connect("client").await;
    let id = client.enter(r#"40{"token":7}"#).await;
    let [socket] = &stage.io.fetch().await[..] else { panic!("expected one socket") };
    assert_eq!((socket.id.as_str(), &socket.data), (&*id, &json!({ "name": "Ada" })));
    assert_eq!(socket.rooms, [id]);
    assert_eq!(socket.handshake["auth"], json!({ "token": 7 }));
    assert_eq!(socket.handshake["query"]["color"], "red");
    assert_eq!(socket.handshake["xdomain"], false);
}

#[tokio::test(start_paused = true)]
async fn s2_a_volatile_event_is_dropped_when_it_cannot_leave() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on("go", async |socket: Socket| {
        socket.emit_volatile("one", Args(()));
        socket.emit_volatile("two", Args(())); // the first has not left yet
        socket.emit("three", Args(()));
        socket.broadcast().volatile().emit("four", Args(()));
    });
    let mut other = stage.connect_through("client", 1000).await;
    other.enter("40").await;
    stage.io.emit("long", "x".repeat(5000)); // more than its pipe holds
    let mut client = stage.connect("client").await;
    client.enter("40").await;
    assert_eq!(client.ask(r#"42["go"]"#).await, r#"42["one"]"#);
    assert_eq!(client.hear().await, r#"42["three"]"#);
    client.hear_nothing().await;
    assert_eq!(client.ask(r#"42["go"]"#).await, r#"42["one"]"#, "it all has left");
    assert_eq!(client.hear().await, r#"42["three"]"#);
    assert!(other.hear().await.starts_with(r#"42["long""#));
    other.hear_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn s2_who_sends_much_may_wait_until_it_has_left() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (sockets, mut came) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| drop(sockets.send(socket)));
    let mut client = stage.connect_through("client", 1000).await;
    client.enter("40").await;
    let socket = came.next("on_connect").await;
    within("nothing to leave", socket.drained()).await;
    socket.emit("short", ());
    within("a short event to leave", socket.drained()).await;
    client.hear().await;
    socket.emit("long", "x".repeat(5000));
    let mut waiting = tokio::spawn(async move { socket.drained().await });
    let early = tokio::time::timeout(SECOND, &mut waiting).await;
    assert!(early.is_err(), "expected it to wait for a client that does not read");
    client.hear().await;
    within("a long event to leave", waiting).await.expect("it does not panic");
}

/// Another server, as far as this one knows.
#[derive(Clone, Debug)]
struct Elsewhere(tokio::sync::mpsc::UnboundedSender<String>);

impl Elsewhere {
    fn note(&self, nsp: &NamespaceName, what: &str, selection: &Selection, more: &str) {
        let rooms: Vec<_> = selection.rooms().collect();
        let _ = self.0.send(format!("{what} {nsp} {rooms:?} {more}"));
    }
}

type Later<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

impl Adapter for Elsewhere {
    fn opened(&self, nsp: &NamespaceName) {
        let _ = self.0.send(format!("opened {nsp}"));
    }

    fn closed(&self, nsp: &NamespaceName) {
        let _ = self.0.send(format!("closed {nsp}"));
    }

    fn emit(&self, nsp: &NamespaceName, message: &Message<'_>, selection: &Selection) {
        self.note(nsp, "emit", selection, message.name);
    }

    fn join(&self, nsp: &NamespaceName, selection: &Selection, room: &str) {
        self.note(nsp, "join", selection, room);
    }

    fn leave(&self, nsp: &NamespaceName, selection: &Selection, room: &str) {
        self.note(nsp, "leave", selection, room);
    }

    fn disconnect(&self, nsp: &NamespaceName, selection: &Selection, all: bool) {
        self.note(nsp, "disconnect", selection, &format!("all: {all}"));
    }

    fn fetch(&self, nsp: &NamespaceName, selection: &Selection) -> Later<Vec<RemoteSocket>> {
        self.note(nsp, "fetch", selection, "");
        let (id, handshake) = ("elsewhere".into(), Value::Null);
        let remote = RemoteSocket { id, handshake, rooms: Vec::new(), data: Value::Null };
        Box::pin(std::future::ready(vec![remote]))
    }

    fn call(
        &self,
        nsp: &NamespaceName,
        message: &Message<'_>,
        selection: &Selection,
        timeout: Duration,
    ) -> Later<Vec<Result<RawArgs, NoAnswer>>> {
        self.note(nsp, "call", selection, &format!("{} {timeout:?}", message.name));
        Box::pin(std::future::ready(vec![Err(NoAnswer::TimedOut)]))
    }

    fn server_side_emit(&self, nsp: &NamespaceName, message: &Message<'_>) {
        let _ = self.0.send(format!("server side {nsp} {}", message.name));
    }
}

#[tokio::test(start_paused = true)]
async fn s2_other_servers_are_told_what_is_done_unless_it_is_local() {
    let _step = step!();
    let (note, mut told) = notes();
    let stage = Stage::new(Server::builder().adapter(Elsewhere(note)));
    let io = &stage.io;
    io.of("/").on_connect(async |socket: Socket| socket.broadcast().emit("came", ()));
    let mut client = stage.enter("client").await;
    let local = io.to("a").local();
    local.join("b");
    local.leave("b");
    local.emit("here", ());
    local.disconnect();
    assert!(local.fetch().await.is_empty());
    assert_eq!(told.so_far(), ["opened /", "emit / [] came"]);

    io.emit("there", ());
    assert_eq!(client.hear().await, r#"42["there",null]"#);
    let there = io.to("a");
    there.join("b");
    there.leave("b");
    there.disconnect();
    there.disconnect_all();
    assert_eq!(there.fetch().await[0].id.as_str(), "elsewhere");
    io.of("/").server_side_emit("between us", ());
    assert_eq!(
        told.so_far(),
        [
            "emit / [] there",
            "join / [\"a\"] b",
            "leave / [\"a\"] b",
            "disconnect / [\"a\"] all: false",
            "disconnect / [\"a\"] all: true",
            "fetch / [\"a\"] ",
            "server side / between us",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn s2_more_than_may_wait_at_once_disconnects_too() {
    let _step = step!();
    let stage = Stage::new(Server::builder().max_buffered(2000));
    let mut client = stage.enter("client").await;
    for _ in 0..10 {
        stage.io.emit("news", "x".repeat(500)); // its task does not run in between
    }
    let reason = "expected at most 2000 bytes to wait for the client (max_buffered), came more";
    assert_eq!(client.hear_the_end().await, [format!("close 1008: {reason}")]);
    assert_eq!(stage.problems(), [format!("a connection was closed: {reason}")]);
}

#[tokio::test(start_paused = true)]
async fn s2_a_full_queue_is_not_a_dead_peer() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let mut slow = stage.connect_through("client", 100).await;
    slow.enter("40").await;
    for _ in 0..15 {
        stage.io.emit("news", "x".repeat(1000));
    }
    let (mut news, mut pings) = (0, 0);
    while pings < 3 {
        tokio::time::sleep(SECOND).await; // 15 s for what waits: then a ping every 25 s
        match &*slow.hear().await {
            "2" => {
                slow.say("3").await;
                pings += 1;
            }
            _ => news += 1,
        }
    }
    assert_eq!(news, 15);
    assert_eq!(stage.io.fetch().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn s2_who_waits_for_a_client_that_goes_does_not_wait_for_ever() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (sockets, mut came) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| drop(sockets.send(socket)));
    let mut client = stage.connect_through("client", 1000).await;
    client.enter("40").await;
    let socket = came.next("on_connect").await;
    stage.io.emit("long", "x".repeat(5000));
    let mut waiting = tokio::spawn(async move { socket.drained().await });
    let early = tokio::time::timeout(SECOND, &mut waiting).await;
    assert!(early.is_err(), "expected it to wait for a client that does not read");
    drop(client);
    within("the end of the wait", waiting).await.expect("it does not panic");
}

#[tokio::test(start_paused = true)]
async fn s2_or_what_is_more_than_may_wait_at_once_is_dropped() {
    let _step = step!();
    let builder = Server::builder().max_buffered(2000).slow_consumer(SlowConsumer::DropNewest);
    let stage = Stage::new(builder);
    let mut client = stage.enter("client").await;
    for round in 0..5 {
        for n in 0..10 {
            stage.io.emit("news", Args((round, n, "x".repeat(500)))); // its task does not run
        }
        for n in 0..3 {
            let came = client.hear().await;
            assert!(came.starts_with(&format!(r#"42["news",{round},{n},"#)), "{came}");
        }
        client.hear_nothing().await;
    }
    assert_eq!(stage.problems(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn s2_however_much_waits_a_socket_can_be_disconnected() {
    let _step = step!();
    let builder = Server::builder().max_buffered(2000).slow_consumer(SlowConsumer::DropNewest);
    let stage = Stage::new(builder);
    let mut client = stage.enter("client").await;
    for _ in 0..10 {
        stage.io.emit("news", "x".repeat(500));
    }
    for _ in 0..100 {
        stage.io.emit("n", ()); // until not even a short one fits
    }
    stage.io.of("/").everybody().disconnect();
    let mut heard = client.hear().await;
    while heard.starts_with("42") {
        heard = client.hear().await;
    }
    assert_eq!(heard, "41");
}

#[tokio::test(start_paused = true)]
async fn s2_a_socket_speaks_to_everybody_through_its_namespace() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/chat").on("say", async |socket: Socket, text: String| {
        let namespace = socket.namespace();
        namespace.emit("said", Args((namespace.name(), text)));
    });
    let (mut ada, mut bob) = (stage.connect("client").await, stage.connect("client").await);
    ada.enter("40/chat,").await;
    bob.enter("40/chat,").await;
    ada.say(r#"42/chat,["say","hello"]"#).await;
    for client in [&mut ada, &mut bob] {
        assert_eq!(client.hear().await, r#"42/chat,["said","/chat","hello"]"#);
    }
}

/// Two threads speak at nearly the same time: the first wakes the connection's task, and the second comes
/// at any moment of its work. An event that nobody sees would lie there until the next ping.
#[test]
fn s2_no_wake_up_is_lost() {
    const ROUNDS: usize = 3000;
    let _step = step!();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("threads");
    runtime.block_on(async {
        let stage = Stage::new(Server::builder());
        let mut client = stage.enter("client").await;
        stage.io.emit("begin", Args(()));
        assert_eq!(within("a first event", client.hear()).await, r#"42["begin"]"#);
        let start = Arc::new(Barrier::new(3));
        for speaker in 0..2 {
            let (io, start) = (stage.io.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                for round in 0..ROUNDS {
                    start.wait().await;
                    for _ in 0..speaker * (round % 300) * 20 {
                        std::hint::spin_loop();
                    }
                    io.emit("round", round);
                }
            });
        }
        for round in 0..ROUNDS {
            start.wait().await;
            for _ in 0..2 {
                let heard = within("both speakers' events", client.hear()).await;
                assert_eq!(heard, format!(r#"42["round",{round}]"#));
            }
        }
    });
}

// Step 3: answers, both ways.

/// What a client is told, for each way in which a handler can end.
#[tokio::test(start_paused = true)]
async fn s3_each_end_of_a_handler_is_an_answer() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage
        .io
        .of("/")
        .on("nothing", async |_: Socket| ())
        .on("one", async |_: Socket| Ack("yes"))
        .on("several", async |_: Socket| Ack(Args((1, "two", Bytes::from_static(&[3])))))
        .on("ok", async |_: Socket, n: u8| -> Result<u8, Refusal> { Ok(n) })
        .on("done", async |_: Socket| -> Result<(), Refusal> { Ok(()) })
        .on("err", async |_: Socket| -> Result<u8, &str> { Err("no") })
        .on("data", async |_: Socket| -> Result<(), Refusal> {
            Err(Refusal::new("too many").with_data(json!({ "limit": 3 })))
        })
        .on("panic", async |_: Socket| -> () { panic_unseen("secret") })
        .on("unwritable", async |_: Socket| Ack(HashMap::from([((1, 2), 3)])));
    let mut client = stage.enter("client").await;
    client.ask(r#"420["nothing"]"#).await;
    client.ask(r#"421["one"]"#).await;
    client.ask(r#"422["several"]"#).await;
    client.hear().await;
    client.ask(r#"423["ok",7]"#).await;
    client.ask(r#"424["done"]"#).await;
    client.ask(r#"425["err"]"#).await;
    client.ask(r#"426["data"]"#).await;
    client.ask(r#"427["ok","seven"]"#).await;
    client.ask(r#"428["ok"]"#).await;
    client.ask(r#"429["panic"]"#).await;
    client.ask(r#"4210["unwritable"]"#).await;
    client.ask(r#"4211["unknown"]"#).await;
    insta::assert_snapshot!(stage.transcript);
    let problems = stage.problems();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert_eq!(problems[0], r#"expected the handler of "panic" to return, it panicked"#);
    assert!(problems[1].starts_with(r#"expected to send "answer 10": "#), "{problems:?}");
}

#[tokio::test(start_paused = true)]
async fn s3_an_answer_that_nobody_waits_for_is_not_sent_and_a_no_is_a_problem() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage
        .io
        .of("/")
        .on("yes", async |_: Socket| Ack(1))
        .on("no", async |_: Socket| -> Result<(), &str> { Err("no") });
    let mut client = stage.enter("client").await;
    client.say(r#"42["yes"]"#).await;
    client.say(r#"42["no"]"#).await;
    client.hear_nothing().await;
    assert_eq!(stage.problems(), ["an event was refused: no"]);
}

#[tokio::test(start_paused = true)]
async fn s3_what_a_handler_sends_comes_before_its_answer() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/chat").on("ask", async |socket: Socket| {
        socket.emit("first", Args(()));
        Ack("second")
    });
    let mut client = stage.connect("client").await;
    client.enter("40/chat,").await;
    assert_eq!(client.ask(r#"42/chat,7["ask"]"#).await, r#"42/chat,["first"]"#);
    assert_eq!(client.hear().await, r#"43/chat,7["second"]"#);
}

#[tokio::test(start_paused = true)]
async fn s3_with_several_handlers_the_first_answers() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage
        .io
        .of("/")
        .on_any(async |_: Socket, _: Event| ())
        .on("ask", async |_: Socket| Ack(1))
        .on("ask", async |_: Socket| Ack(2));
    let mut client = stage.enter("client").await;
    assert_eq!(client.ask(r#"427["ask"]"#).await, "437[1]");
    assert_eq!(client.ask(r#"428["other"]"#).await, "438[]", "on_any has handled it");
    client.hear_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn s3_arguments_that_are_no_json_end_the_connection() {
    let _step = step!();
    for (event, what) in [
        (r#"42["typed",}]"#, "a type"),
        (r#"42["no arguments",}]"#, "a handler without arguments"),
        (r#"42["raw",}]"#, "a handler that takes whatever comes"),
        (r#"42["nobody",}]"#, "an event that nobody handles"),
        (r#"427["nobody",}]"#, "such an event that is to be answered"),
    ] {
        let stage = Stage::new(Server::builder());
        stage
            .io
            .of("/")
            .on("typed", async |_: Socket, _: Value| ())
            .on("raw", async |_: Socket, _: RawArgs| ())
            .on("no arguments", async |_: Socket| ());
        let mut client = stage.enter("client").await;
        client.say(event).await;
        assert_eq!(client.hear_the_end().await.len(), 1, "{what}");
        let problems = stage.problems();
        assert_eq!(problems.len(), 1, "{what}: {problems:?}");
        assert!(problems[0].starts_with("a connection was closed: "), "{what}: {problems:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn s3_a_call_has_the_answer_of_the_client() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (sockets, mut came) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| drop(sockets.send(socket)));
    let mut client = stage.enter("client").await;
    let socket = came.next("on_connect").await;
    let asking = tokio::spawn(async move {
        let one: Result<u8, _> = socket.call("how many", "legs").await;
        let Args((a, b)) = socket.call::<Args<(u8, u8)>>("two", Args(())).await?;
        let bytes: Bytes = socket.call("bytes", Args(())).await?;
        Ok::<_, CallError>((one?, a, b, bytes.to_vec()))
    });
    assert_eq!(client.hear().await, r#"420["how many","legs"]"#);
    client.say("430[4]").await;
    assert_eq!(client.hear().await, r#"421["two"]"#);
    client.say("431[1,2]").await;
    assert_eq!(client.hear().await, r#"422["bytes"]"#);
    client.say(r#"461-2[{"_placeholder":true,"num":0}]"#).await;
    client.say_bytes(&[5, 6]).await;
    let answers = within("the answers", asking).await.expect("it does not panic");
    assert_eq!(answers, Ok((4, 1, 2, vec![5, 6])));
}

#[tokio::test(start_paused = true)]
async fn s3_a_call_without_an_answer_says_why() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (sockets, mut came) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| drop(sockets.send(socket)));
    let mut client = stage.enter("client").await;
    let socket = came.next("on_connect").await;
    let (result, mut results) = notes();
    let goes = Arc::new(Notify::new());
    let gone = Arc::clone(&goes);
    let asking = tokio::spawn(async move {
        let told = |said: Result<u8, CallError>| {
            let said = said.expect_err("there was no answer").to_string();
            result.send(said).expect("the test listens");
        };
        told(socket.call("silent", ()).timeout(SECOND).await);
        told(socket.call("refused", ()).await);
        told(socket.call("another type", ()).await);
        told(socket.call("unwritable", HashMap::from([((1, 2), 3)])).await);
        told(socket.call("gone", ()).await);
        told(socket.call("is gone", ()).await);
        gone.notified().await;
        told(socket.call("its connection too", ()).await);
    });
    assert_eq!(client.hear().await, r#"420["silent",null]"#);
    assert_eq!(client.hear().await, r#"421["refused",null]"#);
    client.say("430[0]").await; // too late: it changes nothing
    client.say(r#"431[{"error":{"message":"not now","data":3}}]"#).await;
    client.say("431[9]").await; // a second answer
    assert_eq!(client.hear().await, r#"422["another type",null]"#);
    client.say(r#"432["nine"]"#).await;
    assert_eq!(client.hear().await, r#"424["gone",null]"#);
    client.say("41").await;
    client.say("1").await;
    client.hear_the_end().await;
    goes.notify_one();
    within("the caller", asking).await.expect("it does not panic");
    let gone = "expected an answer, but the socket has been disconnected";
    let results = results.so_far();
    assert!(results[3].starts_with("expected a value that the parser can write"), "{results:?}");
    assert_eq!(results[0], "expected an answer within 1s, came none");
    assert_eq!(results[1], "refused: not now");
    assert!(results[2].starts_with("expected an answer of another type: "), "{results:?}");
    assert_eq!(results[4..], [gone, gone, gone]);
}

#[tokio::test(start_paused = true)]
async fn s3_a_no_is_one_value_and_a_no_whatever_type_is_expected() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (sockets, mut came) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| drop(sockets.send(socket)));
    let mut client = stage.enter("client").await;
    let socket = came.next("on_connect").await;
    let asking = tokio::spawn(async move {
        let ask = || socket.call::<RawArgs>("ask", Args(()));
        (ask().await.map(drop), ask().await.map(drop))
    });
    for no in [r#"[{"error":{"message":"no"}}]"#, r#"[{"error":{"message":"no"}},1]"#] {
        let question = client.hear().await;
        client.say(&question.replacen("42", "43", 1).replace(r#"["ask"]"#, no)).await;
    }
    let (no, two_values) = within("the answers", asking).await.expect("it does not panic");
    assert_eq!(no, Err(CallError::Refused(Refusal::new("no"))));
    assert_eq!(two_values, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn s3_an_answer_that_is_no_json_ends_the_connection() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (sockets, mut came) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| drop(sockets.send(socket)));
    let mut client = stage.enter("client").await;
    let socket = came.next("on_connect").await;
    let asking = tokio::spawn(async move { socket.call::<RawArgs>("ask", ()).await });
    client.hear().await;
    client.say("430[}]").await;
    assert_eq!(client.hear_the_end().await.len(), 1);
    let answer = within("the caller", asking).await.expect("it does not panic");
    assert_eq!(answer, Err(CallError::Disconnected));
}

#[tokio::test(start_paused = true)]
async fn s3_an_answer_that_never_comes_is_not_waited_for_longer_than_the_setting() {
    let _step = step!();
    let stage = Stage::new(Server::builder().call_timeout(3 * SECOND));
    let (sockets, mut came) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| drop(sockets.send(socket)));
    let mut client = stage.enter("client").await;
    let socket = came.next("on_connect").await;
    let began = tokio::time::Instant::now();
    let answer = within("the call to end", socket.call::<u8>("ask", ()).into_future()).await;
    assert_eq!(answer, Err(CallError::TimedOut { limit: 3 * SECOND }));
    assert_eq!(began.elapsed().as_secs(), 3);
    client.hear().await;
}

#[tokio::test(start_paused = true)]
async fn s3_a_call_to_many_has_one_result_for_each() {
    let _step = step!();
    let mut house = House::open().await;
    let io = house.stage.io.clone();
    let asking = tokio::spawn(async move { io.call::<u8>("how many", ()).timeout(SECOND).await });
    for (name, client) in &mut house.clients {
        assert_eq!(client.hear().await, r#"420["how many",null]"#);
        match *name {
            "a" => client.say("430[1]").await,
            "b" => client.say(r#"430["one"]"#).await,
            "ab" => client.say("41").await,
            _ => {}
        }
    }
    let answers = within("the answers", asking).await.expect("it does not panic");
    let mut answers: Vec<_> = answers
        .expect("the question can be written")
        .into_iter()
        .map(|answer| answer.map_err(|error| error.to_string()))
        .collect();
    answers.sort();
    let why = |index: usize| answers[index].as_ref().expect_err("no answer").as_str();
    assert_eq!((answers.len(), &answers[0]), (4, &Ok(1)));
    assert!(why(1).starts_with("expected an answer of another type"), "{answers:?}");
    assert_eq!(why(2), "expected an answer within 1s, came none");
    assert_eq!(why(3), "expected an answer, but the socket has been disconnected");
}

#[tokio::test(start_paused = true)]
async fn s3_a_call_to_nobody_has_no_results_at_once() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let nobody = stage.io.to("nobody").call::<u8>("how many", ());
    assert_eq!(within("no answers", nobody.into_future()).await, Ok(Vec::new()));

    let mut client = stage.enter("client").await;
    let asking = tokio::spawn(stage.io.call::<u8>("how many", ()).into_future());
    assert_eq!(client.hear().await, r#"421["how many",null]"#);
    client.say("431[1]").await;
    let answers = within("one answer", asking).await.expect("it does not panic");
    assert_eq!(answers, Ok(vec![Ok(1)]));
}

#[tokio::test(start_paused = true)]
async fn s3_other_servers_answer_a_call_too_unless_it_is_local() {
    let _step = step!();
    let (note, mut told) = notes();
    let stage = Stage::new(Server::builder().adapter(Elsewhere(note)));
    let (local, limit) = (stage.io.to("a").local(), SECOND);
    assert_eq!(local.call::<u8>("here", ()).await, Ok(Vec::new()));
    let answers = stage.io.to("a").call::<u8>("there", ()).timeout(limit).await;
    assert_eq!(answers, Ok(vec![Err(CallError::TimedOut { limit })]));
    assert_eq!(told.so_far(), ["opened /", "call / [\"a\"] there 1s"]);
}

#[tokio::test(start_paused = true)]
async fn s3_a_call_to_many_that_names_no_timeout_has_one_all_the_same() {
    let _step = step!();
    let mut house = House::open().await;
    let asking = house.stage.io.call::<u8>("how many", ()).into_future();
    let asking = tokio::spawn(asking);
    for (_, client) in &mut house.clients[1..] {
        client.hear().await;
        client.say("430[1]").await;
    }
    let answers =
        within("the timeout of the server's settings", asking).await.expect("it does not panic");
    let answers = answers.expect("the question can be written");
    let missing: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    assert_eq!(missing, [CallError::TimedOut { limit: 3 * SECOND }]);
}

#[tokio::test(start_paused = true)]
async fn s3_the_nearest_timeout_comes_first() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (sockets, mut came) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| drop(sockets.send(socket)));
    let mut client = stage.enter("client").await;
    let socket = came.next("on_connect").await;
    let later = tokio::spawn(socket.call::<u8>("later", ()).timeout(5 * SECOND).into_future());
    client.hear().await;
    let sooner = tokio::spawn(socket.call::<u8>("sooner", ()).timeout(SECOND).into_future());
    client.hear().await;
    let began = tokio::time::Instant::now();
    for (asking, seconds) in [(sooner, 1), (later, 5)] {
        let answer = within("the timeout", asking).await.expect("it does not panic");
        assert_eq!(answer, Err(CallError::TimedOut { limit: seconds * SECOND }));
        assert_eq!(began.elapsed().as_secs(), u64::from(seconds));
    }
}

#[tokio::test(start_paused = true)]
async fn s3_who_cannot_be_asked_any_more_is_disconnected() {
    let _step = step!();
    let stage = Stage::new(Server::builder().max_buffered(2000));
    let mut client = stage.enter("client").await;
    let asking = stage.io.call::<u8>("too much", "x".repeat(3000)).into_future();
    let answers = within("the answers", asking).await;
    assert_eq!(answers, Ok(vec![Err(CallError::Disconnected)]));
    assert!(client.hear_the_end().await[0].starts_with("close 1008"));
}

#[tokio::test(start_paused = true)]
async fn s3_who_says_much_at_once_lets_others_have_their_turn() {
    let _step = step!();
    let stage = Stage::with_lanes(&["busy", "other", "server"], Server::builder());
    let handled = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&handled);
    stage.io.of("/").on("work", async move |_: Socket| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let count = Arc::clone(&handled);
    stage.io.of("/").on("how many?", async move |_: Socket| Ack(count.load(Ordering::SeqCst)));
    let mut busy = stage.connect_through("busy", 1 << 20).await;
    busy.enter("40").await;
    let mut other = stage.enter("other").await;
    // Ten thousand events are there before anybody reads.
    let say = async {
        for _ in 0..10_000 {
            busy.stream
                .feed(WsMessage::text(r#"42["work"]"#))
                .await
                .expect("the connection stands");
        }
        busy.send(WsMessage::text(r#"42["work"]"#)).await;
        other.send(WsMessage::text(r#"420["how many?"]"#)).await;
    };
    tokio::task::coop::unconstrained(say).await;
    let heard = other.hear().await;
    let before = heard.strip_prefix("430[").and_then(|rest| rest.strip_suffix(']'));
    let before = before.unwrap_or_else(|| panic!("expected an answer, came {heard}"));
    let before: usize = before.parse().expect("a count");
    assert!(before < 1000, "expected the other's event among the first, came {before} before it");
}

// Step 4: in order.

#[tokio::test(start_paused = true)]
async fn s4_events_of_one_socket_are_handled_in_order_while_a_handler_is_slow() {
    let _step = step!();
    let stage = Stage::with_lanes(&["client", "other", "server"], Server::builder());
    stage.io.of("/").on("work", async |_: Socket, seconds: u64| {
        tokio::time::sleep(seconds as u32 * SECOND).await;
        Ack(seconds)
    });
    let mut client = stage.enter("client").await;
    let mut other = stage.enter("other").await;
    client.say(r#"420["work",3]"#).await;
    client.say(r#"421["work",0]"#).await;
    client.say(r#"422["work",1]"#).await;
    other.ask(r#"420["work",0]"#).await;
    stage.transcript.note("another socket does not wait");
    for _ in 0..3 {
        client.hear().await;
    }
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s4_what_waits_in_one_namespace_holds_up_no_other() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on("work", async |_: Socket| tokio::time::sleep(SECOND).await);
    stage.io.of("/chat").on("hello", async |_: Socket| Ack("you"));
    let mut client = stage.enter("client").await;
    client.enter("40/chat,").await;
    for event in [r#"0["work"]"#, r#"1["work"]"#, r#"/chat,2["hello"]"#] {
        client.say(&format!("42{event}")).await;
    }
    for answer in [r#"/chat,2["you"]"#, "0[]", "1[]"] {
        assert_eq!(client.hear().await, format!("43{answer}"));
    }
}

#[tokio::test(start_paused = true)]
async fn s4_a_thousand_events_are_handled_in_order() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (seen, mut numbers) = notes();
    stage.io.of("/").on("number", async move |_: Socket, number: u32| {
        if number.is_multiple_of(3) {
            tokio::task::yield_now().await;
        }
        let _ = seen.send(number);
    });
    let mut client = stage.enter("client").await;
    for number in 0..1000 {
        client.send(WsMessage::text(format!(r#"42["number",{number}]"#))).await;
    }
    for expected in 0..1000 {
        assert_eq!(numbers.next("the next number").await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn s4_events_wait_for_a_slow_on_connect() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage
        .io
        .of("/")
        .concurrent(9)
        .on_connect(async |socket: Socket| {
            tokio::time::sleep(SECOND).await;
            socket.emit("ready", Args(()));
        })
        .on("hello", welcome);
    let mut client = stage.enter("client").await;
    assert_eq!(client.ask(r#"42["hello"]"#).await, r#"42["ready"]"#);
    assert_eq!(client.hear().await, r#"42["welcome"]"#);
}

#[tokio::test(start_paused = true)]
async fn s4_concurrent_handlers_are_as_many_as_was_said() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on_connect(async |_: Socket| ()).concurrent(2).on(
        "work",
        async |_: Socket, seconds: u64| {
            tokio::time::sleep(seconds as u32 * SECOND).await;
            Ack(seconds)
        },
    );
    let mut client = stage.enter("client").await;
    for (id, seconds) in [(0, 5), (1, 1), (2, 2), (3, 0)] {
        client.say(&format!(r#"42{id}["work",{seconds}]"#)).await;
    }
    for _ in 0..4 {
        client.hear().await;
    }
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s4_a_handler_may_await_an_answer_of_its_own_client_while_events_wait() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage
        .io
        .of("/")
        .on("order", async |socket: Socket, what: String| {
            let sure: Result<bool, _> = socket.call("sure?", what).await;
            Ack(sure.unwrap_or(false))
        })
        .on("later", async |_: Socket| Ack("later"));
    let mut client = stage.enter("client").await;
    client.ask(r#"420["order","tea"]"#).await;
    client.say(r#"421["later"]"#).await;
    client.hear_nothing().await;
    client.say("430[true]").await;
    stage.transcript.note("passes the event that waits");
    client.hear().await;
    client.hear().await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s4_pings_are_answered_while_a_handler_is_slow() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on("work", async |_: Socket| {
        tokio::time::sleep(90 * SECOND).await;
        Ack("done")
    });
    let mut client = stage.enter("client").await;
    client.say(r#"420["work"]"#).await;
    for _ in 0..3 {
        assert_eq!(client.hear().await, "2");
        client.say("3").await;
    }
    assert_eq!(client.hear().await, r#"430["done"]"#);
}

#[tokio::test(start_paused = true)]
async fn s4_a_handler_that_panics_later_makes_way_for_the_next_event() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage
        .io
        .of("/")
        .on("fail", async |_: Socket| -> () {
            tokio::time::sleep(SECOND).await;
            panic_unseen("later")
        })
        .on("next", async |_: Socket| Ack("next"));
    let mut client = stage.enter("client").await;
    client.say(r#"420["fail"]"#).await;
    client.say(r#"421["next"]"#).await;
    assert_eq!(client.hear().await, r#"430[{"error":{"message":"internal error"}}]"#);
    assert_eq!(client.hear().await, r#"431["next"]"#);
}

#[tokio::test(start_paused = true)]
async fn s4_on_disconnect_comes_when_all_that_was_said_has_been_handled() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (seen, mut notes) = notes();
    let left = seen.clone();
    stage
        .io
        .of("/")
        .concurrent(2)
        .on("work", async move |_: Socket, n: u32| {
            tokio::time::sleep(n * SECOND).await;
            let _ = seen.send(n.to_string());
        })
        .on_disconnect(async move |_: Socket, reason| {
            let _ = left.send(reason.to_string());
        });
    let mut client = stage.enter("client").await;
    for n in [4, 1, 2] {
        client.say(&format!(r#"42["work",{n}]"#)).await;
    }
    client.say("41").await;
    drop(client);
    assert_eq!(notes.next("an event").await, "1");
    assert_eq!(notes.next("an event").await, "2");
    assert_eq!(notes.next("an event").await, "4");
    assert_eq!(notes.next("on_disconnect").await, "the client left the namespace");
}

#[tokio::test(start_paused = true)]
async fn s4_reading_stops_while_too_much_waits_for_handlers_and_goes_on() {
    let _step = step!();
    let builder = Server::builder().max_pending(2000).max_payload(1000);
    let stage = Stage::new(builder);
    let (gate, handled) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let (opened, count) = (Arc::clone(&gate), Arc::clone(&handled));
    stage.io.of("/").on("work", async move |_: Socket, _: String| {
        if count.fetch_add(1, Ordering::SeqCst) == 0 {
            opened.notified().await;
        }
    });
    let mut client = stage.connect_through("client", 1000).await;
    client.enter("40").await;
    let taken = work_until_nobody_takes_it(&mut client).await;
    gate.notify_one();
    // The one that was under way is finished, and all others follow.
    client.send(WsMessage::text(r#"427["work","last"]"#)).await;
    assert_eq!(client.hear().await, "437[]");
    assert_eq!(handled.load(Ordering::SeqCst), taken + 2);
}

/// Says one event until it is taken no more. How many were.
async fn work_until_nobody_takes_it(client: &mut stage::Client) -> usize {
    let event = format!(r#"42["work","{}"]"#, "x".repeat(500));
    for taken in 0..100 {
        let sent = client.send(WsMessage::text(event.clone()));
        if tokio::time::timeout(SECOND, sent).await.is_err() {
            return taken;
        }
    }
    panic!("expected the server to stop reading while no handler is done, it took 50 kB");
}

#[tokio::test(start_paused = true)]
async fn s4_while_a_handler_awaits_an_answer_reading_goes_on_up_to_twice_the_limit() {
    let _step = step!();
    let stage = Stage::new(Server::builder().max_pending(2000).max_payload(900));
    let (note, mut notes) = notes();
    let left = note.clone();
    stage
        .io
        .of("/")
        .on("ask", async move |socket: Socket| {
            let answer: Result<u8, CallError> = socket.call("answer?", ()).await;
            let _ = note.send(format!("{answer:?}"));
        })
        .on("work", async |_: Socket, _: String| ())
        .on_disconnect(async move |_: Socket, reason| drop(left.send(reason.to_string())));
    let event = format!(r#"42["work","{}"]"#, "x".repeat(600));

    let mut patient = stage.enter("client").await;
    patient.ask(r#"42["ask"]"#).await;
    for _ in 0..4 {
        patient.send(WsMessage::text(event.clone())).await;
    }
    patient.say("430[4]").await;
    assert_eq!(notes.next("the answer").await, "Ok(4)");

    let mut flood = stage.enter("client").await;
    flood.ask(r#"42["ask"]"#).await;
    for _ in 0..7 {
        flood.send(WsMessage::text(event.clone())).await;
    }
    assert_eq!(notes.next("the end of the call").await, "Err(Disconnected)");
    let reason =
        "expected the application to take what came, 4000 bytes at most, it took too little";
    assert_eq!(notes.next("on_disconnect").await, reason);
    assert_eq!(flood.hear_the_end().await, [format!("close 1008: {reason}")]);
    assert_eq!(stage.problems(), [format!("a connection was closed: {reason}")]);
}

#[tokio::test(start_paused = true)]
async fn s4_who_has_given_up_does_not_keep_the_reading_going() {
    let _step = step!();
    let stage = Stage::new(Server::builder().max_pending(2000).max_payload(900));
    let (note, mut notes) = notes();
    let goes = Arc::new(Notify::new());
    let go = Arc::clone(&goes);
    stage
        .io
        .of("/")
        .on("ask", async move |socket: Socket| {
            let call = socket.call::<u8>("answer?", ()).into_future();
            let all = socket.namespace().call::<u8>("answer?", ()).into_future();
            let _ = tokio::time::timeout(SECOND, async { tokio::join!(call, all) }).await;
            socket.emit("gave up", ());
            goes.notified().await;
        })
        .on("work", async move |_: Socket, _: String| {
            note.send("worked").expect("the test listens");
        });
    let mut flood = stage.connect_through("client", 1000).await;
    flood.enter("40").await;
    flood.ask(r#"42["ask"]"#).await;
    flood.hear().await;
    assert_eq!(flood.hear().await, r#"42["gave up",null]"#);
    let taken = work_until_nobody_takes_it(&mut flood).await;
    go.notify_one();
    for _ in 0..taken {
        notes.next("an event that waited").await;
    }
    assert_eq!(stage.problems(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn s4_pings_are_answered_while_reading_stops() {
    let _step = step!();
    let stage = Stage::new(Server::builder().max_pending(1));
    stage.io.of("/").on("work", async |_: Socket| {
        tokio::time::sleep(45 * SECOND).await;
        Ack("done")
    });
    let mut client = stage.enter("client").await;
    client.say(r#"420["work"]"#).await;
    client.say(r#"421["work"]"#).await;
    for expected in ["2", r#"430["done"]"#, "2", "2", r#"431["done"]"#] {
        assert_eq!(client.hear().await, expected);
        if expected == "2" {
            client.say("3").await;
        }
    }
}

// Step 5: who comes in, and what must end.

#[derive(Debug, Deserialize)]
struct Token {
    token: String,
}

#[derive(Debug)]
struct Admin {
    name: String,
}

#[tokio::test(start_paused = true)]
async fn s5_only_a_token_opens_the_namespace_of_admins() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let auth = async |_: Handshake, Token { token }: Token| -> Result<Admin, Refusal> {
        match token.as_str() {
            "secret" => Ok(Admin { name: "Ada".to_owned() }),
            _ => Err(Refusal::new("wrong token").with_data(json!({ "tries left": 2 }))),
        }
    };
    stage
        .io
        .of("/admin")
        .auth(auth)
        .on("who", async |socket: Socket<Admin>| Ack(socket.user().name.clone()));
    let mut client = stage.connect("client").await;
    client.ask("40/admin,").await;
    client.ask(r#"40/admin,{"token":"guess"}"#).await;
    client.ask(r#"40/admin,{"token":"secret"}"#).await;
    stage.transcript.note("the connection stands all the time");
    client.ask(r#"42/admin,0["who"]"#).await;
    insta::assert_snapshot!(stage.transcript);
}

#[tokio::test(start_paused = true)]
async fn s5_an_auth_that_panics_keeps_the_client_out_and_nothing_more() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let _ = stage.io.of("/admin").auth(async |_: Handshake, shown: Value| {
        assert_eq!(shown["token"], "secret");
        Ok::<_, Refusal>(())
    });
    let mut client = stage.connect("client").await;
    assert_eq!(client.ask("40/admin,").await, r#"44/admin,{"message":"internal error"}"#);
    client.enter(r#"40/admin,{"token":"secret"}"#).await;
    assert_eq!(stage.problems(), [r#"expected the handler of "auth" to return, it panicked"#]);
}

#[tokio::test(start_paused = true)]
async fn s5_middleware_is_asked_in_order_and_the_first_no_is_the_last_word() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (seen, mut seen_so_far) = notes();
    let (first, second, auth) = (seen.clone(), seen.clone(), seen);
    stage
        .io
        .of("/")
        .wrap(async move |handshake: Handshake| -> Result<(), Refusal> {
            let _ = first.send("first");
            tokio::time::sleep(SECOND).await;
            let shown: Result<Token, _> = handshake.auth();
            shown.map(drop).map_err(|_| Refusal::new("no token"))
        })
        .wrap(async move |_: Handshake| -> Result<(), &str> {
            let _ = second.send("second");
            Ok(())
        });
    let main = stage.io.of("/").auth(async move |_: Handshake, Token { token }: Token| {
        let _ = auth.send("auth");
        Ok::<_, Refusal>(token)
    });
    main.on_connect(async |socket: Socket<String>| socket.emit("hello", socket.user()));
    let mut client = stage.connect("client").await;
    assert_eq!(client.ask("40").await, r#"44{"message":"no token"}"#);
    assert_eq!(seen_so_far.so_far(), ["first"]);
    client.enter(r#"40{"token":"Ada"}"#).await;
    assert_eq!(client.hear().await, r#"42["hello","Ada"]"#);
    assert_eq!(seen_so_far.so_far(), ["first", "second", "auth"]);

    stage.io.of("/chat").wrap(async |_: Handshake| -> Result<(), Refusal> { Ok(()) });
    client.enter("40/chat,").await; // where nobody asks who it is
}

#[tokio::test(start_paused = true)]
async fn s5_who_leaves_before_the_answer_to_connect_is_forgotten() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let asked = Arc::new(Notify::new());
    let asking = Arc::clone(&asked);
    stage.io.of("/").wrap(async move |_: Handshake| -> Result<(), Refusal> {
        asking.notify_one();
        std::future::pending().await
    });
    let mut client = stage.connect("client").await;
    client.say("40").await;
    within("the middleware to be asked", asked.notified()).await;
    drop(client);
    tokio::time::sleep(SECOND).await;
    let began = tokio::time::Instant::now();
    within("the server to stop", stage.io.shutdown()).await;
    assert_eq!(began.elapsed(), Duration::ZERO, "nothing is left of it");
}

#[tokio::test(start_paused = true)]
async fn s5_a_failed_connection_is_over_though_its_handlers_are_stuck() {
    let _step = step!();
    let stage = Stage::new(Server::builder().max_pending(1).max_buffered(2000));
    let (note, mut notes) = notes();
    let entered = note.clone();
    stage
        .io
        .of("/")
        .on("stuck", async |_: Socket| std::future::pending::<()>().await)
        .on_disconnecting(move |_: Socket, reason| drop(note.send(reason.to_string())));
    stage
        .io
        .of("/slow")
        .wrap(async |_: Handshake| -> Result<(), Refusal> {
            tokio::time::sleep(SECOND).await;
            Ok(())
        })
        .on_connect(async move |_: Socket| drop(entered.send("entered".to_owned())));
    let mut client = stage.enter("client").await;
    client.say("40/slow,").await;
    client.say(r#"42["stuck"]"#).await;
    client.say(r#"42["waits, so that nothing more is read"]"#).await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    stage.io.emit("long", "x".repeat(3000));
    let reason = "expected at most 2000 bytes to wait for the client (max_buffered), came more";
    assert_eq!(notes.next("on_disconnecting").await, reason);
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(notes.so_far(), [""; 0], "nobody comes in any more");
    assert!(client.hear_the_end().await[0].starts_with("close 1008"));
}

#[tokio::test(start_paused = true)]
async fn s5_an_event_before_the_answer_to_connect_ends_the_connection() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (note, mut notes) = notes();
    stage
        .io
        .of("/")
        .wrap(async |_: Handshake| -> Result<(), Refusal> {
            tokio::time::sleep(SECOND).await;
            Ok(())
        })
        .on_connect(async move |socket: Socket| drop(note.send(socket)));
    let mut client = stage.connect("client").await;
    client.say("40").await;
    client.say(r#"42["hello"]"#).await;
    assert_eq!(client.hear_the_end().await.len(), 1, "nothing before the end");
    tokio::time::sleep(2 * SECOND).await;
    assert!(notes.so_far().is_empty(), "on_connect was called");
    assert!(stage.io.fetch().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn s5_middleware_of_packets_goes_on_changes_and_refuses() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    stage
        .io
        .of("/")
        .wrap_packet(async |_: Socket, event: Event, next: Next| match &*event.name {
            "secret" => Err(Refusal::new("not for you")),
            "old" => Ok(next.run(Event { name: "new".into(), ..event }).await),
            _ => Ok(next.run(event).await),
        })
        .wrap_packet(async |socket: Socket, event: Event, next: Next| -> Result<_, Refusal> {
            socket.emit("before", &*event.name);
            let answer = next.run(event).await;
            socket.emit("behind", Args(()));
            Ok(answer)
        })
        .on("new", async |_: Socket, n: u8| Ack(n + 1))
        .on("secret", async |_: Socket| Ack("secret"));
    let mut client = stage.enter("client").await;
    client.ask(r#"420["new",1]"#).await;
    client.hear().await;
    client.hear().await;
    client.ask(r#"421["old",2]"#).await;
    client.hear().await;
    client.hear().await;
    client.ask(r#"422["secret"]"#).await;
    client.say(r#"42["secret"]"#).await;
    client.hear_nothing().await;
    insta::assert_snapshot!(stage.transcript);
    assert_eq!(stage.problems(), ["an event was refused: not for you"]);
}

/// Ends a connection in one way, and says what the handlers heard.
async fn reason_of(
    builder: super::subject::Builder,
    end: impl AsyncFnOnce(&Server, &mut stage::Client),
) -> String {
    let stage = Stage::new(builder);
    let (note, mut notes) = notes();
    let left = note.clone();
    stage
        .io
        .of("/")
        .on("join", async |socket: Socket, room: String| socket.join(&room))
        .on("leave", async |socket: Socket| socket.disconnect())
        .on("close", async |socket: Socket| socket.disconnect_all())
        .on_disconnecting(move |socket: Socket, reason| {
            let _ = note.send(format!("{} {}", socket.rooms().len(), reason.reference_name()));
        })
        .on_disconnect(async move |socket: Socket, reason| {
            let rooms = socket.rooms().len();
            socket.join("late");
            let _ = left.send(format!("{rooms} {} ({reason})", reason.reference_name()));
        });
    let mut client = stage.enter("client").await;
    assert_eq!(client.ask(r#"420["join","room"]"#).await, "430[]");
    end(&stage.io, &mut client).await;
    let disconnecting = notes.next("on_disconnecting").await;
    let disconnect = notes.next("on_disconnect").await;
    assert!(stage.io.to("late").fetch().await.is_empty(), "a socket that has left joins no room");
    assert!(stage.io.fetch().await.is_empty());
    let reason = disconnecting.strip_prefix("2 ").expect("disconnecting, it holds its rooms");
    let said = disconnect.strip_prefix("0 ").expect("disconnected, it holds none");
    let said = said.strip_prefix(reason).expect("both hear the same reason");
    format!("{reason}:{said}\n")
}

#[tokio::test(start_paused = true)]
async fn s5_every_end_has_its_reason() {
    let _step = step!();
    let mut reasons = String::new();
    let standard = Server::builder;
    reasons += &reason_of(standard(), async |_, client| client.say("41").await).await;
    reasons += &reason_of(standard(), async |_, client| client.say(r#"42["leave"]"#).await).await;
    reasons += &reason_of(standard(), async |_, client| client.say(r#"42["close"]"#).await).await;
    reasons += &reason_of(standard(), async |io, _| io.shutdown().await).await;
    reasons += &reason_of(standard(), async |_, client| {
        client.stream.close(None).await.expect("it is open");
    })
    .await;
    reasons += &reason_of(standard(), async |_, client| client.say("1").await).await;
    reasons += &reason_of(standard(), async |_, _| tokio::time::sleep(46 * SECOND).await).await;
    reasons += &reason_of(standard(), async |_, client| client.say("x").await).await;
    reasons += &reason_of(standard(), async |_, client| client.say("4x").await).await;
    reasons += &reason_of(standard(), async |_, client| client.say(r#"42["x",}]"#).await).await;
    reasons += &reason_of(standard(), async |_, client| client.say("40").await).await;
    reasons += &reason_of(standard(), async |_, client| {
        client.say(r#"451-["x",{"_placeholder":true,"num":0}]"#).await;
        client.say(r#"42["text in mid-binary"]"#).await;
    })
    .await;
    reasons += &reason_of(standard(), async |_, client| {
        client.say(r#"4511-["eleven attachments"]"#).await;
    })
    .await;
    reasons += &reason_of(standard().max_payload(1000), async |_, client| {
        client.send(WsMessage::text("x".repeat(2000))).await;
    })
    .await;
    reasons += &reason_of(standard().max_buffered(1000), async |io, _| {
        io.emit("long", "x".repeat(2000));
    })
    .await;
    insta::assert_snapshot!(reasons);
}

#[tokio::test(start_paused = true)]
async fn s5_what_a_connection_shows_for_all_its_namespaces_is_as_long_as_a_message_and_no_longer() {
    let _step = step!();
    // It is one setting, wherever it is made.
    let stage = Stage::new(Server::builder().engine(|engine| engine.max_payload(1000)));
    stage.io.of_dynamic(Pattern::new("/room-*"), |_| ());
    let mut client = stage.connect("client").await;
    let ask = |room: u8| format!(r#"40/room-{room},{{"token":"{}"}}"#, "x".repeat(600));
    client.enter(&ask(1)).await;
    let refused = client.ask(&ask(2)).await;
    assert_eq!(
        refused,
        r#"44/room-2,{"message":"expected at most 1000 bytes of namespaces and auth on a connection (max_payload), came more"}"#
    );
    client.say("41/room-1,").await;
    assert!(client.ask(&ask(2)).await.starts_with("40/room-2,"), "there is room for it again");
}

#[tokio::test(start_paused = true)]
async fn s5_a_dynamic_namespace_is_built_once_and_goes_with_its_last_client() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (built, mut names) = notes();
    let names_of = built.clone();
    stage.io.of_dynamic(Pattern::new("/room-*"), move |namespace| {
        let _ = built.send(namespace.name().to_owned());
        namespace.on("where", async |socket: Socket| Ack(socket.nsp().to_string()));
    });
    stage.io.of_dynamic(
        |name: &str| name == "/42",
        move |namespace| {
            let _ = names_of.send(namespace.name().to_owned());
        },
    );
    let mut first = stage.connect("client").await;
    let mut second = stage.connect("client").await;
    first.enter("40/room-1,").await;
    second.enter("40/room-1,").await;
    second.enter("40/room-2,").await;
    second.enter("40/42,").await;
    assert_eq!(names.so_far(), ["/room-1", "/room-2", "/42"]);
    assert_eq!(first.ask(r#"42/room-1,0["where"]"#).await, r#"43/room-1,0["/room-1"]"#);
    for unknown in ["/room-", "/room-1/2", "/43"] {
        let refused = format!(r#"44{unknown},{{"message":"Invalid namespace"}}"#);
        assert_eq!(first.ask(&format!("40{unknown},")).await, refused);
    }

    first.say("41/room-1,").await;
    first.enter("40/room-1,").await;
    assert_eq!(names.so_far(), [""; 0], "the other client was there");
    first.say("41/room-1,").await;
    second.say("41/room-1,").await;
    second.hear_nothing().await;
    first.enter("40/room-1,").await;
    assert_eq!(names.so_far(), ["/room-1"], "it was gone");

    let _ = stage.io.of("/room-1"); // which says that it is to stay
    first.say("41/room-1,").await;
    first.enter("40/room-1,").await;
    assert_eq!(names.so_far(), [""; 0], "it stayed");
}

#[tokio::test(start_paused = true)]
async fn s5_a_dynamic_namespace_that_is_gone_keeps_nothing_though_a_handler_captured_it() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (kept, mut tokens) = notes();
    stage.io.of_dynamic(Pattern::new("/room-*"), move |namespace| {
        let token = Arc::new(());
        let _ = kept.send(Arc::downgrade(&token));
        let itself = namespace.clone();
        namespace
            .on("say", async move |_: Socket, text: String| {
                let _still_there = &token;
                itself.emit("said", &text);
            })
            .on_disconnect(async |_: Socket, _| ());
    });
    let mut client = stage.connect("client").await;
    client.enter("40/room-1,").await;
    let token = tokens.next("the namespace to be built").await;
    assert_eq!(client.ask(r#"42/room-1,["say","x"]"#).await, r#"42/room-1,["said","x"]"#);
    assert!(token.upgrade().is_some());
    client.say("41/room-1,").await;
    client.enter("40").await; // then it has left the other
    assert!(token.upgrade().is_none(), "its handlers are still there");
}

#[tokio::test(start_paused = true)]
async fn s5_other_servers_hear_of_a_dynamic_namespace_that_comes_and_goes() {
    let _step = step!();
    let (note, mut told) = notes();
    let leaving = note.clone();
    let stage = Stage::new(Server::builder().adapter(Elsewhere(note)));
    stage.io.of_dynamic(Pattern::new("/room-*"), move |namespace| {
        let leaving = leaving.clone();
        namespace.on_disconnecting(move |_: Socket, _| drop(leaving.send("leaves".to_owned())));
    });
    let mut client = stage.connect("client").await;
    client.enter("40/room-1,").await;
    client.say("41/room-1,").await;
    client.enter("40").await; // then it has left the other
    assert_eq!(told.so_far(), ["opened /", "opened /room-1", "leaves", "closed /room-1"]);
}

#[test]
fn s5_two_first_clients_at_once_build_a_dynamic_namespace_once() {
    let _step = step!();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("threads");
    runtime.block_on(async {
        let stage = Stage::new(Server::builder());
        let built = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&built);
        stage.io.of_dynamic(Pattern::new("/room-*"), move |namespace| {
            count.fetch_add(1, Ordering::SeqCst);
            namespace.on("hello", async |_: Socket| Ack(Args(())));
        });
        for room in (1..=50).step_by(2) {
            // Four come at once, and go; and four others.
            for time in 0..2 {
                let mut clients = Vec::new();
                for _ in 0..4 {
                    clients.push(stage.connect("client").await);
                }
                for client in &mut clients {
                    client.say(&format!("40/room-{room},")).await;
                }
                for client in &mut clients {
                    let answer = client.hear().await;
                    assert!(answer.contains("sid"), "{answer}");
                    let hello = format!(r#"42/room-{room},0["hello"]"#);
                    assert_eq!(client.ask(&hello).await, format!("43/room-{room},0[]"));
                }
                assert_eq!(built.load(Ordering::SeqCst), room + time, "once each time");
                for client in &mut clients {
                    client.say(&format!("41/room-{room},")).await;
                    client.enter("40").await; // then it has left the other
                }
            }
        }
    });
}

#[tokio::test(start_paused = true)]
async fn s5_a_slow_consumer_is_disconnected_and_told_why() {
    let _step = step!();
    let stage = Stage::new(Server::builder().max_buffered(2000));
    let mut slow = stage.connect_through("client", 100).await;
    slow.enter("40").await;
    for _ in 0..10 {
        stage.io.emit("news", "x".repeat(500));
        stage.io.emit("news", "x".repeat(500));
        tokio::task::yield_now().await;
    }
    let heard = slow.hear_the_end().await;
    assert!(heard.len() < 5, "what waited is forgotten, and {} came", heard.len() - 1);
    let reason = "expected at most 2000 bytes to wait for the client (max_buffered), came more";
    assert_eq!(heard.last().map(String::as_str), Some(&*format!("close 1008: {reason}")));
    assert_eq!(stage.problems(), [format!("a connection was closed: {reason}")]);
    assert_eq!(stage.io.fetch().await.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn s5_drop_newest_never_sends_half_a_packet() {
    let _step = step!();
    let builder = Server::builder().max_buffered(3000).slow_consumer(SlowConsumer::DropNewest);
    let stage = Stage::new(builder);
    let mut slow = stage.connect_through("client", 100).await;
    slow.enter("40").await;
    let part = Bytes::from(vec![7; 600]);
    for n in 0..10 {
        stage.io.emit("parts", Args((n, &part, &part)));
        tokio::task::yield_now().await;
    }
    let mut whole = 0;
    loop {
        stage.io.emit("end", Args(()));
        let came = slow.hear().await;
        if came == r#"42["end"]"# {
            break;
        }
        assert!(came.starts_with(r#"452-["parts","#), "{came}");
        assert!(slow.hear().await.starts_with("binary [7"), "the first part");
        assert!(slow.hear().await.starts_with("binary [7"), "the second part");
        whole += 1;
    }
    assert!((1..10).contains(&whole), "some were dropped, and {whole} of 10 came");
    assert_eq!(stage.problems(), [""; 0]);
}

/// A client that reads little, so that no event of more than a few bytes fits in what may wait for it.
async fn full(stage: &Stage) -> stage::Client {
    let mut slow = stage.connect_through("client", 100).await;
    slow.enter("40").await;
    for size in [500, 0] {
        for _ in 0..100 {
            stage.io.emit("news", "x".repeat(size));
            tokio::task::yield_now().await;
        }
    }
    slow
}

#[tokio::test(start_paused = true)]
async fn s5_drop_newest_never_drops_that_a_client_is_in_or_out() {
    let _step = step!();
    let builder = Server::builder().max_buffered(3000).slow_consumer(SlowConsumer::DropNewest);
    let stage = Stage::new(builder);
    let _ = stage.io.of("/b");
    let mut slow = full(&stage).await;
    slow.say("40/b,").await;
    tokio::task::yield_now().await;
    stage.io.of("/").everybody().disconnect();
    let mut news = 0;
    let mut heard = slow.hear().await;
    while heard.starts_with("42") {
        news += 1;
        heard = slow.hear().await;
    }
    assert!(heard.starts_with("40/b,"), "expected the answer to CONNECT, came {heard}");
    assert_eq!(slow.hear().await, "41");
    assert!(news < 100, "expected most events to be dropped, {news} came");
    assert_eq!(stage.problems(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn s5_who_asks_hears_that_the_question_was_dropped() {
    let _step = step!();
    let builder = Server::builder().max_buffered(3000).slow_consumer(SlowConsumer::DropNewest);
    let stage = Stage::new(builder);
    let (sockets, mut came) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| drop(sockets.send(socket)));
    let mut slow = full(&stage).await;
    let socket = came.next("on_connect").await;
    let dropped = Err(CallError::Dropped);
    assert_eq!(socket.call::<()>("too much waits below", "x".repeat(100)).await, dropped);
    assert_eq!(socket.call::<()>("it is too much by itself", "x".repeat(4000)).await, dropped);
    assert_eq!(stage.io.call::<()>("all", "x".repeat(4000)).await, Ok(vec![dropped]));
    assert!(socket.is_connected());
    while slow.hear().await != r#"42["now",null]"# {
        socket.emit("now", ());
    }
}

#[derive(Debug)]
struct Panicking;

impl Adapter for Panicking {
    fn closed(&self, _: &NamespaceName) {
        panic_unseen("as it was told to");
    }
}

#[tokio::test(start_paused = true)]
async fn s5_who_panics_when_somebody_leaves_takes_nothing_else_along() {
    let _step = step!();
    let stage = Stage::new(Server::builder().adapter(Panicking));
    let (note, mut notes) = notes();
    stage.io.of_dynamic(Pattern::new("/room-*"), move |nsp| {
        let note = note.clone();
        nsp.on_disconnecting(|_: Socket, _| panic_unseen("as it was told to"));
        nsp.on_disconnecting(move |socket: Socket, _| {
            note.send(socket.is_connected()).expect("the test listens");
        });
    });
    let mut client = stage.enter("client").await;
    client.enter("40/room-1,").await;
    client.say("41/room-1,").await;
    let sid = client.enter("40/room-1,").await;
    assert!(!sid.is_empty(), "the connection stands");
    assert_eq!(notes.so_far(), [false], "it has left already");
    let panicked = |name| format!("expected the handler of \"{name}\" to return, it panicked");
    assert_eq!(stage.problems(), [panicked("/room-1"), panicked("disconnecting")]);
}

#[tokio::test(start_paused = true)]
async fn s5_a_server_that_stops_says_so_and_waits_for_handlers() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (note, mut notes) = notes();
    let (leaving, left) = (note.clone(), note.clone());
    stage
        .io
        .of("/")
        .on("work", async move |_: Socket| {
            tokio::time::sleep(SECOND).await;
            let _ = note.send("worked".to_owned());
        })
        .on_disconnecting(move |socket: Socket, _| {
            let _ = leaving.send(format!("leaves {} room", socket.rooms().len()));
        })
        .on_disconnect(async move |_: Socket, reason| {
            let _ = left.send(reason.reference_name().to_owned());
        });
    let mut client = stage.enter("client").await;
    client.say(r#"42["work"]"#).await;
    tokio::task::yield_now().await;
    let began = tokio::time::Instant::now();
    let stopped = within("the server to stop", stage.io.shutdown());
    tokio::join!(stopped, client.hear_the_end());
    assert_eq!(began.elapsed().as_secs(), 1, "as long as the handler takes");
    assert_eq!(notes.so_far(), ["leaves 1 room", "worked", "server shutting down"]);
}

#[tokio::test(start_paused = true)]
async fn s5_what_a_server_does_is_counted_and_told() {
    let _step = step!();
    let log = Log::listen();
    let stage = Stage::new(Server::builder());
    stage.io.of("/").on("work", async |socket: Socket| {
        tracing::info!("works");
        socket.emit("one", ());
        socket.emit_volatile("two", ()); // the first has not left yet
        Ack("done")
    });
    let refuse = async |_: Handshake, _: Value| Err::<(), _>(Refusal::new("not\nyou"));
    let _ = stage.io.of("/admin").auth(refuse);
    stage.io.of_dynamic(Pattern::new("/room-*"), |_| {});
    let mut client = stage.connect("client").await;
    let main = client.enter("40").await;
    client.ask("40/admin,{}").await;
    client.ask("40/nowhere,").await;
    let room = client.enter("40/room-1,").await;
    assert_eq!(client.ask(r#"420["work"]"#).await, r#"42["one",null]"#);
    assert_eq!(client.hear().await, r#"430["done"]"#);
    let during = stage.io.stats();
    assert_eq!((during.sockets, during.namespaces, during.engine.websocket), (2, 3, 1));
    assert_eq!((during.joined, during.refused, during.dropped), (2, 2, 1));
    client.say("41").await;
    client.ask("40/nowhere,").await; // it has been heard
    stage.io.shutdown().await;
    let after = stage.io.stats();
    assert_eq!((after.sockets, after.namespaces, after.engine.websocket), (0, 2, 0));
    assert_eq!((after.joined, after.engine.opened, after.engine.received), (2, 1, 7));
    let told = log.lines().join("\n").replace(&main, "<sid 1>").replace(&room, "<sid 2>");
    let told = told.replace(" connection{number=1}:", "");
    let expected = [
        r#"DEBUG opened transport="websocket""#,
        r#"DEBUG joined nsp="/" socket=<sid 1> recovered=false"#,
        r#"DEBUG refused nsp="/admin" why="not\nyou""#,
        r#"DEBUG refused nsp="/nowhere" why="Invalid namespace""#,
        r#"DEBUG joined nsp="/room-1" socket=<sid 2> recovered=false"#,
        "INFO works",
        r#"DEBUG left nsp="/" socket=<sid 1> reason="client namespace disconnect" why="the client left the namespace""#,
        r#"DEBUG refused nsp="/nowhere" why="Invalid namespace""#,
        r#"DEBUG closed reason="forced close" why="closed by the server""#,
        r#"DEBUG left nsp="/room-1" socket=<sid 2> reason="server shutting down" why="the server is shutting down""#,
    ];
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
}

#[tokio::test(start_paused = true)]
async fn s5_what_is_sent_to_a_socket_that_left_is_dropped() {
    let _step = step!();
    let stage = Stage::new(Server::builder());
    let (sockets, mut came) = notes();
    stage.io.of("/").on_connect(async move |socket: Socket| drop(sockets.send(socket)));
    let mut client = stage.enter("client").await;
    let old = came.next("on_connect").await;
    client.say("41").await;
    client.enter("40").await;
    let new = came.next("on_connect").await;
    assert_ne!(old.id(), new.id());
    old.emit("old", ());
    old.disconnect();
    new.emit("new", ());
    assert_eq!(client.hear().await, r#"42["new",null]"#);
    assert_eq!((old.is_connected(), new.is_connected()), (false, true));
    old.join("room");
    assert!(old.rooms().is_empty());
}
