//! All that a client can see of a server. The clients of other languages are tested against this one:
//! see `tests/interop`.
//!
//! ```console
//! $ cargo run -p socketio --example socketio-interop -- --port 3000
//! ```
//!
//! `--ping MS` sets how often a client is pinged, and how long it may take to answer; `--connect MS`,
//! how long until it has joined a namespace; `--recovery MS`, for how long a client may be away and come
//! back as who it was. With the feature `msgpack`, `--msgpack` speaks MessagePack.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use socketio::{
    Ack, Args, Broadcast, Builder, Bytes, CallError, Cors, DisconnectReason, Event, Handshake,
    LogConfig, MemoryLog, Namespace, Next, Pattern, RawArgs, Refusal, Server, Socket,
};
use tokio::join;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;
use tokio::task::yield_now;
use tokio::time::sleep;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let (port, builder) = settings(std::env::args().skip(1)).unwrap_or_else(|problem| {
        eprintln!("{problem}");
        std::process::exit(2);
    });
    let io = builder.build();
    talk(&io.of("/"));
    gather(&io.of("/"));
    talk(&io.of("/other"));
    io.of_dynamic(Pattern::new("/house-*"), |house| talk(&house));
    let is_floor =
        |name: &str| name.strip_prefix("/floor-").is_some_and(|n| n.parse::<u8>().is_ok());
    io.of_dynamic(is_floor, |floor| talk(&floor));
    guard(&io);
    filter(&io.of("/filtered"));
    note(&io.of("/"));
    let passes = io.of("/passes");
    expire(&passes);
    note(&passes);

    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{} (Ctrl+C stops)", listener.local_addr()?);
    let stop = async {
        let _ = ctrl_c().await;
        io.shutdown().await;
    };
    join!(stop, io.serve(listener));
    Ok(())
}

/// One client and the server.
fn talk(nsp: &Namespace) {
    nsp.on_connect(async |socket: Socket| {
        let auth: Value = socket.handshake().auth().unwrap_or_default();
        socket.emit("welcome", Args((socket.id(), auth)));
    });
    nsp.on("echo", async |socket: Socket, args: RawArgs| socket.emit("echo", args));
    nsp.on("κόσμε \"\\\n😀", async |_: Socket, args: RawArgs| Ack(args));
    nsp.on("ask", async |_: Socket, args: RawArgs| Ack(args));
    nsp.on("add", async |_: Socket, Args((a, b)): Args<(i64, i64)>| Ack(a + b));
    nsp.on("nothing", async |_: Socket| ());
    nsp.on("refuse", async |_: Socket| {
        Err::<(), _>(Refusal::new("not today").with_data(json!({ "try": "tomorrow" })))
    });
    nsp.on("panic", async |_: Socket| -> Result<(), Refusal> { panic!("as it was told to") });
    nsp.on("ask slowly", async |_: Socket| sleep(Duration::from_secs(1)).await);
    nsp.on("number", async |socket: Socket, number: u64| {
        // Now and then it takes longer.
        match number % 100 {
            0 => sleep(Duration::from_millis(5)).await,
            _ => yield_now().await,
        }
        socket.emit("number", number);
    });
    // The question's name, the answer's timeout in milliseconds, and what is asked.
    nsp.on(
        "call me",
        async |socket: Socket, Args((name, ms, args)): Args<(String, u64, Value)>| {
            let timeout = Duration::from_millis(ms);
            match socket.call::<RawArgs>(&name, args).timeout(timeout).await {
                Ok(args) => socket.emit("answered", args),
                Err(error) => socket.emit("unanswered", error.to_string()),
            }
        },
    );
    nsp.on("handshake", async |socket: Socket| Ack(socket.handshake().to_json()));
    // For the socket, and for all sockets of its connection.
    nsp.on("remember", async |socket: Socket, what: String| {
        socket.extensions().insert(what.clone());
        socket.handshake().extensions().insert(what);
    });
    nsp.on("recall", async |socket: Socket| {
        let (own, common) = (socket.extensions(), socket.handshake().extensions());
        let [own, common] = [own, common].map(|it| it.get::<String>().map(|what| what.to_string()));
        Ack((own, common))
    });
    nsp.on("recovered?", async |socket: Socket| Ack(socket.is_recovered()));
    nsp.on("disconnect me", async |socket: Socket| socket.disconnect());
    nsp.on("hang up", async |socket: Socket| socket.disconnect_all());
}

/// Whom a client means.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Audience {
    to: Vec<String>,
    except: Vec<String>,
    /// The server speaks, so that the client hears it too.
    myself: bool,
    volatile: bool,
    local: bool,
}

impl Default for Audience {
    fn default() -> Self {
        Self { to: Vec::new(), except: Vec::new(), myself: true, volatile: false, local: false }
    }
}

impl Audience {
    fn select(&self, main: &Namespace, socket: &Socket) -> Broadcast {
        let all = if self.myself { main.everybody() } else { socket.broadcast() };
        let all = self.to.iter().fold(all, |all, room| all.to(room));
        let all = self.except.iter().fold(all, |all, room| all.except(room));
        let all = if self.local { all.local() } else { all };
        if self.volatile { all.volatile() } else { all }
    }
}

/// What clients say to each other.
#[derive(Deserialize, Serialize)]
struct Words {
    number: u64,
    bytes: Bytes,
}

/// Clients and each other.
fn gather(main: &Namespace) {
    main.on("join", async |socket: Socket, room: String| socket.join(&room));
    main.on("leave", async |socket: Socket, room: String| socket.leave(&room));
    main.on("rooms", async |socket: Socket| Ack(Args((socket.rooms(),))));
    main.on("describe", async |socket: Socket, data: Value| {
        socket.set_data(&data).map_err(|error| error.to_string())
    });

    let all = main.clone();
    main.on("say", async move |socket: Socket, Args((to, words)): Args<(Audience, Words)>| {
        to.select(&all, &socket).emit("heard", words);
    });
    let all = main.clone();
    main.on("call all", async move |socket: Socket, Args((to, ms)): Args<(Audience, u64)>| {
        let timeout = Duration::from_millis(ms);
        let call = to.select(&all, &socket).call::<Value>("question", Args(())).timeout(timeout);
        let answers = call.await.map_err(|error| error.to_string())?;
        let missing = answers.iter().filter(|it| matches!(it, Err(CallError::TimedOut { .. })));
        let (missing, heard) = (missing.count(), answers.into_iter().flatten().collect());
        Ok::<(Value, usize), String>((Value::Array(heard), missing))
    });
    let all = main.clone();
    main.on("fetch", async move |socket: Socket, to: Audience| {
        let found = to.select(&all, &socket).fetch().await;
        let told =
            found.iter().map(|it| json!({ "id": it.id, "rooms": it.rooms, "data": it.data }));
        Ack(Value::Array(told.collect()))
    });
    let all = main.clone();
    main.on("bring", async move |socket: Socket, Args((to, room)): Args<(Audience, String)>| {
        to.select(&all, &socket).join(&room);
    });
    let all = main.clone();
    main.on(
        "send away",
        async move |socket: Socket, Args((to, room)): Args<(Audience, String)>| {
            to.select(&all, &socket).leave(&room);
        },
    );
    let all = main.clone();
    // From here, or from everywhere.
    main.on(
        "throw out",
        async move |socket: Socket, Args((to, everywhere)): Args<(Audience, bool)>| {
            let them = to.select(&all, &socket);
            if everywhere { them.disconnect_all() } else { them.disconnect() }
        },
    );

    main.on_disconnecting(|socket: Socket, reason: &DisconnectReason| {
        let told = Args((socket.id(), reason.reference_name(), socket.rooms()));
        socket.broadcast().emit("leaving", told);
    });
    main.on_disconnect(async |socket: Socket, reason: DisconnectReason| {
        socket.broadcast().emit("left", Args((socket.id(), reason.reference_name())));
    });
}

#[derive(Deserialize)]
struct Pass {
    token: String,
    name: String,
}

struct Guest {
    name: String,
}

/// A namespace that not everybody may enter.
fn guard(io: &Server) {
    let guarded = io.of("/guarded").auth(async |_: Handshake, pass: Pass| match &*pass.token {
        "sesame" => Ok(Guest { name: pass.name }),
        _ => Err(Refusal::new("not authorized").with_data(json!({ "token": pass.token }))),
    });
    guarded.wrap(async |handshake: Handshake| {
        match handshake.head().query_value("from").as_deref() {
            Some("afar") => Err("not from afar"),
            _ => Ok(()),
        }
    });
    guarded.on("who am i", async |socket: Socket<Guest>| Ack(socket.user().name.clone()));
}

/// A namespace where events are looked at before they are handled.
fn filter(nsp: &Namespace) {
    nsp.wrap_packet(async |_: Socket, event: Event, next: Next| match &*event.name {
        "forbidden" => Err(Refusal::new("this is forbidden")),
        "old name" => Ok(next.run(Event { name: "new name".into(), ..event }).await),
        _ => Ok(next.run(event).await),
    });
    nsp.on_any(async |socket: Socket, event: Event| socket.emit("seen", event.name.to_string()));
    nsp.on("new name", async |_: Socket, args: RawArgs| Ack(args));
}

#[derive(Deserialize)]
struct Note {
    who: String,
    number: u64,
}

/// What was heard, for whoever counts what is lost. It is printed, since a server that is killed keeps nothing.
fn note(nsp: &Namespace) {
    nsp.on("note", async |_: Socket, Note { who, number }: Note| println!("noted {who} {number}"));
}

#[derive(Deserialize)]
struct Visit {
    visit: u64,
}

/// A namespace where a pass is good for one visit: the second is refused, the third has a new one.
fn expire(nsp: &Namespace) {
    nsp.wrap(async |handshake: Handshake| match handshake.auth() {
        Ok(Visit { visit }) if visit % 2 == 1 => Ok(()),
        Ok(Visit { .. }) => Err(Refusal::new("your pass has expired")),
        Err(error) => Err(Refusal::new(error.to_string())),
    });
}

fn settings(mut args: impl Iterator<Item = String>) -> Result<(u16, Builder), String> {
    let mut builder = Server::builder()
        .cors(Cors::any())
        .engine(|engine| engine.shutdown_timeout(Duration::from_secs(2)));
    let mut port = 3000;
    while let Some(name) = args.next() {
        match &*name {
            "--port" => port = number(&name, args.next())?,
            "--ping" => {
                let ms = Duration::from_millis(number(&name, args.next())?);
                builder = builder.ping_interval(ms).ping_timeout(ms);
            }
            "--connect" => {
                let ms = Duration::from_millis(number(&name, args.next())?);
                builder = builder.connect_timeout(ms);
            }
            "--recovery" => {
                let max_disconnection = Duration::from_millis(number(&name, args.next())?);
                let unnoticed = max_disconnection;
                let config = LogConfig { max_disconnection, unnoticed, ..LogConfig::default() };
                builder = builder.recovery(MemoryLog::from(config));
            }
            #[cfg(feature = "msgpack")]
            "--msgpack" => builder = builder.parser(socketio::MsgPack),
            _ => {
                return Err(format!(
                    "expected --port, --ping, --connect, --recovery or --msgpack, came {name:?}"
                ));
            }
        }
    }
    Ok((port, builder))
}

fn number<T: std::str::FromStr>(name: &str, came: Option<String>) -> Result<T, String> {
    let number = came.as_deref().and_then(|came| came.parse().ok());
    number.ok_or_else(|| format!("expected a number behind {name}, came {came:?}"))
}
