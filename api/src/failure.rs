//! A problem on its way out: the one error type of handlers.

use std::fmt;
use std::panic::Location;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use aggregator_entities::StoreError;
use aggregator_openapi::{Problem, ProblemId, problem::MEDIA_TYPE};

/// What a handler returns when it cannot answer: becomes `application/problem+json`.
#[derive(Debug)]
pub struct Failure {
    problem: Box<Problem>,
    allow: Option<String>,
}

impl Failure {
    /// A problem with what is wrong this time.
    pub fn new(id: ProblemId, detail: impl Into<String>) -> Self {
        Problem::new(id, detail).into()
    }

    /// Something went wrong on our side. Logs the cause with the place it was met, once, and tells the client nothing
    /// of it.
    #[track_caller]
    pub fn internal(cause: impl fmt::Display) -> Self {
        let place = Location::caller();
        tracing::error!(cause = %cause, place = %place, "a request failed on our side");
        Self::new(ProblemId::Internal, "the request could not be finished")
    }

    /// The method is not among those a path has.
    pub(crate) fn method_not_allowed(method: &str, allow: String) -> Self {
        let problem =
            Problem::new(ProblemId::MethodNotAllowed, format!("{method} is not allowed here; use {allow}"));
        Self { problem: Box::new(problem), allow: Some(allow) }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), allow: None }
    }
}

impl From<StoreError> for Failure {
    #[track_caller]
    fn from(error: StoreError) -> Self {
        let problem = match &error {
            StoreError::Unavailable(_) => {
                Problem::new(ProblemId::NotReady, "the database cannot be reached").retry_after(5)
            }
            StoreError::Contention(_) => {
                Problem::new(ProblemId::NotReady, "the database is busy").retry_after(1)
            }
            StoreError::Full(_) => {
                Problem::new(ProblemId::DiskFull, "the database's disk is full").retry_after(30)
            }
            StoreError::Gone(what) => return Self::new(ProblemId::StateConflict, what),
            StoreError::Duplicate(_) | StoreError::Corrupt(_) | StoreError::Other(_) => {
                return Self::internal(error);
            }
        };
        tracing::warn!(%error, "the database refused");
        problem.into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.problem.id, self.problem.detail)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.content_type(MEDIA_TYPE);
        if let Some(seconds) = self.problem.retry_after_seconds {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(allow) = &self.allow {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        response.json(&self.problem)
    }
}
