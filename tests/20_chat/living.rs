//! The chat as a whole program, on a port, and the facade's own client: what the lesson's tests do without.

use std::net::SocketAddr;
use std::time::Duration;

use serde::de::DeserializeOwned;
use socketio::client::{
    Args, Builder, CallError, Delays, FromArgs, Reconnection, ToArgs, Transports,
};
use socketio::client::{ConnectError, Socket};
use socketio::{Client, Refusal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use transcript::within;

use super::subject::{
    Bytes, Chat, Entry, Fetch, FileContent, Goodbye, Join, Joined, Limits, Message, Options, Page,
    Pass, Person, Presence, Receipt, RoomSummary, Say, Secret, Seen, SendFile, Since, Typing,
    Welcome, Whereabouts, Why,
};

/// A chat on a port.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Running {
    async fn start() -> Self {
        Self::on("127.0.0.1:0".parse().expect("an address")).await
    }

    async fn on(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let chat = Chat::new(Limits::default(), Secret::new("open sesame"));
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            chat.serve(listener, Page::new(None), async {
                let _ = stopped.await;
            })
            .await;
        });
        Self { address, stop, serving }
    }

    async fn stop(self) {
        let _ = self.stop.send(());
        within("the server to end", self.serving).await.expect("the server does not panic");
    }

    fn builder(&self) -> Builder {
        let delay = Duration::from_millis(10);
        let delays = Delays { first: delay, max: delay, ..Delays::default() };
        Client::builder(&format!("http://{}", self.address))
            .reconnection(Reconnection { delays, ..Reconnection::default() })
    }

    async fn enter(&self, name: &str, transports: Transports) -> Somebody {
        let client = self.builder().transports(transports).build().expect("a good URL");
        let socket = client.of("/");
        let key = format!("the key of {name:-<16}");
        socket.auth(Entry { name: name.to_owned(), key }).expect("it can be written");
        let mut somebody = Somebody {
            welcomes: heard(&socket, "welcome"),
            messages: heard(&socket, "message"),
            goodbyes: heard(&socket, "goodbye"),
            typing: heard(&socket, "typing"),
            _client: client,
            socket,
        };
        within("the server's yes", somebody.socket.connect()).await.expect("a yes");
        next(&mut somebody.welcomes, "a welcome").await;
        somebody
    }

    /// Asks for a file of the page, with nothing but TCP.
    async fn get(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        let request = format!("{request} HTTP/1.1\r\nHost: chat\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("the connection stands");
        let mut answer = Vec::new();
        within("the answer", stream.read_to_end(&mut answer)).await.expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

type Heard<T> = mpsc::UnboundedReceiver<T>;

struct Somebody {
    socket: Socket,
    welcomes: Heard<Welcome>,
    messages: Heard<Message>,
    goodbyes: Heard<Goodbye>,
    typing: Heard<Typing>,
    _client: Client,
}

impl Somebody {
    async fn join(&self, since: Option<Since>) -> Joined {
        self.ask("join", Join { room: "tea".to_owned(), since }).await.expect("a yes")
    }

    async fn say(&self, id: &str) -> Result<Receipt, Refusal> {
        let [room, text] = ["tea", "milk?"].map(str::to_owned);
        self.ask("say", Say { room, id: id.to_owned(), text }).await
    }

    /// Over as many connections as it takes.
    async fn ask<T>(&self, event: &str, wish: impl ToArgs + Clone) -> Result<T, Refusal>
    where
        T: FromArgs + 'static,
    {
        loop {
            match within("an answer", self.socket.call::<T>(event, wish.clone()).into_future())
                .await
            {
                Ok(answer) => return Ok(answer),
                Err(CallError::Refused(refusal)) => return Err(refusal),
                Err(CallError::Disconnected) => {}
                Err(error) => panic!("expected an answer to {event}, came {error}"),
            }
        }
    }
}

fn heard<T: DeserializeOwned + Send + 'static>(socket: &Socket, event: &str) -> Heard<T> {
    let (sender, receiver) = mpsc::unbounded_channel();
    socket.on(event, async move |_: Socket, it: T| {
        let _ = sender.send(it); // a test may be over
    });
    receiver
}

fn names(people: &[Person]) -> Vec<&str> {
    people.iter().map(|person| &*person.name).collect()
}

async fn next<T>(heard: &mut Heard<T>, awaited: &str) -> T {
    within(awaited, heard.recv()).await.expect("the client is there")
}

#[tokio::test]
async fn a_message_passes_over_polling_and_over_a_websocket() {
    let chat = Running::start().await;
    let polling = chat.enter("anna", Transports::PollingOnly).await;
    let mut websocket = chat.enter("ben", Transports::WebSocketOnly).await;
    polling.join(None).await;
    websocket.join(None).await;
    for number in 1..=5 {
        let receipt = polling.say(&format!("id-{number}")).await.expect("a yes");
        assert_eq!(receipt.number, number);
        assert_eq!(next(&mut websocket.messages, "a message").await.number, number);
    }
    chat.stop().await;
}

#[tokio::test]
async fn somebody_writes_and_the_others_see_it() {
    let chat = Running::start().await;
    let anna = chat.enter("anna", Transports::WebSocketOnly).await;
    let mut ben = chat.enter("ben", Transports::WebSocketOnly).await;
    anna.join(None).await;
    ben.join(None).await;
    let typing = Typing { room: "tea".to_owned(), name: "somebody else".to_owned(), typing: true };
    anna.socket.emit("typing", &typing);
    let heard = next(&mut ben.typing, "that anna writes").await;
    assert_eq!(heard, Typing { name: "anna".to_owned(), ..typing });
    chat.stop().await;
}

#[tokio::test]
async fn who_leaves_a_room_is_told_nothing_more_of_it_and_the_others_see_it() {
    let chat = Running::start().await;
    let anna = chat.enter("anna", Transports::WebSocketOnly).await;
    let mut ben = chat.enter("ben", Transports::WebSocketOnly).await;
    anna.join(None).await;
    let mut presence = heard::<Presence>(&anna.socket, "presence");
    let joined = ben.join(None).await;
    assert_eq!(names(&joined.people), ["anna", "ben"]);
    assert_eq!(next(&mut presence, "that ben is here").await.is, Whereabouts::Here);
    let _: Args<()> = ben.ask("leave", "tea").await.expect("a yes");
    let gone = next(&mut presence, "that ben has left").await;
    assert_eq!((&*gone.name, gone.is), ("ben", Whereabouts::Gone));
    anna.say("alone").await.expect("a yes");
    let people: Vec<Person> = anna.ask("who", "tea").await.expect("a yes");
    assert_eq!(names(&people), ["anna"]);
    let rooms: Vec<RoomSummary> = ben.ask("rooms", Args(())).await.expect("a yes");
    assert_eq!(rooms, [RoomSummary { room: "tea".to_owned(), people: 1 }]);
    let refused = ben.say("outside").await.expect_err("he is outside");
    let code = refused.data.as_ref().and_then(|data| data["code"].as_str());
    assert_eq!(code, Some("not-in-room"));
    // What was said meanwhile would have come before the answers.
    assert!(ben.messages.try_recv().is_err(), "expected nothing, came a message");
    chat.stop().await;
}

#[tokio::test]
async fn the_largest_file_passes_over_each_transport() {
    let chat = Running::start().await;
    for (name, transports) in
        [("anna", Transports::PollingOnly), ("ben", Transports::WebSocketOnly)]
    {
        let somebody = chat.enter(name, transports).await;
        somebody.join(None).await;
        let bytes = Bytes::from((0..1_000_000).map(|it| (it % 251) as u8).collect::<Vec<_>>());
        let [room, id, file, kind] = ["tea", "f1", "a.png", "image/png"].map(str::to_owned);
        let send = SendFile { room, id, name: file, kind, bytes: bytes.clone() };
        let receipt: Receipt = somebody.ask("file", send).await.expect("it is just small enough");
        let fetch = Fetch { room: "tea".to_owned(), number: receipt.number };
        let came: FileContent = somebody.ask("fetch", fetch).await.expect("it is there");
        assert!(came.bytes == bytes, "expected the same bytes, came {}", came.bytes.len());
    }
    chat.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_says_goodbye_and_one_that_starts_anew_takes_everybody_back() {
    let chat = Running::start().await;
    let mut anna = chat.enter("anna", Transports::WebSocketOnly).await;
    let mut ben = chat.enter("ben", Transports::PollingOnly).await;
    let before = anna.join(None).await;
    ben.join(None).await;
    anna.say("before").await.expect("a yes");
    next(&mut ben.messages, "a message").await;
    let address = chat.address;
    chat.stop().await;
    for goodbyes in [&mut anna.goodbyes, &mut ben.goodbyes] {
        assert_eq!(next(goodbyes, "a goodbye").await, Goodbye { why: Why::Stopping });
    }

    let chat = Running::on(address).await;
    for welcomes in [&mut anna.welcomes, &mut ben.welcomes] {
        let welcome = next(welcomes, "another welcome").await;
        assert!(!welcome.recovered && welcome.yours.is_empty(), "nothing is known: {welcome:?}");
    }
    let since = Since { epoch: before.epoch.clone(), number: 1 };
    let joined = anna.join(Some(since)).await;
    assert_eq!((joined.last, joined.complete), (0, false), "numbers of another epoch");
    ben.join(None).await;
    let receipt = anna.say("again").await.expect("a yes");
    assert_eq!((receipt.number, receipt.again), (1, false));
    assert_eq!(next(&mut ben.messages, "a message").await.id, "again");
    chat.stop().await;
}

#[tokio::test]
async fn two_at_once_have_two_numbers_and_what_is_sent_again_has_its_own() {
    let chat = Running::start().await;
    let anna = chat.enter("anna", Transports::WebSocketOnly).await;
    let mut ben = chat.enter("ben", Transports::WebSocketOnly).await;
    anna.join(None).await;
    ben.join(None).await;
    for round in 0..3 {
        let (first, second) = (format!("{round}-first"), format!("{round}-second"));
        let (first, second) = tokio::join!(anna.say(&first), anna.say(&second));
        let (first, second) = (first.expect("a yes"), second.expect("a yes"));
        assert_eq!(second.number, first.number + 1);
        let again = anna.say(&format!("{round}-first")).await.expect("a yes");
        assert_eq!(again, Receipt { again: true, ..first });
    }
    let mut numbers = Vec::new();
    for _ in 0..6 {
        numbers.push(next(&mut ben.messages, "a message").await.number);
    }
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    chat.stop().await;
}

#[tokio::test]
async fn the_desk_opens_for_the_token_and_for_nothing_else() {
    let chat = Running::start().await;
    let anna = chat.enter("anna", Transports::WebSocketOnly).await;
    anna.join(None).await;
    let client = chat.builder().build().expect("a good URL");
    let desk = client.of("/admin");
    desk.auth(Pass { token: "open simsim".to_owned() }).expect("it can be written");
    let refused = within("the server's no", desk.connect()).await;
    let Err(ConnectError::Refused(refusal)) = refused else {
        panic!("expected a refusal, came {refused:?}");
    };
    let code = refusal.data.as_ref().and_then(|data| data["code"].as_str());
    assert_eq!(code, Some("wrong-token"));
    desk.auth(Pass { token: "open sesame".to_owned() }).expect("it can be written");
    within("the server's yes", desk.connect()).await.expect("a yes");
    let seen: Vec<Seen> =
        within("who is there", desk.call("who", Args(())).into_future()).await.expect("an answer");
    let seen: Vec<_> = seen.into_iter().map(|it| (it.name, it.address, it.rooms)).collect();
    let expected = ("anna".to_owned(), "127.0.0.1".to_owned(), vec!["tea".to_owned()]);
    assert_eq!(seen, [expected]);
    chat.stop().await;
}

#[tokio::test]
async fn the_page_is_there_and_nothing_else_is() {
    let chat = Running::start().await;
    for path in ["/", "/admin", "/chat.css", "/chat.js", "/wire.js", "/socket.io.js"] {
        let answer = chat.get(&format!("GET {path}")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer:.200}");
        for header in ["content-security-policy: default-src 'none'", "x-content-type-options"] {
            assert!(answer.contains(header), "expected {header}, came {answer:.400}");
        }
    }
    for path in ["/etc/passwd", "/../Cargo.toml", "/page/chat.js", "/chat.js/"] {
        let answer = chat.get(&format!("GET {path}")).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer:.200}");
    }
    let answer = chat.get("DELETE /").await;
    assert!(answer.starts_with("HTTP/1.1 405") && answer.contains("allow: GET, HEAD"), "{answer}");
    chat.stop().await;
}

#[test]
fn the_command_line_is_read_or_says_what_was_expected() {
    let parse = |line: &str| Options::parse(line.split_whitespace().map(str::to_owned));
    assert_eq!(parse(""), Ok(Options::default()));
    let came = parse("--port 4020 --client io.js --admin-token open-sesame");
    let expected = Options {
        port: 4020,
        client: Some("io.js".into()),
        admin_token: Some("open-sesame".to_owned()),
    };
    assert_eq!(came, Ok(expected));
    for (line, expected) in [
        ("--port", "expected a value behind --port"),
        ("--port 65536", "expected a port from 0 to 65535, came \"65536\""),
        ("--admin-token sesame", "expected a token of 8 bytes or more, came 6"),
        ("--host 0.0.0.0", "expected --port, --client or --admin-token, came \"--host\""),
    ] {
        let came = parse(line).expect_err(line);
        assert!(came.starts_with(expected), "expected {expected:?}, came {came:?}");
    }
}
