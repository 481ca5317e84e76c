//! The items of a submission: a page of them, all of them as CSV or NDJSON, one of them.

mod csv;
mod export;
mod filter;
mod read;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use aggregator_entities::domain::Indicator;
use aggregator_entities::repositories::{findings, items, lookups};
use aggregator_openapi::{IndicatorFacts, ItemDetails, ItemPage, ListItemsParameters, ProblemId};

use super::find;
use crate::State;
use crate::failure::Failure;
use crate::input::{ItemPath, NoParameters, Query, SubmissionPath, negotiate};
use filter::AskedItems;

aggregator_openapi::problems! {
    /// What can go wrong with the items of a submission.
    pub(crate) ListItemsProblems: CursorInvalid, NotFound, NotAcceptable, NotReady, DiskFull
}

/// The representations, the usual one first.
const OFFERS: [&str; 3] = ["application/json", "text/csv", "application/x-ndjson"];

/// List the items of a submission
///
/// In the order of the input, or against it. Items not screened yet are listed too; they have no verdict, so `verdict` and `source`
/// leave them out. As JSON a page; with `Accept: text/csv` or `application/x-ndjson` all items that match, streamed. In
/// CSV every cell is quoted, and one that a spreadsheet would take for a formula has a `'` before it; a row shows the
/// first place an item was written. A streamed answer that breaks off in the middle did not end well: ask again.
#[utoipa::path(
    tag = "submissions",
    params(("id" = i64, Path, description = "Id of the submission.", example = 17), ListItemsParameters),
    responses(
        (
            status = 200, description = "The items.",
            content(
                (ItemPage = "application/json"),
                (String = "text/csv", example = json!(csv::EXAMPLE)),
                (String = "application/x-ndjson", example = json!("{\"ordinal\":0,\"kind\":\"domain\",\"value\":\"example.com\"}\n")),
            ),
        ),
        ListItemsProblems,
    ),
)]
#[get("/{id}/items")]
pub(crate) async fn list_submission_items(
    SubmissionPath(id): SubmissionPath,
    Query(parameters): Query<ListItemsParameters>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let offer = negotiate(&request, &OFFERS)?;
    let is_page = offer == "application/json";
    if !is_page && (parameters.limit.is_some() || parameters.cursor.is_some()) {
        let detail = "CSV and NDJSON hold all pages; leave `limit` and `cursor` out, or ask for JSON";
        return Err(Failure::new(ProblemId::InvalidParameter, detail));
    }
    let asked = AskedItems::of(id, &parameters, &state)?;
    find(&state, id).await?;
    if is_page {
        let page = read::page(state.database(), id, &asked.filter, &asked.pages.walk).await?;
        let next = asked.pages.next(page.next);
        let vary = (header::VARY, "Accept");
        return Ok(HttpResponse::Ok().insert_header(vary).json(ItemPage { items: page.items, next }));
    }
    export::stream(state.database(), id, asked, offer).await
}

aggregator_openapi::problems! {
    /// What can go wrong with one item.
    pub(crate) GetItemProblems: NotFound, NotReady, DiskFull
}

/// Contexts shown of one item looked at alone.
const CONTEXTS: u32 = 1_000;

/// Get an item of a submission
///
/// The item with its frozen verdict, what its value itself tells, and what each source says about it now.
#[utoipa::path(
    tag = "submissions",
    params(
        ("id" = i64, Path, description = "Id of the submission.", example = 17),
        ("ordinal" = i32, Path, description = "Place of the item, from 0.", example = 0),
    ),
    responses((status = 200, description = "The item.", body = ItemDetails), GetItemProblems),
)]
#[get("/{id}/items/{ordinal}")]
pub(crate) async fn get_submission_item(
    ItemPath(id, ordinal): ItemPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<ItemDetails>, Failure> {
    find(&state, id).await?;
    let Some(row) = items::find(state.database(), id, ordinal).await? else {
        return Err(Failure::new(ProblemId::NotFound, format!("submission {id} has no item {ordinal}")));
    };
    let indicator = Indicator::from_canonical(row.kind, row.value.as_str());
    let findings = findings::current(state.database(), row.indicator_id).await?;
    let item = read::with_contexts(state.database(), id, vec![row], CONTEXTS).await?.pop();
    let item = item.ok_or_else(|| Failure::internal("an item was lost on its way out"))?;
    let lookups = lookups::of_item(state.database(), id, ordinal).await?;
    Ok(web::Json(ItemDetails {
        lookups: lookups.into_iter().map(Into::into).collect(),
        item,
        facts: IndicatorFacts::of(&indicator),
        findings: findings.into_iter().map(Into::into).collect(),
    }))
}
