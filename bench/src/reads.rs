//! B6: pages, filters, details, progress and search over 10 million items and 30 million findings.

mod ground;
mod plans;
mod questions;

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context, ensure};

use crate::http;
use crate::options::Options;
use crate::progress::say;
use crate::report::Goal;
use crate::table::{percentile, table};

use questions::Question;

/// Milliseconds that 99 of 100 answers take at most (performance.md, B6).
const BAR: f64 = 50.0;

/// Questions of a kind before the clock counts.
const WARM: usize = 50;

/// What reading took.
#[derive(Debug)]
pub struct Reads {
    items: u64,
    findings: u64,
    gigabytes: u64,
    /// What was asked, and what each answer took; milliseconds, sorted.
    times: Vec<(&'static str, Vec<f64>)>,
    /// How PostgreSQL answered one question of each kind.
    plans: Vec<(&'static str, String)>,
}

/// Fills rows through the product, adds findings by SQL, and reads.
pub fn measure(options: &Options) -> anyhow::Result<Reads> {
    let mut ground = ground::Ground::fill(options)?;
    let (items, findings, gigabytes) = ground::sizes(options)?;
    say("reads: asking");
    let address = ground.address();
    let questions = questions::all(address, &ground.submissions)?;
    let count = if options.quick { 100 } else { 1_000 };
    let times = questions
        .iter()
        .map(|question| Ok((question.what, ask(address, question, count)?)))
        .collect::<anyhow::Result<_>>()?;
    ground.check()?;
    let plans = plans::explain(options, &mut ground, &questions)?;
    ground.stop(options)?;
    Ok(Reads { items, findings, gigabytes, times, plans })
}

/// Asks one after another, on a connection each; milliseconds, sorted.
fn ask(address: SocketAddr, question: &Question, count: usize) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::with_capacity(count);
    for number in 0..WARM + count {
        let path = &question.paths[number % question.paths.len()];
        let began = Instant::now();
        let answer = http::get(address, path)?;
        let took = began.elapsed().as_secs_f64() * 1e3;
        ensure!(answer.status == 200, "GET {path} was answered {}: {}", answer.status, answer.body);
        if number >= WARM {
            times.push(took);
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

impl Reads {
    pub(crate) fn goals(&self) -> Vec<Goal> {
        let slowest = self
            .times
            .iter()
            .map(|(what, times)| (*what, percentile(times, 0.99)))
            .max_by(|one, other| one.1.total_cmp(&other.1))
            .context("nothing was asked");
        slowest
            .map(|(what, p99)| Goal {
                what: "B6 slowest read, p99",
                bar: "≤ 50 ms",
                measured: format!("{p99:.1} ms ({what})"),
                met: p99 <= BAR,
            })
            .into_iter()
            .collect()
    }

    pub(crate) fn tables(&self) -> Vec<(String, String)> {
        let rows = self.times.iter().map(|(what, times)| {
            [
                (*what).to_owned(),
                format!("{:.1}", percentile(times, 0.5)),
                format!("{:.1}", percentile(times, 0.9)),
                format!("{:.1}", percentile(times, 0.99)),
                format!("{:.1}", percentile(times, 1.0)),
            ]
        });
        let times = table(["read", "p50, ms", "p90, ms", "p99, ms", "slowest, ms"], rows);
        let mut plans = String::new();
        for (what, plan) in &self.plans {
            plans.extend(["**", what, "**\n\n```text\n", plan.trim_end(), "\n```\n\n"]);
        }
        vec![
            (
                format!(
                    "B6: reads over {} items and {} findings, {} GB",
                    self.items, self.findings, self.gigabytes
                ),
                times,
            ),
            ("B6: how PostgreSQL answered one of each (auto_explain)".to_owned(), plans),
        ]
    }
}
