//! The SQLite form: the same statements over `json_each`, several chunks a commit because each commit writes every page
//! it touched once more.

mod derived;
mod lookups;

use std::collections::HashSet;

use aggregator_domain::IndicatorId;
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::{
    Brought, Committed, Dropped, Ended, FENCE, Leads, LocalFinding, ScreenedChunk, keep_passed,
    sorted_indicators, sorted_lookups, tallies,
};
use crate::ids::SubmissionId;
use crate::tables::indicator::read_id;
use crate::{Database, StoreError};

pub(super) async fn finish(
    database: &Database,
    mut chunks: Vec<ScreenedChunk>,
    mut findings: Vec<LocalFinding>,
) -> Result<Committed, StoreError> {
    // JSON is made before the one writing connection is taken.
    let fence = json(&chunks.iter().map(|c| (c.id.0, c.attempt, c.policy_version)).collect::<Vec<_>>())?;
    let transaction = database.begin().await?;
    let passed = pass_fence(database, &transaction, fence).await?;
    let mut refused = keep_passed(&mut chunks, &mut findings, &passed);
    insert_indicators(database, &transaction, &chunks).await?;
    write_findings(database, &transaction, &findings).await?;
    let dropped = drop_visited(database, &transaction, &mut chunks).await?;
    insert_items(database, &transaction, &chunks).await?;
    lookups::insert(database, &transaction, &sorted_lookups(&chunks)).await?;
    let mut leads = Leads::of(&chunks);
    let mut submissions = Vec::new();
    let (mut items, mut derived) = (0, false);
    for (submission, (ended, mut tally)) in tallies(&chunks, &dropped) {
        let leads = leads.remove(&submission).unwrap_or_default();
        tally.derived = derived::insert(database, &transaction, submission, leads).await?;
        derived |= tally.derived.chunks > 0;
        if !count(database, &transaction, submission, (&ended, tally)).await? {
            transaction.rollback().await?;
            refused.extend(chunks.iter().map(|chunk| chunk.id));
            return Ok(Committed { refused, ..Committed::default() });
        }
        items += u64::try_from(tally.items).unwrap_or_default();
        submissions.push(submission);
    }
    transaction.commit().await?;
    Ok(Committed { items, refused, submissions, derived })
}

pub(super) async fn record(database: &Database, mut findings: Vec<LocalFinding>) -> Result<(), StoreError> {
    let transaction = database.begin().await?;
    let known: HashSet<IndicatorId> = database
        .sql("SELECT id FROM indicators WHERE id {among $1}")
        .hashes(findings.iter().map(|finding| finding.indicator_id))
        .all(&transaction, |row| read_id(row, "id"))
        .await?
        .into_iter()
        .collect();
    findings.retain(|finding| known.contains(&finding.indicator_id));
    write_findings(database, &transaction, &findings).await?;
    Ok(transaction.commit().await?)
}

fn json(rows: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|error| StoreError::Other(error.to_string()))
}

async fn pass_fence(
    database: &Database,
    on: &DatabaseTransaction,
    fence: String,
) -> Result<HashSet<i64>, StoreError> {
    let ids = database
        .sql(&format!(
            "UPDATE chunks AS c SET state = 6, finished_at = {{now}}, payload = NULL, leased_by = NULL, lease_until = NULL,
                 policy_version = f.version
             FROM (SELECT value ->> 0 AS id, value ->> 1 AS attempt, value ->> 2 AS version FROM json_each($1)) AS f
             WHERE c.id = f.id AND {FENCE} RETURNING id"
        ))
        .bind(fence)
        .all(on, |row| Ok(row.try_get_by_index::<i64>(0)?))
        .await?;
    Ok(ids.into_iter().collect())
}

async fn insert_indicators(
    database: &Database,
    on: &DatabaseTransaction,
    chunks: &[ScreenedChunk],
) -> Result<(), StoreError> {
    let rows: Vec<(String, u8, &str)> = sorted_indicators(chunks)
        .iter()
        .map(|item| (item.id.to_string(), item.kind.code(), &*item.value))
        .collect();
    database
        .sql(
            "INSERT INTO indicators (id, kind, value, first_seen_at)
             SELECT unhex(value ->> 0), value ->> 1, value ->> 2, {now} FROM json_each($1) WHERE true
             ON CONFLICT DO NOTHING",
        )
        .bind(json(&rows)?)
        .run(on)
        .await?;
    Ok(())
}

async fn write_findings(
    database: &Database,
    on: &DatabaseTransaction,
    findings: &[LocalFinding],
) -> Result<(), StoreError> {
    if findings.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = findings
        .iter()
        .map(|f| {
            (
                (f.indicator_id.to_string(), f.source_id.0, f.data_hash, f.generation_id.map(|id| id.0)),
                (f.outcome.code(), f.stance.code(), f.confidence),
                (&f.summary, &f.data),
            )
        })
        .collect();
    let rows = json(&rows)?;
    database
        .sql(
            "UPDATE findings AS f SET
                 checked_at = CASE WHEN f.data_hash = n.hash THEN {now} ELSE f.checked_at END,
                 superseded_at = CASE WHEN f.data_hash = n.hash THEN NULL ELSE {now} END
             FROM (SELECT unhex(value ->> '$[0][0]') AS indicator, value ->> '$[0][1]' AS source, value ->> '$[0][2]' AS hash
                   FROM json_each($1)) AS n
             WHERE f.indicator_id = n.indicator AND f.source_id = n.source AND f.superseded_at IS NULL
               AND (f.data_hash <> n.hash OR f.checked_at < {now} - 60000000)",
        )
        .bind(rows.clone())
        .run(on)
        .await?;
    database
        .sql(
            "INSERT INTO findings (indicator_id, source_id, version, outcome, stance, confidence, summary, data, data_hash,
                 generation_id, found_at, checked_at)
             SELECT n.indicator, n.source,
                 COALESCE((SELECT MAX(p.version) FROM findings p WHERE p.indicator_id = n.indicator AND p.source_id = n.source), 0) + 1,
                 n.outcome, n.stance, n.confidence, n.summary, n.data, n.hash, n.generation, {now}, {now}
             FROM (SELECT unhex(value ->> '$[0][0]') AS indicator, value ->> '$[0][1]' AS source, value ->> '$[0][2]' AS hash,
                       value ->> '$[0][3]' AS generation, value ->> '$[1][0]' AS outcome, value ->> '$[1][1]' AS stance,
                       value ->> '$[1][2]' AS confidence, value ->> '$[2][0]' AS summary, value ->> '$[2][1]' AS data
                   FROM json_each($1)) AS n
             WHERE NOT EXISTS (SELECT 1 FROM findings f WHERE f.indicator_id = n.indicator AND f.source_id = n.source
                 AND f.superseded_at IS NULL)
             ON CONFLICT DO NOTHING",
        )
        .bind(rows)
        .run(on)
        .await?;
    Ok(())
}

/// Takes items out of derived chunks that their submission has already.
async fn drop_visited(
    database: &Database,
    on: &DatabaseTransaction,
    chunks: &mut [ScreenedChunk],
) -> Result<Dropped, StoreError> {
    let (mut dropped, mut brought) = (Dropped::default(), Brought::default());
    for chunk in chunks.iter_mut().filter(|chunk| chunk.depth > 0) {
        let ids: Vec<String> = chunk.items.iter().map(|item| item.id.to_string()).collect();
        let visited = database
            .sql(
                "SELECT i.indicator_id FROM json_each($1) AS n
                 JOIN items i ON i.indicator_id = unhex(n.value) AND i.submission_id = $2",
            )
            .bind(json(&ids)?)
            .bind(chunk.submission_id.0)
            .all(on, |row| read_id(row, "indicator_id"))
            .await?
            .into_iter()
            .collect();
        brought.drop_visited(chunk, &visited, &mut dropped);
    }
    Ok(dropped)
}

async fn insert_items(
    database: &Database,
    on: &DatabaseTransaction,
    chunks: &[ScreenedChunk],
) -> Result<(), StoreError> {
    let on_conflict = if cfg!(feature = "chaos-without-fencing") { "ON CONFLICT DO NOTHING" } else { "" };
    for chunk in chunks {
        let rows: Vec<_> = chunk
            .items
            .iter()
            .zip(chunk.first_ordinal..)
            .map(|(item, ordinal)| {
                let verdict = (item.stance.code(), item.confidence, &item.reasons);
                let context = (item.line, item.position, item.port, &item.raw, item.derived_from);
                (ordinal, item.id.to_string(), item.kind.code(), item.state_and_pending(), verdict, context)
            })
            .collect();
        database
            .sql(&format!(
                "INSERT INTO items (submission_id, ordinal, indicator_id, kind, state, pending, stance, confidence, reasons,
                     line, position, port, raw, derived_from, depth)
                 SELECT $1, value ->> 0, unhex(value ->> 1), value ->> 2, value ->> '$[3][0]', value ->> '$[3][1]',
                     value ->> '$[4][0]', value ->> '$[4][1]', value ->> '$[4][2]', value ->> '$[5][0]', value ->> '$[5][1]',
                     value ->> '$[5][2]', value ->> '$[5][3]', value ->> '$[5][4]', $3
                 FROM json_each($2) WHERE true {on_conflict}"
            ))
            .bind(chunk.submission_id.0)
            .bind(json(&rows)?)
            .bind(chunk.depth)
            .run(on)
            .await?;
    }
    Ok(())
}

/// The last statements: counters, and on the chunks the commit's number, their facets and what was known. False when the submission
/// is not running.
async fn count(
    database: &Database,
    on: &DatabaseTransaction,
    submission: SubmissionId,
    (chunks, tally): (&[Ended], super::Tally),
) -> Result<bool, StoreError> {
    let seq = database
        .sql(
            "UPDATE submissions SET seq = seq + 1, touched_at = {now}, outstanding = outstanding - $2, done = done + $3,
                 malicious = malicious + $4, suspicious = suspicious + $5, benign = benign + $6, total = total + $7, derived = derived + $7,
                 state = CASE WHEN outstanding = $2 THEN 3 ELSE state END,
                 finished_at = CASE WHEN outstanding = $2 THEN {now} END
             WHERE id = $1 AND state = 2 RETURNING seq",
        )
        .bind(submission.0)
        .bind(tally.ended(chunks))
        .bind(tally.items)
        .bind(tally.malicious)
        .bind(tally.suspicious)
        .bind(tally.benign)
        .bind(tally.added())
        .one(on, |row| Ok(row.try_get_by_index::<i64>(0)?))
        .await?;
    let Some(seq) = seq else { return Ok(false) };
    database
        .sql(
            "UPDATE chunks AS c SET seq = $1, counts = f.counts, cached = f.cached
             FROM (SELECT value ->> 0 AS id, value ->> 1 AS counts, value ->> 2 AS cached FROM json_each($2)) AS f
             WHERE c.id = f.id",
        )
        .bind(seq)
        .bind(json(&chunks)?)
        .run(on)
        .await?;
    Ok(true)
}
