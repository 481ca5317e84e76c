//! A chunk's row, as its claimer sees it.

use sea_orm::QueryResult;

use crate::StoreError;
use crate::ids::{ChunkId, SubmissionId};

/// A chunk under lease: the holder may finish it while `attempt` is the row's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedChunk {
    /// Its id.
    pub id: ChunkId,
    /// Whose it is.
    pub submission_id: SubmissionId,
    /// Number of this claim: the fence.
    pub attempt: i32,
    /// Ordinal of its first item.
    pub first_ordinal: i32,
    /// How many follow-ups led to its items; 0 for what was sent.
    pub depth: i16,
    /// True in the interactive lane.
    pub interactive: bool,
    /// Its items, packed; see [`crate::payload`].
    pub payload: Vec<u8>,
}

impl ClaimedChunk {
    pub(crate) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            id: ChunkId(row.try_get("", "id")?),
            submission_id: SubmissionId(row.try_get("", "submission_id")?),
            attempt: row.try_get("", "attempt")?,
            first_ordinal: row.try_get("", "first_ordinal")?,
            depth: row.try_get("", "depth")?,
            interactive: row.try_get("", "interactive")?,
            payload: row.try_get::<Option<Vec<u8>>>("", "payload")?.unwrap_or_default(),
        })
    }
}
