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
    /// The line it adds to the explanation of a verdict.
    pub fn reason(&self) -> VerdictReason {
        let confidence = u8::try_from(self.confidence.clamp(0, 100)).unwrap_or_default();
        VerdictReason {
            source: self.source.clone(),
            opinion: Opinion { stance: self.stance, confidence },
            text: self.summary.clone(),
            caps: self.caps,
        }
    }
}
