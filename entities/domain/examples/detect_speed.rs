//! Lines a second of [`aggregator_domain::detect`] on one core, over the values of `bulk/mixed-shared.tsv` or a file
//! of one value a line: `cargo run --release -p aggregator-domain --example detect_speed [FILE]`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use aggregator_domain::{Detection, detect};

const ROUNDS: u32 = 10;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/bulk/mixed-shared.tsv");
    let path = std::env::args().nth(1).unwrap_or_else(|| default.to_owned());
    let text = std::fs::read_to_string(&path)?;
    let values: Vec<&str> =
        text.lines().map(|line| line.split_once('\t').map_or(line, |(_, value)| value)).collect();
    let bytes: usize = values.iter().map(|value| value.len() + 1).sum();

    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for value in &values {
            black_box(detect(black_box(value)));
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    let mut kinds = BTreeMap::<String, u32>::new();
    for value in &values {
        let name = match detect(value) {
            Detection::One(parsed) => parsed.indicator.kind().to_string(),
            Detection::Ambiguous(_) => "(ambiguous)".to_owned(),
            Detection::None(reject) => format!("({})", reject.as_str()),
        };
        *kinds.entry(name).or_default() += 1;
    }
    for (kind, count) in kinds {
        println!("{count:>9}  {kind}");
    }
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    let (lines, megabytes) = (values.len() as f64, bytes as f64 / 1e6);
    println!("{:.2} M lines/s, {:.0} MB/s, best of {ROUNDS}", lines / best / 1e6, megabytes / best);
    Ok(())
}
