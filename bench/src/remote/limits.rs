//! B4: one limit, four workers.

use std::time::{Duration, Instant};

use aggregator_testkit::{Reply, Upstream};

use super::{Ground, Mirror, addresses, known, parts};
use crate::options::Options;
use crate::progress::say;
use crate::report::Goal;
use crate::table::table;

const WORKERS: usize = 4;
const CALLS: u32 = 240;
const WINDOW: Duration = Duration::from_mins(1);
/// A second of it is left to the way of a call to the mock.
const LESS_TOLERANCE: Duration = Duration::from_secs(59);

/// What the mock saw of a limited source.
#[derive(Debug)]
pub(super) struct Limits {
    seconds: f64,
    calls: usize,
    /// Most calls in any window of a minute, and in one a second shorter.
    most: usize,
    most_less_tolerance: usize,
}

pub(super) fn measure(options: &Options) -> anyhow::Result<Limits> {
    let runs_for = if options.quick { Duration::from_secs(20) } else { Duration::from_mins(4) };
    say(&format!("lookups: 240 a minute, four workers, {} s", runs_for.as_secs()));
    let upstream = Upstream::start(|path, _| Reply::json(200, known(parts(path).1)));
    let mirror = Mirror { limit: Some((CALLS, 60)), ..Mirror::new("limited", 20) };
    let mut ground = Ground::start(options, &upstream, &[mirror], (50, Duration::from_secs(10)))?;
    for _ in 1..WORKERS {
        ground.add_worker()?;
    }
    let file = addresses(options, "limited.txt", (0, 4_000))?;
    ground.running.post(&file, "?playbook=keyless")?;
    ground.until("the first call", Duration::from_mins(1), || !upstream.seen().is_empty())?;
    let began = Instant::now();
    while began.elapsed() < runs_for {
        ground.check()?;
        std::thread::sleep(Duration::from_millis(200));
    }
    let calls: Vec<Instant> = upstream.seen().iter().map(|seen| seen.at).collect();
    let seconds = calls[0].elapsed().as_secs_f64();
    ground.stop()?;
    let most = |window: Duration| {
        let within = |from: usize| calls[from..].iter().take_while(|at| **at < calls[from] + window).count();
        (0..calls.len()).map(within).max().unwrap_or_default()
    };
    Ok(Limits { seconds, calls: calls.len(), most: most(WINDOW), most_less_tolerance: most(LESS_TOLERANCE) })
}

impl Limits {
    /// Share of the allowance that was used, per cent.
    fn used(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        let calls = self.calls as f64;
        100.0 * calls / (self.seconds * f64::from(CALLS) / WINDOW.as_secs_f64())
    }

    pub(super) fn goals(&self) -> Vec<Goal> {
        vec![
            Goal {
                what: "B4 most calls in any minute, limit 240, four workers",
                bar: "≤ 240 (1 s tolerance)",
                measured: format!("{} ({} in 59 s)", self.most, self.most_less_tolerance),
                met: self.most_less_tolerance <= CALLS as usize,
            },
            Goal {
                what: "B4 of the allowance used",
                bar: "≥ 95 %",
                measured: format!("{:.1} %", self.used()),
                met: self.used() >= 95.0,
            },
        ]
    }

    pub(super) fn table(&self) -> (String, String) {
        let row = [
            format!("{:.0}", self.seconds),
            self.calls.to_string(),
            self.most.to_string(),
            format!("{:.1} %", self.used()),
        ];
        let text = table(["seconds", "calls at the mock", "most in a minute", "of the allowance"], [row]);
        ("B4: 240 calls a minute, asked by four workers".to_owned(), text)
    }
}
