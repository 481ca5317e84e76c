//! Counting what was found against what should be.

use std::collections::{BTreeMap, BTreeSet};

use aggregator_domain::{Kind, extract};

use crate::corpora::{Case, Corpus, Indicator};

/// Counts of one kind in one corpus. Within one text an indicator counts once.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) expected: usize,
    pub(crate) found: usize,
    pub(crate) right: usize,
}

impl Tally {
    /// The part of the truth that was found, 0–1.
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    pub(crate) fn recall(&self) -> f64 {
        if self.expected == 0 { 1.0 } else { self.right as f64 / self.expected as f64 }
    }

    /// The part of what was found that is true, 0–1.
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    pub(crate) fn precision(&self) -> f64 {
        if self.found == 0 { 1.0 } else { self.right as f64 / self.found as f64 }
    }

    fn add(&mut self, other: Self) {
        self.expected += other.expected;
        self.found += other.found;
        self.right += other.right;
    }
}

/// What a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Difference {
    Missed,
    Extra,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missed => "missed",
            Self::Extra => "extra",
        })
    }
}

/// The score of one corpus.
pub(crate) struct Score {
    kinds: BTreeMap<Kind, Tally>,
    pub(crate) differences: Vec<(Difference, String, Indicator)>,
}

impl Score {
    /// One row per kind and one for all of them.
    pub(crate) fn rows(&self) -> Vec<(String, Tally)> {
        let kinds = self.kinds.iter().map(|(kind, tally)| (kind.to_string(), *tally));
        kinds.chain([("all".to_owned(), self.all())]).collect()
    }

    /// All kinds together.
    pub(crate) fn all(&self) -> Tally {
        let mut all = Tally::default();
        self.kinds.values().for_each(|tally| all.add(*tally));
        all
    }
}

/// Extracts from every text of a corpus and compares.
pub(crate) fn of(corpus: &Corpus) -> Score {
    let mut score = Score { kinds: BTreeMap::new(), differences: Vec::new() };
    for case in &corpus.cases {
        compare(case, &mut score);
    }
    score
}

fn compare(case: &Case, score: &mut Score) {
    // Where the truth names no kinds, only what is expected is judged.
    let judged =
        |indicator: &Indicator| case.judged.contains(&indicator.0) || case.expected.contains(indicator);
    let found: BTreeSet<Indicator> = extract(&case.text)
        .into_iter()
        .map(|found| (found.parsed.indicator.kind(), found.parsed.indicator.value().to_owned()))
        .filter(judged)
        .collect();
    for indicator in &case.expected {
        let tally = score.kinds.entry(indicator.0).or_default();
        tally.expected += 1;
        if found.contains(indicator) {
            tally.right += 1;
        } else {
            score.differences.push((Difference::Missed, case.name.clone(), indicator.clone()));
        }
    }
    for indicator in &found {
        score.kinds.entry(indicator.0).or_default().found += 1;
        if !case.expected.contains(indicator) {
            score.differences.push((Difference::Extra, case.name.clone(), indicator.clone()));
        }
    }
}
