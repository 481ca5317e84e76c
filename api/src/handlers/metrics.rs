//! Metrics, for Prometheus.

use actix_web::{HttpResponse, get, web};
use aggregator_platform::metrics::MEDIA_TYPE;

use crate::State;
use crate::failure::Failure;
use crate::input::{NoParameters, Query};
use crate::row_metrics;

aggregator_openapi::problems! {
    /// What can go wrong with reading metrics.
    pub(crate) MetricsProblems:
}

/// Get the metrics
///
/// For Prometheus, as OpenMetrics text: the requests of this process and the queues, sources, feeds and workers of the whole
/// installation. docs/METRICS.md lists them. While the database is away `aggregator_database_up` is 0 and what comes from
/// rows is missing.
#[utoipa::path(
    tag = "operations",
    responses(
        (
            status = 200, description = "The metrics.", body = String, content_type = "application/openmetrics-text",
            example = json!("# HELP aggregator_database_up 1 when the rows answered.\n# TYPE aggregator_database_up gauge\naggregator_database_up 1\n# EOF\n")
        ),
        MetricsProblems,
    ),
)]
#[get("")]
pub(crate) async fn get_metrics(
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let rows = row_metrics::read(&state).await;
    let text = state.metrics().text(&rows).map_err(Failure::internal)?;
    Ok(HttpResponse::Ok().content_type(MEDIA_TYPE).body(text))
}
