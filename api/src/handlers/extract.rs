//! The indicators inside a text.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, post, web};
use aggregator_entities::domain::CustomKinds;
use aggregator_entities::domain::extract::{Extract, Extracted, extract_html_with};
use aggregator_openapi::{ExtractRequest, Extraction, FoundIndicator, TextFormat};

use crate::State;
use crate::failure::Failure;
use crate::input::{Body, NoParameters, Query, from_json};

aggregator_openapi::problems! {
    /// What can go wrong with a text.
    pub(crate) ExtractProblems: InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed
}

/// Extract indicators from a text
///
/// Finds every indicator in a report, a log, a mail or a page, defanged or not, and tells where each stands. Takes the
/// text itself, an HTML page, or JSON around either; at most 1 MiB. Custom kinds are looked for word by word in what lies between
/// the others. Asks no source and stores nothing.
#[utoipa::path(
    tag = "indicators",
    request_body(
        description = "The text: as it stands, as HTML, or inside JSON.",
        content(
            (String = "text/plain", example = "The dropper calls 192[.]0[.]2[.]1:8080."),
            (String = "text/html", example = "<p>The dropper calls <b>192[.]0[.]2[.]1:8080</b>."),
            (ExtractRequest = "application/json"),
        ),
    ),
    responses((status = 200, description = "The indicators of the text.", body = Extraction), ExtractProblems),
)]
#[post("")]
pub(crate) async fn extract_indicators(
    _: Query<NoParameters>,
    input: Text,
    state: web::Data<State>,
) -> Result<web::Json<Extraction>, Failure> {
    // A megabyte takes longer than other requests of this thread should wait.
    let kinds = state.kinds();
    let extraction = web::block(move || find(&input, &kinds)).await.map_err(Failure::internal)?;
    Ok(web::Json(extraction))
}

/// The text of a body in one of the three forms.
pub(crate) struct Text {
    text: String,
    format: TextFormat,
}

impl FromRequest for Text {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body =
                Body::read(&request, payload, &["text/plain", "text/html", "application/json"]).await?;
            let format = match body.media_type.as_str() {
                "text/html" => TextFormat::Html,
                "text/plain" => TextFormat::Text,
                _ => {
                    let ExtractRequest { text, format } = from_json(&body.bytes)?;
                    return Ok(Self { text, format });
                }
            };
            Ok(Self { text: body.text()?.to_owned(), format })
        })
    }
}

fn find(input: &Text, kinds: &CustomKinds) -> Extraction {
    let found = match input.format {
        TextFormat::Text => Extract::with(&input.text, kinds).collect(),
        TextFormat::Html => extract_html_with(&input.text, kinds),
    };
    Extraction::of(found.into_iter().map(wire).collect())
}

fn wire(found: Extracted<'_>) -> FoundIndicator {
    let Extracted { span, raw, parsed } = found;
    FoundIndicator { start: span.start, end: span.end, raw: Cow::into_owned(raw), indicator: parsed.into() }
}
