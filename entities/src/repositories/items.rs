//! Items of a submission: pages by input order, filters, contexts, and those whose chunk still waits.

use std::fmt::Write as _;

use aggregator_domain::state::{ItemState, UnitState};
use aggregator_domain::{IndicatorId, Kind, Stance};

use crate::ids::SubmissionId;
use crate::payload::{self, PendingItem};
use crate::sql::{Sql, code};
use crate::tables::indicator::bind_id;
use crate::tables::item::{Context, Item};
use crate::{Database, StoreError};

/// A filter on the indicator's text. Never infix: each form has an index or a cheap test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextFilter {
    /// The canonical value, whole.
    Exact(String),
    /// The canonical value begins with this.
    Prefix(String),
    /// A domain (or an e-mail's domain) is this or a subdomain of it.
    DomainSuffix(String),
}

/// Which items to show.
#[derive(Debug, Clone, Default)]
pub struct ItemFilter {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only judged so.
    pub stance: Option<Stance>,
    /// Only in this state.
    pub state: Option<ItemState>,
    /// Only with a current finding `found` of the source with this slug.
    pub source: Option<String>,
    /// Only matching this text.
    pub text: Option<TextFilter>,
    /// Only changed by a commit after this number (SSE resume).
    pub after_seq: Option<i64>,
}

impl ItemFilter {
    /// True when items whose chunk still waits can match, as far as rows can tell.
    pub fn admits_waiting(&self) -> bool {
        self.stance.is_none()
            && self.source.is_none()
            && self.text.is_none()
            && self.after_seq.is_none()
            && self.state.is_none_or(|state| {
                matches!(state, ItemState::Queued | ItemState::Screening | ItemState::Cancelled)
            })
    }
}

/// Screened items after ordinal `after` (-1 for the first), in order, at most `limit`.
pub async fn page(
    database: &Database,
    submission: SubmissionId,
    filter: &ItemFilter,
    (after, limit): (i32, u32),
) -> Result<Vec<Item>, StoreError> {
    let mut conditions = String::new();
    let mut binds: Vec<sea_orm::Value> = vec![submission.0.into(), after.into(), i64::from(limit).into()];
    let mut add = |condition: &str, value: sea_orm::Value| {
        binds.push(value);
        conditions.push_str(" AND ");
        conditions.push_str(&condition.replace('?', &format!("${}", binds.len())));
    };
    if let Some(kind) = filter.kind {
        add("i.kind = ?", i16::from(kind.code()).into());
    }
    if let Some(stance) = filter.stance {
        // A constant for the partial index on verdicts other than unknown.
        let known = if stance == Stance::Unknown { "i.stance = ?" } else { "i.stance <> 0 AND i.stance = ?" };
        add(known, i16::from(stance.code()).into());
    }
    if let Some(state) = filter.state {
        add("i.state = ?", i16::from(state.code()).into());
    }
    if let Some(seq) = filter.after_seq {
        add(
            "COALESCE(i.seq, (SELECT c.seq FROM chunks c WHERE c.submission_id = i.submission_id
                AND c.first_ordinal <= i.ordinal ORDER BY c.first_ordinal DESC LIMIT 1)) > ?",
            seq.into(),
        );
    }
    if let Some(source) = &filter.source {
        add(
            "EXISTS (SELECT 1 FROM findings f JOIN sources s ON s.id = f.source_id WHERE f.indicator_id = i.indicator_id
                AND f.superseded_at IS NULL AND f.outcome = 1 AND s.slug = ?)",
            source.as_str().into(),
        );
    }
    match &filter.text {
        Some(TextFilter::Exact(value)) => {
            // The identity needs the kind: one candidate per kind, found by index.
            let ids: Vec<String> = Kind::ALL
                .iter()
                .map(|kind| {
                    binds.push(bind_id(IndicatorId::of(*kind, value)).into());
                    format!("${}", binds.len())
                })
                .collect();
            conditions.push_str(" AND i.indicator_id IN (");
            conditions.push_str(&ids.join(", "));
            conditions.push(')');
        }
        Some(TextFilter::Prefix(prefix)) => {
            let length = i64::try_from(prefix.chars().count()).unwrap_or(i64::MAX);
            add("substr(x.value, 1, CAST(? AS INTEGER))", length.into());
            binds.push(prefix.as_str().into());
            let _ = write!(conditions, " = ${}", binds.len());
        }
        Some(TextFilter::DomainSuffix(domain)) => {
            let escaped = escape_like(domain);
            let first = binds.len() + 1;
            binds.extend([
                domain.as_str().into(),
                format!("%.{escaped}").into(),
                format!("%@{escaped}").into(),
            ]);
            let _ = write!(
                conditions,
                " AND i.kind IN (5, 7) AND (x.value = ${first} OR x.value LIKE ${} ESCAPE '\\' OR x.value LIKE ${} ESCAPE '\\')",
                first + 1,
                first + 2
            );
        }
        None => {}
    }
    let sql = database.sql(&format!(
        "SELECT {} FROM items i JOIN indicators x ON x.id = i.indicator_id
         WHERE i.submission_id = $1 AND i.ordinal > $2{conditions} ORDER BY i.ordinal LIMIT $3",
        Item::COLUMNS
    ));
    binds.into_iter().fold(sql, Sql::bind).all(database.reader(), Item::read).await
}

/// Takes the meaning from the wildcards of `LIKE … ESCAPE '\'`.
pub(crate) fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// One screened item by its ordinal.
pub async fn find(
    database: &Database,
    submission: SubmissionId,
    ordinal: i32,
) -> Result<Option<Item>, StoreError> {
    let found = page(database, submission, &ItemFilter::default(), (ordinal - 1, 1)).await?;
    Ok(found.into_iter().find(|item| item.ordinal == ordinal))
}

/// Items whose chunk is not screened: they exist only in the chunk's payload.
#[derive(Debug, Clone)]
pub struct WaitingChunk {
    /// Ordinal of the first.
    pub first_ordinal: i32,
    /// State of each: queued, screening or cancelled.
    pub state: ItemState,
    /// They themselves.
    pub items: Vec<PendingItem>,
}

/// Unscreened chunks that hold an ordinal above `after`, in order, at most `limit` chunks.
pub async fn waiting(
    database: &Database,
    submission: SubmissionId,
    (after, limit): (i32, u32),
) -> Result<Vec<WaitingChunk>, StoreError> {
    let rows = database
        .sql(
            "SELECT first_ordinal, state, payload FROM chunks
             WHERE submission_id = $1 AND first_ordinal + items - 1 > $2 AND state <> 6 AND payload IS NOT NULL
             ORDER BY first_ordinal LIMIT $3",
        )
        .bind(submission.0)
        .bind(after)
        .bind(i64::from(limit))
        .all(database.reader(), |row| {
            let state = match code(row, "state", UnitState::from_code)? {
                UnitState::Cancelled => ItemState::Cancelled,
                UnitState::Running => ItemState::Screening,
                _ => ItemState::Queued,
            };
            Ok((row.try_get("", "first_ordinal")?, state, row.try_get::<Vec<u8>>("", "payload")?))
        })
        .await?;
    rows.into_iter()
        .map(|(first_ordinal, state, packed)| {
            Ok(WaitingChunk { first_ordinal, state, items: payload::decode(&packed)? })
        })
        .collect()
}

/// The other places the items of a page were written, as (ordinal, context), in order.
pub async fn contexts(
    database: &Database,
    submission: SubmissionId,
    ordinals: &[i32],
    limit: u32,
) -> Result<Vec<(i32, Context)>, StoreError> {
    database
        .sql(
            "SELECT ordinal, line, position, port, raw FROM item_contexts
             WHERE submission_id = $1 AND ordinal {in $2} ORDER BY ordinal, line, position LIMIT $3",
        )
        .bind(submission.0)
        .ids(ordinals.iter().map(|ordinal| i64::from(*ordinal)))
        .bind(i64::from(limit))
        .all(database.reader(), |row| Ok((row.try_get("", "ordinal")?, Context::read(row)?)))
        .await
}
