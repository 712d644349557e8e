//! What somebody who behaves says, and what they hear: each tick is the one after the last.

use std::io;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use socketio_packet::{AckId, Args, EncodedPacket, Namespace, Outgoing, Packet, RawArgs, ToArgs};

use super::Good;
use crate::subject::Speech;

impl Good {
    /// What it is told.
    pub(super) async fn connect(&mut self, nsp: &str, shown: Option<&Value>) -> Result<Value> {
        let nsp = Namespace::new(nsp);
        let data = shown.map(|shown| shown as &dyn ToArgs);
        let packet = self.parser.encode(&Outgoing::Connect { nsp: &nsp, data })?;
        self.send(&packet).await?;
        match self.hear().await? {
            Packet::Connect { nsp: came, data: Some(data) } if came == nsp => Ok(data.decode()?),
            other => bail!("expected to be let in to {nsp}, came {other:?}"),
        }
    }

    pub(super) async fn event(&mut self, name: &str, ack: Option<u64>, args: Value) -> Result<()> {
        let (main, ack) = (Namespace::MAIN, ack.map(AckId));
        let Value::Array(args) = args else { bail!("arguments are a list") };
        let packet = EncodedPacket::event(&*self.parser, &main, ack, name, Args(args))?;
        self.send(&packet).await
    }

    pub(super) async fn send(&mut self, packet: &EncodedPacket) -> Result<()> {
        for message in packet.messages() {
            self.client.send(message).await?;
        }
        Ok(())
    }

    pub(super) async fn expect_event(&mut self, expected: &str, args: Value) -> Result<()> {
        match self.hear().await? {
            Packet::Event { name, args: came, .. } if name == expected => {
                let came = self.read(came)?;
                ensure!(came == args, "expected {args}, came {came}");
                Ok(())
            }
            other => bail!("expected the event {expected}, came {other:?}"),
        }
    }

    pub(super) async fn expect_answer(&mut self, args: Value) -> Result<()> {
        match self.hear().await? {
            Packet::Ack { id, args: came, .. } if id.0 == self.number => {
                let Args(came): Args<Vec<Value>> = came.decode()?;
                let came = Value::Array(came);
                ensure!(came == args, "expected {args}, came {came}");
                Ok(())
            }
            other => bail!("expected answer {}, came {other:?}", self.number),
        }
    }

    /// The next packet that is no tick.
    pub(super) async fn hear(&mut self) -> Result<Packet> {
        loop {
            if let Some(packet) = self.hear_anything().await? {
                return Ok(packet);
            }
        }
    }

    /// The next packet, or a tick: then it is the one after the last.
    pub(super) async fn hear_anything(&mut self) -> Result<Option<Packet>> {
        loop {
            let message = self.client.hear().await?;
            match self.parser.decode(message, &mut self.reassembly).map_err(io::Error::other)? {
                None => {}
                Some(Packet::Event { name, args, .. }) if name == "tick" => {
                    let came = self.read(args)?[0].as_u64().context("expected a number")?;
                    let expected = self.tick.unwrap_or(came);
                    ensure!(came == expected, "expected tick {expected}, came {came}");
                    self.first_tick.get_or_insert(came);
                    self.tick = Some(came + 1);
                    return Ok(None);
                }
                packet => return Ok(packet),
            }
        }
    }

    /// The arguments of an event, and its offset, which stands behind them.
    fn read(&mut self, args: RawArgs) -> Result<Value> {
        let Args(mut args): Args<Vec<Value>> = args.decode()?;
        if self.manners.speech == Speech::Recovering {
            self.offset = args.pop().context("expected an offset")?;
        }
        Ok(Value::Array(args))
    }
}
