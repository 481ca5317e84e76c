//! The command line of the benchmark; `bench/run` writes it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::servers::Servers;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// B1: the product on PostgreSQL and Redis, and the floor.
    Bulk,
    /// B1: the `BullMQ` baselines.
    Bullmq,
    /// B1: the embedded form.
    Embedded,
    /// B5 and B8: matcher, detection, extraction.
    Crates,
    /// B2: one indicator, somebody waits.
    Interactive,
    /// B3: many indicators at slow sources.
    FanOut,
    /// Errors, limits and hangs injected.
    Faults,
    /// B4: one limit, several workers.
    Limits,
    /// B10: more workers.
    ScaleOut,
    /// B6: reads over many rows.
    Reads,
    /// B9: the embedded form at rest.
    Footprint,
    /// Ten workers at rest.
    Idle,
}

impl Part {
    const ALL: [(&'static str, Self); 12] = [
        ("bulk", Self::Bulk),
        ("bullmq", Self::Bullmq),
        ("embedded", Self::Embedded),
        ("crates", Self::Crates),
        ("interactive", Self::Interactive),
        ("fan-out", Self::FanOut),
        ("faults", Self::Faults),
        ("limits", Self::Limits),
        ("scale-out", Self::ScaleOut),
        ("reads", Self::Reads),
        ("footprint", Self::Footprint),
        ("idle", Self::Idle),
    ];

    /// The parts that ask a mock.
    pub const REMOTE: [Self; 5] =
        [Self::Interactive, Self::FanOut, Self::Faults, Self::Limits, Self::ScaleOut];
}

/// How many of everything.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Lines of the headline.
    pub headline: u64,
    /// Lines of the real list, and of the embedded run.
    pub real: u64,
    /// Lines of a small submission, and how many of them.
    pub small: (u64, u64),
    /// Submissions of the headline's size, one after another into the same rows.
    pub millions: u64,
    /// Lines of the one-job-each baseline.
    pub single: u64,
    /// Entries of the synthetic feed.
    pub feed: u64,
}

/// Everything a run needs to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// The servers.
    pub servers: Servers,
    /// The release binary.
    pub binary: PathBuf,
    /// A folder for everything that is made; its end is the caller's.
    pub work: PathBuf,
    /// The shared data.
    pub data: PathBuf,
    /// Folder of the `BullMQ` program.
    pub bullmq: PathBuf,
    /// The table to write.
    pub out: PathBuf,
    /// What is measured.
    pub parts: Vec<Part>,
    /// How many.
    pub sizes: Sizes,
    /// True for a short run whose figures say little.
    pub quick: bool,
}

const FULL: Sizes = Sizes {
    headline: 1_000_000,
    real: 353_172,
    small: (10_000, 7),
    millions: 1,
    single: 50_000,
    feed: 1_000_000,
};
const QUICK: Sizes =
    Sizes { headline: 50_000, real: 20_000, small: (2_000, 3), millions: 1, single: 2_000, feed: 50_000 };

impl Options {
    /// Reads `--name value` pairs and the flags `--quick` and `--five-million`.
    pub fn read(words: impl IntoIterator<Item = String>) -> anyhow::Result<Self> {
        let mut named = BTreeMap::new();
        let (mut quick, mut millions) = (false, 1);
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match (word.as_str(), word.strip_prefix("--")) {
                ("--quick", _) => quick = true,
                ("--five-million", _) => millions = 5,
                (_, Some(name)) => {
                    named.insert(
                        name.to_owned(),
                        words.next().with_context(|| format!("{word} needs a value"))?,
                    );
                }
                _ => bail!("`{word}` is no option"),
            }
        }
        let mut take =
            |name: &str| named.remove(name).with_context(|| format!("--{name} is missing; run bench/run"));
        let work = PathBuf::from(take("work")?);
        let options = Self {
            servers: Servers {
                postgres: take("postgres")?,
                postgres_pid: take("postgres-pid")?.parse()?,
                redis: take("redis")?,
                exchange: take("exchange")?.into(),
            },
            binary: absolute(&take("binary")?)?,
            data: absolute(&take("data")?)?,
            bullmq: absolute(&take("bullmq")?)?,
            out: take("out")?.into(),
            parts: parts(&take("parts")?)?,
            sizes: Sizes { millions, ..if quick { QUICK } else { FULL } },
            work,
            quick,
        };
        match named.keys().next() {
            Some(name) => bail!("--{name} is no option"),
            None => Ok(options),
        }
    }
}

fn absolute(path: &str) -> anyhow::Result<PathBuf> {
    Path::new(path).canonicalize().with_context(|| format!("{path} is not there"))
}

/// `all`, or words with commas; `remote` is all that asks a mock.
fn parts(text: &str) -> anyhow::Result<Vec<Part>> {
    if text == "all" {
        return Ok(Part::ALL.iter().map(|(_, part)| *part).collect());
    }
    let mut parts = Vec::new();
    for word in text.split(',') {
        if word == "remote" {
            parts.extend(Part::REMOTE);
            continue;
        }
        let found = Part::ALL.iter().find(|(name, _)| *name == word);
        let names = || Part::ALL.map(|(name, _)| name).join(", ");
        parts
            .push(found.with_context(|| format!("`{word}` is no part; there are {} and remote", names()))?.1);
    }
    Ok(parts)
}
