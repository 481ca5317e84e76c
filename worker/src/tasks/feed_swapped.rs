//! Task **`feed_swapped`**: what a new generation means for indicators already known. Findings its list no longer supports
//! expire; entries new to it are matched against every known indicator (retro-match).

use std::sync::Arc;

use aggregator_entities::domain::{Indicator, IndicatorId};
use aggregator_entities::ids::{FeedId, SourceId};
use aggregator_entities::repositories::screening::LocalFinding;
use aggregator_entities::repositories::{feeds, findings, indicators, screening};
use aggregator_entities::tables::indicator::IndicatorRow;

use super::TaskError;
use crate::context::Context;
use crate::intelligence::Intelligence;
use crate::judge;

/// Indicators looked at in one step.
const STEP: u32 = 5_000;

/// What a new generation changed among known indicators.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Swapped {
    /// Findings that expired.
    pub(crate) expired: u64,
    /// Known indicators the new generation lists.
    pub(crate) matched: u64,
}

pub(super) async fn perform(context: &Arc<Context>, feed: i64) -> Result<(), TaskError> {
    let swapped = swapped(context, FeedId(feed)).await?;
    tracing::info!(feed.id = feed, ?swapped, "feed swapped");
    Ok(())
}

/// Brings the findings of a feed's source in line with its live generation. Idempotent: an interrupted run is repeated.
async fn swapped(context: &Context, feed: FeedId) -> Result<Swapped, TaskError> {
    let database = &context.database;
    let Some(row) = feeds::get(database, feed).await? else { return Ok(Swapped::default()) };
    let Some(generation) = row.generation else { return Ok(Swapped::default()) };
    let intelligence = context.intelligence.current(database).await?;
    let mut swapped = Swapped::default();
    let mut after: Option<IndicatorId> = None;
    loop {
        let old =
            findings::of_older_generations(database, (row.source_id, generation.id), after, STEP).await?;
        let Some(last) = old.last() else { break };
        after = Some(last.id);
        let (_, gone) = sort_out(&old, row.source_id, &intelligence);
        swapped.expired += findings::expire(database, row.source_id, &gone).await?;
    }
    after = None;
    loop {
        let known = indicators::walk(database, after, STEP).await?;
        let Some(last) = known.last() else { break };
        after = Some(last.id);
        let (listed, _) = sort_out(&known, row.source_id, &intelligence);
        swapped.matched += listed.len() as u64;
        if !listed.is_empty() {
            if feeds::get(database, feed).await?.is_none() {
                // Deleted meanwhile: what it said is being forgotten.
                break;
            }
            screening::record(database, listed).await?;
        }
    }
    Ok(swapped)
}

/// What the source says about these indicators now, and those it says nothing about.
fn sort_out(
    rows: &[IndicatorRow],
    source: SourceId,
    intelligence: &Intelligence,
) -> (Vec<LocalFinding>, Vec<IndicatorId>) {
    let mut listed = Vec::new();
    let mut gone = Vec::new();
    for row in rows {
        let indicator = Indicator::from_canonical(row.kind, row.value.as_str());
        let (_, found) = judge::one(&indicator, row.id, intelligence);
        match found.into_iter().find(|finding| finding.source_id == source) {
            Some(finding) => listed.push(finding),
            None => gone.push(row.id),
        }
    }
    (listed, gone)
}
