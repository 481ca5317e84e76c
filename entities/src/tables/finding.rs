//! A finding's row.

use aggregator_domain::{IndicatorId, Opinion, Outcome, Stance, VerdictReason};
use sea_orm::QueryResult;

use crate::StoreError;
use crate::sql::code;
use crate::tables::indicator::read_id;

/// A source's answer about an indicator, one version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// About what.
    pub indicator_id: IndicatorId,
    /// Slug of the source.
    pub source: String,
    /// Name of the source.
    pub source_name: String,
    /// From 1; a changed answer is a new version.
    pub version: i32,
    /// How asking ended.
    pub outcome: Outcome,
    /// The side taken.
    pub stance: Stance,
    /// How sure, 0–100.
    pub confidence: i16,
    /// One sentence a person can read.
    pub summary: String,
    /// The facts as JSON.
    pub data: Option<String>,
    /// When this version was first seen, microseconds.
    pub found_at: i64,
    /// When it was last confirmed, microseconds.
    pub checked_at: i64,
    /// When a newer version (or an expiry) replaced it.
    pub superseded_at: Option<i64>,
    /// Until when it is fresh, microseconds; `None` of what a local list says, which is true as long as the list says it.
    pub expires_at: Option<i64>,
    /// When this was read, microseconds.
    pub read_at: i64,
    /// What its source's opinions weigh, 0–100.
    pub weight: i16,
    /// True when it caps a verdict instead of raising it: its source is a warninglist.
    pub caps: bool,
}

impl Finding {
    pub(crate) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            indicator_id: read_id(row, "indicator_id")?,
            source: row.try_get("", "slug")?,
            source_name: row.try_get("", "name")?,
            version: row.try_get("", "version")?,
            outcome: code(row, "outcome", Outcome::from_code)?,
            stance: code(row, "stance", Stance::from_code)?,
            confidence: row.try_get("", "confidence")?,
            summary: row.try_get("", "summary")?,
            data: row.try_get("", "data")?,
            found_at: row.try_get("", "found_at")?,
            checked_at: row.try_get("", "checked_at")?,
            superseded_at: row.try_get("", "superseded_at")?,
            expires_at: row.try_get("", "expires_at")?,
            read_at: row.try_get("", "read_at")?,
            weight: row.try_get("", "weight")?,
            caps: row.try_get::<Option<String>>("", "definition")?.is_some_and(|text| is_warninglist(&text)),
        })
    }
}

/// Whether a feed's definition gives it the role of a warninglist. What does not parse caps nothing: it is not matched
/// either.
fn is_warninglist(definition: &str) -> bool {
    let parsed: Result<toml::Table, _> = definition.parse();
    parsed.is_ok_and(|table| table.get("role").and_then(toml::Value::as_str) == Some("warninglist"))
}

impl Finding {
    /// The line it adds to the explanation of a verdict: its opinion, weighed, and the weaker the longer nobody confirmed it.
    pub fn reason(&self) -> VerdictReason {
        let share = |number: i16| u8::try_from(number.clamp(0, 100)).unwrap_or_default();
        let opinion = Opinion { stance: self.stance, confidence: share(self.confidence) };
        let opinion = opinion.weighed(share(self.weight));
        VerdictReason {
            source: self.source.clone(),
            opinion: match self.expires_at {
                Some(expires_at) => opinion.aged(self.read_at - expires_at, expires_at - self.checked_at),
                None => opinion,
            },
            text: self.summary.clone(),
            caps: self.caps,
            failed: None,
        }
    }
}
