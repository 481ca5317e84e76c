//! Items whose lookups ended: their verdicts, and the accounts of their submissions.

use std::collections::BTreeMap;

use aggregator_domain::state::ItemState;
use aggregator_domain::{Kind, Opinion, Outcome, Stance, Verdict, VerdictReason};
use sea_orm::{DatabaseTransaction, QueryResult};

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
    state: ItemState,
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
            state: code(row, "state", ItemState::from_code)?,
            pending: row.try_get("", "pending")?,
            verdict: Verdict { reasons, ..Verdict::default() },
        })
    }
}

/// Ordinals of items by submission: each statement is about one submission, and finds its rows by the key.
fn by_submission(places: impl IntoIterator<Item = Place>) -> BTreeMap<i64, Vec<i64>> {
    let mut ordinals: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for place in places {
        ordinals.entry(place.submission).or_default().push(i64::from(place.ordinal));
    }
    ordinals
}

/// Locks the items whose lookups ended, counts the lookups off, and judges the items that have none left. They are written
/// once, by [`account`].
pub(super) async fn reach(
    database: &Database,
    on: &DatabaseTransaction,
    settled: &[Settled],
) -> Result<Vec<Item>, StoreError> {
    let mut ended: BTreeMap<Place, i32> = BTreeMap::new();
    for lookup in settled {
        *ended.entry(Place { submission: lookup.submission_id.0, ordinal: lookup.ordinal }).or_default() += 1;
    }
    let mut items = Vec::with_capacity(ended.len());
    for (submission, ordinals) in by_submission(ended.keys().copied()) {
        // No condition on the state, and no order an index has: either would let the planner of PostgreSQL read more of an index
        // than the keys.
        let of_it = database
            .sql(
                "SELECT submission_id, ordinal, kind, depth, state, pending, reasons FROM items
                 WHERE submission_id = $1 AND ordinal {in $2} ORDER BY ordinal + 0 {for_update}",
            )
            .bind(submission)
            .ids(ordinals)
            .all(on, Item::read)
            .await?;
        items.extend(of_it.into_iter().filter(|item| item.state == ItemState::LookingUp));
    }
    for item in &mut items {
        item.pending -= ended.get(&item.place()).copied().unwrap_or_default();
    }
    let done = items.iter().filter(|item| item.is_done()).map(Item::place);
    let mut lines = lines(database, on, done).await?;
    for item in items.iter_mut().filter(|item| item.is_done()) {
        let (asked, said) = lines.remove(&item.place()).unwrap_or_default();
        let mut reasons = std::mem::take(&mut item.verdict.reasons);
        // A lookup that was replayed has a line already.
        reasons.retain(|reason| !asked.contains(&reason.source));
        reasons.extend(said);
        item.verdict = Verdict::fuse(reasons);
    }
    Ok(items)
}

/// The sources asked about an item, and what they add to its verdict.
type Lines = (Vec<String>, Vec<VerdictReason>);

/// What the lookups of these items add to their verdicts.
async fn lines(
    database: &Database,
    on: &DatabaseTransaction,
    items: impl IntoIterator<Item = Place>,
) -> Result<BTreeMap<Place, Lines>, StoreError> {
    let mut lines: BTreeMap<Place, Lines> = BTreeMap::new();
    for (submission, ordinals) in by_submission(items) {
        let mut rows = database
            .sql(
                "SELECT l.ordinal, l.source_id, l.outcome, l.reason, l.tries, s.slug, s.name, s.weight, f.stance, f.confidence, f.summary
                 FROM lookups l JOIN sources s ON s.id = l.source_id
                 LEFT JOIN findings f ON f.indicator_id = l.indicator_id AND f.source_id = l.source_id
                     AND f.superseded_at IS NULL
                 WHERE l.submission_id = $1 AND l.ordinal {in $2} AND l.outcome IS NOT NULL",
            )
            .bind(submission)
            .ids(ordinals)
            .all(on, |row| {
                let place = Place { submission, ordinal: row.try_get("", "ordinal")? };
                let source = row.try_get::<i64>("", "source_id")?;
                Ok((place, source, row.try_get::<String>("", "slug")?, line(row)?))
            })
            .await?;
        // The order of the index, which a statement that asks for it would read whole.
        rows.sort_by_key(|(place, source, ..)| (*place, *source));
        for (place, _, source, line) in rows {
            let (asked, said) = lines.entry(place).or_default();
            asked.push(source);
            said.extend(line);
        }
    }
    Ok(lines)
}

/// An opinion, or the confession that a source was asked in vain: that never counts as clean.
fn line(row: &QueryResult) -> Result<Option<VerdictReason>, StoreError> {
    let outcome = code(row, "outcome", Outcome::from_code)?;
    let source: String = row.try_get("", "slug")?;
    if !outcome.is_answer() {
        let name: String = row.try_get("", "name")?;
        let text = if outcome == Outcome::Cancelled && row.try_get::<i32>("", "tries")? == 0 {
            format!("{name} was not asked: cancelled")
        } else {
            let why = row.try_get::<Option<String>>("", "reason")?.unwrap_or_default();
            format!("{name} did not answer ({}): {why}", outcome.as_str())
        };
        return Ok(Some(VerdictReason {
            source,
            opinion: Opinion::default(),
            text,
            caps: false,
            failed: Some(outcome),
        }));
    }
    if row.try_get::<Option<i16>>("", "stance")?.is_none() {
        return Ok(None);
    }
    let opinion = findings::weighed(row)?;
    if opinion.stance == Stance::Unknown {
        return Ok(None);
    }
    Ok(Some(VerdictReason { source, opinion, text: row.try_get("", "summary")?, caps: false, failed: None }))
}

/// Items of a submission whose every answer is told at once: up to as many as its events tell one by one.
const TOLD_ONE_BY_ONE: i64 = 1_000;

/// The last statements: counters of each submission, and on the items what is left to ask, their verdicts and the commit's
/// number. Those cancelled meanwhile keep their state.
pub(super) async fn account(
    database: &Database,
    on: &DatabaseTransaction,
    accounts: &BTreeMap<SubmissionId, Account>,
    items: &[Item],
) -> Result<Vec<SubmissionId>, StoreError> {
    for (submission, account) in accounts {
        let of_it = || items.iter().filter(|item| item.submission_id == *submission);
        let mut counts = LateCounts::lock(database, on, *submission).await?;
        for item in of_it().filter(|item| item.is_done()) {
            counts.add(item.kind, item.verdict.stance);
        }
        let Some((seq, total)) = count(database, on, (*submission, account), counts).await? else { continue };
        let told = |item: &Item| (item.is_done() || total <= TOLD_ONE_BY_ONE).then_some(seq);
        write(database, on, *submission, of_it().map(|item| (Written::of(item, told(item)), item.ordinal)))
            .await?;
    }
    Ok(accounts.keys().copied().collect())
}

/// Counts for one submission; the number of this commit, and how many items the submission has. `None` where it was cancelled: whoever
/// does that counts.
async fn count(
    database: &Database,
    on: &DatabaseTransaction,
    (submission, account): (SubmissionId, &Account),
    counts: LateCounts,
) -> Result<Option<(i64, i64)>, StoreError> {
    let [unknown, benign, suspicious, malicious] = account.done;
    database
        .sql(
            "UPDATE submissions SET seq = seq + 1, touched_at = {now}, outstanding = outstanding - $2 + $3,
                 total = total + $4, derived = derived + $4, done = done + $5, malicious = malicious + $6,
                 suspicious = suspicious + $7, benign = benign + $8, late_counts = $9,
                 state = CASE WHEN state = 2 AND outstanding = $2 - $3 THEN 3 ELSE state END,
                 finished_at = CASE WHEN state = 2 AND outstanding = $2 - $3 THEN {now} ELSE finished_at END
             WHERE id = $1 AND state <> 4 RETURNING seq, total",
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
        .await
}

/// What is written on an item. Items that get the same are written in one statement that finds them by their keys alone: a join
/// with a table of values lets the planner of PostgreSQL read the whole submission.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Written {
    /// Lookups left.
    pending: i32,
    /// The commit's number, where the item is told.
    seq: Option<i64>,
    /// Stance, confidence and reasons, once nothing is left.
    verdict: Option<(u8, u8, Option<String>)>,
}

impl Written {
    fn of(item: &Item, seq: Option<i64>) -> Self {
        let verdict = item.is_done().then(|| {
            let reasons = &item.verdict.reasons;
            let reasons = if reasons.is_empty() { None } else { serde_json::to_string(reasons).ok() };
            (item.verdict.stance.code(), item.verdict.confidence, reasons)
        });
        Self { pending: item.pending, seq, verdict }
    }
}

async fn write(
    database: &Database,
    on: &DatabaseTransaction,
    submission: SubmissionId,
    items: impl Iterator<Item = (Written, i32)>,
) -> Result<(), StoreError> {
    let mut alike: BTreeMap<Written, Vec<i64>> = BTreeMap::new();
    for (written, ordinal) in items {
        alike.entry(written).or_default().push(i64::from(ordinal));
    }
    for (Written { pending, seq, verdict }, ordinals) in alike {
        let set =
            if verdict.is_some() { ", state = 4, stance = $5, confidence = $6, reasons = $7" } else { "" };
        let sql = database
            .sql(&format!(
                "UPDATE items SET pending = $3, seq = COALESCE($4, seq){set}
                 WHERE submission_id = $1 AND ordinal {{in $2}}"
            ))
            .bind(submission.0)
            .ids(ordinals)
            .bind(pending)
            .bind(seq);
        let sql = match verdict {
            None => sql,
            Some((stance, confidence, reasons)) => {
                sql.bind(i16::from(stance)).bind(i16::from(confidence)).bind(reasons)
            }
        };
        sql.run(on).await?;
    }
    Ok(())
}
