//! Items whose lookups ended: their verdicts, and the accounts of their submissions.

use std::collections::BTreeMap;

use aggregator_domain::{Kind, Opinion, Outcome, Stance, Verdict, VerdictReason};
use sea_orm::{DatabaseTransaction, QueryResult};
use serde::Serialize;

use super::{Account, Place, Settled};
use crate::ids::SubmissionId;
use crate::repositories::findings;
use crate::repositories::lookups::late_counts::LateCounts;
use crate::sql::code;
use crate::{Database, StoreError};

/// An item one of whose lookups ended.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) submission_id: SubmissionId,
    pub(super) ordinal: i32,
    pub(super) kind: Kind,
    pub(super) depth: i16,
    pending: i32,
    /// What is known so far; when it is done, its verdict.
    pub(super) verdict: Verdict,
}

impl Item {
    /// True when this commit ended its last lookup.
    pub(super) const fn is_done(&self) -> bool {
        self.pending == 0
    }

    fn place(&self) -> Place {
        Place { submission: self.submission_id.0, ordinal: self.ordinal }
    }

    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let reasons = match row.try_get::<Option<String>>("", "reasons")? {
            None => Vec::new(),
            Some(json) => serde_json::from_str(&json)
                .map_err(|error| StoreError::Corrupt(format!("reasons of an item: {error}")))?,
        };
        Ok(Self {
            submission_id: SubmissionId(row.try_get("", "submission_id")?),
            ordinal: row.try_get("", "ordinal")?,
            kind: code(row, "kind", Kind::from_code)?,
            depth: row.try_get("", "depth")?,
            pending: row.try_get("", "pending")?,
            verdict: Verdict { reasons, ..Verdict::default() },
        })
    }
}

#[derive(Serialize)]
struct Ended {
    submission: i64,
    at: i32,
    n: i64,
}

/// Counts the ended lookups off their items, and judges the items that have none left.
pub(super) async fn reach(
    database: &Database,
    on: &DatabaseTransaction,
    settled: &[Settled],
) -> Result<Vec<Item>, StoreError> {
    let mut ended: BTreeMap<Place, i64> = BTreeMap::new();
    for lookup in settled {
        *ended.entry(Place { submission: lookup.submission_id.0, ordinal: lookup.ordinal }).or_default() += 1;
    }
    if ended.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Ended> = ended
        .iter()
        .map(|(place, n)| Ended { submission: place.submission, at: place.ordinal, n: *n })
        .collect();
    let mut items = database
        .sql(
            "UPDATE items SET pending = pending - r.n FROM {rows $1 (submission bigint, at bigint, n bigint)}
             WHERE items.submission_id = r.submission AND items.ordinal = r.at AND items.state = 3
             RETURNING submission_id, ordinal, kind, depth, pending, reasons",
        )
        .rows(&rows)?
        .all(on, Item::read)
        .await?;
    items.sort_by_key(Item::place);
    let done: Vec<Ended> = items
        .iter()
        .filter(|item| item.is_done())
        .map(|item| Ended { submission: item.submission_id.0, at: item.ordinal, n: 0 })
        .collect();
    if done.is_empty() {
        return Ok(items);
    }
    let mut lines = lines(database, on, &done).await?;
    for item in items.iter_mut().filter(|item| item.is_done()) {
        let (asked, said) = lines.remove(&item.place()).unwrap_or_default();
        let mut reasons = std::mem::take(&mut item.verdict.reasons);
        // A lookup that was replayed has a line already.
        reasons.retain(|reason| !asked.contains(&reason.source));
        reasons.extend(said);
        item.verdict = Verdict::fuse(reasons);
    }
    write(database, on, &items).await?;
    Ok(items)
}

/// The sources asked about an item, and what they add to its verdict.
type Lines = (Vec<String>, Vec<VerdictReason>);

/// What the lookups of these items add to their verdicts.
async fn lines(
    database: &Database,
    on: &DatabaseTransaction,
    items: &[Ended],
) -> Result<BTreeMap<Place, Lines>, StoreError> {
    let rows = database
        .sql(
            "SELECT l.submission_id, l.ordinal, l.outcome, l.reason, s.slug, s.name, s.weight, f.stance, f.confidence, f.summary
             FROM {rows $1 (submission bigint, at bigint)}
             JOIN lookups l ON l.submission_id = r.submission AND l.ordinal = r.at
             JOIN sources s ON s.id = l.source_id
             LEFT JOIN findings f ON f.indicator_id = l.indicator_id AND f.source_id = l.source_id
                 AND f.superseded_at IS NULL
             WHERE l.outcome IS NOT NULL",
        )
        .rows(&items)?
        .all(on, |row| {
            let place = Place { submission: row.try_get("", "submission_id")?, ordinal: row.try_get("", "ordinal")? };
            Ok((place, row.try_get::<String>("", "slug")?, line(row)?))
        })
        .await?;
    let mut lines: BTreeMap<Place, Lines> = BTreeMap::new();
    for (place, source, line) in rows {
        let (asked, said) = lines.entry(place).or_default();
        asked.push(source);
        said.extend(line);
    }
    Ok(lines)
}

/// An opinion, or the confession that a source was asked in vain: that never counts as clean.
fn line(row: &QueryResult) -> Result<Option<VerdictReason>, StoreError> {
    let outcome = code(row, "outcome", Outcome::from_code)?;
    let source: String = row.try_get("", "slug")?;
    if !outcome.is_answer() {
        let name: String = row.try_get("", "name")?;
        let why = row.try_get::<Option<String>>("", "reason")?.unwrap_or_default();
        let text = format!("{name} did not answer ({}): {why}", outcome.as_str());
        return Ok(Some(VerdictReason { source, opinion: Opinion::default(), text, caps: false }));
    }
    if row.try_get::<Option<i16>>("", "stance")?.is_none() {
        return Ok(None);
    }
    let opinion = findings::weighed(row)?;
    if opinion.stance == Stance::Unknown {
        return Ok(None);
    }
    Ok(Some(VerdictReason { source, opinion, text: row.try_get("", "summary")?, caps: false }))
}

#[derive(Serialize)]
struct Judged {
    submission: i64,
    at: i32,
    stance: u8,
    confidence: u8,
    why: Option<String>,
}

async fn write(database: &Database, on: &DatabaseTransaction, items: &[Item]) -> Result<(), StoreError> {
    let rows: Vec<Judged> = items
        .iter()
        .filter(|item| item.is_done())
        .map(|item| Judged {
            submission: item.submission_id.0,
            at: item.ordinal,
            stance: item.verdict.stance.code(),
            confidence: item.verdict.confidence,
            why: if item.verdict.reasons.is_empty() {
                None
            } else {
                serde_json::to_string(&item.verdict.reasons).ok()
            },
        })
        .collect();
    database
        .sql(
            "UPDATE items SET state = 4, stance = r.stance, confidence = r.confidence, reasons = r.why
             FROM {rows $1 (submission bigint, at bigint, stance bigint, confidence bigint, why text)}
             WHERE items.submission_id = r.submission AND items.ordinal = r.at",
        )
        .rows(&rows)?
        .run(on)
        .await?;
    Ok(())
}

/// Items of a submission whose every answer is told at once: up to as many as its events tell one by one.
const TOLD_ONE_BY_ONE: i64 = 1_000;

/// The last statements: counters of each submission, and the commit's number on the items. Those cancelled meanwhile keep
/// their state.
pub(super) async fn account(
    database: &Database,
    on: &DatabaseTransaction,
    accounts: &BTreeMap<SubmissionId, Account>,
    items: &[Item],
) -> Result<Vec<SubmissionId>, StoreError> {
    for (submission, account) in accounts {
        let mut counts = LateCounts::lock(database, on, *submission).await?;
        for item in items.iter().filter(|item| item.submission_id == *submission && item.is_done()) {
            counts.add(item.kind, item.verdict.stance);
        }
        let [unknown, benign, suspicious, malicious] = account.done;
        let counted: Option<(i64, i64)> = database
            .sql(
                "UPDATE submissions SET seq = seq + 1, touched_at = {now}, outstanding = outstanding - $2 + $3,
                     total = total + $4, derived = derived + $4, done = done + $5, malicious = malicious + $6,
                     suspicious = suspicious + $7, benign = benign + $8, late_counts = $9,
                     state = CASE WHEN state = 2 AND outstanding = $2 - $3 THEN 3 ELSE state END,
                     finished_at = CASE WHEN state = 2 AND outstanding = $2 - $3 THEN {now} ELSE finished_at END
                 WHERE id = $1 RETURNING seq, total",
            )
            .bind(submission.0)
            .bind(account.ended)
            .bind(account.chunks)
            .bind(account.derived)
            .bind(unknown + benign + suspicious + malicious)
            .bind(malicious)
            .bind(suspicious)
            .bind(benign)
            .bind(counts.stored()?)
            .one(on, |row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
            .await?;
        let Some((seq, total)) = counted else { continue };
        let of_it: Vec<Ended> = items
            .iter()
            .filter(|item| item.submission_id == *submission && (item.is_done() || total <= TOLD_ONE_BY_ONE))
            .map(|item| Ended { submission: submission.0, at: item.ordinal, n: seq })
            .collect();
        database
            .sql(
                "UPDATE items SET seq = r.n FROM {rows $1 (submission bigint, at bigint, n bigint)}
                 WHERE items.submission_id = r.submission AND items.ordinal = r.at",
            )
            .rows(&of_it)?
            .run(on)
            .await?;
    }
    Ok(accounts.keys().copied().collect())
}
