//! A value, white space and a number a line (`IPsum`).

use super::plain::each_value;
use super::{Body, ParseError, Row, Rows};
use crate::feeds::report::RowReject;

pub(super) fn parse(body: &mut dyn Body, rows: &mut Rows<'_, '_>) -> Result<(), ParseError> {
    each_value(body, &mut |line, text| {
        let text = match text {
            Ok((text, _)) => text,
            Err(reason) => {
                rows.reject(line, reason, "");
                return Ok(());
            }
        };
        let mut words = text.split_ascii_whitespace();
        let value = words.next().unwrap_or_default();
        let score = words.next().and_then(|word| word.parse::<f64>().ok()).filter(|score| score.is_finite());
        let Some(score) = score else {
            rows.reject(line, RowReject::Malformed, text);
            return Ok(());
        };
        let facts = [("score".to_owned(), number(score))].into_iter().collect();
        rows.row(line, Row { value, score: Some(score), facts })
    })
}

/// A whole score is written as a whole number.
#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
fn number(score: f64) -> serde_json::Value {
    if score.fract() == 0.0 && score.abs() < 1e15 { (score as i64).into() } else { score.into() }
}
