//! One value a line, with comments; and hosts files.

use aggregator_domain::note::{is_comment, split_note};
use serde_json::Value;

use super::fields::cut;
use super::lines::Lines;
use super::{Body, ParseError, Row, Rows};
use crate::feeds::report::RowReject;

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
    each_value(body, &mut |line, text| match text {
        Err(reason) => {
            rows.reject(line, reason, "");
            Ok(())
        }
        Ok((value, _)) if hosts => hosts_line(line, value, rows),
        Ok((value, note)) => {
            let mut row = Row { value, ..Row::default() };
            if let Some(note) = note {
                row.facts.insert("note".to_owned(), Value::from(cut(note)));
            }
            rows.row(line, row)
        }
    })
}

/// A value and the comment after it.
type Noted<'a> = (&'a str, Option<&'a str>);

/// What is called with the number of a line and its value.
type EachValue<'a, E> = dyn FnMut(u64, Result<Noted<'_>, RowReject>) -> Result<(), E> + 'a;

/// Calls `each` with every line that is no comment: its number, and its value with its note.
pub(super) fn each_value<E: From<std::io::Error>>(
    body: &mut dyn Body,
    each: &mut EachValue<'_, E>,
) -> Result<(), E> {
    let mut lines = Lines::new(body, MAX_LINE_BYTES);
    while let Some(line) = lines.next()? {
        match line.text.map(str::trim) {
            Ok(text) if is_comment(text) => {}
            text => each(line.number, text.map(split_note))?,
        }
    }
    Ok(())
}

fn hosts_line(number: u64, value: &str, rows: &mut Rows<'_, '_>) -> Result<(), ParseError> {
    let mut words = value.split_ascii_whitespace();
    let address = words.next().unwrap_or_default();
    if address.parse::<std::net::IpAddr>().is_err() {
        rows.reject(number, RowReject::Malformed, value);
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
