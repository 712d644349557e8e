//! Clients, let loose.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::bad::misbehave;
use crate::good::{Manners, Rounds, behave};
use crate::options::Options;
use crate::subject::{Addresses, Speech, Subject};

/// How long each act may take, at most.
const PATIENCE: Duration = Duration::from_secs(90);

/// Those who are loose. They end with it.
pub(crate) struct Crowd {
    options: Arc<Options>,
    rng: StdRng,
    addresses: Addresses,
    until: Instant,
    clients: JoinSet<Result<()>>,
    done: Arc<Done>,
}

/// What was done.
#[derive(Default)]
struct Done {
    rounds: Mutex<Rounds>,
    acts: Mutex<BTreeMap<&'static str, usize>>,
}

impl Crowd {
    pub(crate) fn new(subject: &Subject, options: &Arc<Options>, time: Duration) -> Self {
        Self {
            options: Arc::clone(options),
            rng: StdRng::seed_from_u64(options.seed),
            addresses: subject.addresses(),
            until: Instant::now() + time,
            clients: JoinSet::new(),
            done: Arc::default(),
        }
    }

    pub(crate) fn behave(&mut self) {
        for manners in Manners::all() {
            let address = self.addresses.of(manners.speech);
            let rng = StdRng::from_rng(&mut self.rng);
            let (until, done) = (self.until, Arc::clone(&self.done));
            self.clients.spawn(async move {
                let rounds = behave(address, manners, rng, until).await?;
                let mut all = done.rounds.lock().unwrap_or_else(PoisonError::into_inner);
                all.count += rounds.count;
                all.slowest = all.slowest.max(rounds.slowest);
                all.recovered += rounds.recovered;
                Ok(())
            });
        }
    }

    pub(crate) fn misbehave(&mut self) {
        for _ in 0..self.options.lanes {
            let (options, done) = (Arc::clone(&self.options), Arc::clone(&self.done));
            let (addresses, seed) = (self.addresses, self.rng.random());
            self.clients.spawn(lane(options, addresses, seed, done, self.until));
        }
    }

    /// Waits for the next to have had its time. Whether there was one.
    pub(crate) async fn next(&mut self) -> Result<bool> {
        match self.clients.join_next().await {
            Some(ended) => ended?.map(|()| true),
            None => Ok(false),
        }
    }

    pub(crate) fn report(&self) {
        let rounds = self.done.rounds.lock().unwrap_or_else(PoisonError::into_inner);
        let Rounds { count, slowest, recovered } = *rounds;
        println!("{count:9} rounds of those who behave, the slowest in {slowest:.1?}");
        println!("{recovered:9} times one of them came back as who it was");
        let acts = self.done.acts.lock().unwrap_or_else(PoisonError::into_inner);
        println!("{:9} acts of those who do not", acts.values().sum::<usize>());
        for (name, count) in &*acts {
            println!("{count:9} × {name}");
        }
    }
}

/// One after the other misbehaves.
async fn lane(
    options: Arc<Options>,
    addresses: Addresses,
    seed: u64,
    done: Arc<Done>,
    until: Instant,
) -> Result<()> {
    let mut rng = StdRng::seed_from_u64(seed);
    while Instant::now() < until {
        let (name, act) = options.acts[rng.random_range(0..options.acts.len())];
        let speech = match rng.random_range(0..4) {
            0 | 1 => Speech::Json,
            2 => Speech::MsgPack,
            _ => Speech::Recovering,
        };
        let json = speech != Speech::MsgPack;
        match timeout(PATIENCE, misbehave(act, rng.random(), addresses.of(speech), json)).await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => bail!("{name}: {fault}"),
            Err(_) => bail!("{name}: expected the server to read, or to end, within {PATIENCE:?}"),
        }
        *done.acts.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default() += 1;
    }
    Ok(())
}
