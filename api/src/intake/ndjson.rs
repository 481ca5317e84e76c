//! NDJSON: one JSON value a line.

use aggregator_entities::domain::{KindName, Reject};
use serde_json::Value;

use super::lines::Line;
use super::{Collector, IntakeError};

/// Fields that hold the value when none is named.
const KNOWN_FIELDS: [&str; 4] = ["value", "indicator", "ioc", "observable"];

/// Reads one line. A line that is not JSON at all refuses the body: it is another format. A line that is JSON without a
/// value is a reject of its own.
pub(super) fn line(
    line: &Line<'_>,
    field: Option<&str>,
    collector: &mut Collector,
) -> Result<(), IntakeError> {
    let bytes = line.bytes();
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    if line.overlong {
        return collector.refuse(line.number, Reject::TooLong, bytes);
    }
    let json: Value = match serde_json::from_slice(bytes) {
        Ok(json) => json,
        Err(error) if std::str::from_utf8(bytes).is_ok() => {
            return Err(IntakeError::NotJson { line: line.number, reason: error.to_string() });
        }
        Err(_) => return collector.refuse(line.number, Reject::InvalidUtf8, bytes),
    };
    let (value, kind) = match &json {
        Value::String(value) => (Some(value.as_str()), None),
        Value::Object(object) => {
            let value = match field {
                Some(field) => object.get(field),
                None => KNOWN_FIELDS.iter().find_map(|field| object.get(*field)),
            };
            let kind = object.get("kind").and_then(Value::as_str).and_then(|kind| kind.parse().ok());
            let kind = kind.filter(|kind: &KindName| collector.kinds().has(kind));
            (value.and_then(Value::as_str), kind)
        }
        _ => (None, None),
    };
    match value {
        Some(value) => collector.cell(line.number, kind.as_ref(), value.as_bytes()),
        None => collector.refuse(line.number, Reject::Empty, bytes),
    }
}
