//! A server with two namespaces, both on one connection of each client. Everybody may come into `/`;
//! into `/admin` comes who shows the token `secret`, and is asked something at once.
//!
//! Whoever asks is answered with what they sent. The event `kick` ends the socket that sent it, `hang up`
//! its whole connection.
//!
//! ```console
//! $ cargo run -p lesson-13-socketio-session --example multiplex
//! $ npm install socket.io-client
//! $ node -e 'require("socket.io-client")("http://127.0.0.1:4013").emit("hello", "you")'
//! ```

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use engineio_server::{Connection, Cors, Server};
use lesson_13_socketio_session::{
    AckToken, CloseReason, Config, Event, Output, Refusal, Session, SocketId, SocketKey,
};
use serde_json::{Value, json};
use socketio_packet::{AckId, Args, EncodedPacket, Json, Namespace, RawArgs, RawData};
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;
use tokio::time::{Instant, sleep_until};
use tokio::{join, select};

const PARSER: Json = Json::new(socketio_packet::MAX_ATTACHMENTS);

/// How long a client may think about what it is asked.
const PATIENCE: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = listen().await.unwrap_or_else(|problem| {
        eprintln!("{problem}");
        std::process::exit(2);
    });
    let address = listener.local_addr()?;
    let server = Server::builder()
        .path("/socket.io/")
        .cors(Cors::any())
        .shutdown_timeout(Duration::from_secs(2))
        .build();
    let stop = async {
        // Ctrl+C first: whoever has read the line may press it.
        let _ = join!(biased; ctrl_c(), async {
            println!("listening on http://{address} (Ctrl+C stops)");
        });
        server.shutdown().await;
    };
    join!(stop, server.serve(listener, visit));
    Ok(())
}

async fn visit(connection: Connection) {
    Visit::new(connection).run().await;
}

/// One connection, and who came over it.
struct Visit {
    /// The first letters of its id: all of it is a secret.
    name: String,
    connection: Connection,
    /// An asker is what it asked.
    session: Session<&'static str>,
    /// In which namespace each socket is.
    namespaces: BTreeMap<SocketKey, Namespace>,
    asked: u64,
}

impl Visit {
    fn new(connection: Connection) -> Self {
        let now = Instant::now().into_std();
        Self {
            name: connection.sid().as_str()[..4].to_owned(),
            session: Session::new(Arc::new(PARSER), Config::default(), now),
            connection,
            namespaces: BTreeMap::new(),
            asked: 0,
        }
    }

    async fn run(mut self) {
        println!("{}  opens on {}", self.name, self.connection.transport());
        while self.connection.close_reason().is_none() {
            select! {
                biased;
                message = self.connection.next() => match message {
                    Some(message) => self.session.handle_message(message),
                    None => self.session.handle_close(self.why()),
                },
                () = until(self.session.poll_timeout()) => {
                    self.session.handle_timeout(Instant::now().into_std());
                }
            }
            while let Some(output) = self.session.poll_output() {
                self.perform(output).await;
            }
        }
        println!("{}  is gone", self.name);
    }

    async fn perform(&mut self, output: Output<&'static str>) {
        match output {
            Output::Send(packet) => {
                for message in packet.encoded_messages() {
                    let _ = self.connection.send(message); // what ends it, `next` says
                }
            }
            Output::Close(reason) => {
                self.print("closes:", &reason.to_string());
                self.connection.close();
            }
            Output::Event(event) => self.handle(event),
        }
    }

    fn handle(&mut self, event: Event<&'static str>) {
        match event {
            Event::Connecting { key, nsp, auth } => self.decide(key, nsp, auth.as_ref()),
            Event::Refused { nsp, refusal } => {
                self.print(&format!("is kept out of {nsp}:"), &refusal.message);
            }
            Event::Received { key, name, args, ack } => self.hear(key, &name, args, ack),
            Event::Answered { asker, args } => match args.decode() {
                Ok(Args(values)) => self.print(asker, &Value::Array(values).to_string()),
                Err(error) => self.session.handle_args_error(error),
            },
            Event::Unanswered { asker, why } => self.print(asker, &why.to_string()),
            Event::Left { key, reason } => {
                let nsp = self.namespaces.remove(&key).expect("it joined");
                self.print(&format!("leaves {nsp}:"), &reason.to_string());
            }
        }
    }

    /// Who comes in?
    fn decide(&mut self, key: SocketKey, nsp: Namespace, auth: Option<&RawData>) {
        let refusal = match nsp.as_str() {
            "/" => None,
            "/admin" if shows_the_token(auth) => None,
            "/admin" => {
                Some(Refusal::from("not an admin").with_data(json!({ "shows": "no token" })))
            }
            _ => Some(Refusal::from("Invalid namespace")),
        };
        if let Some(refusal) = refusal {
            self.print(&format!("is kept out of {nsp}:"), &refusal.message);
            return self.session.refuse(key, &refusal);
        }
        let id = new_id();
        self.print(&format!("joins {nsp} as"), id.as_str());
        self.session.accept(key, &id);
        if nsp.as_str() == "/admin" {
            self.ask(key, &nsp, "are you sure?");
        }
        self.namespaces.insert(key, nsp);
    }

    fn ask(&mut self, key: SocketKey, nsp: &Namespace, question: &'static str) {
        let id = AckId(self.asked);
        self.asked += 1;
        let packet = EncodedPacket::event(&PARSER, nsp, Some(id), "question", question);
        let deadline = Instant::now() + PATIENCE;
        self.session.call(key, id, packet.expect("a text"), deadline.into_std(), question);
    }

    fn hear(&mut self, key: SocketKey, name: &str, args: RawArgs, ack: Option<AckToken>) {
        let nsp = self.namespaces[&key].clone();
        match args.clone().decode() {
            Ok(Args(values)) => {
                self.print(&format!("{nsp} {name}"), &Value::Array(values).to_string());
            }
            Err(error) => return self.session.handle_args_error(error),
        }
        if let Some(token) = ack {
            match EncodedPacket::ack(&PARSER, &nsp, token.id(), args) {
                Ok(packet) => self.session.answer(token, packet),
                Err(problem) => self.print("cannot answer", &problem.to_string()),
            }
        }
        match name {
            "kick" => self.session.disconnect(key),
            "hang up" => self.session.close(),
            _ => {}
        }
    }

    fn why(&self) -> CloseReason {
        self.connection.close_reason().cloned().unwrap_or(CloseReason::ByServer)
    }

    fn print(&self, what: &str, more: &str) {
        println!("{}  {what} {more}", self.name);
    }
}

/// Sleeps; without a deadline, for ever.
async fn until(deadline: Option<std::time::Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline.into()).await,
        None => pending().await,
    }
}

fn shows_the_token(auth: Option<&RawData>) -> bool {
    let shown: Option<BTreeMap<String, Value>> = auth.and_then(|auth| auth.decode().ok());
    shown.is_some_and(|shown| shown.get("token") == Some(&Value::from("secret")))
}

fn new_id() -> SocketId {
    let mut bytes = [0; 15];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    SocketId::from_random(bytes)
}

async fn listen() -> Result<TcpListener, String> {
    let port = port()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    listener.map_err(|problem| {
        format!("cannot listen on port {port}: {problem}; try another with --port")
    })
}

/// What follows `--port`; 4013 without it.
fn port() -> Result<u16, String> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Ok(4013),
        (Some("--port"), Some(port)) => {
            port.parse().map_err(|_| format!("expected a port after --port, came {port:?}"))
        }
        (Some(came), _) => Err(format!("expected --port and a number, came {came:?}")),
    }
}
