//! Dead letters on the wire: lookups that were given up.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::repositories::lookups as row;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::page::{CreatedSort, page_parameters};
use crate::{Kind, KindSlug, Outcome};

page_parameters! {
    /// Which dead letters to list.
    ListDeadLettersParameters {
        /// Only of the source with this slug.
        #[param(example = "crtsh")]
        source: String,
        /// Only those whose last call ended so.
        outcome: Outcome,
    }
    /// The order in which their lookups were made first; the newest first when absent.
    sort: CreatedSort
}

/// Which dead letters are meant; all of them when nothing is said.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeadLettersParameters {
    /// Only this lookup.
    #[param(example = 12)]
    pub id: Option<i64>,
    /// Only of the source with this slug.
    #[param(example = "crtsh")]
    pub source: Option<String>,
    /// Only those whose last call ended so.
    pub outcome: Option<Outcome>,
}

/// A lookup that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(DeadLetter::example()))]
pub struct DeadLetter {
    /// Id of the lookup.
    #[schema(example = 12)]
    pub id: i64,
    /// Its submission.
    #[schema(example = 17)]
    pub submission_id: i64,
    /// Ordinal of its item.
    #[schema(example = 0)]
    pub ordinal: i32,
    /// What it was about.
    pub kind: Kind,
    /// The slug of its kind, where that is a custom one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<KindSlug>)]
    pub custom_kind: Option<String>,
    /// Its canonical value.
    #[schema(example = "example.com")]
    pub value: String,
    /// Slug of the source.
    #[schema(example = "crtsh")]
    pub source: String,
    /// How the last call ended.
    pub outcome: Outcome,
    /// Why.
    #[schema(example = "no answer within 30 s")]
    pub reason: String,
    /// Calls made.
    #[schema(example = 3)]
    pub tries: i32,
    /// When it was given up.
    #[schema(format = DateTime, example = "2026-11-21T02:03:05.067Z")]
    pub finished_at: String,
}

/// Dead letters, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"dead_letters": [DeadLetter::example()], "next": null}))]
pub struct DeadLetterPage {
    /// The letters.
    pub dead_letters: Vec<DeadLetter>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

/// How many dead letters were moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"moved": 3}))]
pub struct DeadLettersMoved {
    /// How many.
    #[schema(example = 3)]
    pub moved: u64,
}

impl From<row::DeadLetter> for DeadLetter {
    fn from(row: row::DeadLetter) -> Self {
        Self {
            id: row.id.0,
            submission_id: row.submission_id.0,
            ordinal: row.ordinal,
            kind: row.indicator.kind().into(),
            custom_kind: row.indicator.custom_kind().map(str::to_owned),
            value: row.indicator.shown().to_owned(),
            source: row.source,
            outcome: row.outcome.into(),
            reason: row.reason,
            tries: row.tries,
            finished_at: rfc3339(row.finished_at),
        }
    }
}

impl DeadLetter {
    /// A letter for the document's examples.
    pub fn example() -> Self {
        Self {
            id: 12,
            submission_id: 17,
            ordinal: 0,
            kind: Kind::Domain,
            custom_kind: None,
            value: "example.com".to_owned(),
            source: "crtsh".to_owned(),
            outcome: Outcome::Timeout,
            reason: "no answer within 30 s".to_owned(),
            tries: 3,
            finished_at: "2026-11-21T02:03:05.067Z".to_owned(),
        }
    }
}
