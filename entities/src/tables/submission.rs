//! A submission's row.

use aggregator_domain::state::SubmissionState;
use aggregator_domain::{Playbook, Tlp};
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
    /// What it asks for beside its playbook.
    pub options: SubmissionOptions,
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
    /// Items of them that answers led to.
    pub derived: i64,
    /// True when its playbook follows answers: while it runs, items may be derived.
    pub follows: bool,
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
    pub(crate) const COLUMNS: &'static str = "id, state, label, tlp, playbook, interactive, format, rerun_of, options, created_at, \
         sealed_at, finished_at, lines, rejected, contexts, total, derived, outstanding, done, cancelled, malicious, suspicious, benign, seq, \
         (SELECT p.definition FROM playbooks p WHERE p.slug = submissions.playbook) AS definition";

    pub(crate) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            id: SubmissionId(row.try_get("", "id")?),
            state: code(row, "state", SubmissionState::from_code)?,
            label: row.try_get("", "label")?,
            tlp: code(row, "tlp", Tlp::from_code)?,
            playbook: row.try_get("", "playbook")?,
            interactive: row.try_get("", "interactive")?,
            format: row.try_get("", "format")?,
            options: SubmissionOptions::read(row)?,
            rerun_of: row.try_get::<Option<i64>>("", "rerun_of")?.map(SubmissionId),
            created_at: row.try_get("", "created_at")?,
            sealed_at: row.try_get("", "sealed_at")?,
            finished_at: row.try_get("", "finished_at")?,
            lines: row.try_get("", "lines")?,
            rejected: row.try_get("", "rejected")?,
            contexts: row.try_get("", "contexts")?,
            total: row.try_get("", "total")?,
            derived: i64::from(row.try_get::<i32>("", "derived")?),
            follows: match row.try_get::<Option<String>>("", "definition")? {
                None => false,
                Some(json) => serde_json::from_str::<Playbook>(&json)
                    .map_err(|error| StoreError::Corrupt(format!("a playbook: {error}")))?
                    .follows_anything(),
            },
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

/// What a submission asks for beside its playbook.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SubmissionOptions {
    /// Answers older than so many seconds are asked for anew; without it each source's own freshness counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_seconds: Option<u32>,
    /// Asks nobody: only what is known already.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cache_only: bool,
    /// Only these sources of those the playbook names, by slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources: Option<Vec<String>>,
}

impl SubmissionOptions {
    /// Reads `options`.
    pub(crate) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        match row.try_get::<Option<String>>("", "options")? {
            None => Ok(Self::default()),
            Some(json) => serde_json::from_str(&json)
                .map_err(|error| StoreError::Corrupt(format!("options of a submission: {error}"))),
        }
    }

    /// True when nothing was asked for.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
