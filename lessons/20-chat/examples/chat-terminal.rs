//! The chat in a terminal, in the same rooms as the page.
//!
//!     cargo run -p lesson-20-chat --example chat-terminal -- http://127.0.0.1:4020 Ada
//!
//! A line is said in the room that was joined last. What begins with a slash is a command; `/help` lists them. The
//! connection is made again when it breaks, and what has no receipt by then is said again, under the same id.

use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lesson_20_chat::{
    Entry, Goodbye, Join, Joined, Message, Mute, Notice, Person, Presence, Read, Receipt, Say,
    Since, Welcome, Whereabouts, Whisper, WhisperReceipt, Whispered,
};
use serde::Serialize;
use socketio::client::{
    Args, CallError, ConnectError, DisconnectReason, FromArgs, ManagerEvent, Socket,
};
use socketio::{Client, Refusal};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::sync::mpsc;
use tokio::time::sleep;

const HELP: &str = "/join ROOM   /leave   /who   /msg NAME TEXT   /quit";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, name] = &arguments[..] else {
        eprintln!("expected the chat's URL and your name, came {:?}", arguments.join(" "));
        return ExitCode::from(2);
    };
    match talk(url, name).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn talk(url: &str, name: &str) -> Result<(), Box<dyn Error>> {
    let client = Client::builder(url).build()?;
    let terminal = Terminal { socket: client.of("/"), known: Arc::default() };
    terminal.socket.auth(Entry { name: name.to_owned(), key: random() })?;
    let (end, mut ended) = mpsc::unbounded_channel();
    terminal.listen(end);
    terminal.socket.open();
    let (lines, mut waiting) = mpsc::unbounded_channel::<String>();
    let obeying = terminal.clone();
    // One after the other, so that what is said again keeps its place.
    tokio::spawn(async move {
        while let Some(line) = waiting.recv().await {
            obeying.obey(&line).await;
        }
    });
    let (mut events, mut typed) = (client.events(), BufReader::new(stdin()).lines());
    loop {
        tokio::select! {
            Some(why) = ended.recv() => {
                println!("* {why}");
                break;
            }
            Some(event) = events.next() => show_event(&event),
            line = typed.next_line() => match line? {
                Some(line) if line.trim() == "/quit" => break,
                Some(line) => lines.send(line)?,
                None => break,
            },
        }
    }
    client.close().await;
    Ok(())
}

/// What becomes of the connection, without what follows from it.
fn show_event(event: &ManagerEvent) {
    match event {
        ManagerEvent::Close(_) | ManagerEvent::Reconnect { .. } => println!("* {event}"),
        _ => {}
    }
}

#[derive(Clone)]
struct Terminal {
    socket: Socket,
    known: Arc<Mutex<Known>>,
}

/// What is known here when the server knows nothing any more.
#[derive(Default)]
struct Known {
    /// Up to where each room's messages are heard.
    rooms: BTreeMap<String, Since>,
    /// In which of them a line is said.
    current: Option<String>,
    /// By sender and id, the latest first: a whisper may come twice.
    whispers: VecDeque<(String, String)>,
}

/// As many as the server keeps for one person.
const WHISPERS: usize = 50;

/// What the server tells.
impl Terminal {
    fn listen(&self, end: mpsc::UnboundedSender<String>) {
        let it = self.clone();
        self.socket
            .on("welcome", async move |_: Socket, welcome: Welcome| it.welcome(welcome).await);
        let it = self.clone();
        self.socket.on("message", async move |_: Socket, message: Message| it.show(&message));
        let name_of = |it: &Presence| printable(&it.name);
        self.socket.on("presence", async move |_: Socket, it: Presence| {
            let is = match it.is {
                Whereabouts::Here => "is here",
                Whereabouts::Away => "is away",
                Whereabouts::Gone => "has left",
            };
            println!("* #{}: {} {is}", it.room, name_of(&it));
        });
        let it = self.clone();
        // What is answered is a receipt: it has been shown.
        self.socket
            .on("whisper", async move |_: Socket, whispered: Whispered| it.show_once(whispered));
        self.socket.on("read", async |_: Socket, it: Read| {
            println!("* {} has read your whisper", printable(&it.to));
        });
        self.socket
            .on("notice", async |_: Socket, it: Notice| println!("! {}", printable(&it.text)));
        self.socket.on("muted", async |_: Socket, it: Mute| match it.seconds {
            0 => println!("* you may speak again"),
            seconds => println!("* muted for {seconds} s"),
        });
        self.socket
            .on("goodbye", async |_: Socket, it: Goodbye| println!("* goodbye: {:?}", it.why));
        let refused = end.clone();
        self.socket
            .on_connect_error(async move |_: Socket, error: ConnectError| {
                if let ConnectError::Refused(_) = error {
                    let _ = refused.send(error.to_string());
                }
            })
            .on_disconnect(async move |_: Socket, reason: DisconnectReason| {
                if reason == DisconnectReason::ByServer {
                    let _ = end.send("the server has ended it".to_owned());
                }
            });
    }

    /// All that was missed has come, or is asked for.
    async fn welcome(&self, welcome: Welcome) {
        println!("* you are {}, there are {} rooms", welcome.name, welcome.rooms.len());
        let rooms: Vec<String> = self.known().rooms.keys().cloned().collect();
        if !welcome.recovered {
            for room in rooms {
                self.join(&room).await;
            }
        }
    }

    fn show(&self, message: &Message) {
        let said = match &message.file {
            Some(file) => format!("({}, {} bytes)", printable(&file.name), file.size),
            None => printable(&message.text),
        };
        println!("#{} {}: {said}", message.room, printable(&message.from));
        if let Some(since) = self.known().rooms.get_mut(&message.room) {
            since.number = since.number.max(message.number);
        }
    }

    fn show_once(&self, Whispered { from, id, text, .. }: Whispered) {
        let mut known = self.known();
        let whisper = (from, id);
        if !known.whispers.contains(&whisper) {
            println!("[{}] {}", printable(&whisper.0), printable(&text));
            known.whispers.truncate(WHISPERS - 1);
            known.whispers.push_front(whisper);
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is typed.
impl Terminal {
    async fn obey(&self, line: &str) {
        let (command, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let current = self.known().current.clone();
        match (command, current) {
            ("", _) => {}
            ("/join", _) => {
                if self.join(rest.trim()).await {
                    self.known().current = Some(rest.trim().to_owned());
                }
            }
            ("/msg", _) => match rest.trim().split_once(' ') {
                Some((to, text)) => self.whisper(to, text).await,
                None => println!("! expected /msg NAME TEXT"),
            },
            ("/leave", Some(room)) => self.leave(&room).await,
            ("/who", Some(room)) => self.who(&room).await,
            (command, _) if command.starts_with('/') && !["/leave", "/who"].contains(&command) => {
                println!("{HELP}");
            }
            (_, None) => println!("! expected a room first: /join ROOM"),
            (_, Some(room)) => self.say(&room, line.trim()).await,
        }
    }

    /// Whether it is in there now.
    async fn join(&self, room: &str) -> bool {
        let since = self.known().rooms.get(room).cloned();
        let wish = Join { room: room.to_owned(), since };
        let Some(joined) = or_shown(self.ask::<Joined>("join", &wish).await) else {
            return false;
        };
        let names: Vec<String> = joined.people.iter().map(|it| printable(&it.name)).collect();
        println!("* #{room}: {}", names.join(", "));
        if !joined.complete {
            println!("* #{room}: something before this is forgotten");
        }
        let since = Since { epoch: joined.epoch, number: joined.last };
        let mut known = self.known();
        // What was said between the question and its answer has been shown.
        let heard = known.rooms.get(room).filter(|it| it.epoch == since.epoch);
        let heard = heard.map_or(0, |it| it.number);
        known.rooms.insert(room.to_owned(), since);
        drop(known);
        let news = joined.messages.iter().filter(|message| message.number > heard);
        news.for_each(|message| self.show(message));
        true
    }

    async fn leave(&self, room: &str) {
        if or_shown(self.ask::<Args<()>>("leave", room).await).is_some() {
            let mut known = self.known();
            known.rooms.remove(room);
            known.current = known.rooms.keys().next().cloned();
            println!("* you have left #{room}");
        }
    }

    async fn who(&self, room: &str) {
        let people = or_shown(self.ask::<Vec<Person>>("who", room).await);
        for person in people.unwrap_or_default() {
            println!("  {}{}", printable(&person.name), if person.away { " (away)" } else { "" });
        }
    }

    async fn say(&self, room: &str, text: &str) {
        let say = Say { room: room.to_owned(), id: random(), text: text.to_owned() };
        let mut answer = self.ask::<Receipt>("say", &say).await;
        if answer.as_ref().is_err_and(|no| code(no) == Some("not-in-room")) {
            // The server was started anew, and this came before the welcome.
            self.join(room).await;
            answer = self.ask("say", &say).await;
        }
        if let Some(receipt) = or_shown(answer) {
            println!("  ✓ {}", receipt.number);
        }
    }

    async fn whisper(&self, to: &str, text: &str) {
        let whisper = Whisper { to: to.to_owned(), id: random(), text: text.to_owned() };
        if let Some(receipt) = or_shown(self.ask::<WhisperReceipt>("whisper", &whisper).await) {
            println!("  ✓ {}", if receipt.read { "read" } else { "kept" });
        }
    }

    /// Asks until there is an answer: over as many connections as that takes, and as slowly as the server wants it.
    async fn ask<T>(&self, event: &str, wish: impl Serialize) -> Result<T, Refusal>
    where
        T: FromArgs + 'static,
    {
        loop {
            match self.socket.call::<T>(event, &wish).await {
                Ok(answer) => return Ok(answer),
                Err(CallError::Disconnected | CallError::TimedOut { .. }) => {}
                Err(CallError::Refused(no)) => match retry(&no) {
                    Some(wait) => sleep(wait).await,
                    None => return Err(no),
                },
                Err(error) => return Err(Refusal::new(error.to_string())),
            }
        }
    }
}

fn or_shown<T>(answer: Result<T, Refusal>) -> Option<T> {
    answer.inspect_err(|no| println!("! {}", printable(&no.message))).ok()
}

fn code(no: &Refusal) -> Option<&str> {
    no.data.as_ref()?.get("code")?.as_str()
}

/// How long a refusal asks to wait, if it does.
fn retry(no: &Refusal) -> Option<Duration> {
    let ms = no.data.as_ref()?.get("retry_ms")?.as_u64()?;
    Some(Duration::from_millis(ms))
}

/// What others write must not move the cursor, nor ring the bell.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn random() -> String {
    format!("{:032x}", rand::random::<u128>())
}
