//! The contract: what goes over the wire, as types with a schema, and every problem a client can meet.
//!
//! DTOs are apart from the domain's types, so that a change in one is a decision in the other; `From` joins them.
//! Nothing here knows HTTP beyond a status number. The document itself comes out of the router in `aggregator-api`.

pub mod detect;
pub mod extract;
pub mod health;
pub mod indicator;
pub mod problem;
pub mod submission;

pub use detect::{DetectParameters, DetectRequest, DetectedValue, DetectedValues, Detection, Reject};
pub use extract::{ExtractRequest, Extraction, FoundIndicator, TextFormat};
pub use health::{CheckStatus, Liveness, LivenessStatus, Readiness, ReadinessCheck, ReadinessStatus};
pub use indicator::{Kind, KindCount, ParsedIndicator};
pub use problem::{Problem, ProblemDescription, ProblemDescriptions, ProblemId};
pub use submission::{
    CreateSubmission, CreateSubmissionParameters, IndicatorOfKind, Submission, SubmissionState,
    SubmittedIndicator, TextMode, Tlp, VerdictCounts,
};
