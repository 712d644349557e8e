//! What comes back with a client that was away.
//!
//! A phone is in a tunnel for 60 s. Its application goes on: where the finger is, sixty times a second, and a
//! line of text every ten seconds. Then there is a connection again, to a server in this process. What arrives
//! is counted there, once for each way to deal with it.
//!
//! ```console
//! $ cargo run -p lesson-17-buffering --example flood
//! ```

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use engineio_client::{Client, Connection, Transports};
use lesson_17_buffering::{Bound, Config, Mailroom, Output, Overflow};
use socketio_packet::{
    AckId, Args, ByteString, EncodedPacket, Json, Namespace, Packet, Parser, Reassembly, ToArgs,
};
use socketio_server::{Server, Socket};
use tokio::net::TcpListener;

const PARSER: Json = Json::new(socketio_packet::MAX_ATTACHMENTS);

/// How long the tunnel is, in seconds.
const TUNNEL: u32 = 60;
const POSITIONS_A_SECOND: u32 = 60;
const SECONDS_A_LINE: u32 = 10;

/// One way to deal with it.
struct Cure {
    name: &'static str,
    config: Config,
    positions: How,
    lines: How,
}

/// How an application sends something.
#[derive(Clone, Copy)]
enum How {
    Emit,
    Volatile,
    IfConnected,
    Retry,
}

/// What the server heard.
#[derive(Default)]
struct Heard {
    /// When they were true: so many seconds after the tunnel began.
    positions: Vec<f32>,
    lines: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let heard = Arc::default();
    let io = server(&heard);
    tokio::spawn(async move { io.serve(listener).await });
    println!("{:24} arrive     bytes       in   oldest position   lines", "");
    for cure in cures() {
        let mut phone = Phone::in_the_tunnel(&cure)?;
        let took = phone.come_out(&url).await?;
        let Heard { positions, lines } = std::mem::take(&mut *lock(&heard));
        println!(
            "{:24} {:6} {:7} B {:5.1} ms   {:>15}   {lines} of {}",
            cure.name,
            positions.len() + lines as usize,
            phone.bytes,
            took.as_secs_f32() * 1000.0,
            positions.first().map_or("-".into(), |at| format!("{:.0} s ago", TUNNEL as f32 - at)),
            TUNNEL / SECONDS_A_LINE,
        );
    }
    Ok(())
}

fn cures() -> [Cure; 7] {
    use How::{Emit, IfConnected, Retry, Volatile};
    let bound = |items, overflow| {
        let to_send = Bound { items, bytes: usize::MAX };
        Config { to_send, overflow, ..Config::default() }
    };
    let cure = |name, config, positions, lines| Cure { name, config, positions, lines };
    let default = Config::default;
    [
        cure("as it comes: no bound", bound(usize::MAX, Overflow::Refuse), Emit, Emit),
        cure("1000, then refuse", default(), Emit, Emit),
        cure("the last 100", bound(100, Overflow::DropOldest), Emit, Emit),
        cure("1000, then drop all", bound(1000, Overflow::DropAll), Emit, Emit),
        cure("volatile positions", default(), Volatile, Emit),
        cure("ask before sending", default(), IfConnected, Emit),
        cure("volatile, and retries", default(), Volatile, Retry),
    ]
}

fn server(heard: &Arc<Mutex<Heard>>) -> Server {
    let io = Server::builder().build();
    let room = io.of("/");
    let (positions, lines) = (Arc::clone(heard), Arc::clone(heard));
    room.on("position", async move |_: Socket, Args((at, _x, _y)): Args<(f32, i32, i32)>| {
        lock(&positions).positions.push(at);
    });
    room.on("line", async move |_: Socket, _text: String| lock(&lines).lines += 1);
    room.on("was that all", async |socket: Socket| socket.emit("that was all", Args(())));
    io
}

/// A client, by hand: lesson 18 makes it one that people use.
struct Phone {
    room: Mailroom<EncodedPacket, ByteString, ()>,
    bytes: usize,
    last_id: u64,
}

impl Phone {
    fn in_the_tunnel(cure: &Cure) -> Result<Self, socketio_packet::EncodeError> {
        let mut phone = Self { room: Mailroom::new(&cure.config), bytes: 0, last_id: 0 };
        for number in 0..TUNNEL * POSITIONS_A_SECOND {
            let at = number as f32 / POSITIONS_A_SECOND as f32;
            if number % (SECONDS_A_LINE * POSITIONS_A_SECOND) == 0 {
                phone.send(cure.lines, "line", "still in the tunnel")?;
            }
            phone.send(cure.positions, "position", Args((at, number % 400, number % 300)))?;
        }
        Ok(phone)
    }

    fn send(
        &mut self,
        how: How,
        name: &str,
        args: impl ToArgs,
    ) -> Result<(), socketio_packet::EncodeError> {
        let id = matches!(how, How::Retry).then(|| self.next_id());
        let packet = EncodedPacket::event(&PARSER, &Namespace::MAIN, id, name, args)?;
        let size = packet.size();
        match (how, id) {
            (How::Volatile, _) => self.room.emit_volatile(packet),
            (How::IfConnected, _) if !self.room.is_connected() => {}
            (_, None) => self.room.emit(packet, size),
            (_, Some(id)) => {
                self.room.retry(id, packet, size, Duration::from_secs(5), (), Instant::now());
            }
        }
        Ok(())
    }

    fn next_id(&mut self) -> AckId {
        self.last_id += 1;
        AckId(self.last_id)
    }

    /// Until all that it has to say has arrived: how long that took.
    async fn come_out(&mut self, url: &str) -> Result<Duration, Box<dyn std::error::Error>> {
        let client = Client::builder(url).path("/socket.io/").transports(Transports::WebSocketOnly);
        let mut connection = client.connect().await?;
        connection.send("0")?; // a CONNECT
        let mut reassembly = Reassembly::default();
        let (mut start, mut is_over) = (Instant::now(), false);
        while !is_over || self.room.waiting() > 0 {
            let message = connection.next().await.ok_or("the connection broke")?;
            match PARSER.decode(message, &mut reassembly)? {
                Some(Packet::Connect { .. }) => {
                    start = Instant::now();
                    self.room.handle_connect(start);
                    self.send(How::Emit, "was that all", Args(()))?;
                }
                Some(Packet::Event { name, .. }) => self.room.handle_event(name, 0)?,
                Some(Packet::Ack { id, .. }) => {
                    self.room.handle_ack(id, Instant::now());
                }
                _ => {}
            }
            is_over |= self.perform(&mut connection)?;
        }
        Ok(start.elapsed())
    }

    /// What the mailroom says. Whether the server has heard all of it.
    fn perform(&mut self, connection: &mut Connection) -> Result<bool, engineio_client::SendError> {
        let mut is_over = false;
        while let Some(output) = self.room.poll_output() {
            match output {
                Output::Send(packet) => {
                    self.bytes += packet.size();
                    for message in packet.encoded_messages() {
                        connection.send(message)?;
                    }
                }
                Output::Received(name) => is_over |= name == "that was all",
                _ => {} // what was dropped is missing in the table
            }
        }
        Ok(is_over)
    }
}

fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}
