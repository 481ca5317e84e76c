//! Indicators: get, search, and where each was seen.

use aggregator_domain::state::ItemState;
use aggregator_domain::{Indicator, IndicatorId, Kind, Stance};

use super::items::{TextFilter, escape_like};
use crate::ids::SubmissionId;
use crate::sql::code;
use crate::tables::indicator::{IndicatorRow, bind_id};
use crate::{Database, StoreError};

/// Key of the advisory lock that keeps a purge apart from screening on PostgreSQL (`agg` and 4; feeders have 1–3). Screening
/// holds it shared from before it looks whether an indicator is there until its items are committed; a purge holds it
/// alone while it removes indicators nobody holds. Without it a purge could remove one that a commit counts on.
pub(crate) const HOLD_LOCK: i64 = 0x0061_6767_0000_0004;

const COLUMNS: &str = "id, kind, value, first_seen_at";

/// One indicator.
pub async fn find(database: &Database, id: IndicatorId) -> Result<Option<IndicatorRow>, StoreError> {
    database
        .sql(&format!("SELECT {COLUMNS} FROM indicators WHERE id = $1"))
        .bind(bind_id(id))
        .one(database.reader(), IndicatorRow::read)
        .await
}

/// Indicators that match a text, ordered by identity, after `after`, at most `limit`.
pub async fn search(
    database: &Database,
    text: &TextFilter,
    kind: Option<Kind>,
    (after, limit): (Option<IndicatorId>, u32),
) -> Result<Vec<IndicatorRow>, StoreError> {
    if let TextFilter::Identities(ids) = text {
        let mut found = Vec::new();
        for id in ids {
            found.extend(find(database, *id).await?);
        }
        found.retain(|row| {
            after.is_none_or(|after| row.id > after) && kind.is_none_or(|kind| row.kind == kind)
        });
        found.sort_by_key(|row| row.id);
        found.dedup_by_key(|row| row.id);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        return Ok(found);
    }
    let (condition, patterns) = text_condition(database, text);
    let mut sql = database
        .sql(&format!(
            "SELECT {COLUMNS} FROM indicators WHERE id > $1 AND ($2 = 0 OR kind = $2) AND {condition} ORDER BY id LIMIT $3"
        ))
        .bind(bind_id(after.unwrap_or(IndicatorId([0; 16]))))
        .bind(kind.map_or(0_i16, |kind| i16::from(kind.code())))
        .bind(i64::from(limit));
    for pattern in patterns {
        sql = sql.bind(pattern);
    }
    sql.all(database.reader(), IndicatorRow::read).await
}

/// Every indicator in the order of identity, after `after`, at most `limit`: the walk of a retro-match.
pub async fn walk(
    database: &Database,
    after: Option<IndicatorId>,
    limit: u32,
) -> Result<Vec<IndicatorRow>, StoreError> {
    database
        .sql(&format!("SELECT {COLUMNS} FROM indicators WHERE id > $1 ORDER BY id LIMIT $2"))
        .bind(bind_id(after.unwrap_or(IndicatorId([0; 16]))))
        .bind(i64::from(limit))
        .all(database.reader(), IndicatorRow::read)
        .await
}

/// The condition on the text from `$4` on, in the form the indexes of PostgreSQL serve; SQLite scans.
fn text_condition(database: &Database, text: &TextFilter) -> (&'static str, Vec<String>) {
    match text {
        // Found by key, without a scan.
        TextFilter::Identities(_) => ("1 = 0", Vec::new()),
        TextFilter::Prefix(prefix) => {
            let head: String = prefix.chars().take(64).collect();
            if database.is_postgres() {
                let patterns = vec![format!("{}%", escape_like(&head)), format!("{}%", escape_like(prefix))];
                ("left(value, 64) LIKE $4 ESCAPE '\\' AND value LIKE $5 ESCAPE '\\'", patterns)
            } else {
                // LIKE of SQLite takes upper and lower case for the same.
                ("substr(value, 1, length($4)) = $4", vec![prefix.clone()])
            }
        }
        TextFilter::DomainSuffix(domain) => {
            let reversed: String = domain.chars().rev().take(64).collect();
            let patterns = vec![
                format!("{}%", escape_like(&reversed)),
                domain.clone(),
                format!("%.{}", escape_like(domain)),
                format!("%@{}", escape_like(domain)),
            ];
            let condition = if database.is_postgres() {
                "kind IN (5, 7) AND left(reverse(value), 64) LIKE $4 ESCAPE '\\'
                 AND (value = $5 OR value LIKE $6 ESCAPE '\\' OR value LIKE $7 ESCAPE '\\')"
            } else {
                "kind IN (5, 7) AND $4 IS NOT NULL AND (value = $5 OR value LIKE $6 ESCAPE '\\' OR value LIKE $7 ESCAPE '\\')"
            };
            (condition, patterns)
        }
    }
}

/// One place an indicator was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// In which submission.
    pub submission_id: SubmissionId,
    /// As which item.
    pub ordinal: i32,
    /// State of that item.
    pub state: ItemState,
    /// Its frozen verdict.
    pub stance: Stance,
    /// How sure, 0–100.
    pub confidence: i16,
    /// When that submission was sealed, microseconds.
    pub sealed_at: Option<i64>,
}

/// Where an indicator was seen, newest submission first, at most `limit`.
pub async fn history(
    database: &Database,
    id: IndicatorId,
    before: Option<SubmissionId>,
    limit: u32,
) -> Result<Vec<Sighting>, StoreError> {
    database
        .sql(
            "SELECT i.submission_id, i.ordinal, i.state, i.stance, i.confidence, s.sealed_at
             FROM items i JOIN submissions s ON s.id = i.submission_id
             WHERE i.indicator_id = $1 AND i.submission_id < $2 AND s.deleted_at IS NULL
             ORDER BY i.submission_id DESC LIMIT $3",
        )
        .bind(bind_id(id))
        .bind(before.map_or(i64::MAX, |id| id.0))
        .bind(i64::from(limit))
        .all(database.reader(), |row| {
            Ok(Sighting {
                submission_id: SubmissionId(row.try_get("", "submission_id")?),
                ordinal: row.try_get("", "ordinal")?,
                state: code(row, "state", ItemState::from_code)?,
                stance: code(row, "stance", Stance::from_code)?,
                confidence: row.try_get("", "confidence")?,
                sealed_at: row.try_get("", "sealed_at")?,
            })
        })
        .await
}

/// Makes an indicator known that somebody asks about outside any submission.
pub async fn ensure(database: &Database, indicator: &Indicator) -> Result<IndicatorId, StoreError> {
    let id = indicator.id();
    database
        .sql("INSERT INTO indicators (id, kind, value, first_seen_at) VALUES ($1, $2, $3, {now}) ON CONFLICT DO NOTHING")
        .bind(bind_id(id))
        .bind(i16::from(indicator.kind().code()))
        .bind(indicator.value())
        .run(database.writer())
        .await?;
    Ok(id)
}
