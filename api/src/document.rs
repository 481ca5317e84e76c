//! The OpenAPI 3.1 document, made from the router that serves.

mod links;

use actix_web::App;
use aggregator_openapi::{
    CreatedSort, EntrySort, IndicatorSort, LineSort, ListSort, LookupSort, OrdinalSort, Problem, ProblemId,
    SourceQueueSort, StatsRange, TextMode, WorkerSort,
};
use utoipa::OpenApi as _;
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{OpenApi, RefOr, Schema};
use utoipa_actix_web::AppExt;

use crate::routes;

/// What the document says about the API as a whole.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Indicator Aggregator",
        description = "Asks every source what it knows about an indicator, keeps each answer beside the others, and \
                       explains one verdict.\n\nEvery error is a problem document (RFC 9457) whose `id` is one of the \
                       closed set `ProblemId`. Unknown fields and parameters are refused. Every response carries an \
                       `X-Request-Id`. HEAD is answered wherever GET is. Until people can sign in the server answers \
                       on loopback only, to its own host names, and refuses requests of other sites' pages. A head that is not HTTP, \
                       or larger than 64 KiB, is refused with an empty 400 or 431 before it is a request.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "The server this document came from.")),
    tags(
        (name = "submissions", description = "Indicators sent in, their progress, items and verdicts."),
        (name = "indicators", description = "What a value or a text is, and what is known about it."),
        (name = "kinds", description = "What an indicator can be: the built-in kinds, and those defined by a regular expression."),
        (name = "playbooks", description = "Whom submissions ask, what they follow, and how far."),
        (name = "ignore lists", description = "What must not be sent to sources, and what caps a verdict."),
        (name = "sources", description = "Who is asked, how fast, and how they are; their providers and feeds."),
        (name = "queues", description = "Work on its way, and what was given up."),
        (name = "operations", description = "Is the server alive and ready, who works, and how it fares."),
        (name = "contract", description = "The API about itself."),
    ),
    // Those that parameters alone name are not found by themselves.
    components(schemas(
        Problem, ProblemId, StatsRange, TextMode,
        CreatedSort, EntrySort, IndicatorSort, LineSort, ListSort, LookupSort, OrdinalSort, SourceQueueSort, WorkerSort,
    )),
)]
struct Base;

/// What is there before the routes are added.
pub(crate) fn base() -> OpenApi {
    Base::openapi()
}

/// The document of the routes that [`crate::serve`] serves.
pub fn document() -> OpenApi {
    let mut document = routes::mount(App::new().into_utoipa_app().openapi(base())).split_for_parts().1;
    close(&mut document, "PlaybookSources");
    links::add(&mut document);
    document
}

/// Says of a schema's variants that they take no field beside theirs, as their reader does. What is derived of an enum does not.
fn close(document: &mut OpenApi, schema: &str) {
    let schemas = document.components.as_mut().map(|components| &mut components.schemas);
    let schema = schemas.and_then(|schemas| schemas.get_mut(schema));
    let Some(RefOr::T(Schema::OneOf(one_of))) = schema else { return };
    for variant in &mut one_of.items {
        if let RefOr::T(Schema::Object(object)) = variant {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// [`document`] as indented JSON with a final line break: the form committed as `openapi/openapi.json` and served.
pub fn pretty_json() -> Result<String, serde_json::Error> {
    Ok(document().to_pretty_json()? + "\n")
}
