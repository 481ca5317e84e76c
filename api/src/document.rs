//! The OpenAPI 3.1 document, made from the router that serves.

use utoipa::OpenApi;

/// What the document says about the API as a whole.
#[derive(OpenApi)]
#[openapi(info(
    title = "Indicator Aggregator",
    description = "Asks every source what it knows about an indicator."
))]
struct Base;

/// The document as indented JSON, the form committed as `openapi/openapi.json`.
pub fn pretty_json() -> Result<String, serde_json::Error> {
    Base::openapi().to_pretty_json()
}
