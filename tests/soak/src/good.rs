//! Clients that behave. Whatever others do, each of their messages is answered, in order, and they hear
//! every tick: they are the assertion.

mod speaking;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rand::RngExt;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use socketio_packet::{
    AckId, Args, Bytes, EncodedPacket, Json, MsgPack, Namespace, Outgoing, Packet, Parser,
    Reassembly,
};
use tokio::time::timeout;

use crate::client::{Client, How};
use crate::subject::Speech;

/// How long a server that has much to do may take over an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How somebody comes who behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    pub(crate) how: How,
    pub(crate) speech: Speech,
    /// Hears ticks. What never hears any would miss it if the server forgot to wake up for a message.
    pub(crate) listens: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rounds {
    pub(crate) count: u64,
    pub(crate) slowest: Duration,
    /// How often it was known again.
    pub(crate) recovered: u64,
}

struct Good {
    client: Client,
    address: SocketAddr,
    manners: Manners,
    parser: Box<dyn Parser>,
    reassembly: Reassembly,
    rng: StdRng,
    number: u64,
    /// The tick that comes next, once one has come.
    tick: Option<u64>,
    /// The first that came over this connection.
    first_tick: Option<u64>,
    /// What it was told when it came in.
    welcome: Value,
    /// That of the last event, if the server gives it one.
    offset: Value,
    recovered: u64,
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
        rounds.recovered = good.recovered;
        ensure!(good.tick.is_some() == manners.listens, "expected ticks where they were asked for");
        Ok(rounds)
    };
    rounds.await.with_context(|| format!("a client that behaves, {manners:?}"))
}

impl Manners {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let speeches = [Speech::Json, Speech::MsgPack, Speech::Recovering];
        let hows = [How::Polling, How::WebSocket, How::Upgraded];
        speeches.into_iter().flat_map(move |speech| {
            hows.into_iter()
                .flat_map(move |how| [true, false].map(|listens| Self { how, speech, listens }))
        })
    }
}

async fn open(address: SocketAddr, how: How) -> Result<Client> {
    let opened = timeout(PATIENCE, Client::open(address, how)).await;
    Ok(opened.context("expected a session")??)
}

impl Good {
    async fn enter(address: SocketAddr, manners: Manners, rng: StdRng) -> Result<Self> {
        let parser: Box<dyn Parser> = match manners.speech {
            Speech::MsgPack => Box::new(MsgPack),
            Speech::Json | Speech::Recovering => Box::new(Json::default()),
        };
        let mut good = Self {
            client: open(address, manners.how).await?,
            address,
            manners,
            parser,
            reassembly: Reassembly::default(),
            rng,
            number: 0,
            tick: None,
            first_tick: None,
            welcome: Value::Null,
            offset: Value::Null,
            recovered: 0,
        };
        good.welcome = good.connect("/", None).await?;
        good.listen().await?;
        Ok(good)
    }

    async fn listen(&mut self) -> Result<()> {
        if self.manners.listens {
            self.event("join", None, json!(["listeners"])).await?;
            self.rest().await?;
        }
        Ok(())
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
            _ if self.manners.speech == Speech::Recovering => self.come_back().await,
            _ if self.manners.listens => self.rest().await,
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
                let came = if self.manners.speech == Speech::Recovering {
                    let Args((came, offset)): Args<(Words, Value)> = args.decode()?;
                    self.offset = offset;
                    came
                } else {
                    args.decode()?
                };
                ensure!(came == words, "expected {words:?}, came {came:?}");
                Ok(())
            }
            other => bail!("expected the bytes, came {other:?}"),
        }
    }

    async fn be_asked(&mut self) -> Result<()> {
        self.event("call me patiently", None, json!([self.number])).await?;
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
        self.connect(&name, None).await?;
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

    /// Its connection ends, and it comes again. If the server knows it, it has missed no tick.
    async fn come_back(&mut self) -> Result<()> {
        let id = self.welcome["sid"].clone();
        let shown = json!({ "pid": self.welcome["pid"], "offset": self.offset });
        self.client.say("1").await?;
        self.client = open(self.address, self.manners.how).await?;
        self.reassembly = Reassembly::default();
        self.first_tick = None;
        let expected = self.tick.take();
        self.welcome = self.connect("/", Some(&shown)).await?;
        if self.welcome["sid"] != id {
            return self.listen().await; // it was quicker than the end of its connection
        }
        self.recovered += 1;
        if self.first_tick.is_none() {
            self.tick = expected;
        }
        let came = self.first_tick.or(expected);
        ensure!(came == expected, "expected tick {expected:?}, came {came:?}");
        Ok(())
    }
}
