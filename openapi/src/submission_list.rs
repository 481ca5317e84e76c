//! Lists around submissions on the wire: the submissions themselves, facets, rejects.

use aggregator_entities::domain;
use aggregator_entities::repositories::submissions::{Facets, RejectRow};
use serde::Serialize;
use utoipa::ToSchema;

use crate::page::{CreatedSort, page_parameters, sorts};
use crate::{Kind, Reject, Submission, SubmissionState, VerdictCounts};

page_parameters! {
    /// Which submissions to list.
    ListSubmissionsParameters {
        /// Only in this state. A page looks at 200,000 submissions then and no further: it may be short, even empty, while `next` is
        /// set.
        state: SubmissionState,
    }
    /// The order; newest first when absent.
    sort: CreatedSort
}

/// Submissions, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"submissions": [Submission::example()], "next": null}))]
pub struct SubmissionPage {
    /// The submissions.
    pub submissions: Vec<Submission>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

/// How the judged items of a submission spread over kinds and verdicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"kinds": [{
    "kind": "domain", "count": 100,
    "verdicts": {"malicious": 3, "suspicious": 1, "benign": 2, "unknown": 94}
}]}))]
pub struct SubmissionFacets {
    /// One for each kind that occurs, in the order of the kinds.
    pub kinds: Vec<KindFacet>,
}

/// The judged items of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindFacet {
    /// The kind.
    pub kind: Kind,
    /// How many.
    #[schema(example = 100)]
    pub count: i64,
    /// How many with which verdict.
    pub verdicts: VerdictCounts,
}

impl From<Facets> for SubmissionFacets {
    fn from(facets: Facets) -> Self {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let facet = |kind: domain::Kind| {
            let [unknown, benign, suspicious, malicious] = facets.get(kind.as_str())?.map(number);
            let verdicts = VerdictCounts { malicious, suspicious, benign, unknown };
            Some(KindFacet { kind: kind.into(), count: malicious + suspicious + benign + unknown, verdicts })
        };
        Self { kinds: domain::Kind::ALL.into_iter().filter_map(facet).collect() }
    }
}

sorts! {
    /// The order of refused lines; with `-` from the last to the first.
    LineSort {
        /// In the order of the body.
        #[default]
        Line = "line",
        /// Against it.
        LineDescending = "-line",
    }
}

page_parameters! {
    /// Which refused lines to list.
    ListRejectsParameters {}
    /// The order; that of the body when absent.
    sort: LineSort
}

/// A line (or value) that is no indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RejectedLine {
    /// The line of the body it stood on, from 1; for a JSON list the place of the value.
    #[schema(example = 7)]
    pub line: i32,
    /// Why, for programs.
    pub reason: Reject,
    /// Why and what to do, for people.
    #[schema(example = json!(domain::Reject::Unrecognised.to_string()))]
    pub message: String,
    /// Its beginning: at most 256 characters, what cannot be printed replaced by U+FFFD.
    #[schema(example = "hello")]
    pub raw: String,
}

impl From<RejectRow> for RejectedLine {
    fn from(row: RejectRow) -> Self {
        Self { line: row.line, reason: row.reason.into(), message: row.reason.to_string(), raw: row.raw }
    }
}

/// Refused lines, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"rejects": [RejectedLine::example()], "next": null}))]
pub struct RejectPage {
    /// The lines.
    pub rejects: Vec<RejectedLine>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl RejectedLine {
    /// A refused line for the document's examples.
    pub fn example() -> Self {
        RejectRow { line: 7, reason: domain::Reject::Unrecognised, raw: "hello".to_owned() }.into()
    }
}
