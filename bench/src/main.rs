//! Runs the benchmarks in one go on one machine and writes the table. `bench/run` starts it with servers of its own.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use aggregator_bench::bulk::{self, Lists};
use aggregator_bench::generate::{Generator, MAX_LINES, write};
use aggregator_bench::options::{Options, Part};
use aggregator_bench::product::{Installation, OPEN_TASKS, open_tasks_embedded};
use aggregator_bench::progress::say;
use aggregator_bench::report::{self, Results};
use aggregator_bench::{bullmq, copy_floor, crates, footprint, idle, lists, machine, reads, remote, unload};
use anyhow::{Context, ensure};

/// Small lists begin here: behind every other list, before the decoys of the feed.
const SMALL_FROM: u64 = MAX_LINES - 1_000_000;

fn main() -> anyhow::Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    let mut results =
        Results { facts: machine::facts(&options.servers), quick: options.quick, ..Results::default() };
    if options.parts.iter().any(|part| matches!(part, Part::Bulk | Part::Bullmq | Part::Embedded)) {
        local(&options, &mut results)?;
    }
    if options.parts.iter().any(|part| Part::REMOTE.contains(part)) {
        results.remote = remote::measure(&options);
    }
    // What of these fails is told, and takes no other figures with it.
    results.reads = part(&options, Part::Reads, reads::measure);
    results.footprint = part(&options, Part::Footprint, footprint::measure);
    results.idle = part(&options, Part::Idle, idle::measure);
    if options.parts.contains(&Part::Crates) {
        say("crates: matcher, detection, extraction");
        results.crates = crates::measure();
    }
    results.load_after = machine::load();
    fs::write(&options.out, report::write(&results))
        .with_context(|| format!("cannot write {}", options.out.display()))?;
    say(&format!("written: {}", options.out.display()));
    Ok(())
}

fn part<T>(options: &Options, part: Part, measure: fn(&Options) -> anyhow::Result<T>) -> Option<T> {
    let measured = options.parts.contains(&part).then(|| measure(options))?;
    measured.inspect_err(|error| say(&format!("NOT MEASURED: {part:?}: {error:#}"))).ok()
}

/// B1: the lists of the machine itself.
fn local(options: &Options, results: &mut Results) -> anyhow::Result<()> {
    let (lists, feed) = write_lists(options)?;
    if options.parts.iter().any(|part| matches!(part, Part::Bulk | Part::Bullmq)) {
        production(options, &lists, &feed, results)?;
    }
    if options.parts.contains(&Part::Embedded) {
        results.embedded = Some(embedded(options, &lists, &feed)?);
    }
    Ok(())
}

fn write_lists(options: &Options) -> anyhow::Result<(Lists, PathBuf)> {
    say("writing lists");
    let generator = Generator::open(&options.data)?;
    let sizes = &options.sizes;
    let list = |name: &str, range: Range<u64>| -> anyhow::Result<PathBuf> {
        let path = options.work.join(name);
        write(&path, |out| generator.write_list(range, out))?;
        Ok(path)
    };
    let lists = Lists {
        one: list("one.txt", SMALL_FROM - 1..SMALL_FROM)?,
        real: list("real.txt", 0..sizes.real)?,
        headline: list("headline.txt", 0..sizes.headline)?,
        small: (0..sizes.small.1)
            .map(|n| SMALL_FROM + n * sizes.small.0)
            .map(|from| list(&format!("small-{from}.txt"), from..from + sizes.small.0))
            .collect::<anyhow::Result<_>>()?,
        following: (1..sizes.millions)
            .map(|n| list(&format!("million-{}.txt", n + 1), n * sizes.headline..(n + 1) * sizes.headline))
            .collect::<anyhow::Result<_>>()?,
    };
    list("single.txt", 0..sizes.single)?;
    let feed = options.work.join("feed.txt");
    write(&feed, |out| generator.write_feed(sizes.feed, out))?;
    Ok((lists, feed))
}

fn production(options: &Options, lists: &Lists, feed: &Path, results: &mut Results) -> anyhow::Result<()> {
    let servers = &options.servers;
    let base = Installation {
        binary: options.binary.clone(),
        data: options.work.join("data"),
        database: servers.database("bench_migrated"),
        redis: servers.redis_database(0),
        logs: options.work.clone(),
    };
    servers.create("bench_migrated", None)?;
    base.migrate()?;
    base.place_addresses(&lists::addresses(&options.data))?;
    if options.parts.contains(&Part::Bulk) {
        say("importing every list");
        servers.create("bench_ready", Some("bench_migrated"))?;
        let ready = Installation { database: servers.database("bench_ready"), ..base.clone() };
        results.import_seconds = Some(ready.import(&lists::shipped(&options.data)?, feed)?);
        ready.settle(&["api", "worker"], || servers.number("bench_ready", OPEN_TASKS))?;
        say("bulk: api and one worker");
        results.bulk = Some(bulk::production(servers, &base, lists)?);
        say("floor: COPY");
        results.floor = Some(copy_floor::measure(servers)?);
    }
    if options.parts.contains(&Part::Bullmq) {
        let judged = unload::judged(servers);
        ensure!(judged.exists(), "BullMQ writes the rows our run left: add the part `bulk`");
        say("BullMQ, batched");
        bullmq::install(&options.bullmq)?;
        results.batched =
            Some(bullmq::measure(servers, &options.bullmq, "batched", (&lists.headline, &judged))?);
        say("BullMQ, one job each");
        let single = options.work.join("single.txt");
        results.single = Some(bullmq::measure(servers, &options.bullmq, "single", (&single, &judged))?);
    }
    Ok(())
}

fn embedded(options: &Options, lists: &Lists, feed: &Path) -> anyhow::Result<(bulk::Run, f64)> {
    say("embedded: up");
    let embedded = Installation {
        binary: options.binary.clone(),
        data: options.work.join("embedded"),
        database: String::new(),
        redis: String::new(),
        logs: options.work.clone(),
    };
    embedded.migrate()?;
    embedded.place_addresses(&lists::addresses(&options.data))?;
    let import_seconds = embedded.import(&lists::shipped(&options.data)?, feed)?;
    embedded.settle(&["up"], || open_tasks_embedded(&embedded.data))?;
    let mut running = embedded.start(&["up"])?;
    running.submit(&lists.one)?;
    let run = bulk::submit("embedded, cold", &mut running, None, &lists.real)?;
    running.stop()?;
    Ok((run, import_seconds))
}
