//! Recall and precision of extraction, per kind and corpus: `make extract-score`.
//!
//! `--misses` lists every indicator missed and every one found that should not be.
#![expect(clippy::print_stdout, reason = "a command for developers prints")]
#![expect(clippy::expect_used, reason = "a command for developers stops where its data is not")]

#[path = "../tests/extract/corpora.rs"]
mod corpora;
#[path = "../tests/extract/score.rs"]
mod score;

fn main() {
    let Some(corpora) = corpora::all() else { return };
    let list = std::env::args().any(|argument| argument == "--misses");
    println!(
        "{:<14} {:<7} {:>6} {:>6} {:>6} {:>7} {:>9}",
        "corpus", "kind", "truth", "found", "right", "recall", "precision"
    );
    for corpus in &corpora {
        let score = score::of(corpus);
        for (kind, tally) in score.rows() {
            println!(
                "{:<14} {:<7} {:>6} {:>6} {:>6} {:>7.4} {:>9.4}",
                corpus.name,
                kind,
                tally.expected,
                tally.found,
                tally.right,
                tally.recall(),
                tally.precision()
            );
        }
        if list {
            for (what, case, (kind, value)) in &score.differences {
                println!("  {what} {case}: {kind} {value}");
            }
        }
    }
}
