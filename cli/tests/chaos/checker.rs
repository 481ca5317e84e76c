//! The checker: compares the ledger with what the public API says and with the rows, and believes neither alone.

mod counts;
mod coverage;
mod rest;

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::ledger::{Entry, Ledger};
use crate::rows::Rows;

/// Time between two looks at the whole.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Faults of one kind that are spelled out.
const SHOWN: usize = 10;

/// What a fault breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Promise {
    /// Something accepted has no end.
    NothingLost,
    /// Something accepted is seen twice.
    NothingTwice,
    /// A counter is not the number of its rows.
    CountsTrue,
}

/// One broken promise.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// Which.
    pub(crate) promise: Promise,
    /// How it shows.
    pub(crate) text: String,
}

impl Fault {
    fn lost(text: impl Into<String>) -> Self {
        Self { promise: Promise::NothingLost, text: text.into() }
    }

    fn twice(text: impl Into<String>) -> Self {
        Self { promise: Promise::NothingTwice, text: text.into() }
    }

    fn miscounted(text: impl Into<String>) -> Self {
        Self { promise: Promise::CountsTrue, text: text.into() }
    }
}

/// What the checker found.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Submissions in the ledger.
    pub(crate) submissions: usize,
    /// Lines in the ledger.
    pub(crate) lines: usize,
    /// Every broken promise.
    pub(crate) faults: Vec<Fault>,
}

impl Verdict {
    /// Broken promises of one kind.
    pub(crate) fn count(&self, promise: Promise) -> usize {
        self.faults.iter().filter(|fault| fault.promise == promise).count()
    }

    /// True when every promise holds.
    pub(crate) fn is_green(&self) -> bool {
        self.faults.is_empty()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} submissions of {} lines, {} faults",
            self.submissions,
            self.lines,
            self.faults.len()
        )?;
        for promise in [Promise::NothingLost, Promise::NothingTwice, Promise::CountsTrue] {
            let faults = self.faults.iter().filter(|fault| fault.promise == promise);
            for fault in faults.take(SHOWN) {
                writeln!(f, "  {promise:?}: {}", fault.text)?;
            }
        }
        Ok(())
    }
}

/// Waits until nothing moves any more, and compares. `patience` = how long nothing may move before it counts as the end.
pub(crate) fn check(client: &Client, rows: &mut Rows, ledger: &Ledger, patience: Duration) -> Verdict {
    check_beside(client, rows, (ledger, &[]), patience)
}

/// The same where these submissions, cancelled in the meantime, are there beside those of the ledger.
pub(crate) fn check_beside(
    client: &Client,
    rows: &mut Rows,
    (ledger, beside): (&Ledger, &[i64]),
    patience: Duration,
) -> Verdict {
    let entries = ledger.entries();
    let mut verdict = Verdict {
        submissions: entries.len(),
        lines: entries.iter().map(|entry| entry.lines.len()).sum(),
        faults: Vec::new(),
    };
    assert!(!entries.is_empty(), "an empty ledger proves nothing");
    settle(rows, &entries, patience);
    for entry in &entries {
        verdict.faults.extend(coverage::of(client, entry));
    }
    verdict.faults.extend(counts::of(rows, &entries, beside));
    verdict.faults.extend(rest::of(rows));
    verdict
}

/// Returns when every submission of the ledger is done, or when nothing has moved for `patience`.
fn settle(rows: &mut Rows, entries: &[Entry], patience: Duration) {
    let ids: Vec<String> = entries.iter().map(|entry| entry.id.to_string()).collect();
    let open = format!("SELECT COUNT(*) FROM submissions WHERE state <> 3 AND id IN ({})", ids.join(", "));
    let moved = "SELECT CAST(COALESCE(SUM(seq), 0) AS BIGINT) FROM submissions";
    let (mut before, mut since) = (-1, Instant::now());
    while rows.number(&open) > 0 && since.elapsed() < patience {
        let now = rows.number(moved);
        if now != before {
            (before, since) = (now, Instant::now());
        }
        thread::sleep(LOOK_EVERY);
    }
}
