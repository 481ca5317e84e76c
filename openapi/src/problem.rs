//! What went wrong, as RFC 9457 writes it, with a closed set of ids.

mod id;
mod responses;

pub use id::ProblemId;
pub use responses::responses;

use serde::Serialize;
use utoipa::ToSchema;

/// The media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Where every problem is described; `type` points into it.
pub const DESCRIPTIONS_PATH: &str = "/api/v1/problems";

/// Something went wrong: a problem document of RFC 9457, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(Problem::example(ProblemId::InvalidBody)))]
pub struct Problem {
    /// Reference to the description of this kind of problem, relative to the address asked.
    #[serde(rename = "type")]
    #[schema(example = "/api/v1/problems#invalid_body")]
    pub type_reference: String,
    /// Which problem this is: stable, and what a program decides by.
    pub id: ProblemId,
    /// One short line about this kind of problem, the same every time.
    pub title: String,
    /// The status of the response.
    #[schema(minimum = 400, maximum = 599, example = 400)]
    pub status: u16,
    /// What is wrong this time.
    pub detail: String,
    /// What to do about it.
    pub next_step: String,
    /// Seconds to wait before asking again, as in the Retry-After header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
    /// The limit that was passed, in the unit `detail` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

impl Problem {
    /// A problem with what is wrong this time: one sentence, without secrets and without the system's insides.
    pub fn new(id: ProblemId, detail: impl Into<String>) -> Self {
        Self {
            type_reference: id.type_reference(),
            id,
            title: id.title().to_owned(),
            status: id.status(),
            detail: detail.into(),
            next_step: id.next_step().to_owned(),
            retry_after_seconds: None,
            limit: None,
        }
    }

    /// Says when asking again can help.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Says which limit was passed.
    #[must_use]
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The document of a problem as the description shows it.
    pub fn example(id: ProblemId) -> Self {
        Self::new(id, id.example_detail())
    }
}

/// One kind of problem the API can answer with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemDescription {
    /// Which problem.
    pub id: ProblemId,
    /// The `type` that a problem of this kind carries.
    #[serde(rename = "type")]
    #[schema(example = "/api/v1/problems#invalid_body")]
    pub type_reference: String,
    /// The status it comes with.
    #[schema(minimum = 400, maximum = 599, example = 400)]
    pub status: u16,
    /// One short line.
    pub title: String,
    /// What to do about it.
    pub next_step: String,
}

impl From<ProblemId> for ProblemDescription {
    fn from(id: ProblemId) -> Self {
        Self {
            id,
            type_reference: id.type_reference(),
            status: id.status(),
            title: id.title().to_owned(),
            next_step: id.next_step().to_owned(),
        }
    }
}

/// Every kind of problem the API can answer with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"problems": [ProblemDescription::from(ProblemId::InvalidBody)]}))]
pub struct ProblemDescriptions {
    /// The kinds, in the order of the `ProblemId` schema.
    pub problems: Vec<ProblemDescription>,
}

impl ProblemDescriptions {
    /// All there are.
    pub fn all() -> Self {
        Self { problems: ProblemId::ALL.iter().copied().map(ProblemDescription::from).collect() }
    }
}
