//! A submission's events as they happen.

use actix_web::http::header::{CONTENT_TYPE, HeaderName};
use actix_web::{HttpRequest, HttpResponse, get, web};
use aggregator_openapi::{EventsParameters, LastEventIdHeader, ProblemId, SubmissionEvent};
use aggregator_platform::Shutdown;
use futures::stream;

use super::one::GetSubmissionProblems;
use crate::State;
use crate::failure::Failure;
use crate::input::{Query, SubmissionPath};
use crate::live::{Client, EXAMPLE};

/// The header by which a browser says which event it has.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Follow a submission
///
/// Server-sent events. Of a submission of up to 1,000 items an `item` event for each item about which an answer came or that
/// got its verdict (data: an `Item` with its first context); of a larger one `progress` at most four times a second (data: the
/// `Submission`). At the end `done` (data: the `Submission`), then the stream closes; after a cancellation too, as soon as its
/// counts are those that stay, and items without an event are cancelled then. A client that reads too slowly gets a `resync` (data: the `Submission`) in place of what it missed: list
/// the items again.
///
/// The id of an event is the number of the commit it tells of; of several events of one commit the last has it. Send it
/// as `Last-Event-ID` (browsers do) or as `after`, to this server or another of the installation, to get everything
/// after it; without it everything is told from the beginning. A comment comes every 15 seconds.
#[utoipa::path(
    tag = "submissions",
    params(
        ("id" = i64, Path, description = "Id of the submission.", example = 17),
        EventsParameters,
        LastEventIdHeader,
    ),
    responses(
        (
            status = 200, description = "The events.", body = SubmissionEvent, content_type = "text/event-stream",
            example = json!(EXAMPLE)
        ),
        GetSubmissionProblems,
    ),
)]
#[get("/{id}/events")]
pub(crate) async fn stream_submission_events(
    SubmissionPath(id): SubmissionPath,
    Query(parameters): Query<EventsParameters>,
    request: HttpRequest,
    state: web::Data<State>,
    shutdown: web::Data<Shutdown>,
) -> Result<HttpResponse, Failure> {
    let asked = parameters.after.unwrap_or(0);
    if asked < 0 {
        return Err(Failure::new(
            ProblemId::InvalidParameter,
            format!("`after` is {asked}; it may be 0 or more"),
        ));
    }
    let after = last_event(&request)?.unwrap_or(asked);
    let shutdown = Shutdown::clone(&shutdown);
    let Some(mut events) = Client::follow(state.live(), (id, after), shutdown).await? else {
        return Err(Failure::new(ProblemId::NotFound, format!("there is no submission {id}")));
    };
    let listening = state.meters().listens();
    let body = stream::poll_fn(move |context| {
        // Dropped with the stream.
        let _listening = &listening;
        events.poll_recv(context).map(|bytes| bytes.map(Ok::<_, std::convert::Infallible>))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        // nginx holds a stream back otherwise.
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(body))
}

fn last_event(request: &HttpRequest) -> Result<Option<i64>, Failure> {
    let Some(value) = request.headers().get(LAST_EVENT_ID) else { return Ok(None) };
    match value.to_str().ok().map(str::trim) {
        Some("") => Ok(None),
        text => {
            let digits = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            let id = digits.and_then(|digits| digits.parse().ok());
            id.map(Some).ok_or_else(|| {
                Failure::new(ProblemId::InvalidParameter, "the Last-Event-ID header is no event's id")
            })
        }
    }
}
