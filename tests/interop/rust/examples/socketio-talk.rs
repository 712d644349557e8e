//! Our Socket.IO client, for a server that someone else wrote.
//!
//!     socketio-talk URL SETTINGS
//!
//! The settings are a JSON object. Each line of the input is what a socket is to do, as a JSON object; each line
//! of the output is what happened, as a JSON array: in which namespace, what, and more of it.

use std::collections::HashSet;
use std::error::Error;
use std::io;
use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use socketio_client::{
    Ack, Args, Builder, Bytes, Call, Client, ConnectError, Delays, DisconnectReason, Event,
    FromArgs, MsgPack, RawArgs, Reconnection, Refusal, Socket, State, Transports,
};
use tokio::sync::mpsc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    way: String,
    parser: Option<String>,
    retries: Option<u32>,
    call_timeout: Option<u64>,
    attempts: Option<u32>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default = "main_namespace")]
    nsp: String,
    #[serde(flatten)]
    command: Command,
}

fn main_namespace() -> String {
    "/".to_owned()
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Command {
    Connect,
    Open,
    Disconnect,
    Emit {
        name: String,
        args: Vec<Value>,
    },
    Volatile {
        name: String,
        args: Vec<Value>,
    },
    Call {
        name: String,
        args: Vec<Value>,
    },
    Words {
        number: u64,
    },
    CallWords {
        number: u64,
    },
    /// Says that all before was handed to the client.
    Tick,
    Close,
    Drop,
}

/// Bytes at several depths.
#[derive(Deserialize, Serialize)]
struct Words {
    number: u64,
    bytes: Bytes,
    deep: Vec<Option<Bytes>>,
}

impl Words {
    fn new(number: u64) -> Self {
        let bytes = Bytes::from(number.to_be_bytes().to_vec());
        Self { number, deep: vec![Some(Bytes::new()), None, Some(bytes.clone())], bytes }
    }

    /// Its bytes as lists of numbers.
    fn shown(&self) -> Value {
        let deep: Vec<_> = self.deep.iter().map(|it| it.as_ref().map(|it| it.to_vec())).collect();
        json!([self.number, self.bytes.to_vec(), deep])
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, settings] = &arguments[..] else { return Err("expected URL SETTINGS".into()) };
    let settings = serde_json::from_str(settings)?;
    let mut client = Some(builder(url, settings)?.build()?);
    let mut prepared = HashSet::new();
    let mut lines = input();
    tokio::spawn(tell_events(client.as_ref().expect("it was just built")));
    while let Some(line) = lines.recv().await {
        let Line { nsp, command } = serde_json::from_str(&line)?;
        let Some(open) = &client else { return Err(format!("no client for {line}").into()) };
        let socket = open.of(&nsp);
        if prepared.insert(nsp) {
            prepare(&socket);
        }
        match command {
            Command::Close => {
                open.close().await;
                tell_of_client("closed");
            }
            Command::Tick => tell_of_client("ticks"),
            Command::Drop => client = None,
            command => carry_out(socket, command),
        }
    }
    Ok(())
}

fn builder(url: &str, settings: Settings) -> Result<Builder, Box<dyn Error>> {
    let mut builder = Client::builder(url)
        .transports(transports(&settings.way)?)
        .on_problem(|problem| tell_of_client(format_args!("problem: {problem}")))
        .reconnection(Reconnection {
            attempts: settings.attempts,
            delays: Delays {
                first: Duration::from_millis(100),
                max: Duration::from_millis(500),
                ..Default::default()
            },
            ..Default::default()
        });
    if let Some(retries) = settings.retries {
        builder = builder.retries(retries);
    }
    if let Some(ms) = settings.call_timeout {
        builder = builder.call_timeout(Duration::from_millis(ms));
    }
    Ok(match settings.parser.as_deref() {
        None | Some("JSON") => builder,
        Some("MessagePack") => builder.parser(MsgPack),
        Some(came) => return Err(format!("expected JSON or MessagePack, came {came}").into()),
    })
}

fn transports(way: &str) -> Result<Transports, String> {
    Ok(match way {
        "upgrade" => Transports::PollingThenUpgrade,
        "polling" => Transports::PollingOnly,
        "websocket" => Transports::WebSocketOnly,
        "websocket-first" => Transports::WebSocketFirst,
        came => return Err(format!("expected a way, came {came}")),
    })
}

fn input() -> mpsc::UnboundedReceiver<String> {
    let (sender, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        io::stdin().lines().map_while(Result::ok).try_for_each(|it| sender.send(it))
    });
    lines
}

/// They do not keep the client.
fn tell_events(client: &Client) -> impl Future<Output = ()> + use<> {
    let mut events = client.events();
    async move {
        while let Some(event) = events.next().await {
            tell_of_client(event);
        }
        tell_of_client("ended");
    }
}

/// Shows at the n-th visit that it is the n-th, says what it hears, and answers.
fn prepare(socket: &Socket) {
    let visits = Arc::new(AtomicU64::new(0));
    socket.auth_with(async move || json!({ "visit": visits.fetch_add(1, Ordering::Relaxed) + 1 }));
    socket.on_connect(async |socket: Socket| {
        if let State::Connected { id, recovered } = &*socket.state().borrow() {
            tell(&socket, "connect", [json!(id), json!(recovered)]);
        }
    });
    socket.on_connect_error(async |socket: Socket, error| {
        tell(&socket, "connect_error", reasons(&error));
    });
    socket.on_disconnect(async |socket: Socket, reason: DisconnectReason| {
        tell(&socket, "disconnect", [json!(reason.to_string())]);
    });

    tokio::spawn(tell_states(socket));
    socket.on_any(async |socket: Socket, event: Event| {
        // What has bytes in it is shown by its handler.
        let Args(args) = event.args.decode().unwrap_or(Args(Vec::new()));
        tell(&socket, "hears", iter::once(json!(&*event.name)).chain(args));
    });
    socket.once("once", async |socket: Socket| tell(&socket, "hears the first", []));
    socket.on("echo", async |socket: Socket, args: RawArgs| socket.emit("echo", args));
    socket.on("words", async |socket: Socket, words: Words| {
        tell(&socket, "reads", [words.shown()]);
    });
    socket.on("ask", async |_: Socket, args: RawArgs| Ack(args));
    socket.on("refuse", async |_: Socket| {
        Err::<(), _>(Refusal::new("not today").with_data(json!({ "try": "tomorrow" })))
    });
}

/// Not each of them: what changes at once is one change. They do not keep the client.
fn tell_states(socket: &Socket) -> impl Future<Output = ()> + use<> {
    let (nsp, mut states) = (json!(socket.nsp().as_str()), socket.state());
    async move {
        while states.changed().await.is_ok() {
            let state = match *states.borrow_and_update() {
                State::Disconnected => "disconnected",
                State::Connecting => "connecting",
                State::Connected { .. } => "connected",
            };
            println!("{}", json!([nsp, "is", state]));
        }
    }
}

fn reasons(error: &ConnectError) -> Vec<Value> {
    match error {
        ConnectError::Refused(Refusal { message, data }) => vec![json!(message), json!(data)],
        error => vec![json!(error.to_string())],
    }
}

fn carry_out(socket: Socket, command: Command) {
    match command {
        Command::Connect => {
            tokio::spawn(async move {
                match socket.connect().await {
                    Ok(()) => tell(&socket, "joined", [json!(socket.id())]),
                    Err(error) => tell(&socket, "not joined", reasons(&error)),
                }
            });
        }
        Command::Open => socket.open(),
        Command::Disconnect => socket.disconnect(),
        Command::Emit { name, args } => socket.emit(&name, Args(args)),
        Command::Volatile { name, args } => socket.emit_volatile(&name, Args(args)),
        Command::Words { number } => socket.emit("words", Words::new(number)),
        Command::Call { name, args } => {
            let call = socket.call::<Args<Vec<Value>>>(&name, Args(args));
            tokio::spawn(answered(socket, name, call, |Args(args)| json!(args)));
        }
        Command::CallWords { number } => {
            let call = socket.call::<Words>("words", Words::new(number));
            tokio::spawn(answered(socket, "words".to_owned(), call, |words| words.shown()));
        }
        Command::Tick | Command::Close | Command::Drop => unreachable!("they are for the client"),
    }
}

async fn answered<T: FromArgs + 'static>(
    socket: Socket,
    name: String,
    call: Call<T>,
    show: fn(T) -> Value,
) {
    match call.await {
        Ok(answer) => tell(&socket, "is answered", [json!(name), show(answer)]),
        Err(error) => tell(&socket, "is not answered", [json!(name), json!(error.to_string())]),
    }
}

fn tell(socket: &Socket, what: &str, more: impl IntoIterator<Item = Value>) {
    let line = [json!(socket.nsp().as_str()), json!(what)];
    println!("{}", Value::from_iter(line.into_iter().chain(more)));
}

/// What is of no namespace.
fn tell_of_client(what: impl ToString) {
    println!("{}", json!(["client", what.to_string()]));
}
