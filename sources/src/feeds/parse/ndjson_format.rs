//! One JSON object a line.

use serde_json::Value;

use super::fields::{field, map_row, text};
use super::lines::Lines;
use super::{Body, ParseError, Rows};
use crate::feeds::format::NdjsonFormat;
use crate::feeds::report::RowReject;

/// Longest line, bytes.
const MAX_LINE_BYTES: usize = 1 << 20;

pub(super) fn parse(
    format: &NdjsonFormat,
    body: &mut dyn Body,
    rows: &mut Rows<'_, '_>,
) -> Result<(), ParseError> {
    let mut lines = Lines::new(body, MAX_LINE_BYTES);
    while let Some(line) = lines.next()? {
        let source = match line.text {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) => text,
            Err(reason) => {
                rows.reject(line.number, reason, "");
                continue;
            }
        };
        let Ok(row) = serde_json::from_str::<Value>(source) else {
            rows.reject(line.number, RowReject::Malformed, source);
            continue;
        };
        let skipped = format.skip.as_ref().is_some_and(|rule| {
            field(&row, &rule.field).and_then(text).is_some_and(|found| found == rule.equals)
        });
        if !skipped {
            map_row(&format.fields, line.number, &row, rows)?;
        }
    }
    Ok(())
}
