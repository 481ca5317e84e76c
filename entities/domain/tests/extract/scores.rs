//! The score on the real texts holds, and every difference is explained.

use std::collections::BTreeMap;

use crate::corpora::{self, Corpus, table};
use crate::explain;
use crate::score;

/// Corpora whose recall and precision must be 0.98 at least, all kinds together.
const MUST_HOLD: [&str; 4] = ["eset-reports", "eset-lists", "eset-defanged", "unit42"];

/// Corpus, difference, rule, how often, and why it is right so.
const EXPLAINED: &str = include_str!("truth/explained.tsv");

#[test]
fn recall_and_precision_hold() {
    let Some(corpora) = corpora::all() else { return };
    for corpus in corpora.iter().filter(|corpus| MUST_HOLD.contains(&corpus.name)) {
        let score = score::of(corpus);
        let all = score.all();
        assert!(all.expected > 100, "{} has a truth", corpus.name);
        assert!(all.recall() >= 0.98, "{}: recall {}: {:?}", corpus.name, all.recall(), score.rows());
        assert!(
            all.precision() >= 0.98,
            "{}: precision {}: {:?}",
            corpus.name,
            all.precision(),
            score.rows()
        );
    }
}

#[test]
fn every_difference_is_explained() {
    let Some(corpora) = corpora::all() else { return };
    let explained: BTreeMap<String, String> = table(EXPLAINED)
        .map(|row| {
            assert_eq!(row.len(), 5, "{row:?}");
            (row[..3].join("\t"), row[3].to_owned())
        })
        .collect();
    let counted: BTreeMap<String, String> =
        corpora.iter().flat_map(counted).map(|(rule, count)| (rule, count.to_string())).collect();
    assert_eq!(counted, explained, "left: what is, right: truth/explained.tsv");
}

/// How often each rule explains a difference in a corpus.
fn counted(corpus: &Corpus) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (difference, name, indicator) in score::of(corpus).differences {
        let case = corpus.cases.iter().find(|case| case.name == name).expect("a case");
        let rule = explain::rule(case, difference, &indicator);
        let rule = rule.unwrap_or_else(|| panic!("unexplained: {difference} {name}: {indicator:?}"));
        *counts.entry(format!("{}\t{difference}\t{rule}", corpus.name)).or_default() += 1;
    }
    counts
}
