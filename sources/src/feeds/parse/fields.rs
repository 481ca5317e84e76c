//! Fields of a JSON row by dotted path, and the facts made of them.

use serde_json::{Map, Value};

use super::{ParseError, Row, Rows};
use crate::feeds::entry::Facts;
use crate::feeds::format::Mapping;
use crate::feeds::report::RowReject;

/// The field at a dotted path; an empty path is the row itself, a number indexes an array.
pub(super) fn field<'v>(row: &'v Value, path: &str) -> Option<&'v Value> {
    if path.is_empty() {
        return Some(row);
    }
    path.split('.').try_fold(row, |value, segment| match value {
        Value::Object(object) => object.get(segment),
        Value::Array(array) => segment.parse::<usize>().ok().and_then(|index| array.get(index)),
        _ => None,
    })
}

/// A scalar as text; `None` for null, empty text, arrays and objects.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number, also one written as text.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number| number.is_finite())
}

/// Text of at most [`Facts::MAX_TEXT_BYTES`], cut between characters and marked with `…`.
pub(super) fn cut(text: &str) -> String {
    if text.len() <= Facts::MAX_TEXT_BYTES {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(Facts::MAX_TEXT_BYTES - '…'.len_utf8());
    format!("{}…", &text[..end])
}

/// A fact of a field: scalars as they are, an array of scalars joined; `None` when there is nothing to tell.
fn fact(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) | Value::Bool(_) => Some(value.clone()),
        Value::String(_) => text(value).map(|text| Value::from(cut(&text))),
        Value::Array(items) => {
            let joined = items.iter().filter_map(text).collect::<Vec<_>>().join(", ");
            Some(Value::from(cut(&joined))).filter(|_| !joined.is_empty())
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// Maps one JSON row; a value field that is an array gives an entry for each element.
pub(super) fn map_row(
    mapping: &Mapping<String>,
    line: u64,
    row: &Value,
    rows: &mut Rows<'_, '_>,
) -> Result<(), ParseError> {
    let value = mapping.value.iter().filter_map(|path| field(row, path)).find(|value| !value.is_null());
    let values: Vec<String> = match value {
        Some(Value::Array(items)) => items.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    };
    if values.is_empty() {
        rows.reject(line, RowReject::MissingValue, &row.to_string());
        return Ok(());
    }
    let score = mapping.score.as_ref().and_then(|path| field(row, path)).and_then(number);
    let facts: Map<String, Value> = mapping
        .facts
        .iter()
        .filter_map(|(name, path)| Some((name.clone(), field(row, path).and_then(fact)?)))
        .collect();
    for value in values {
        let value = format!("{}{value}", mapping.value_prefix);
        rows.row(line, Row { value: &value, score, facts: facts.clone() })?;
    }
    Ok(())
}
