//! Submissions on the wire.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::domain::state;
use aggregator_entities::domain::{self};
use aggregator_entities::tables::submission as row;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::KindName;
use crate::indicator::mirror;

mirror! {
    /// How far something may travel: TLP 2.0.
    Tlp of domain::Tlp {
        /// May go anywhere.
        Clear = "clear",
        /// The community.
        Green = "green",
        /// The organisation and its clients, need to know.
        Amber = "amber",
        /// The organisation only.
        AmberStrict = "amber+strict",
        /// Named people only.
        Red = "red",
    }
}

mirror! {
    /// Where a submission stands.
    SubmissionState of state::SubmissionState {
        /// Its body is still arriving.
        Receiving = "receiving",
        /// Accepted; its items are being worked.
        Running = "running",
        /// Every item is terminal.
        Done = "done",
        /// Stopped by its owner.
        Cancelled = "cancelled",
    }
}

/// How a text body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextMode {
    /// One value a line.
    #[default]
    Lines,
    /// Free text: every indicator found in it.
    Prose,
}

/// What shapes a submission, whatever its body. For a JSON body the fields of the body of the same names win.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CreateSubmissionParameters {
    /// Your name for it, at most 200 characters.
    #[param(max_length = 200, pattern = "^[^\\x00]*$", example = "phishing wave 2026-11")]
    pub label: Option<String>,
    /// Slug of the playbook; `local` (local intelligence only) when absent.
    #[param(example = "local")]
    pub playbook: Option<String>,
    /// How far it may travel; `amber` when absent.
    pub tlp: Option<Tlp>,
    /// For `text/plain`: one value a line, or free text.
    pub text: Option<TextMode>,
    /// For CSV: the column of values, by header or by number from 1; found by header or content when absent.
    #[param(example = "ioc_value")]
    pub column: Option<String>,
    /// For NDJSON: the field of the value; `value`, `indicator`, `ioc` or `observable` when absent.
    #[param(example = "value")]
    pub field: Option<String>,
    /// Answers of remote sources older than so many seconds are asked for anew; 0 asks for all. Each source's own freshness
    /// counts when absent.
    #[param(example = 3600)]
    pub max_age: Option<u32>,
    /// True to ask nobody: only what is known already.
    pub cache_only: Option<bool>,
    /// Only these of the sources the playbook names: slugs of remote sources, at least one, separated by commas.
    #[param(pattern = "[^,\\s\\x00\\x85]", example = "dns,rdap")]
    pub sources: Option<String>,
    /// Seconds to wait for the end, 0–60. The answer is 200 when it is done by then, 202 when not; nothing is lost.
    #[param(minimum = 0, maximum = 60, example = 10)]
    pub wait: Option<u64>,
}

/// A submission as a JSON list (at most 1 MiB; stream a larger one as text, CSV or NDJSON).
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"indicators": ["hxxp://example[.]com/login", {"value": "8.8.8.8", "kind": "ipv4"}], "label": "mail of Monday"}))]
pub struct CreateSubmission {
    /// The values as they were found, at least one.
    #[schema(min_items = 1)]
    pub indicators: Vec<SubmittedIndicator>,
    /// Your name for it, at most 200 characters.
    #[schema(max_length = 200, pattern = "^[^\\x00]*$")]
    pub label: Option<String>,
    /// Slug of the playbook; `local` when absent.
    pub playbook: Option<String>,
    /// How far it may travel; `amber` when absent.
    pub tlp: Option<Tlp>,
    /// Answers of remote sources older than so many seconds are asked for anew; 0 asks for all.
    pub max_age: Option<u32>,
    /// True to ask nobody: only what is known already.
    pub cache_only: Option<bool>,
    /// Only these of the sources the playbook names: slugs of remote sources, at least one.
    #[schema(min_items = 1)]
    pub sources: Option<Vec<String>>,
}

/// One value: a text, or a text with its kind.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SubmittedIndicator {
    /// A value whose kind is detected.
    Text(String),
    /// A value whose kind is known.
    WithKind(IndicatorOfKind),
}

/// A value whose kind is known.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorOfKind {
    /// The value as it was found.
    #[schema(example = "8.8.8.8")]
    pub value: String,
    /// Its kind: a built-in one, or a custom one by its slug.
    pub kind: KindName,
}

/// How many items of a submission have which verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct VerdictCounts {
    /// Seen to do harm.
    #[schema(example = 3)]
    pub malicious: i64,
    /// Distrusted.
    #[schema(example = 1)]
    pub suspicious: i64,
    /// Vouched for.
    #[schema(example = 2)]
    pub benign: i64,
    /// Nobody asked knows.
    #[schema(example = 94)]
    pub unknown: i64,
}

/// A submission and how far it is. Every figure is counted in the transaction that changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(Submission::example()))]
pub struct Submission {
    /// Its id.
    pub id: i64,
    /// Where it stands.
    pub state: SubmissionState,
    /// Your name for it.
    #[schema(required = true)]
    pub label: Option<String>,
    /// How far it may travel.
    pub tlp: Tlp,
    /// Slug of the playbook it runs.
    pub playbook: String,
    /// The format it arrived in: `json`, `text`, `prose`, `csv`, `ndjson` or `rerun`.
    pub format: String,
    /// The submission it repeats.
    #[schema(required = true)]
    pub rerun_of: Option<i64>,
    /// When its first byte came.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was accepted.
    #[schema(format = DateTime, required = true)]
    pub sealed_at: Option<String>,
    /// When it ended.
    #[schema(format = DateTime, required = true)]
    pub finished_at: Option<String>,
    /// Lines (or values) read.
    pub lines: i64,
    /// Lines (or values) that are no indicator; see `/rejects`.
    pub rejected: i64,
    /// Times an item was written again; see the items' contexts.
    pub repeated: i64,
    /// Items: distinct indicators. May grow while `total_final` is false.
    pub total: i64,
    /// Items of `total` that answers led to; they stand behind the others. At most the `max_derived` of the playbook.
    pub derived: i64,
    /// True once `total` cannot grow any more.
    pub total_final: bool,
    /// Items with a verdict.
    pub done: i64,
    /// Items cancelled.
    pub cancelled: i64,
    /// Verdicts of the done items.
    pub verdicts: VerdictCounts,
    /// Number of the last commit that changed it: the `id` of its events.
    pub seq: i64,
}

impl From<row::Submission> for Submission {
    fn from(row: row::Submission) -> Self {
        let unknown = row.done - row.malicious - row.suspicious - row.benign;
        Self {
            id: row.id.0,
            state: row.state.into(),
            label: row.label,
            tlp: row.tlp.into(),
            playbook: row.playbook,
            format: row.format,
            rerun_of: row.rerun_of.map(|id| id.0),
            created_at: rfc3339(row.created_at),
            sealed_at: row.sealed_at.map(rfc3339),
            finished_at: row.finished_at.map(rfc3339),
            lines: row.lines,
            rejected: row.rejected,
            repeated: row.contexts,
            total: row.total,
            derived: row.derived,
            total_final: match row.state {
                state::SubmissionState::Receiving => false,
                state::SubmissionState::Running => !row.follows,
                state::SubmissionState::Done | state::SubmissionState::Cancelled => true,
            },
            done: row.done,
            cancelled: row.cancelled,
            verdicts: VerdictCounts {
                malicious: row.malicious,
                suspicious: row.suspicious,
                benign: row.benign,
                unknown,
            },
            seq: row.seq,
        }
    }
}

impl Submission {
    /// A submission for the document's examples.
    pub fn example() -> Self {
        Self {
            id: 17,
            state: SubmissionState::Done,
            label: Some("mail of Monday".to_owned()),
            tlp: Tlp::Amber,
            playbook: "local".to_owned(),
            format: "text".to_owned(),
            rerun_of: None,
            created_at: "2026-11-21T02:03:04.567Z".to_owned(),
            sealed_at: Some("2026-11-21T02:03:04.601Z".to_owned()),
            finished_at: Some("2026-11-21T02:03:04.702Z".to_owned()),
            lines: 103,
            rejected: 1,
            repeated: 2,
            total: 100,
            derived: 0,
            total_final: true,
            done: 100,
            cancelled: 0,
            verdicts: VerdictCounts { malicious: 3, suspicious: 1, benign: 2, unknown: 94 },
            seq: 2,
        }
    }
}
