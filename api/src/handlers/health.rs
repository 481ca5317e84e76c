//! Is it alive, is it ready.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, web};
use aggregator_openapi::{Liveness, LivenessStatus, Readiness, ReadinessStatus};

use crate::State;
use crate::input::{NoParameters, Query};
use crate::readiness::readiness;

aggregator_openapi::problems! {
    /// What can go wrong with asking for health.
    pub(crate) HealthProblems:
}

/// Is the process alive
///
/// Answers as long as the process can answer at all. Asks no database and no queue: a process that waits for them is
/// alive, and restarting it helps nobody.
#[utoipa::path(
    tag = "operations",
    responses((status = 200, description = "The process is alive.", body = Liveness), HealthProblems),
)]
#[get("")]
pub(crate) async fn get_liveness(_: Query<NoParameters>) -> web::Json<Liveness> {
    web::Json(Liveness { status: LivenessStatus::Alive, version: env!("CARGO_PKG_VERSION").to_owned() })
}

/// Is the server ready
///
/// Asks every part the server needs, at once, at most two seconds each.
#[utoipa::path(
    tag = "operations",
    responses(
        (status = 200, description = "Every part is there.", body = Readiness),
        (
            status = 503, description = "A part is away.", body = Readiness,
            example = json!({"status": "not_ready", "checks": [
                {"name": "database", "status": "failed", "detail": "no answer within 2 seconds"}
            ]})
        ),
        HealthProblems,
    ),
)]
#[get("")]
pub(crate) async fn get_readiness(state: Data<State>, _: Query<NoParameters>) -> HttpResponse {
    let readiness = readiness(state.checks()).await;
    match readiness.status {
        ReadinessStatus::Ready => HttpResponse::Ok().json(readiness),
        ReadinessStatus::NotReady => HttpResponse::ServiceUnavailable().json(readiness),
    }
}
