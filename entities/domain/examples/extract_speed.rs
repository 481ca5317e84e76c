//! B8 of `design/performance.md`: extraction in MB/s on the real texts, detection in lines/s on the real list; one core.
//!
//! Goals: 100 MB/s on the ESET and Unit 42 texts concatenated, one million lines a second. `--headline` measures the first
//! alone.
#![expect(clippy::print_stdout, reason = "a command for developers prints")]
#![expect(clippy::expect_used, reason = "a command for developers stops where its data is not")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "../tests/extract/corpora.rs"]
#[expect(dead_code, reason = "the truth is for the score")]
mod corpora;

use std::hint::black_box;
use std::time::{Duration, Instant};

use aggregator_domain::{Detection, Extract, detect, extract_bytes, extract_html};

/// How long each measurement runs at least.
const ENOUGH: Duration = Duration::from_secs(2);

fn main() {
    let Some(folder) = corpora::folder() else { return };
    let reports = text_of(&folder.join("eset-reports"), "README.adoc.txt");
    let eset = text_of(&folder.join("eset-reports"), "");
    let unit42 = text_of(&folder.join("unit42-defanged"), "");
    measure("ESET and Unit 42", &[eset.as_str(), &unit42].concat());
    if std::env::args().any(|argument| argument == "--headline") {
        return;
    }
    measure("ESET reports", &reports);
    measure("ESET reports and lists", &eset);
    measure("Unit 42", &unit42);
    let bytes = [eset.as_str(), &unit42].concat();
    rate("the same, as bytes", bytes.len(), || extract_bytes(bytes.as_bytes()).count());
    let html = format!("<html><body><p>{}</p></body></html>", bytes.replace('\n', "<br>\n"));
    rate("the same, as HTML", html.len(), || extract_html(&html).len());

    let list = std::fs::read_to_string(folder.join("../bulk/mixed-shared.tsv")).expect("the list");
    let values: Vec<&str> =
        list.lines().filter_map(|line| line.split_once('\t')).map(|(_, value)| value).collect();
    let (runs, time) =
        repeat(|| values.iter().filter(|value| matches!(detect(value), Detection::One(_))).count());
    let lines = (runs * values.len()) as f64 / time.as_secs_f64();
    println!("{:<26} {:>9} lines {:>10.0} lines/s", "detect, one a line", values.len(), lines);
    let list = values.join("\n");
    measure("extract, one a line", &list);
}

fn text_of(folder: &std::path::Path, ending: &str) -> String {
    corpora::files(folder, |name| name.ends_with(ending)).into_iter().map(|(_, text)| text + "\n").collect()
}

fn measure(name: &str, text: &str) {
    rate(name, text.len(), || Extract::new(text).count());
    let mut extraction = Extract::new(text);
    while extraction.next().is_some() {}
    println!("{:<26} {:>9.2} bytes looked at per byte", "", extraction.work() as f64 / text.len() as f64);
}

fn rate(name: &str, bytes: usize, mut run: impl FnMut() -> usize) {
    let found = run();
    let (runs, time) = repeat(&mut run);
    let megabytes = (runs * bytes) as f64 / 1e6 / time.as_secs_f64();
    println!("{name:<26} {bytes:>9} bytes {found:>7} found {megabytes:>7.0} MB/s");
}

fn repeat<R>(mut run: impl FnMut() -> R) -> (usize, Duration) {
    let (start, on_core) = (Instant::now(), time_on_core());
    let mut runs = 0;
    while start.elapsed() < ENOUGH {
        black_box(run());
        runs += 1;
    }
    let spent = time_on_core().zip(on_core).map(|(after, before)| after.saturating_sub(before));
    (runs, spent.unwrap_or_else(|| start.elapsed()))
}

/// Time this process spent on a core: what else the machine does in the meantime does not count. Linux tells; elsewhere
/// it is the clock on the wall.
fn time_on_core() -> Option<Duration> {
    let statistics = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    statistics.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
