//! Items as CSV (RFC 4180) that a spreadsheet can open without running anything.

use std::fmt::{Display, Write};

use aggregator_entities::domain;
use aggregator_openapi::Item;

/// The first row.
pub(super) const HEADER: &str = "\"ordinal\",\"line\",\"raw\",\"port\",\"kind\",\"value\",\"state\",\"verdict\",\"confidence\",\"reasons\",\"custom_kind\"\r\n";

/// What the document shows.
pub(super) const EXAMPLE: &str = "\"ordinal\",\"line\",\"raw\",\"port\",\"kind\",\"value\",\"state\",\"verdict\",\"confidence\",\"reasons\",\"custom_kind\"\r\n\"0\",\"12\",\"example[.]com\",\"\",\"domain\",\"example.com\",\"done\",\"malicious\",\"80\",\"threatfox-domains: Listed by ThreatFox\",\"\"\r\n";

/// Writes the row of an item: the first place it was written, and its verdict where it has one.
pub(super) fn row(to: &mut String, item: &Item) {
    let first = item.contexts.first();
    let verdict = item.verdict.as_ref();
    let reasons = verdict.map_or_else(String::new, |verdict| {
        let lines: Vec<String> =
            verdict.reasons.iter().map(|reason| format!("{}: {}", reason.source, reason.text)).collect();
        lines.join("; ")
    });
    cell(to, item.ordinal);
    following(to, first.map_or(0, |context| context.line));
    following(to, first.map_or("", |context| &context.raw));
    following(to, first.and_then(|context| context.port).map_or_else(String::new, |port| port.to_string()));
    following(to, domain::Kind::from(item.kind));
    following(to, &item.value);
    following(to, domain::state::ItemState::from(item.state).as_str());
    following(to, verdict.map_or("", |verdict| domain::Stance::from(verdict.stance).as_str()));
    following(to, verdict.map_or_else(String::new, |verdict| verdict.confidence.to_string()));
    following(to, reasons);
    following(to, item.custom_kind.as_deref().unwrap_or_default());
    to.push_str("\r\n");
}

fn following(to: &mut String, value: impl Display) {
    to.push(',');
    cell(to, value);
}

/// Writes a quoted cell. What a spreadsheet takes for a formula (OWASP, "CSV Injection") gets a `'` before it.
fn cell(to: &mut String, value: impl Display) {
    to.push('"');
    let start = to.len();
    // Writing to a string cannot fail.
    let _ = write!(to, "{value}");
    if to[start..].starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        to.insert(start, '\'');
    }
    if to[start..].contains('"') {
        let doubled = to[start..].replace('"', "\"\"");
        to.replace_range(start.., &doubled);
    }
    to.push('"');
}

#[cfg(test)]
mod tests {
    use aggregator_openapi::Item;

    use super::{EXAMPLE, HEADER, cell, row};

    #[test]
    fn the_example_is_what_is_written() {
        let mut text = HEADER.to_owned();
        row(&mut text, &Item::example());
        assert_eq!(text, EXAMPLE);
    }

    #[test]
    fn no_cell_is_a_formula_and_none_ends_early() {
        for (value, written) in [
            ("plain", "\"plain\""),
            ("=cmd|'/c calc'!A0", "\"'=cmd|'/c calc'!A0\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("\n=1", "\"'\n=1\""),
            ("a\",\"=1", "\"a\"\",\"\"=1\""),
            ("=\"x\"", "\"'=\"\"x\"\"\""),
            ("", "\"\""),
        ] {
            let mut text = String::new();
            cell(&mut text, value);
            assert_eq!(text, written, "{value:?}");
        }
    }
}
