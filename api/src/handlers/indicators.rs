//! Indicators ever seen: find them, look at one, see where it was.

use actix_web::{get, web};
use aggregator_entities::domain::{Indicator, IndicatorId, Verdict};
use aggregator_entities::ids::SubmissionId;
use aggregator_entities::repositories::{findings, indicators};
use aggregator_entities::tables::finding::Finding;
use aggregator_entities::tables::indicator::IndicatorRow;
use aggregator_openapi::{
    IndicatorDetails, IndicatorFacts, IndicatorPage, ListIndicatorsParameters, PageParameters, ProblemId,
    SightingPage,
};

use crate::State;
use crate::failure::Failure;
use crate::input::{AskedText, Cursors, IndicatorPath, NoParameters, Query, page_size};

aggregator_openapi::problems! {
    /// What can go wrong with finding indicators.
    pub(crate) ListIndicatorsProblems: CursorInvalid, NotReady, DiskFull
}

/// Find indicators
///
/// Among those that were in some submission: by value (defanged or not), by the beginning of the canonical value, or by
/// domain. Ordered by id.
#[utoipa::path(
    tag = "indicators",
    params(ListIndicatorsParameters),
    responses((status = 200, description = "The indicators.", body = IndicatorPage), ListIndicatorsProblems),
)]
#[get("")]
pub(crate) async fn list_indicators(
    Query(parameters): Query<ListIndicatorsParameters>,
    state: web::Data<State>,
) -> Result<web::Json<IndicatorPage>, Failure> {
    let limit = page_size(parameters.limit, 100, 1_000)?;
    let kind = parameters.kind.map(Into::into);
    let text = AskedText {
        value: parameters.value.as_deref(),
        prefix: parameters.prefix.as_deref(),
        domain: parameters.domain.as_deref(),
    };
    let text = text.filter(kind)?.ok_or_else(|| {
        Failure::new(ProblemId::InvalidParameter, "give one of `value`, `prefix` and `domain`")
    })?;
    let cursors = Cursors::of("indicators", &(&text, kind));
    let after = match &parameters.cursor {
        Some(cursor) => Some(IndicatorId(cursors.open(cursor)?)),
        None => None,
    };
    let mut rows = indicators::search(state.database(), &text, kind, (after, limit + 1)).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| cursors.seal(row.id.0));
    Ok(web::Json(IndicatorPage { indicators: rows.into_iter().map(Into::into).collect(), next }))
}

aggregator_openapi::problems! {
    /// What can go wrong with one indicator.
    pub(crate) GetIndicatorProblems: NotFound, NotReady, DiskFull
}

/// Get an indicator
///
/// What its value itself tells, what each source says now, and the verdict over that. The verdict of an item is older: it
/// was frozen when the item was screened.
#[utoipa::path(
    tag = "indicators",
    params(("id" = String, Path, description = "Id of the indicator: 32 hex digits.", example = json!(aggregator_openapi::KnownIndicator::example().id))),
    responses((status = 200, description = "The indicator.", body = IndicatorDetails), GetIndicatorProblems),
)]
#[get("/{id}")]
pub(crate) async fn get_indicator(
    IndicatorPath(id): IndicatorPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<IndicatorDetails>, Failure> {
    let row = find(&state, id).await?;
    let indicator = Indicator::from_canonical(row.kind, row.value.as_str());
    let findings = findings::current(state.database(), id).await?;
    let verdict = Verdict::fuse(findings.iter().map(Finding::reason).collect());
    Ok(web::Json(IndicatorDetails {
        indicator: row.into(),
        facts: IndicatorFacts::of(&indicator),
        verdict: verdict.into(),
        findings: findings.into_iter().map(Into::into).collect(),
    }))
}

aggregator_openapi::problems! {
    /// What can go wrong with the history of an indicator.
    pub(crate) GetHistoryProblems: CursorInvalid, NotFound, NotReady, DiskFull
}

/// Get the history of an indicator
///
/// The submissions it was in, newest first, with the verdict it got there.
#[utoipa::path(
    tag = "indicators",
    params(
        ("id" = String, Path, description = "Id of the indicator: 32 hex digits.", example = json!(aggregator_openapi::KnownIndicator::example().id)),
        PageParameters,
    ),
    responses((status = 200, description = "Where it was seen.", body = SightingPage), GetHistoryProblems),
)]
#[get("/{id}/history")]
pub(crate) async fn get_indicator_history(
    IndicatorPath(id): IndicatorPath,
    Query(parameters): Query<PageParameters>,
    state: web::Data<State>,
) -> Result<web::Json<SightingPage>, Failure> {
    let limit = page_size(parameters.limit, 100, 1_000)?;
    let cursors = Cursors::of("history", &id);
    let before = match &parameters.cursor {
        Some(cursor) => Some(SubmissionId(i64::from_be_bytes(cursors.open(cursor)?))),
        None => None,
    };
    find(&state, id).await?;
    let mut rows = indicators::history(state.database(), id, before, limit + 1).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| cursors.seal(row.submission_id.0.to_be_bytes()));
    Ok(web::Json(SightingPage { sightings: rows.into_iter().map(Into::into).collect(), next }))
}

async fn find(state: &State, id: IndicatorId) -> Result<IndicatorRow, Failure> {
    let row = indicators::find(state.database(), id).await?;
    row.ok_or_else(|| Failure::new(ProblemId::NotFound, format!("no indicator {id} was ever seen")))
}
