//! Every line of `bulk/mixed-shared.tsv` is classified: exact counts, committed as `bulk_counts.tsv`.

use std::collections::{BTreeMap, BTreeSet};

use aggregator_domain::{Detection, detect};
use serde_json::Value;

const TABLE: &str = include_str!("bulk_counts.tsv");

#[derive(Default)]
struct Count {
    lines: usize,
    values: BTreeSet<Box<str>>,
    ports: usize,
}

/// Lines by (label of the file, our answer).
fn classify(text: &str) -> BTreeMap<(&str, String), Count> {
    let mut counts = BTreeMap::<(&str, String), Count>::new();
    for line in text.lines() {
        let (label, value) = line.split_once('\t').unwrap();
        let (answer, parsed) = match detect(value) {
            Detection::One(parsed) => (parsed.indicator.kind().to_string(), Some(parsed)),
            Detection::Ambiguous(_) => ("ambiguous".to_owned(), None),
            Detection::None(reject) => (format!("reject {}", reject.as_str()), None),
        };
        let count = counts.entry((label, answer)).or_default();
        count.lines += 1;
        if let Some(parsed) = parsed {
            count.ports += usize::from(parsed.port.is_some());
            count.values.insert(parsed.indicator.into_value());
        }
    }
    counts
}

#[test]
fn every_line_is_classified_as_the_committed_table_says() {
    let Some(text) = crate::data::read("bulk/mixed-shared.tsv") else { return };
    let rows: Vec<Vec<&str>> = TABLE.lines().skip(1).map(|row| row.split('\t').collect()).collect();
    let committed: Vec<String> = rows.iter().map(|row| row[..5].join("\t")).collect();
    let counted: Vec<String> = classify(&text)
        .iter()
        .map(|((label, answer), count)| {
            format!("{label}\t{answer}\t{}\t{}\t{}", count.lines, count.values.len(), count.ports)
        })
        .collect();
    assert_eq!(counted, committed, "counted:\n{}\n", counted.join("\n"));
    for row in rows {
        assert!(
            row[0] == row[1] || row.get(5).is_some_and(|rule| rule.len() > 10),
            "no rule explains {row:?}"
        );
    }
}

#[test]
fn the_table_adds_up_to_the_counts_file() {
    let Some(counts) = crate::data::read_json("bulk/mixed-shared.counts.json") else { return };
    let mut lines = BTreeMap::<&str, u64>::new();
    for row in TABLE.lines().skip(1) {
        let mut columns = row.split('\t');
        let (label, _answer, count) = (columns.next().unwrap(), columns.next(), columns.next().unwrap());
        *lines.entry(label).or_default() += count.parse::<u64>().unwrap();
    }
    let by_kind = counts["by_kind"].as_object().unwrap();
    assert_eq!(lines.values().sum::<u64>(), counts["total"].as_u64().unwrap());
    assert_eq!(
        lines,
        by_kind
            .iter()
            .map(|(kind, count): (&String, &Value)| (kind.as_str(), count.as_u64().unwrap()))
            .collect()
    );
}
