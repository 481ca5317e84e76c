//! The document, served.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use crate::input::{NoParameters, Query};

/// The document as text, written once for all threads.
#[derive(Debug, Clone)]
pub(crate) struct DocumentText(Arc<str>);

impl DocumentText {
    pub(crate) fn new(text: String) -> Self {
        Self(text.into())
    }
}

aggregator_openapi::problems! {
    /// What can go wrong with reading the document.
    pub(crate) DocumentProblems:
}

/// Get the document
///
/// This OpenAPI 3.1 document, made from the router that answers. Clients are generated from it.
#[utoipa::path(
    tag = "contract",
    responses(
        (
            status = 200, description = "The OpenAPI document.", body = serde_json::Value,
            content_type = "application/json", example = json!({"openapi": "3.1.0"})
        ),
        DocumentProblems,
    ),
)]
#[get("")]
pub(crate) async fn get_document(document: Data<DocumentText>, _: Query<NoParameters>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(document.0.to_string())
}
