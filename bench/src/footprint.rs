//! B9: what `aggregator up` takes when nobody asks anything: memory, processor, the time of a start, the size of the binary.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::generate::{Generator, write};
use crate::options::Options;
use crate::product::Installation;
use crate::report::Goal;
use crate::servers::run;
use crate::table::table;

/// The embedded form at rest.
#[derive(Debug)]
pub struct Footprint {
    entries: u64,
    anonymous_megabytes: u64,
    peak_megabytes: u64,
    start_seconds: f64,
    idle_percent: f64,
    binary_megabytes: f64,
}

/// Imports one list of a million entries, lets its tasks be done, starts again and watches.
pub fn measure(options: &Options) -> anyhow::Result<Footprint> {
    let installation = Installation {
        binary: options.binary.clone(),
        data: options.work.join("footprint"),
        database: String::new(),
        redis: String::new(),
        logs: options.work.clone(),
    };
    installation.migrate()?;
    let feed = options.work.join("footprint-feed.txt");
    let generator = Generator::open(&options.data)?;
    write(&feed, |out| generator.write_feed(options.sizes.feed, out))?;
    drop(generator);
    installation.import(&[], &feed)?;
    // The first start does what an import leaves behind.
    installation.settle(&["up"], || crate::product::open_tasks_embedded(&installation.data))?;
    let began = Instant::now();
    let mut running = installation.start(&["up"])?;
    let start_seconds = began.elapsed().as_secs_f64();
    let one = options.work.join("footprint-one.txt");
    std::fs::write(&one, "198.51.100.7\n")?;
    // Lists are loaded for the first submission.
    running.submit(&one)?;
    let (settle, watch) = if options.quick { (1, 5) } else { (10, 60) };
    std::thread::sleep(Duration::from_secs(settle));
    let cpu = |running: &crate::product::Running| {
        running.usage().iter().map(|(_, usage)| usage.cpu_seconds).sum::<f64>()
    };
    let before = cpu(&running);
    let since = Instant::now();
    std::thread::sleep(Duration::from_secs(watch));
    running.check()?;
    let idle_percent = 100.0 * (cpu(&running) - before) / since.elapsed().as_secs_f64();
    let (_, usage) = *running.usage().first().context("nothing runs")?;
    let anonymous_megabytes = running.anonymous_kib() / 1_000;
    running.stop()?;
    Ok(Footprint {
        entries: options.sizes.feed,
        anonymous_megabytes,
        peak_megabytes: usage.peak_anonymous_kib / 1_000,
        start_seconds,
        idle_percent,
        binary_megabytes: stripped_megabytes(options)?,
    })
}

/// The size of the binary without symbols.
fn stripped_megabytes(options: &Options) -> anyhow::Result<f64> {
    let stripped = options.work.join("aggregator-stripped");
    run(Command::new("strip").arg("-o").arg(&stripped).arg(&options.binary))?;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let bytes = std::fs::metadata(&stripped)?.len() as f64;
    Ok(bytes / 1e6)
}

impl Footprint {
    pub(crate) fn goals(&self) -> Vec<Goal> {
        let goal = |what, bar, measured, met| Goal { what, bar, measured, met };
        vec![
            goal(
                "B9 `up` at rest, anonymous memory",
                "≤ 120 MB",
                format!("{} MB", self.anonymous_megabytes),
                self.anonymous_megabytes <= 120,
            ),
            goal(
                "B9 second start until ready",
                "≤ 1 s",
                format!("{:.2} s", self.start_seconds),
                self.start_seconds <= 1.0,
            ),
            goal(
                "B9 binary, stripped",
                "≤ 60 MB",
                format!("{:.1} MB", self.binary_megabytes),
                self.binary_megabytes <= 60.0,
            ),
            goal(
                "B9 `up` at rest, of a core",
                "≤ 1 %",
                format!("{:.2} %", self.idle_percent),
                self.idle_percent <= 1.0,
            ),
        ]
    }

    pub(crate) fn table(&self) -> (String, String) {
        let rows = [
            ("anonymous memory at rest, MB", self.anonymous_megabytes.to_string()),
            ("anonymous memory, peak since the start, MB", self.peak_megabytes.to_string()),
            ("second start until `/readyz` is 200, s", format!("{:.2}", self.start_seconds)),
            ("processor at rest, % of a core", format!("{:.2}", self.idle_percent)),
            ("binary, stripped, MB", format!("{:.1}", self.binary_megabytes)),
        ];
        let text = table(["what", "measured"], rows.map(|(what, measured)| [what.to_owned(), measured]));
        (format!("B9: `aggregator up` with a list of {} entries, nobody asking", self.entries), text)
    }
}
