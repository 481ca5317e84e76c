//! An item's row, joined with its indicator's value.

use aggregator_domain::state::ItemState;
use aggregator_domain::{IndicatorId, Kind, Stance};
use sea_orm::QueryResult;

use crate::StoreError;
use crate::sql::code;
use crate::tables::indicator::read_id;

/// One indicator inside one submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Position in the submission's order of first appearance, from 0.
    pub ordinal: i32,
    /// Whose item it is.
    pub indicator_id: IndicatorId,
    /// The indicator's kind.
    pub kind: Kind,
    /// The indicator's canonical value.
    pub value: String,
    /// Its state.
    pub state: ItemState,
    /// Verdict: the side taken.
    pub stance: Stance,
    /// Verdict: how sure, 0–100.
    pub confidence: i16,
    /// Verdict: its reasons as JSON, `None` where nothing is known.
    pub reasons: Option<String>,
    /// How many follow-ups led here; 0 for what the user sent.
    pub depth: i16,
    /// Ordinal of the item whose answer led here; `None` for what was sent.
    pub derived_from: Option<i32>,
    /// Lookups of it that have not ended.
    pub pending: i32,
    /// Where it was written first.
    pub context: Context,
    /// Number of the commit that last changed it; `None` while its chunk waits.
    pub seq: Option<i64>,
}

/// One place an item was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Line of the body, from 1.
    pub line: i32,
    /// Byte within the line, from 0.
    pub position: i32,
    /// Port of an `ip:port` form.
    pub port: Option<i32>,
    /// As written, where that differs from the canonical value.
    pub raw: Option<String>,
}

impl Item {
    /// Columns that [`Item::read`] reads, of `items i` and `indicators x`; `seq` says where the commit's number is.
    pub(crate) fn columns(seq: &str) -> String {
        format!(
            "i.ordinal, i.indicator_id, i.kind, x.value, i.state, i.stance, i.confidence, i.reasons, i.depth, i.derived_from, i.pending, i.line,
             i.position, i.port, i.raw, {seq} AS seq"
        )
    }

    pub(crate) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            ordinal: row.try_get("", "ordinal")?,
            indicator_id: read_id(row, "indicator_id")?,
            kind: code(row, "kind", Kind::from_code)?,
            value: row.try_get("", "value")?,
            state: code(row, "state", ItemState::from_code)?,
            stance: code(row, "stance", Stance::from_code)?,
            confidence: row.try_get("", "confidence")?,
            reasons: row.try_get("", "reasons")?,
            depth: row.try_get("", "depth")?,
            derived_from: row.try_get("", "derived_from")?,
            pending: row.try_get("", "pending")?,
            context: Context::read(row)?,
            seq: row.try_get("", "seq")?,
        })
    }
}

impl Context {
    pub(crate) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            line: row.try_get("", "line")?,
            position: row.try_get("", "position")?,
            port: row.try_get("", "port")?,
            raw: row.try_get("", "raw")?,
        })
    }
}
