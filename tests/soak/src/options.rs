use anyhow::{Context, Result, bail, ensure};

use crate::bad::{ACTS, Act};

/// What is soaked for how long.
pub(crate) struct Options {
    pub(crate) seconds: u64,
    pub(crate) seed: u64,
    /// How many misbehave at the same time.
    pub(crate) lanes: usize,
    pub(crate) acts: Vec<(&'static str, Act)>,
}

pub(crate) fn read(mut args: impl Iterator<Item = String>) -> Result<Options> {
    let mut options =
        Options { seconds: 30, seed: rand::random::<u32>().into(), lanes: 32, acts: ACTS.to_vec() };
    while let Some(name) = args.next() {
        let value = args.next().with_context(|| format!("expected a value behind {name}"))?;
        let number = || value.parse().with_context(|| format!("expected a number, came {value:?}"));
        match &*name {
            "--seconds" => options.seconds = number()?,
            "--seed" => options.seed = number()?,
            "--lanes" => options.lanes = value.parse()?,
            "--only" => {
                options.acts.retain(|(name, _)| *name == value);
                ensure!(!options.acts.is_empty(), "expected an act to be named {value:?}");
            }
            _ => bail!("expected --seconds, --seed, --lanes or --only, came {name}"),
        }
    }
    Ok(options)
}
