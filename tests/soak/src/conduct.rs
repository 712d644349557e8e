//! Brings clients and the server together, and judges.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

use crate::bad::{Act, misbehave};
use crate::figures::Figures;
use crate::good::{GOOD, behave};
use crate::options::Options;
use crate::subject::Subject;

/// How long each act may take, at most.
const PATIENCE: Duration = Duration::from_secs(90);

/// What may be left on the heap beside what was there after the warm-up: tables that do not shrink.
const REST: usize = 1 << 20;

/// By how much the process may occupy more in the last third of a long run than in the second.
const GROWTH: usize = 8 << 20;

/// From how many seconds on a run is long.
const LONG: u64 = 60;

type Counts = Arc<Mutex<BTreeMap<&'static str, usize>>>;

/// Soaks the server. Any failure names the seed.
pub(crate) fn conduct(options: Options) -> Result<()> {
    let seed = options.seed;
    println!("{} s with seed {seed}", options.seconds);
    soak(options).with_context(|| format!("with --seed {seed}"))
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn soak(options: Options) -> Result<()> {
    let options = Arc::new(options);
    let mut subject = Subject::start().await?;
    let empty = subject.figures().await?.living;
    println!("without clients: {empty:?}");

    // What is made once is made now.
    run(&mut subject, &options, Duration::from_secs(5)).await?;
    let before = subject.settle(&empty).await?;
    println!("after the warm-up: {}", in_short(&before));

    let course = run(&mut subject, &options, Duration::from_secs(options.seconds)).await?;
    let after = subject.settle(&empty).await?;
    println!("after all: {}", in_short(&after));
    for (problem, count) in &after.problems {
        println!("{count:9} × reported as {problem}");
    }
    let rest = after.heap.saturating_sub(before.heap);
    ensure!(rest < REST, "expected less than {REST} bytes more on the heap, came {rest}");
    if options.seconds >= LONG {
        let third = course.len() / 3;
        let early = mean(&course[third..2 * third]);
        let late = mean(&course[2 * third..]);
        println!("occupied: {} kB, then {} kB", early >> 10, late >> 10);
        ensure!(late < early + GROWTH, "expected memory to be flat, {early} bytes became {late}");
    }
    subject.stop().await
}

/// Lets all clients loose for so long. What the process occupied meanwhile.
async fn run(subject: &mut Subject, options: &Arc<Options>, time: Duration) -> Result<Vec<usize>> {
    let (begin, until) = (Instant::now(), Instant::now() + time);
    let mut rng = StdRng::seed_from_u64(options.seed);
    let (counts, mut rounds, mut course) = (Counts::default(), 0, Vec::new());
    let mut clients = JoinSet::new();
    for (how, json) in GOOD {
        let address = if json { subject.json } else { subject.msgpack };
        clients.spawn(behave(address, how, json, StdRng::from_rng(&mut rng), until));
    }
    let addresses = [subject.json, subject.msgpack];
    for _ in 0..options.lanes {
        let (options, counts) = (Arc::clone(options), Arc::clone(&counts));
        clients.spawn(lane(options, addresses, rng.random(), counts, until));
    }
    let mut clock = interval(report_every(time));
    clock.tick().await;
    loop {
        tokio::select! {
            ended = clients.join_next() => match ended {
                Some(ended) => rounds += ended??,
                None => break,
            },
            _ = clock.tick() => {
                let figures = subject.figures().await?;
                println!("{:5} s  {}", begin.elapsed().as_secs(), in_short(&figures));
                course.push(figures.rss);
            }
        }
    }
    let counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    println!("{rounds:9} rounds of those who behave");
    println!("{:9} acts of those who do not", counts.values().sum::<usize>());
    for (name, count) in &*counts {
        println!("{count:9} × {name}");
    }
    Ok(course)
}

/// One after the other misbehaves.
async fn lane(
    options: Arc<Options>,
    addresses: [SocketAddr; 2],
    seed: u64,
    counts: Counts,
    until: Instant,
) -> Result<u64> {
    let mut rng = StdRng::seed_from_u64(seed);
    while Instant::now() < until {
        let (name, act): (&'static str, Act) =
            options.acts[rng.random_range(0..options.acts.len())];
        let json = rng.random_bool(0.75);
        let address = if json { addresses[0] } else { addresses[1] };
        let seed = rng.random();
        match timeout(PATIENCE, misbehave(act, seed, address, json)).await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => bail!("{name}: {fault}"),
            Err(_) => bail!("{name}: expected the server to read, or to end, within {PATIENCE:?}"),
        }
        *counts.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default() += 1;
    }
    Ok(0)
}

fn in_short(figures: &Figures) -> String {
    let Figures { rss, heap, living, .. } = figures;
    format!(
        "{:7} kB occupied {:7} kB allocated {:5} tasks {:4} sessions {:4} sockets {:5} rooms {:3} namespaces {:3} handlers {:3} calls",
        rss >> 10,
        heap >> 10,
        living.tasks,
        living.sessions,
        living.sockets,
        living.rooms,
        living.namespaces,
        living.handlers,
        living.calls
    )
}

/// Sixty lines at most.
fn report_every(time: Duration) -> Duration {
    (time / 60).max(Duration::from_secs(2))
}

fn mean(values: &[usize]) -> usize {
    values.iter().sum::<usize>() / values.len().max(1)
}
