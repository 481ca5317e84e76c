//! The table: goals beside figures, then what they are made of.

mod goals;

use std::fmt::Write as _;

use crate::bulk::{Bulk, Run};
use crate::bullmq::Baseline;
use crate::copy_floor::Floor;
use crate::footprint::Footprint;
use crate::idle::Idle;
use crate::machine::Facts;
use crate::reads::Reads;
use crate::remote::Remote;

pub(crate) use goals::{Goal, at_least, goals};

/// Everything a run measured; what was left out is `None`.
#[derive(Debug, Default)]
pub struct Results {
    /// The machine.
    pub facts: Facts,
    /// The product on PostgreSQL and Redis.
    pub bulk: Option<Bulk>,
    /// The floor.
    pub floor: Option<Floor>,
    /// `BullMQ` by 500.
    pub batched: Option<Baseline>,
    /// `BullMQ`, one job each.
    pub single: Option<Baseline>,
    /// The embedded form, and the seconds its import took.
    pub embedded: Option<(Run, f64)>,
    /// Seconds the import of all lists took on PostgreSQL.
    pub import_seconds: Option<f64>,
    /// Lookups at a mock.
    pub remote: Remote,
    /// Reads over many rows.
    pub reads: Option<Reads>,
    /// The embedded form at rest.
    pub footprint: Option<Footprint>,
    /// Workers at rest.
    pub idle: Option<Idle>,
    /// Outputs of the crates' examples.
    pub crates: Vec<(String, String)>,
    /// True for a short run.
    pub quick: bool,
    /// Load averages at the end.
    pub load_after: String,
}

/// The whole report, Markdown.
pub fn write(results: &Results) -> String {
    let mut out = String::from(
        "# Benchmark results\n\nWritten by `make bench`; what each figure means: [docs/PERFORMANCE.md](../docs/PERFORMANCE.md).\n\n",
    );
    if results.quick {
        out.push_str(
            "**A short run (`--quick`): the figures say that everything works, not how fast it is.**\n\n",
        );
    }
    out.push_str("| machine | |\n|--|--|\n");
    for (name, value) in &results.facts {
        line(&mut out, format_args!("| {name} | {value} |"));
    }
    line(&mut out, format_args!("| load after | {} |\n", results.load_after));
    out.push_str("## Goals\n\n| goal | bar | measured | |\n|--|--|--|--|\n");
    for goal in goals(results) {
        let mark = if goal.met { "met" } else { "**not met**" };
        line(&mut out, format_args!("| {} | {} | {} | {mark} |", goal.what, goal.bar, goal.measured));
    }
    runs(&mut out, results);
    baselines(&mut out, results);
    let rest =
        results.reads.iter().flat_map(Reads::tables).chain(results.footprint.iter().map(Footprint::table));
    for (title, text) in results.remote.tables().into_iter().chain(rest) {
        line(&mut out, format_args!("\n## {title}\n\n{text}"));
    }
    for (title, text) in &results.crates {
        line(&mut out, format_args!("\n## {title}\n\n```text\n{text}\n```"));
    }
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(text);
    out.push('\n');
}

fn runs(out: &mut String, results: &Results) {
    let mut runs: Vec<&Run> = Vec::new();
    if let Some(bulk) = &results.bulk {
        runs.extend(median(&bulk.small));
        runs.extend([&bulk.real, &bulk.headline, &bulk.again]);
        runs.extend(bulk.following.iter());
    }
    runs.extend(results.embedded.iter().map(|(run, _)| run));
    if runs.is_empty() {
        return;
    }
    out.push_str(
        "\n## B1: submissions\n\n| run | lines | items | judged | findings | lines/s | until 202, s | then, s | total, s | µs/line | WAL, MB |\n\
         |--|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for run in &runs {
        let of = &run.submitted;
        line(
            out,
            format_args!(
                "| {} | {} | {} | {:.1} % | {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.1} | {} |",
                run.label,
                of.lines,
                of.items,
                percent(of.judged, of.items),
                if run.findings == 0 { "–".to_owned() } else { run.findings.to_string() },
                run.per_second(),
                of.accepted_seconds,
                of.seconds - of.accepted_seconds,
                of.seconds,
                1e6 / run.per_second(),
                run.wal_bytes / 1_000_000,
            ),
        );
    }
    out.push_str("\n| run | process | peak RSS, MB | peak anonymous, MB | CPU, s | PostgreSQL CPU, s | machine busy, core s | stolen, core s |\n|--|--|--:|--:|--:|--:|--:|--:|\n");
    for run in &runs {
        for (name, usage) in &run.usage {
            line(
                out,
                format_args!(
                    "| {} | {name} | {} | {} | {:.1} | {:.1} | {:.1} | {:.1} |",
                    run.label,
                    usage.peak_kib / 1_000,
                    usage.peak_anonymous_kib / 1_000,
                    usage.cpu_seconds,
                    run.postgres_cpu_seconds,
                    run.machine.0,
                    run.machine.1,
                ),
            );
        }
    }
    if let Some(bulk) = &results.bulk {
        line(
            out,
            format_args!(
                "\nFirst verdict after a start, lists loaded on the way: {:.2} s.",
                bulk.first_verdict_seconds
            ),
        );
    }
    if let Some(seconds) = results.import_seconds {
        line(out, format_args!("Import of all lists, one command each: {seconds:.1} s."));
    }
}

/// The run in the middle.
pub(crate) fn median(runs: &[Run]) -> Option<&Run> {
    let mut sorted: Vec<&Run> = runs.iter().collect();
    sorted.sort_by(|one, other| one.submitted.seconds.total_cmp(&other.submitted.seconds));
    sorted.get(sorted.len() / 2).copied()
}

fn baselines(out: &mut String, results: &Results) {
    if results.floor.is_none() && results.batched.is_none() {
        return;
    }
    out.push_str("\n## B1: the same rows, written by others\n\n| what | values | s | values/s | |\n|--|--:|--:|--:|--|\n");
    if let Some(floor) = &results.floor {
        line(
            out,
            format_args!(
                "| COPY, one connection, one transaction | {} | {:.2} | {:.0} | {} rows, {} MB of WAL |",
                floor.items,
                floor.seconds,
                items_per_second(floor),
                floor.rows,
                floor.wal_bytes / 1_000_000
            ),
        );
    }
    for (what, baseline) in
        [("BullMQ, 500 a job, UNNEST", &results.batched), ("BullMQ, one job each", &results.single)]
    {
        if let Some(of) = baseline {
            line(
                out,
                format_args!(
                    "| {what} | {} | {:.2} | {:.0} | worker peak RSS {} MB; {} |",
                    of.values,
                    of.seconds,
                    of.per_second,
                    of.worker_peak_kib / 1_000,
                    of.versions
                ),
            );
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn percent(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / whole.max(1) as f64
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn items_per_second(floor: &Floor) -> f64 {
    floor.items as f64 / floor.seconds
}
