//! The goals of B1 beside what was measured.

use super::{Results, items_per_second, median};
use crate::bulk::Run;
use crate::footprint::Footprint;
use crate::idle::Idle;
use crate::reads::Reads;

/// A goal.
#[derive(Debug)]
pub(crate) struct Goal {
    /// What is promised.
    pub(crate) what: &'static str,
    /// The bar.
    pub(crate) bar: &'static str,
    /// What was measured.
    pub(crate) measured: String,
    /// Whether it reaches the bar.
    pub(crate) met: bool,
}

/// Every goal whose figures were measured.
pub(crate) fn goals(results: &Results) -> Vec<Goal> {
    let mut goals = Vec::new();
    if let Some(bulk) = &results.bulk {
        let rate = bulk.headline.per_second();
        goals.push(at_least("bulk, one worker, indicators/s", "≥ 35,000 (goal 50,000)", rate, 35_000.0));
        if let Some(batched) = &results.batched {
            goals.push(ratio("against batched BullMQ", "≥ 1.3 ×", rate / batched.per_second, 1.3));
        }
        if let Some(single) = &results.single {
            goals.push(ratio("against one BullMQ job each", "≥ 25 ×", rate / single.per_second, 25.0));
        }
        if let Some(floor) = &results.floor {
            goals.push(ratio(
                "against COPY into the same tables",
                "≥ 0.5 ×",
                rate / items_per_second(floor),
                0.5,
            ));
        }
        goals.push(small_against_large(&bulk.small, &bulk.headline));
        let runs = [Some(&bulk.headline), bulk.following.last()];
        goals.extend(runs.into_iter().flatten().flat_map(memory));
    }
    if let Some((run, _)) = &results.embedded {
        goals.push(at_least("embedded (SQLite), indicators/s", "≥ 20,000", run.per_second(), 20_000.0));
    }
    goals.extend(results.remote.goals());
    goals.extend(results.reads.iter().flat_map(Reads::goals));
    goals.extend(results.footprint.iter().flat_map(Footprint::goals));
    goals.extend(results.idle.iter().flat_map(Idle::goals));
    goals
}

pub(crate) fn at_least(what: &'static str, bar: &'static str, rate: f64, least: f64) -> Goal {
    Goal { what, bar, measured: format!("{rate:.0}"), met: rate >= least }
}

fn ratio(what: &'static str, bar: &'static str, ratio: f64, least: f64) -> Goal {
    Goal { what, bar, measured: format!("{ratio:.2} ×"), met: ratio >= least }
}

/// Cost of an indicator at the headline's size against that of a small submission: the median of the small ones.
fn small_against_large(small: &[Run], large: &Run) -> Goal {
    let median = median(small).map_or(f64::NAN, |run| 1.0 / run.per_second());
    let ratio = 1.0 / large.per_second() / median;
    Goal {
        what: "cost of one at 1 M against 10 k",
        bar: "≤ 1.2 ×",
        measured: format!("{ratio:.2} ×"),
        met: ratio <= 1.2,
    }
}

fn memory(run: &Run) -> Vec<Goal> {
    let bars = [("api", "API peak RSS", "≤ 150 MB", 150), ("worker", "worker peak RSS", "≤ 400 MB", 400)];
    let of = |(process, what, bar, most): (&str, &'static str, &'static str, u64)| {
        let (_, usage) = run.usage.iter().find(|(name, _)| *name == process)?;
        let megabytes = usage.peak_kib / 1_000;
        let measured = format!(
            "{megabytes} MB ({} anonymous), {} lines",
            usage.peak_anonymous_kib / 1_000,
            run.submitted.lines
        );
        Some(Goal { what, bar, measured, met: megabytes <= most })
    };
    bars.into_iter().filter_map(of).collect()
}
