//! Findings: what each source says about an indicator.

use aggregator_domain::{IndicatorId, Opinion, Stance};
use sea_orm::QueryResult;

use crate::ids::{GenerationId, SourceId};
use crate::sql::code;
use crate::tables::finding::Finding;
use crate::tables::indicator::{bind_id, read_id};
use crate::{Database, StoreError};

const SELECT: &str = "SELECT f.indicator_id, s.slug, s.name, f.version, f.outcome, f.stance, f.confidence, f.summary, f.data, f.found_at,
     f.checked_at, f.superseded_at, f.expires_at, s.weight, {now} AS read_at, fd.definition FROM findings f JOIN sources s ON s.id = f.source_id
     LEFT JOIN feeds fd ON fd.source_id = f.source_id";

/// Current findings about an indicator, by source; those of deleted sources are history, forgotten already or about to be.
pub async fn current(database: &Database, id: IndicatorId) -> Result<Vec<Finding>, StoreError> {
    database
        .sql(&format!("{SELECT} WHERE f.indicator_id = $1 AND f.superseded_at IS NULL AND s.deleted_at IS NULL ORDER BY s.slug"
        ))
        .bind(bind_id(id))
        .all(database.reader(), Finding::read)
        .await
}

/// Every version of every finding about an indicator, newest first, at most `limit`.
pub async fn versions(database: &Database, id: IndicatorId, limit: u32) -> Result<Vec<Finding>, StoreError> {
    database
        .sql(&format!(
            "{SELECT} WHERE f.indicator_id = $1 ORDER BY f.found_at DESC, s.slug, f.version DESC LIMIT $2"
        ))
        .bind(bind_id(id))
        .bind(i64::from(limit))
        .all(database.reader(), Finding::read)
        .await
}

/// Indicators about which a source has a current finding, at most `limit`.
pub async fn of_source(
    database: &Database,
    source: SourceId,
    limit: u32,
) -> Result<Vec<IndicatorId>, StoreError> {
    database
        .sql(
            "SELECT indicator_id FROM findings WHERE source_id = $1 AND superseded_at IS NULL ORDER BY indicator_id LIMIT $2",
        )
        .bind(source.0)
        .bind(i64::from(limit))
        .all(database.writer(), |row| read_id(row, "indicator_id"))
        .await
}

/// Supersedes a source's current findings about these indicators: its list no longer holds them. Returns how many.
pub async fn expire(
    database: &Database,
    source: SourceId,
    indicators: &[IndicatorId],
) -> Result<u64, StoreError> {
    let mut expired = 0;
    for part in indicators.chunks(500) {
        let transaction = database.begin().await?;
        for id in part {
            expired += database
                .sql(
                    "UPDATE findings SET superseded_at = {now} WHERE indicator_id = $1 AND source_id = $2
                     AND superseded_at IS NULL",
                )
                .bind(bind_id(*id))
                .bind(source.0)
                .run(&transaction)
                .await?;
        }
        transaction.commit().await?;
    }
    Ok(expired)
}

/// Indicators about which a source has a current finding of another generation than `generation`, after `after`, in order
/// of identity: those an expiry has to look at.
pub async fn of_older_generations(
    database: &Database,
    (source, generation): (SourceId, GenerationId),
    after: Option<IndicatorId>,
    limit: u32,
) -> Result<Vec<crate::tables::indicator::IndicatorRow>, StoreError> {
    database
        .sql(
            "SELECT x.id, x.kind, x.value, x.first_seen_at FROM findings f JOIN indicators x ON x.id = f.indicator_id
             WHERE f.source_id = $1 AND f.superseded_at IS NULL AND (f.generation_id IS NULL OR f.generation_id <> $2)
               AND f.indicator_id > $3 ORDER BY f.indicator_id LIMIT $4",
        )
        .bind(source.0)
        .bind(generation.0)
        .bind(bind_id(after.unwrap_or(IndicatorId([0; 16]))))
        .bind(i64::from(limit))
        .all(database.reader(), crate::tables::indicator::IndicatorRow::read)
        .await
}

/// The opinion of a row with `stance`, `confidence` and its source's `weight`.
pub(crate) fn weighed(row: &QueryResult) -> Result<Opinion, StoreError> {
    let share = |column: &str| {
        let number = row.try_get::<i16>("", column)?.clamp(0, 100);
        Ok::<_, StoreError>(u8::try_from(number).unwrap_or_default())
    };
    let opinion =
        Opinion { stance: code(row, "stance", Stance::from_code)?, confidence: share("confidence")? };
    Ok(opinion.weighed(share("weight")?))
}

/// A fresh answer of a remote source: nobody need ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fresh {
    /// About what.
    pub indicator_id: IndicatorId,
    /// Who said so.
    pub source_id: SourceId,
    /// The side taken, and how sure, weighed.
    pub opinion: Opinion,
    /// Slug of the source.
    pub source: String,
    /// One sentence.
    pub summary: String,
}

/// Fresh answers of these sources about these indicators; at most `max_age_micros` old when that is given.
pub async fn fresh(
    database: &Database,
    indicators: &[IndicatorId],
    sources: &[SourceId],
    max_age_micros: Option<i64>,
) -> Result<Vec<Fresh>, StoreError> {
    database
        .sql(
            // The primary key answers it, and nothing else may: `+ 0` keeps the sources from being looked up first, and the
            // table from being compared with a thousand identities row by row.
            "SELECT f.indicator_id, f.source_id, f.stance, f.confidence, f.summary,
                 (SELECT s.slug FROM sources s WHERE s.id = f.source_id) AS slug,
                 (SELECT s.weight FROM sources s WHERE s.id = f.source_id) AS weight
             FROM findings f
             WHERE f.indicator_id {among $1} AND f.source_id + 0 {in $2} AND f.superseded_at IS NULL AND f.expires_at > {now}
                 AND f.checked_at > {now} - $3
                 AND f.checked_at >= (SELECT s.answers_since FROM sources s WHERE s.id = f.source_id)",
        )
        .hashes(indicators.iter().copied())
        .ids(sources.iter().map(|id| id.0))
        .bind(max_age_micros.unwrap_or(i64::MAX / 4))
        .all_by_key(database, |row| {
            Ok(Fresh {
                indicator_id: read_id(row, "indicator_id")?,
                source_id: SourceId(row.try_get("", "source_id")?),
                opinion: weighed(row)?,
                source: row.try_get("", "slug")?,
                summary: row.try_get("", "summary")?,
            })
        })
        .await
}
