//! What sources answered: findings by version, and the edges they name.

use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::{Finish, Finished, NewAnswer, hex};
use crate::{Database, StoreError};

#[derive(Serialize)]
struct Row<'a> {
    indicator: String,
    source: i64,
    how: u8,
    stance: u8,
    confidence: u8,
    summary: &'a str,
    facts: Option<&'a str>,
    hash: i64,
    ttl: i64,
}

const COLUMNS: &str =
    "{rows $1 (indicator hash, source bigint, how bigint, stance bigint, confidence bigint, summary text,
    facts text, hash bigint, ttl bigint)}";

/// Writes answers: an equal one moves `checked_at` and is fresh again, another is a new version.
pub(super) async fn write(
    database: &Database,
    on: &DatabaseTransaction,
    finished: &[Finished],
) -> Result<(), StoreError> {
    let mut answered: Vec<(&Finished, u8, &NewAnswer)> = finished
        .iter()
        .filter_map(|one| match &one.end {
            Finish::Answered { outcome, answer: Some(answer) } => Some((one, outcome.code(), answer)),
            _ => None,
        })
        .collect();
    if answered.is_empty() {
        return Ok(());
    }
    answered.sort_by_key(|(one, ..)| (one.indicator_id, one.source_id));
    answered.dedup_by_key(|(one, ..)| (one.indicator_id, one.source_id));
    let rows: Vec<Row<'_>> = answered
        .iter()
        .map(|(one, how, answer)| Row {
            indicator: hex(one.indicator_id),
            source: one.source_id.0,
            how: *how,
            stance: answer.stance.code(),
            confidence: answer.confidence,
            summary: &answer.summary,
            facts: answer.data.as_deref(),
            hash: answer.data_hash,
            ttl: answer.ttl_micros,
        })
        .collect();
    database
        .sql(&format!(
            "UPDATE findings SET
                 checked_at = CASE WHEN data_hash = r.hash THEN {{now}} ELSE checked_at END,
                 expires_at = CASE WHEN data_hash = r.hash THEN {{now}} + r.ttl ELSE expires_at END,
                 superseded_at = CASE WHEN data_hash = r.hash THEN NULL ELSE {{now}} END
             FROM {COLUMNS}
             WHERE findings.indicator_id = r.indicator AND findings.source_id = r.source
               AND findings.superseded_at IS NULL"
        ))
        .rows(&rows)?
        .run(on)
        .await?;
    database
        .sql(&format!(
            "INSERT INTO findings (indicator_id, source_id, version, outcome, stance, confidence, summary, data, data_hash,
                 found_at, checked_at, expires_at)
             SELECT r.indicator, r.source, COALESCE((SELECT MAX(p.version) FROM findings p
                     WHERE p.indicator_id = r.indicator AND p.source_id = r.source), 0) + 1,
                 r.how, r.stance, r.confidence, r.summary, r.facts, r.hash, {{now}}, {{now}}, {{now}} + r.ttl
             FROM {COLUMNS}
             WHERE NOT EXISTS (SELECT 1 FROM findings f WHERE f.indicator_id = r.indicator AND f.source_id = r.source
                 AND f.superseded_at IS NULL)
             ON CONFLICT DO NOTHING"
        ))
        .rows(&rows)?
        .run(on)
        .await?;
    write_relations(database, on, &answered).await
}

#[derive(Serialize)]
struct Edge<'a> {
    from_this: String,
    relation: u8,
    to_that: String,
    kind: u8,
    value: &'a str,
    source: i64,
}

const EDGE_COLUMNS: &str =
    "{rows $1 (from_this hash, relation bigint, to_that hash, kind bigint, value text, source bigint)}";

async fn write_relations(
    database: &Database,
    on: &DatabaseTransaction,
    answered: &[(&Finished, u8, &NewAnswer)],
) -> Result<(), StoreError> {
    let mut edges: Vec<Edge<'_>> = answered
        .iter()
        .flat_map(|(one, _, answer)| {
            answer.links.iter().map(|link| Edge {
                from_this: hex(one.indicator_id),
                relation: link.relation.code(),
                to_that: hex(link.indicator.id()),
                kind: link.indicator.kind().code(),
                value: link.indicator.value(),
                source: one.source_id.0,
            })
        })
        .collect();
    if edges.is_empty() {
        return Ok(());
    }
    // Both ends are indicators: an edge can be followed by a person even where no rule does.
    edges.sort_by(|a, b| a.to_that.cmp(&b.to_that));
    database
        .sql(&format!(
            "INSERT INTO indicators (id, kind, value, first_seen_at)
             SELECT r.to_that, r.kind, r.value, {{now}} FROM {EDGE_COLUMNS} WHERE true ON CONFLICT DO NOTHING"
        ))
        .rows(&edges)?
        .run(on)
        .await?;
    edges.sort_by(|a, b| {
        (&a.from_this, a.relation, &a.to_that, a.source).cmp(&(
            &b.from_this,
            b.relation,
            &b.to_that,
            b.source,
        ))
    });
    edges.dedup_by(|a, b| {
        (&a.from_this, a.relation, &a.to_that, a.source) == (&b.from_this, b.relation, &b.to_that, b.source)
    });
    database
        .sql(&format!(
            "INSERT INTO relations (from_id, relation, to_id, source_id, found_at, checked_at)
             SELECT r.from_this, r.relation, r.to_that, r.source, {{now}}, {{now}} FROM {EDGE_COLUMNS} WHERE true
             ON CONFLICT (from_id, relation, to_id, source_id) DO UPDATE SET checked_at = EXCLUDED.checked_at"
        ))
        .rows(&edges)?
        .run(on)
        .await?;
    Ok(())
}
