//! Errors, limits, resets and hangs, injected by rule: every lookup ends as injected, every call is counted.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aggregator_entities::domain::Outcome;
use aggregator_testkit::{Fate, Upstream};
use anyhow::Context;

use super::{Ground, Mirror, addresses, parts};
use crate::options::Options;
use crate::progress::say;
use crate::report::Goal;
use crate::table::table;

const SOURCES: [&str; 5] = ["one", "two", "three", "four", "five"];
const NOT_CHOSEN: &str = "six";

/// What became of the lookups.
#[derive(Debug)]
pub(super) struct Exact {
    lookups: usize,
    by_outcome: BTreeMap<&'static str, usize>,
    /// Lookups that ended otherwise.
    wrong: usize,
    calls: u64,
    /// Paths called more or less often than their fate says.
    miscounted: usize,
    /// Calls at the source nobody chose.
    unchosen: usize,
    seconds: f64,
}

pub(super) fn measure(options: &Options) -> anyhow::Result<Exact> {
    say("lookups: errors, limits and hangs injected");
    let count = if options.quick { 500 } else { 10_000 };
    let upstream = Upstream::start(|path, before| {
        let (source, address) = parts(path);
        Fate::of(source, address).reply(address, before)
    });
    let mirrors: Vec<Mirror> =
        SOURCES.iter().chain([&NOT_CHOSEN]).map(|slug| Mirror::new(slug, 200)).collect();
    let mut ground = Ground::start(options, &upstream, &mirrors, (1_000, Duration::from_secs(3)))?;
    let file = addresses(options, "exact.txt", (0, count))?;
    let parameters = format!("?playbook=keyless&sources={}", SOURCES.join(","));
    let (began, id): (Instant, u64) = ground.running.post(&file, &parameters)?;
    let submitted = ground.running.end_of(id, began)?;
    ground.stop()?;

    let rows = options.servers.sql(
        "bench_remote",
        "SELECT s.slug, x.value, l.outcome FROM lookups l JOIN sources s ON s.id = l.source_id
         JOIN indicators x ON x.id = l.indicator_id",
    )?;
    let mut exact = Exact {
        lookups: 0,
        by_outcome: BTreeMap::new(),
        wrong: 0,
        calls: 0,
        miscounted: 0,
        unchosen: 0,
        seconds: submitted.seconds,
    };
    let mut calls = upstream.counts();
    for row in rows.lines() {
        let mut columns = row.split('|');
        let mut next = || columns.next().context("a row of three cells");
        let (source, address, outcome) = (next()?, next()?, next()?);
        let fate = Fate::of(source, address);
        let outcome: Option<Outcome> = outcome.parse().ok().and_then(Outcome::from_code);
        exact.lookups += 1;
        *exact.by_outcome.entry(outcome.map_or("none", Outcome::as_str)).or_default() += 1;
        exact.wrong += usize::from(outcome != Some(fate.outcome()));
        let called = calls.remove(&format!("/{source}/{address}")).unwrap_or_default();
        exact.calls += u64::from(called);
        exact.miscounted += usize::from(called != fate.calls());
    }
    // What is left was called for no lookup at all.
    exact.unchosen = calls.len();
    anyhow::ensure!(
        exact.lookups == count as usize * SOURCES.len(),
        "{} lookups instead of {} × {}",
        exact.lookups,
        count,
        SOURCES.len()
    );
    Ok(exact)
}

impl Exact {
    pub(super) fn goals(&self) -> Vec<Goal> {
        let faults = self.wrong + self.miscounted + self.unchosen;
        vec![Goal {
            what: "lookups with errors, 429s and hangs injected",
            bar: "every outcome the one injected, no call too many",
            measured: format!(
                "{} lookups, {} wrong; {} calls, {} counts wrong, {} at an unchosen source",
                self.lookups, self.wrong, self.calls, self.miscounted, self.unchosen
            ),
            met: faults == 0,
        }]
    }

    pub(super) fn table(&self) -> (String, String) {
        let rows = self.by_outcome.iter().map(|(outcome, count)| [(*outcome).to_owned(), count.to_string()]);
        let text = table(["outcome", "lookups"], rows);
        let text = format!("{text}\nAll ended after {:.1} s.\n", self.seconds);
        ("Lookups at a service that misbehaves by rule".to_owned(), text)
    }
}
