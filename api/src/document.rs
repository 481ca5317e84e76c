//! The OpenAPI 3.1 document, made from the router that serves.

use actix_web::App;
use aggregator_openapi::{Problem, ProblemId};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

use crate::routes;

/// What the document says about the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Indicator Aggregator",
        description = "Asks every source what it knows about an indicator, keeps each answer beside the others, and \
                       explains one verdict.\n\nEvery error is a problem document (RFC 9457) whose `id` is one of the \
                       closed set `ProblemId`. Unknown fields and parameters are refused. Every response carries an \
                       `X-Request-Id`. HEAD is answered wherever GET is. Until people can sign in the server answers \
                       on loopback only, to its own host names, and refuses requests of other sites' pages.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "The server this document came from.")),
    tags(
        (name = "submissions", description = "Indicators sent in, their progress, items and verdicts."),
        (name = "indicators", description = "What a value or a text is, and what is known about it."),
        (name = "playbooks", description = "Whom submissions ask, what they follow, and how far."),
        (name = "ignore lists", description = "What must not be sent to sources, and what caps a verdict."),
        (name = "sources", description = "Who is asked, how fast, and how they are; their providers and feeds."),
        (name = "queues", description = "Work on its way, and what was given up."),
        (name = "operations", description = "Is the server alive and ready, who works, and how it fares."),
        (name = "contract", description = "The API about itself."),
    ),
    components(schemas(Problem, ProblemId)),
)]
struct Base;

/// What is there before the routes are added.
pub(crate) fn base() -> utoipa::openapi::OpenApi {
    Base::openapi()
}

/// The document of the routes that [`crate::serve`] serves.
pub fn document() -> utoipa::openapi::OpenApi {
    routes::mount(App::new().into_utoipa_app().openapi(base())).split_for_parts().1
}

/// [`document`] as indented JSON with a final line break: the form committed as `openapi/openapi.json` and served.
pub fn pretty_json() -> Result<String, serde_json::Error> {
    Ok(document().to_pretty_json()? + "\n")
}
