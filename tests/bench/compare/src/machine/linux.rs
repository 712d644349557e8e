use std::io;
use std::time::Duration;

use procfs::process::Process;
use procfs::{CpuInfo, Current, ticks_per_second};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::CpuTime;

/// The load on one CPU and the server on another.
pub(crate) struct Pins {
    cpus: Option<[CpuSet; 2]>,
}

impl Pins {
    /// Pins this thread to the CPU of the load: the first that it may use, and the server has the last,
    /// which is seldom a part of the same core.
    pub(crate) fn new() -> Self {
        let allowed = sched_getaffinity(None).ok();
        let cpus = allowed.and_then(|allowed| {
            let mut usable = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu));
            let (first, last) = (usable.next()?, usable.next_back()?);
            let cpus = [first, last].map(|cpu| {
                let mut set = CpuSet::new();
                set.set(cpu);
                set
            });
            sched_setaffinity(None, &cpus[0]).ok()?;
            Some(cpus)
        });
        Self { cpus }
    }

    pub(crate) fn are_set(&self) -> bool {
        self.cpus.is_some()
    }

    /// Does something where the server runs.
    pub(crate) fn on_the_server_s<T>(&self, act: impl FnOnce() -> T) -> T {
        let pin = |index: usize| self.cpus.map(|cpus| sched_setaffinity(None, &cpus[index]));
        // Where it worked once it works again.
        let _ = pin(1);
        let done = act();
        let _ = pin(0);
        done
    }
}

pub(crate) fn cpu_time(pid: u32) -> Option<CpuTime> {
    let stat = Process::new(pid.try_into().ok()?).and_then(|process| process.stat()).ok()?;
    let time = |ticks: u64| Duration::from_secs_f64(ticks as f64 / ticks_per_second() as f64);
    Some(CpuTime { user: time(stat.utime), kernel: time(stat.stime) })
}

pub(crate) fn memory(pid: u32) -> Option<u64> {
    let status = Process::new(pid.try_into().ok()?).and_then(|process| process.status()).ok()?;
    Some(status.vmrss? * 1024)
}

/// As many as the system allows: each client is a file, here and in the server.
pub(crate) fn open_more_files() -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?)
}

pub(crate) fn description() -> String {
    let cpus = CpuInfo::current().ok();
    let model = cpus.as_ref().and_then(|cpus| cpus.model_name(0)).unwrap_or("unknown CPUs");
    let count = cpus.as_ref().map_or(0, CpuInfo::num_cores);
    format!("{count} × {model}, Linux")
}
