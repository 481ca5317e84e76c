//! Is it alive, is it ready.

use serde::Serialize;
use utoipa::ToSchema;

/// The process answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"status": "alive", "version": "0.1.0"}))]
pub struct Liveness {
    /// Always `alive`: a process that is not does not answer.
    pub status: LivenessStatus,
    /// The version that runs.
    #[schema(example = "0.1.0")]
    pub version: String,
}

/// The only answer a living process gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LivenessStatus {
    /// It answers.
    Alive,
}

/// Whether requests can be served, and what stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"status": "ready", "checks": [{"name": "database", "status": "passed"}]}))]
pub struct Readiness {
    /// `ready` when every check passed.
    pub status: ReadinessStatus,
    /// Every part that was asked.
    pub checks: Vec<ReadinessCheck>,
}

impl Readiness {
    /// Ready exactly when every check passed.
    pub fn of(checks: Vec<ReadinessCheck>) -> Self {
        let ready = checks.iter().all(|check| check.status == CheckStatus::Passed);
        Self { status: if ready { ReadinessStatus::Ready } else { ReadinessStatus::NotReady }, checks }
    }
}

/// Whether requests can be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessStatus {
    /// They can.
    Ready,
    /// Some cannot.
    NotReady,
}

/// One part the server needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReadinessCheck {
    /// The part.
    #[schema(example = "database")]
    pub name: String,
    /// How the check ended.
    pub status: CheckStatus,
    /// What is wrong and what to do, when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// The part is there.
    Passed,
    /// The part is away.
    Failed,
}
