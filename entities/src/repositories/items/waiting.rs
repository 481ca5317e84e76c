//! Items whose chunk is not screened, because it waits, was cancelled or is dead: they exist only in the chunk's payload.

use aggregator_domain::state::{ItemState, UnitState};
use aggregator_domain::{Opinion, Outcome, Stance, VerdictReason};

use crate::ids::SubmissionId;
use crate::payload::{self, PendingItem};
use crate::repositories::walk::Walk;
use crate::sql::code;
use crate::tables::item::{Context, Item};
use crate::{Database, StoreError};

/// A chunk that is not screened.
#[derive(Debug, Clone)]
pub(super) struct WaitingChunk {
    /// Ordinal of the first.
    pub(super) first_ordinal: i32,
    /// Ordinal of the last.
    pub(super) last_ordinal: i32,
    /// State of each: queued, screening, cancelled; or done without a verdict, of a dead chunk.
    pub(super) state: ItemState,
    depth: i16,
    /// The commit that cancelled it.
    seq: Option<i64>,
    /// Why, of a dead chunk.
    reasons: Option<String>,
    packed: Vec<u8>,
}

impl WaitingChunk {
    /// The items, with their ordinals.
    pub(super) fn items(&self) -> Result<impl Iterator<Item = (i32, PendingItem)>, StoreError> {
        Ok((self.first_ordinal..).zip(payload::decode(&self.packed)?))
    }

    /// An item as a row would show it.
    pub(super) fn shown(&self, ordinal: i32, item: PendingItem) -> Item {
        let PendingItem { indicator, raw, line, position, port, derived_from } = item;
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        Item {
            ordinal,
            indicator_id: indicator.id(),
            kind: indicator.kind(),
            value: indicator.into_value().into_string(),
            state: self.state,
            stance: Stance::Unknown,
            confidence: 0,
            reasons: self.reasons.clone(),
            depth: self.depth,
            derived_from: derived_from.and_then(|ordinal| i32::try_from(ordinal).ok()),
            pending: 0,
            context: Context {
                line: number(line),
                position: number(position),
                port: port.map(i32::from),
                raw: raw.map(String::from),
            },
            seq: self.seq,
        }
    }
}

/// Unscreened chunks that hold an ordinal behind the place of a walk, in its order, at most `limit` chunks; only the dead ones
/// on demand.
pub(super) async fn chunks(
    database: &Database,
    submission: SubmissionId,
    only_dead: bool,
    (walk, limit): (&Walk<i32>, u32),
) -> Result<Vec<WaitingChunk>, StoreError> {
    let state = if only_dead { "state = 7" } else { "state <> 6" };
    let far_end = if walk.descending { "first_ordinal" } else { "first_ordinal + items - 1" };
    let (then, order) = (walk.then(), walk.order());
    database
        .sql(&format!(
            "SELECT first_ordinal, items, state, depth, seq, reason, payload FROM chunks
             WHERE submission_id = $1 AND {far_end} {then} $2 AND {state} AND payload IS NOT NULL
             ORDER BY first_ordinal {order} LIMIT $3"
        ))
        .bind(submission.0)
        .bind(walk.behind(i64::from))
        .bind(i64::from(limit))
        .all(database.reader(), |row| {
            let first_ordinal: i32 = row.try_get("", "first_ordinal")?;
            Ok(WaitingChunk {
                first_ordinal,
                last_ordinal: first_ordinal + row.try_get::<i32>("", "items")? - 1,
                state: match code(row, "state", UnitState::from_code)? {
                    UnitState::Cancelled => ItemState::Cancelled,
                    UnitState::Running => ItemState::Screening,
                    UnitState::Dead => ItemState::Done,
                    _ => ItemState::Queued,
                },
                depth: row.try_get("", "depth")?,
                seq: row.try_get("", "seq")?,
                reasons: row.try_get::<Option<String>>("", "reason")?.map(|reason| not_screened(&reason)),
                packed: row.try_get("", "payload")?,
            })
        })
        .await
}

/// The only line of the verdict of an item that could not be screened: unknown, and why.
fn not_screened(reason: &str) -> String {
    let reason = VerdictReason {
        source: "screening".to_owned(),
        opinion: Opinion::default(),
        text: format!("Not screened: {reason}"),
        caps: false,
        failed: Some(Outcome::Unavailable),
    };
    serde_json::to_string(&[reason]).unwrap_or_default()
}

/// The commit numbers of the chunks between two ordinals: (first ordinal, last ordinal, number).
pub(super) async fn seqs(
    database: &Database,
    submission: SubmissionId,
    (first, last): (i32, i32),
) -> Result<Vec<(i32, i32, Option<i64>)>, StoreError> {
    database
        .sql(
            "SELECT first_ordinal, first_ordinal + items - 1 AS last_ordinal, seq FROM chunks
             WHERE submission_id = $1 AND first_ordinal <= $2 AND first_ordinal + items > $3 ORDER BY first_ordinal",
        )
        .bind(submission.0)
        .bind(last)
        .bind(first)
        .all(database.reader(), |row| {
            Ok((row.try_get("", "first_ordinal")?, row.try_get("", "last_ordinal")?, row.try_get("", "seq")?))
        })
        .await
}
