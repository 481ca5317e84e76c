//! Indicators ever seen: find them, look at one, see where it was.

use actix_web::{get, web};
use aggregator_entities::domain::{Indicator, IndicatorId, KindName, Verdict};
use aggregator_entities::repositories::{findings, indicators};
use aggregator_entities::tables::finding::Finding;
use aggregator_entities::tables::indicator::IndicatorRow;
use aggregator_openapi::{
    HistoryParameters, IndicatorDetails, IndicatorFacts, IndicatorPage, ListIndicatorsParameters, ProblemId,
    SightingPage,
};

use crate::State;
use crate::failure::Failure;
use crate::input::{AskedText, IndicatorPath, NoParameters, Query, Walks};

aggregator_openapi::problems! {
    /// What can go wrong with finding indicators.
    pub(crate) ListIndicatorsProblems: CursorInvalid, NotReady, DiskFull
}

/// Find indicators
///
/// Among those that were in some submission: by value (defanged or not), by the beginning of the canonical value, by domain, or
/// all of one custom kind.
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
    let asked = state.asked_kind(parameters.kind.as_ref())?;
    let kind = asked.as_ref().map(KindName::kind);
    let text = AskedText {
        value: parameters.value.as_deref(),
        prefix: parameters.prefix.as_deref(),
        domain: parameters.domain.as_deref(),
    };
    let text = text.filter(asked.as_ref(), &state.kinds())?.ok_or_else(|| {
        Failure::new(
            ProblemId::InvalidParameter,
            "give one of `value`, `prefix` and `domain`, or a custom `kind`",
        )
    })?;
    let pages = Walks::of("indicators", parameters.part(), &(&text, kind))?;
    let found = indicators::search(state.database(), &text, kind, &pages.walk).await?;
    let (rows, next) = found.ok_or_else(|| {
        Failure::new(ProblemId::CursorInvalid, "the last indicator of the page before is gone: begin again")
    })?;
    let next = pages.next(next);
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
/// The submissions it was in, with the verdict it got there.
#[utoipa::path(
    tag = "indicators",
    params(
        ("id" = String, Path, description = "Id of the indicator: 32 hex digits.", example = json!(aggregator_openapi::KnownIndicator::example().id)),
        HistoryParameters,
    ),
    responses((status = 200, description = "Where it was seen.", body = SightingPage), GetHistoryProblems),
)]
#[get("/{id}/history")]
pub(crate) async fn get_indicator_history(
    IndicatorPath(id): IndicatorPath,
    Query(parameters): Query<HistoryParameters>,
    state: web::Data<State>,
) -> Result<web::Json<SightingPage>, Failure> {
    let pages = Walks::of("history", parameters.part(), &id)?;
    find(&state, id).await?;
    let (rows, next) = indicators::history(state.database(), id, &pages.walk).await?;
    let next = pages.next(next);
    Ok(web::Json(SightingPage { sightings: rows.into_iter().map(Into::into).collect(), next }))
}

async fn find(state: &State, id: IndicatorId) -> Result<IndicatorRow, Failure> {
    let row = indicators::find(state.database(), id).await?;
    row.ok_or_else(|| Failure::new(ProblemId::NotFound, format!("no indicator {id} was ever seen")))
}
