//! Clients that behave. Whatever others do, each of their messages is answered, in order, and they hear
//! every tick: they are the assertion.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rand::RngExt;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use socketio_packet::{
    AckId, Args, Bytes, EncodedPacket, Json, MsgPack, Namespace, Outgoing, Packet, Parser, RawArgs,
    Reassembly,
};
use tokio::time::timeout;

use crate::client::{Client, How};

/// How long a server that has much to do may take over an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How somebody comes who behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    pub(crate) how: How,
    pub(crate) json: bool,
    /// Hears ticks. What never hears any would miss it if the server forgot to wake up for a message.
    pub(crate) listens: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rounds {
    pub(crate) count: u64,
    pub(crate) slowest: Duration,
}

struct Good {
    client: Client,
    parser: Box<dyn Parser>,
    reassembly: Reassembly,
    rng: StdRng,
    number: u64,
    /// The tick that comes next, once one has come.
    tick: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize, PartialEq)]
struct Words {
    number: u64,
    bytes: Bytes,
}

/// Behaves until then.
pub(crate) async fn behave(
    address: SocketAddr,
    manners: Manners,
    rng: StdRng,
    until: Instant,
) -> Result<Rounds> {
    let rounds = async {
        let mut good = Good::enter(address, manners, rng).await?;
        let mut rounds = Rounds::default();
        while Instant::now() < until {
            let begin = Instant::now();
            let round = timeout(PATIENCE, good.round()).await;
            round.with_context(|| format!("expected an answer within {PATIENCE:?}"))??;
            rounds.count += 1;
            rounds.slowest = rounds.slowest.max(begin.elapsed());
        }
        ensure!(good.tick.is_some() == manners.listens, "expected ticks where they were asked for");
        Ok(rounds)
    };
    rounds.await.with_context(|| format!("a client that behaves, {manners:?}"))
}

impl Manners {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let hows = [How::Polling, How::WebSocket, How::Upgraded].into_iter();
        hows.flat_map(|how| {
            [(true, true), (true, false), (false, true), (false, false)]
                .map(|(json, listens)| Self { how, json, listens })
        })
    }
}

impl Good {
    async fn enter(address: SocketAddr, manners: Manners, rng: StdRng) -> Result<Self> {
        let parser: Box<dyn Parser> =
            if manners.json { Box::new(Json::default()) } else { Box::new(MsgPack) };
        let client = timeout(PATIENCE, Client::open(address, manners.how)).await;
        let client = client.context("expected to be let in")??;
        let reassembly = Reassembly::default();
        let mut good = Self { client, parser, reassembly, rng, number: 0, tick: None };
        good.connect("/").await?;
        if manners.listens {
            good.event("join", None, json!(["listeners"])).await?;
            good.rest().await?;
        }
        Ok(good)
    }

    async fn round(&mut self) -> Result<()> {
        self.number += 1;
        match self.rng.random_range(0..9) {
            0 => self.echo().await,
            1 => self.many_in_order().await,
            2 => self.ask().await,
            3 => self.bytes().await,
            4 => self.be_asked().await,
            5 => self.be_refused().await,
            6 => self.visit("/house-").await,
            7 => self.visit("/beside").await,
            _ if self.tick.is_some() => self.rest().await,
            _ => self.echo().await,
        }
    }

    async fn echo(&mut self) -> Result<()> {
        let size = self.rng.random_range(0..20_000);
        let args = json!([self.number, "é".repeat(size)]);
        self.event("echo", None, args.clone()).await?;
        self.expect_event("echo", args).await
    }

    async fn many_in_order(&mut self) -> Result<()> {
        for number in 0..20 {
            self.event("number", None, json!([number])).await?;
        }
        for number in 0..20 {
            self.expect_event("number", json!([number])).await?;
        }
        Ok(())
    }

    async fn ask(&mut self) -> Result<()> {
        let args = json!([self.number, { "a": [null, true] }]);
        self.event("ask", Some(self.number), args.clone()).await?;
        self.expect_answer(args).await
    }

    async fn bytes(&mut self) -> Result<()> {
        let bytes = vec![7; self.rng.random_range(0..5_000)];
        let words = Words { number: self.number, bytes: bytes.into() };
        let main = Namespace::MAIN;
        let packet = EncodedPacket::event(&*self.parser, &main, None, "bytes", &words)?;
        self.send(&packet).await?;
        match self.hear().await? {
            Packet::Event { name, args, .. } if name == "bytes" => {
                let came: Words = args.decode()?;
                ensure!(came == words, "expected {words:?}, came {came:?}");
                Ok(())
            }
            other => bail!("expected the bytes, came {other:?}"),
        }
    }

    async fn be_asked(&mut self) -> Result<()> {
        self.event("call me", None, json!([self.number])).await?;
        let Packet::Event { name, ack: Some(id), args, .. } = self.hear().await? else {
            bail!("expected a question");
        };
        ensure!(name == "question", "expected a question, came {name}");
        let packet = EncodedPacket::ack(&*self.parser, &Namespace::MAIN, id, args)?;
        self.send(&packet).await?;
        self.expect_event("answered", json!([self.number])).await
    }

    async fn be_refused(&mut self) -> Result<()> {
        let (event, why) = match self.rng.random_range(0..3) {
            0 => ("panic", "internal error"),
            1 => ("nobody", "expected a handler for \"nobody\", there is none"),
            _ => ("refuse", "not today"),
        };
        self.event(event, Some(self.number), json!([])).await?;
        self.expect_answer(json!([{ "error": { "message": why } }])).await
    }

    /// Enters another namespace, speaks there, and leaves.
    async fn visit(&mut self, nsp: &str) -> Result<()> {
        let name = match nsp {
            "/house-" => format!("{nsp}{}", self.rng.random_range(0..3)),
            _ => nsp.to_owned(),
        };
        self.connect(&name).await?;
        let nsp = Namespace::new(&name);
        let id = AckId(self.number);
        let packet = EncodedPacket::event(&*self.parser, &nsp, Some(id), "add", Args((2, 3)))?;
        self.send(&packet).await?;
        self.expect_answer(json!([5])).await?;
        let packet = self.parser.encode(&Outgoing::Disconnect { nsp: &nsp })?;
        self.send(&packet).await
    }

    /// Says nothing, and hears a tick.
    async fn rest(&mut self) -> Result<()> {
        let before = self.tick;
        while self.tick == before {
            if let Some(packet) = self.hear_anything().await? {
                bail!("expected a tick, came {packet:?}");
            }
        }
        Ok(())
    }

    async fn connect(&mut self, nsp: &str) -> Result<()> {
        let nsp = Namespace::new(nsp);
        let packet = self.parser.encode(&Outgoing::Connect { nsp: &nsp, data: None })?;
        self.send(&packet).await?;
        match self.hear().await? {
            Packet::Connect { nsp: came, .. } if came == nsp => Ok(()),
            other => bail!("expected to be let in to {nsp}, came {other:?}"),
        }
    }

    async fn event(&mut self, name: &str, ack: Option<u64>, args: Value) -> Result<()> {
        let (main, ack) = (Namespace::MAIN, ack.map(AckId));
        let Value::Array(args) = args else { bail!("arguments are a list") };
        let packet = EncodedPacket::event(&*self.parser, &main, ack, name, Args(args))?;
        self.send(&packet).await
    }

    async fn send(&mut self, packet: &EncodedPacket) -> Result<()> {
        for message in packet.messages() {
            self.client.send(message).await?;
        }
        Ok(())
    }

    async fn expect_event(&mut self, expected: &str, args: Value) -> Result<()> {
        match self.hear().await? {
            Packet::Event { name, args: came, .. } if name == expected => expect_args(came, &args),
            other => bail!("expected the event {expected}, came {other:?}"),
        }
    }

    async fn expect_answer(&mut self, args: Value) -> Result<()> {
        match self.hear().await? {
            Packet::Ack { id, args: came, .. } if id.0 == self.number => expect_args(came, &args),
            other => bail!("expected answer {}, came {other:?}", self.number),
        }
    }

    /// The next packet that is no tick.
    async fn hear(&mut self) -> Result<Packet> {
        loop {
            if let Some(packet) = self.hear_anything().await? {
                return Ok(packet);
            }
        }
    }

    /// The next packet, or a tick: then it is the one after the last.
    async fn hear_anything(&mut self) -> Result<Option<Packet>> {
        loop {
            let message = self.client.hear().await?;
            match self.parser.decode(message, &mut self.reassembly).map_err(io::Error::other)? {
                None => {}
                Some(Packet::Event { name, args, .. }) if name == "tick" => {
                    let came: u64 = args.decode()?;
                    let expected = self.tick.unwrap_or(came);
                    ensure!(came == expected, "expected tick {expected}, came {came}");
                    self.tick = Some(came + 1);
                    return Ok(None);
                }
                packet => return Ok(packet),
            }
        }
    }
}

fn expect_args(came: RawArgs, expected: &Value) -> Result<()> {
    let Args(came): Args<Vec<Value>> = came.decode()?;
    let came = Value::Array(came);
    ensure!(came == *expected, "expected {expected}, came {came}");
    Ok(())
}
