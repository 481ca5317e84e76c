//! Answers as a table for people.

use aggregator_entities::domain::Kind;
use aggregator_openapi::{Detection, ParsedIndicator};
use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle, presets};
use terminal_size::{Width, terminal_size};

use super::answer::{Answer, Facts};
use crate::output::for_terminal;

/// Width where there is no terminal to ask.
const COLUMNS: u16 = 120;

/// A line under the header and none between the rows.
const STYLE: TableStyle = presets::NOTHING.header_separator(LineStyle::none().fill('─').junction('─'));

/// Longer values are cut in the table; NDJSON has them whole.
const LONGEST_CELL: usize = 200;

/// A table with one row per reading, as wide as the terminal.
pub(super) fn of(answers: &[Answer]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_header(["input", "kind", "value", "known of it", "verdict"]);
    let columns = terminal_size().map_or(COLUMNS, |(Width(columns), _)| columns);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(columns);
    for answer in answers {
        for row in rows(answer) {
            table.add_row(row.map(|cell| safe(&cell)));
        }
    }
    table
}

fn rows(answer: &Answer) -> Vec<[String; 5]> {
    let input = answer.input.clone();
    match &answer.detection {
        Detection::Detected { indicator } => {
            vec![[input, kind(indicator), indicator.value.clone(), known(indicator, answer), verdict(answer)]]
        }
        Detection::Ambiguous { candidates } => candidates
            .iter()
            .map(|candidate| {
                let name = format!("{}?", kind(candidate));
                let hint = format!("ambiguous: --kind {}", kind(candidate));
                [input.clone(), name, candidate.value.clone(), hint, verdict(answer)]
            })
            .collect(),
        Detection::Rejected { message, .. } => {
            vec![[input, "–".to_owned(), "–".to_owned(), message.clone(), "–".to_owned()]]
        }
    }
}

fn kind(indicator: &ParsedIndicator) -> String {
    indicator.custom_kind.clone().unwrap_or_else(|| Kind::from(indicator.kind).to_string())
}

/// Port, facts and list hits in one cell, one a line.
fn known(indicator: &ParsedIndicator, answer: &Answer) -> String {
    let mut lines = Vec::new();
    lines.extend(indicator.port.map(|port| format!("port {port}")));
    if let Some(facts) = &answer.facts {
        lines.extend(facts_in_words(facts, &indicator.value));
    }
    lines.extend(answer.verdict.reasons.iter().map(|reason| reason.text.clone()));
    lines.join("\n")
}

fn facts_in_words(facts: &Facts, value: &str) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(
        facts.registrable_domain.as_ref().filter(|name| *name != value).map(|name| format!("of {name}")),
    );
    match facts.namespace {
        None | Some("icann") => {}
        Some("private") => words.push("under a suffix where a company gives names away".to_owned()),
        Some(namespace) => words.push(format!("suffix outside the public DNS: {namespace}")),
    }
    words.extend(facts.special_purpose.as_ref().map(|range| format!("{} {}", range.name, range.network)));
    words
}

fn verdict(answer: &Answer) -> String {
    match answer.verdict.confidence {
        0 => answer.verdict.stance.as_str().to_owned(),
        confidence => format!("{} {confidence}", answer.verdict.stance.as_str()),
    }
}

/// Safe for a terminal line by line, and not too long.
fn safe(cell: &str) -> String {
    cell.split('\n').map(|line| cut(&for_terminal(line))).collect::<Vec<_>>().join("\n")
}

fn cut(cell: &str) -> String {
    if cell.chars().count() <= LONGEST_CELL {
        return cell.to_owned();
    }
    cell.chars().take(LONGEST_CELL).chain(['…']).collect()
}
