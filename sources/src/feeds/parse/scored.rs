//! A value, white space and a number a line (`IPsum`).

use super::lines::Lines;
use super::plain::{is_comment, split_note};
use super::{Body, ParseError, Row, Rows};
use crate::feeds::report::RowReject;

/// Longest line, bytes.
const MAX_LINE_BYTES: usize = 8 << 10;

pub(super) fn parse(body: &mut dyn Body, rows: &mut Rows<'_, '_>) -> Result<(), ParseError> {
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
        let (text, _) = split_note(text);
        let mut words = text.split_ascii_whitespace();
        let value = words.next().unwrap_or_default();
        let score = words.next().and_then(|word| word.parse::<f64>().ok()).filter(|score| score.is_finite());
        let Some(score) = score else {
            rows.reject(line.number, RowReject::Malformed, text);
            continue;
        };
        let facts = [("score".to_owned(), number(score))].into_iter().collect();
        rows.row(line.number, Row { value, score: Some(score), facts })?;
    }
    Ok(())
}

/// A whole score is written as a whole number.
#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
fn number(score: f64) -> serde_json::Value {
    if score.fract() == 0.0 && score.abs() < 1e15 { (score as i64).into() } else { score.into() }
}
