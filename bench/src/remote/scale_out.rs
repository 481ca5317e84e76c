//! B10: more workers, more calls, until the mock or the limit is reached.

use std::time::Duration;

use aggregator_testkit::{Reply, Upstream};

use super::{Ground, Mirror, addresses, fan_out, known, parts};
use crate::options::Options;
use crate::progress::say;
use crate::report::Goal;
use crate::table;

/// A slow service: workers wait, the processor does not decide.
const LATENCY: Duration = Duration::from_secs(1);
/// Calls one worker has under way.
const CALLS: usize = 100;

/// So many workers.
#[derive(Debug)]
pub(super) struct Step {
    workers: u32,
    per_second: f64,
}

pub(super) fn measure(options: &Options) -> anyhow::Result<Vec<Step>> {
    [1, 2, 4].into_iter().map(|workers| step(options, workers)).collect()
}

fn step(options: &Options, workers: u32) -> anyhow::Result<Step> {
    say(&format!("lookups: {workers} worker(s) at a slow mock"));
    let upstream = Upstream::start(|path, _| Reply::json(200, known(parts(path).1)).after(LATENCY));
    let mirror = Mirror::new("slow-one", 2_000);
    let mut ground = Ground::start(options, &upstream, &[mirror], (CALLS, Duration::from_secs(10)))?;
    for _ in 1..workers {
        ground.add_worker()?;
    }
    // Every worker is there before there is work.
    std::thread::sleep(Duration::from_secs(2));
    let seconds = if options.quick { 5 } else { 20 };
    let count = u32::try_from(CALLS)? * workers * seconds;
    let file = addresses(options, "scale-out.txt", (0, count))?;
    let (began, id) = ground.running.post(&file, "?playbook=keyless")?;
    ground.running.end_of(id, began)?;
    ground.stop()?;
    let per_second = fan_out::rates(&upstream).values().sum();
    Ok(Step { workers, per_second })
}

/// Of what the first step times its workers would be.
fn linear(steps: &[Step], step: &Step) -> f64 {
    let one = steps.first().map_or(f64::NAN, |first| first.per_second / f64::from(first.workers));
    step.per_second / (one * f64::from(step.workers))
}

pub(super) fn goals(steps: &[Step]) -> Vec<Goal> {
    let least = steps.iter().map(|step| linear(steps, step)).fold(f64::INFINITY, f64::min);
    let each: Vec<String> =
        steps.iter().map(|step| format!("{}: {:.0}/s", step.workers, step.per_second)).collect();
    vec![Goal {
        what: "B10 with 1, 2 and 4 workers, of linear",
        bar: "≥ 0.9",
        measured: format!("{least:.2} ({})", each.join(", ")),
        met: least >= 0.9,
    }]
}

pub(super) fn table(steps: &[Step]) -> (String, String) {
    let rows = steps.iter().map(|step| {
        [step.workers.to_string(), format!("{:.0}", step.per_second), format!("{:.2}", linear(steps, step))]
    });
    let text = table::table(["workers", "calls/s", "of linear"], rows);
    ("B10: workers of 100 calls each at a service that takes 1 s".to_owned(), text)
}
