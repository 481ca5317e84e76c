//! Stats: what happened within a range.

use actix_web::{get, web};
use aggregator_openapi::{Stats, StatsParameters};

use crate::State;
use crate::failure::Failure;
use crate::input::Query;

aggregator_openapi::problems! {
    /// What can go wrong with counting.
    pub(crate) StatsProblems: NotReady, DiskFull
}

/// Get the stats
///
/// The verdicts of what was sent within a range, and per source how lookups ended, how long calls took and how often none was
/// needed: the cache share. All of it is counted from rows; of lookups and chunks the latest 500,000 at most, and `lookups_since` says
/// from when on.
#[utoipa::path(
    tag = "operations",
    params(StatsParameters),
    responses((status = 200, description = "What happened.", body = Stats), StatsProblems),
)]
#[get("")]
pub(crate) async fn get_stats(
    Query(parameters): Query<StatsParameters>,
    state: web::Data<State>,
) -> Result<web::Json<Stats>, Failure> {
    let range = parameters.range.unwrap_or_default();
    let counted = state.stats(range.micros()).await?;
    Ok(web::Json(counted.as_ref().into()))
}
