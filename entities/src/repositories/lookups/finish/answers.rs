//! What sources answered: findings by version, and the edges they name.

use std::collections::HashMap;

use aggregator_domain::IndicatorId;
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::{Finish, Finished, NewAnswer, hex};
use crate::tables::indicator::{bind_id, read_id};
use crate::{Database, StoreError};

#[derive(Serialize)]
struct Row<'a> {
    #[serde(skip)]
    id: IndicatorId,
    indicator: String,
    source: i64,
    how: u8,
    stance: u8,
    confidence: u8,
    summary: &'a str,
    facts: Option<&'a str>,
    hash: i64,
    ttl: i64,
    version: i32,
}

/// What is known of a finding before this commit.
struct Known {
    /// Hash of the current version.
    live: Option<i64>,
    /// Number of the last version, 0 where there is none.
    last: i32,
}

/// What is known of each row's finding, in the order of the rows: its last version, which is the current one unless it was
/// superseded. Each is a look by key: a join would read the whole table while the planner of PostgreSQL has no statistics
/// of it.
async fn known(
    database: &Database,
    on: &DatabaseTransaction,
    rows: &[Row<'_>],
) -> Result<Vec<Known>, StoreError> {
    let known = database
        .sql(&format!(
            "SELECT f.indicator_id, f.source_id, f.version, f.data_hash, f.superseded_at
             FROM {COLUMNS} JOIN findings f ON f.indicator_id = r.indicator AND f.source_id = r.source
             ORDER BY f.indicator_id, f.source_id, f.version"
        ))
        .rows(&rows)?
        .all(on, |row| {
            let key = (hex(read_id(row, "indicator_id")?), row.try_get::<i64>("", "source_id")?);
            let is_current = row.try_get::<Option<i64>>("", "superseded_at")?.is_none();
            let hash = row.try_get::<i64>("", "data_hash")?;
            Ok((key, Known { live: is_current.then_some(hash), last: row.try_get("", "version")? }))
        })
        .await?;
    // Of several versions the last one stays.
    let mut known: HashMap<(String, i64), Known> = known.into_iter().collect();
    let nothing = || Known { live: None, last: 0 };
    Ok(rows
        .iter()
        .map(|row| known.remove(&(row.indicator.clone(), row.source)).unwrap_or_else(nothing))
        .collect())
}

async fn confirm(database: &Database, on: &DatabaseTransaction, row: &Row<'_>) -> Result<(), StoreError> {
    database
        .sql(
            "UPDATE findings SET checked_at = {now}, expires_at = {now} + $3
             WHERE indicator_id = $1 AND source_id = $2 AND superseded_at IS NULL",
        )
        .bind(bind_id(row.id))
        .bind(row.source)
        .bind(row.ttl)
        .run(on)
        .await?;
    Ok(())
}

async fn supersede(
    database: &Database,
    on: &DatabaseTransaction,
    (id, source): (IndicatorId, i64),
) -> Result<(), StoreError> {
    database
        .sql(
            "UPDATE findings SET superseded_at = {now}
             WHERE indicator_id = $1 AND source_id = $2 AND superseded_at IS NULL",
        )
        .bind(bind_id(id))
        .bind(source)
        .run(on)
        .await?;
    Ok(())
}

async fn insert(database: &Database, on: &DatabaseTransaction, rows: &[Row<'_>]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    database
        .sql(&format!(
            "INSERT INTO findings (indicator_id, source_id, version, outcome, stance, confidence, summary, data, data_hash,
                 found_at, checked_at, expires_at)
             SELECT r.indicator, r.source, r.version, r.how, r.stance, r.confidence, r.summary, r.facts, r.hash, {{now}},
                 {{now}}, {{now}} + r.ttl
             FROM {COLUMNS} WHERE true ON CONFLICT DO NOTHING"
        ))
        .rows(&rows)?
        .run(on)
        .await?;
    Ok(())
}

const COLUMNS: &str =
    "{rows $1 (indicator hash, source bigint, how bigint, stance bigint, confidence bigint, summary text,
    facts text, hash bigint, ttl bigint, version bigint)}";

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
            id: one.indicator_id,
            indicator: hex(one.indicator_id),
            source: one.source_id.0,
            version: 0,
            how: *how,
            stance: answer.stance.code(),
            confidence: answer.confidence,
            summary: &answer.summary,
            facts: answer.data.as_deref(),
            hash: answer.data_hash,
            ttl: answer.ttl_micros,
        })
        .collect();
    let known = known(database, on, &rows).await?;
    let (mut equal, mut other, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for (mut row, known) in rows.into_iter().zip(known) {
        row.version = known.last + 1;
        match known.live {
            Some(hash) if hash == row.hash => equal.push(row),
            Some(_) => {
                other.push((row.id, row.source));
                new.push(row);
            }
            None => new.push(row),
        }
    }
    for row in &equal {
        confirm(database, on, row).await?;
    }
    for finding in other {
        supersede(database, on, finding).await?;
    }
    insert(database, on, &new).await?;
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
