//! Clients that misbehave. Each act is a function of its seed, as far as this end decides what happens.

mod application;
mod http;
mod namespaces;
mod packets;
mod polling;
mod upgrade;
mod websocket;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::BoxFuture;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

use crate::client::{Client, How};
use crate::wire::{CLOSE, Wire};

/// Whatever a client does, or does not do any more: after so long the server has ended its connection.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) type Act = fn(&mut Mischief) -> BoxFuture<'_, Outcome>;
pub(crate) type Outcome = Result<(), Trouble>;

/// How an act ends early.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The server has had enough, which is its right.
    Ended,
    /// The server did what it must not.
    Fault(String),
}

/// What is done, and on which server.
pub(crate) struct Mischief {
    rng: StdRng,
    address: SocketAddr,
    json: bool,
}

/// All that can be done.
pub(crate) const ACTS: &[(&str, Act)] = &[
    ("garbage instead of HTTP", |it| Box::pin(http::garbage(it))),
    ("half a request", |it| Box::pin(http::half_a_request(it))),
    ("a request letter by letter", |it| Box::pin(http::letter_by_letter(it))),
    ("wrong lengths", |it| Box::pin(http::wrong_lengths(it))),
    ("odd requests", |it| Box::pin(http::odd_requests(it))),
    ("a head that never ends", |it| Box::pin(http::endless_head(it))),
    ("a body that is too long", |it| Box::pin(http::oversized_body(it))),
    ("requests that nobody waits for", |it| Box::pin(http::pipelined(it))),
    ("a payload of garbage", |it| Box::pin(polling::garbage(it))),
    ("packets out of turn", |it| Box::pin(polling::out_of_turn(it))),
    ("two GETs", |it| Box::pin(polling::two_gets(it))),
    ("two POSTs", |it| Box::pin(polling::two_posts(it))),
    ("a POST while closing", |it| Box::pin(polling::post_while_closing(it))),
    ("an abandoned session", |it| Box::pin(polling::abandoned(it))),
    ("an abandoned GET", |it| Box::pin(polling::abandoned_get(it))),
    ("an abandoned POST", |it| Box::pin(polling::abandoned_post(it))),
    ("an answer that is not read", |it| Box::pin(polling::unread_answer(it))),
    ("a broken opening", |it| Box::pin(websocket::broken_opening(it))),
    ("garbage instead of frames", |it| Box::pin(websocket::garbage(it))),
    ("frames against the rules", |it| Box::pin(websocket::against_the_rules(it))),
    ("half a frame", |it| Box::pin(websocket::half_a_frame(it))),
    ("a frame that is too long", |it| Box::pin(websocket::oversized(it))),
    ("fragments without end", |it| Box::pin(websocket::endless_fragments(it))),
    ("a flood of pings", |it| Box::pin(websocket::ping_flood(it))),
    ("something after the goodbye", |it| Box::pin(websocket::after_the_goodbye(it))),
    ("an upgrade left half-way", |it| Box::pin(upgrade::half_way(it))),
    ("an upgrade in the wrong order", |it| Box::pin(upgrade::wrong_order(it))),
    ("two upgrades at once", |it| Box::pin(upgrade::two_at_once(it))),
    ("an upgrade of nobody's session", |it| Box::pin(upgrade::of_nobody(it))),
    ("an upgrade while closing", |it| Box::pin(upgrade::while_closing(it))),
    ("a malformed packet", |it| Box::pin(packets::malformed(it))),
    ("a mutated packet", |it| Box::pin(packets::mutated(it))),
    ("attachments in disorder", |it| Box::pin(packets::attachments(it))),
    ("placeholders of nothing", |it| Box::pin(packets::placeholders(it))),
    ("deep nesting", |it| Box::pin(packets::deep(it))),
    ("speaking uninvited", |it| Box::pin(namespaces::uninvited(it))),
    ("joining nothing", |it| Box::pin(namespaces::joining_nothing(it))),
    ("a flood of CONNECTs", |it| Box::pin(namespaces::connect_flood(it))),
    ("a flood of namespaces", |it| Box::pin(namespaces::flood(it))),
    ("coming and going", |it| Box::pin(namespaces::come_and_go(it))),
    ("coming back as somebody", |it| Box::pin(namespaces::come_back(it))),
    ("a gate and no key", |it| Box::pin(namespaces::no_key(it))),
    ("arguments of the wrong type", |it| Box::pin(application::wrong_types(it))),
    ("handlers that panic", |it| Box::pin(application::panics(it))),
    ("leaving in the middle of handlers", |it| Box::pin(application::leave_in_the_middle(it))),
    ("answering never", |it| Box::pin(application::answer_never(it))),
    ("answering too much", |it| Box::pin(application::answer_too_much(it))),
    ("reading never", |it| Box::pin(application::read_never(it))),
    ("a flood of events", |it| Box::pin(application::event_flood(it))),
    ("a flood of rooms", |it| Box::pin(application::room_flood(it))),
    ("throwing each other out", |it| Box::pin(application::throw_out(it))),
];

/// Does one of them.
pub(crate) async fn misbehave(
    act: Act,
    seed: u64,
    address: SocketAddr,
    json: bool,
) -> Result<(), String> {
    let mut mischief = Mischief { rng: StdRng::seed_from_u64(seed), address, json };
    match act(&mut mischief).await {
        Ok(()) | Err(Trouble::Ended) => Ok(()),
        Err(Trouble::Fault(fault)) => Err(fault),
    }
}

impl Mischief {
    async fn dial(&mut self) -> io::Result<Wire> {
        Wire::dial(self.address).await
    }

    /// A session on a WebSocket.
    async fn websocket(&mut self) -> io::Result<Wire> {
        Client::open(self.address, How::WebSocket).await?.into_wire().await
    }

    /// A session, over one transport or the other.
    async fn open(&mut self) -> io::Result<Client> {
        let how = self.choose(&[How::Polling, How::WebSocket, How::WebSocket, How::Upgraded]);
        Client::open(self.address, how).await
    }

    /// A client in the main namespace.
    async fn enter(&mut self) -> io::Result<Client> {
        let mut client = self.open().await?;
        self.connect(&mut client, "/").await?;
        client.hear().await?;
        Ok(client)
    }

    async fn connect(&self, client: &mut Client, nsp: &str) -> io::Result<()> {
        if self.json {
            return client.say(&format!("40{nsp},")).await;
        }
        client.say_bytes(&msgpack(&json!({ "type": 0, "nsp": nsp }))).await
    }

    async fn disconnect(&self, client: &mut Client, nsp: &str) -> io::Result<()> {
        if self.json {
            return client.say(&format!("41{nsp},")).await;
        }
        client.say_bytes(&msgpack(&json!({ "type": 1, "nsp": nsp }))).await
    }

    /// An event in the main namespace: its name, and its arguments.
    async fn emit(&self, client: &mut Client, id: Option<u64>, event: Value) -> io::Result<()> {
        if self.json {
            let id = id.map(|id| id.to_string()).unwrap_or_default();
            return client.say(&format!("42{id}{event}")).await;
        }
        let packet = match id {
            Some(id) => json!({ "type": 2, "nsp": "/", "data": event, "id": id }),
            None => json!({ "type": 2, "nsp": "/", "data": event }),
        };
        client.say_bytes(&msgpack(&packet)).await
    }

    async fn answer(&self, client: &mut Client, id: u64, args: Value) -> io::Result<()> {
        if self.json {
            return client.say(&format!("43{id}{args}")).await;
        }
        let packet = json!({ "type": 3, "nsp": "/", "data": args, "id": id });
        client.say_bytes(&msgpack(&packet)).await
    }

    fn choose<T: Clone>(&mut self, among: &[T]) -> T {
        among.choose(&mut self.rng).expect("there are some").clone()
    }

    fn some_bytes(&mut self, most: usize) -> Vec<u8> {
        let mut bytes = vec![0; self.rng.random_range(0..=most)];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    async fn pause(&mut self, most: u64) {
        sleep(Duration::from_millis(self.rng.random_range(0..=most))).await;
    }

    /// Leaves in one of the ways in which clients leave.
    async fn leave(&mut self, mut wire: Wire) -> Outcome {
        match self.rng.random_range(0..8) {
            0..3 => drop(wire),
            3..6 => reset(wire)?,
            6 => {
                wire.stream_mut().shutdown().await?;
                return self.must_end(wire).await;
            }
            _ => return self.must_end(wire).await,
        }
        Ok(())
    }

    async fn leave_client(&mut self, client: Client) -> Outcome {
        let wire = client.into_wire().await?;
        self.leave(wire).await
    }

    /// Hears a goodbye that says why.
    async fn must_be_told(&mut self, mut wire: Wire, codes: &[u16]) -> Outcome {
        let told = async {
            loop {
                let frame = wire.read_frame().await?;
                if frame.opcode == CLOSE {
                    return io::Result::Ok(frame.payload);
                }
            }
        };
        let came = match timeout(PATIENCE, told).await {
            Ok(Ok(payload)) => match payload.split_first_chunk() {
                Some((code, _)) if codes.contains(&u16::from_be_bytes(*code)) => return Ok(()),
                _ => format!("one with {payload:?}"),
            },
            Ok(Err(error)) => format!("the end: {error}"),
            Err(_) => format!("none within {PATIENCE:?}"),
        };
        Err(Trouble::Fault(format!("expected a goodbye with a code of {codes:?}, came {came}")))
    }

    /// Says nothing more, and is not forgotten for that.
    async fn must_end(&mut self, mut wire: Wire) -> Outcome {
        timeout(PATIENCE, wire.read_to_end()).await.map_err(|_| {
            Trouble::Fault(format!(
                "expected the server to end the connection, it stands {PATIENCE:?} later"
            ))
        })
    }
}

/// Leaves without a goodbye.
fn reset(wire: Wire) -> io::Result<()> {
    wire.stream().set_zero_linger()
}

fn msgpack(value: &Value) -> Vec<u8> {
    rmp_serde::to_vec_named(value).expect("JSON can be written")
}

impl From<io::Error> for Trouble {
    fn from(_: io::Error) -> Self {
        Self::Ended
    }
}
