//! One value a line, with comments; and hosts files.

use serde_json::Value;

use super::fields::cut;
use super::lines::Lines;
use super::{Body, ParseError, Row, Rows};

/// Longest line, bytes (product.md: one line ≤ 8 KiB).
const MAX_LINE_BYTES: usize = 8 << 10;

/// Names every hosts file has that say nothing.
const HOSTS_BOILERPLATE: [&str; 10] = [
    "localhost",
    "localhost.localdomain",
    "local",
    "broadcasthost",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-localnet",
    "ip6-mcastprefix",
    "ip6-allnodes",
    "ip6-allrouters",
];

pub(super) fn parse(hosts: bool, body: &mut dyn Body, rows: &mut Rows<'_, '_>) -> Result<(), ParseError> {
    let mut lines = Lines::new(body, MAX_LINE_BYTES);
    while let Some(line) = lines.next()? {
        let text = match line.text {
            Ok(text) => text.trim(),
            Err(reason) => {
                rows.reject(line.number, reason, "");
                continue;
            }
        };
        if is_comment(text) {
            continue;
        }
        let (value, note) = split_note(text);
        if hosts {
            hosts_line(line.number, value, rows)?;
            continue;
        }
        let mut row = Row { value, ..Row::default() };
        if let Some(note) = note {
            row.facts.insert("note".to_owned(), Value::from(cut(note)));
        }
        rows.row(line.number, row)?;
    }
    Ok(())
}

/// True for an empty line and for one that is a comment as a whole.
pub(super) fn is_comment(text: &str) -> bool {
    text.is_empty() || text.starts_with(['#', ';']) || text.starts_with("//")
}

/// The value and the comment after it. A comment needs a blank before it: `#` and `;` also occur inside URLs.
pub(super) fn split_note(text: &str) -> (&str, Option<&str>) {
    for (at, _) in text.match_indices([' ', '\t']) {
        let rest = text[at..].trim_start();
        if let Some(note) = rest.strip_prefix(['#', ';']).or_else(|| rest.strip_prefix("//")) {
            let note = note.trim();
            return (text[..at].trim_end(), Some(note).filter(|note| !note.is_empty()));
        }
    }
    (text, None)
}

fn hosts_line(number: u64, value: &str, rows: &mut Rows<'_, '_>) -> Result<(), ParseError> {
    let mut words = value.split_ascii_whitespace();
    let address = words.next().unwrap_or_default();
    if address.parse::<std::net::IpAddr>().is_err() {
        rows.reject(number, crate::feeds::report::RowReject::Malformed, value);
        return Ok(());
    }
    for name in words {
        if HOSTS_BOILERPLATE.contains(&name) || name.parse::<std::net::IpAddr>().is_ok() {
            continue;
        }
        rows.row(number, Row { value: name, ..Row::default() })?;
    }
    Ok(())
}
