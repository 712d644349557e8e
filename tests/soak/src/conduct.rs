//! Brings clients and the server together, and judges.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::time::{interval, sleep};

use crate::crowd::Crowd;
use crate::options::Options;
use crate::subject::Subject;
use crate::wire::DIALLED;

/// What is made once is made in this time.
const WARM_UP: Duration = Duration::from_secs(5);

/// What may be left on the heap beside what was there after the warm-up, in bytes: tables that do not shrink.
const REST: usize = 256 << 10;

/// By which part the process may occupy more in the last third of a long run than in the second: by chance.
const GROWTH: f64 = 0.2;

/// From how many seconds on a run is long.
const LONG: u64 = 60;

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

    run(&mut subject, &options, WARM_UP).await?;
    let before = subject.settle(&empty).await?;
    println!("after the warm-up: {before}");

    let occupied = run(&mut subject, &options, Duration::from_secs(options.seconds)).await?;
    let after = subject.settle(&empty).await?;
    println!("after all: {after}");
    for (problem, count) in &after.problems {
        println!("{count:9} × reported as {problem}");
    }
    println!("{:9} connections", DIALLED.load(Relaxed));
    let rest = after.heap.saturating_sub(before.heap);
    ensure!(rest < REST, "expected less than {REST} bytes more on the heap, came {rest}");
    if options.seconds >= LONG {
        be_flat(&occupied)?;
    }
    stop_among_clients(subject, &options).await
}

/// Lets all clients loose for so long. What the process occupied meanwhile.
async fn run(subject: &mut Subject, options: &Arc<Options>, time: Duration) -> Result<Vec<usize>> {
    let (begin, mut occupied) = (Instant::now(), Vec::new());
    let mut crowd = Crowd::new(subject, options, time);
    crowd.behave();
    crowd.misbehave();
    // Sixty lines at most.
    let mut clock = interval((time / 60).max(Duration::from_secs(2)));
    clock.tick().await;
    loop {
        tokio::select! {
            another = crowd.next() => if !another? {
                break;
            },
            _ = clock.tick() => {
                let figures = subject.figures().await?;
                println!("{:5} s  {figures}", begin.elapsed().as_secs());
                occupied.push(figures.rss);
            }
        }
    }
    crowd.report();
    Ok(occupied)
}

fn be_flat(occupied: &[usize]) -> Result<()> {
    let mean = |values: &[usize]| values.iter().sum::<usize>() as f64 / values.len() as f64;
    let third = occupied.len() / 3;
    let (early, late) = (mean(&occupied[third..2 * third]), mean(&occupied[2 * third..]));
    println!("occupied: {:.0} kB, then {:.0} kB", early / 1024.0, late / 1024.0);
    ensure!(
        late < early * (1.0 + GROWTH),
        "expected memory to be flat, {early} bytes became {late}"
    );
    Ok(())
}

/// The server stops while clients misbehave.
async fn stop_among_clients(subject: Subject, options: &Arc<Options>) -> Result<()> {
    let mut crowd = Crowd::new(&subject, options, WARM_UP);
    crowd.misbehave();
    sleep(Duration::from_secs(2)).await;
    let left = subject.stop().await?;
    let sessions = left.living.sessions;
    ensure!(sessions == 0, "expected all sessions to have ended, still there are {sessions}");
    println!("stopped among clients: {left}");
    Ok(())
}
