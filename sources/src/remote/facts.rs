//! Shapes the facts of every source share: lists that say how long they were, texts and times of other people.

use std::time::SystemTime;

use serde::Serialize;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// The most entries of a list in the facts.
const MAX_ITEMS: usize = 100;
/// The most characters of a text somebody else wrote.
const MAX_CHARACTERS: usize = 200;

/// `{"total": …, "items": […]}`: how many there are, and the first hundred.
pub(super) fn list<T: Serialize>(all: &[T]) -> Value {
    json!({ "total": all.len(), "items": &all[..all.len().min(MAX_ITEMS)] })
}

/// A number and its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A text somebody else wrote: trimmed, at most 200 characters; `None` when nothing is left.
pub(super) fn text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.chars().take(MAX_CHARACTERS).collect())
}

/// A moment as services write it: RFC 3339, the same without an offset (meant as UTC), or only the date.
pub(super) fn moment(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    let day = format_description!("[year]-[month]-[day]");
    let second = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let subsecond = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond]");
    OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| PrimitiveDateTime::parse(text, second).map(PrimitiveDateTime::assume_utc))
        .or_else(|_| PrimitiveDateTime::parse(text, subsecond).map(PrimitiveDateTime::assume_utc))
        .or_else(|_| Date::parse(text, day).map(|date| date.midnight().assume_utc()))
        .ok()
}

/// A moment as the facts say it: RFC 3339, UTC.
pub(super) fn rfc3339(moment: OffsetDateTime) -> Option<String> {
    moment.checked_to_offset(UtcOffset::UTC)?.format(&Rfc3339).ok()
}

/// Whole days between a moment and the time of the answer, which is the server's: sources read no clock.
pub(super) fn days_before(answered: Option<SystemTime>, moment: OffsetDateTime) -> Option<i64> {
    let answered = OffsetDateTime::from(answered?);
    Some((answered - moment).whole_days()).filter(|days| *days >= 0)
}

#[cfg(test)]
mod tests {
    use super::{moment, rfc3339};

    #[test]
    fn a_moment_beyond_the_last_year_is_left_out() {
        let told = |text| moment(text).and_then(rfc3339);
        assert_eq!(told("2026-01-02T03:04:05+01:00").as_deref(), Some("2026-01-02T02:04:05Z"));
        assert_eq!(told("9999-12-31T23:59:59-05:00"), None);
    }
}
