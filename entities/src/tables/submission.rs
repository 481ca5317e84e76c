//! A submission's row.

use aggregator_domain::Tlp;
use aggregator_domain::state::SubmissionState;
use sea_orm::QueryResult;

use crate::StoreError;
use crate::ids::SubmissionId;
use crate::sql::code;

/// What a user sent, with its counters. All instants are microseconds by the database's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its id.
    pub id: SubmissionId,
    /// Its state.
    pub state: SubmissionState,
    /// The user's name for it.
    pub label: Option<String>,
    /// How far it may travel.
    pub tlp: Tlp,
    /// Slug of the playbook it runs.
    pub playbook: String,
    /// True when small enough for the interactive lane.
    pub interactive: bool,
    /// Format it arrived in: `json`, `text`, `prose`, `csv`, `ndjson` or `rerun`.
    pub format: String,
    /// The submission it repeats.
    pub rerun_of: Option<SubmissionId>,
    /// When its first byte was accepted.
    pub created_at: i64,
    /// When it was sealed: the moment it was accepted.
    pub sealed_at: Option<i64>,
    /// When it became terminal.
    pub finished_at: Option<i64>,
    /// Lines read.
    pub lines: i64,
    /// Lines (or values) that are no indicator.
    pub rejected: i64,
    /// Contexts beyond the first of each item: the same indicator written again.
    pub contexts: i64,
    /// Items.
    pub total: i64,
    /// Units of work (chunks and lookups) not yet terminal.
    pub outstanding: i64,
    /// Items with a verdict.
    pub done: i64,
    /// Items cancelled.
    pub cancelled: i64,
    /// Done items judged malicious.
    pub malicious: i64,
    /// Done items judged suspicious.
    pub suspicious: i64,
    /// Done items judged benign.
    pub benign: i64,
    /// Number of the last commit that changed it.
    pub seq: i64,
}

impl Submission {
    /// Columns that [`Submission::read`] reads.
    pub(crate) const COLUMNS: &'static str = "id, state, label, tlp, playbook, interactive, format, rerun_of, created_at, \
         sealed_at, finished_at, lines, rejected, contexts, total, outstanding, done, cancelled, malicious, suspicious, benign, seq";

    pub(crate) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            id: SubmissionId(row.try_get("", "id")?),
            state: code(row, "state", SubmissionState::from_code)?,
            label: row.try_get("", "label")?,
            tlp: code(row, "tlp", Tlp::from_code)?,
            playbook: row.try_get("", "playbook")?,
            interactive: row.try_get("", "interactive")?,
            format: row.try_get("", "format")?,
            rerun_of: row.try_get::<Option<i64>>("", "rerun_of")?.map(SubmissionId),
            created_at: row.try_get("", "created_at")?,
            sealed_at: row.try_get("", "sealed_at")?,
            finished_at: row.try_get("", "finished_at")?,
            lines: row.try_get("", "lines")?,
            rejected: row.try_get("", "rejected")?,
            contexts: row.try_get("", "contexts")?,
            total: row.try_get("", "total")?,
            outstanding: row.try_get("", "outstanding")?,
            done: row.try_get("", "done")?,
            cancelled: row.try_get("", "cancelled")?,
            malicious: row.try_get("", "malicious")?,
            suspicious: row.try_get("", "suspicious")?,
            benign: row.try_get("", "benign")?,
            seq: row.try_get("", "seq")?,
        })
    }
}
