//! Testing a source: a task asks it about one value, and shows what it said.

use actix_web::http::header;
use actix_web::{HttpResponse, post, web};
use aggregator_entities::domain::{CustomKinds, Detection, Indicator, Kind};
use aggregator_entities::repositories::sources::{SourceKind, StoredSource};
use aggregator_entities::repositories::tasks;
use aggregator_entities::tables::source_test::TestSubject;
use aggregator_openapi::{ProblemId, Task, TestSource};
use aggregator_queue::{QueueName, Topic};
use serde_json::json;

use super::find;
use crate::State;
use crate::failure::Failure;
use crate::handlers::tasks::shown;
use crate::input::{Json, NoParameters, Query, SlugPath, wrong};
use crate::kinds::named;

aggregator_openapi::problems! {
    /// What can go wrong with testing a source.
    pub(crate) TestSourceProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, NotFound, StateConflict, NotReady,
        DiskFull
}

/// Test a source
///
/// A worker asks it about one value, whatever is known already, paused and broken ones, too. The call counts against its
/// limits; where these allow none, the test says so and asks nobody. Ignore lists hold. The answer is the `result` of the task:
/// read that until it is done. Nothing else keeps it, nor the value: it is no indicator that is known. Where the same is asked
/// already, that task is it.
#[utoipa::path(
    tag = "sources",
    params(("slug" = String, Path, description = "Slug of the source.", example = "internetdb")),
    request_body(content = TestSource, description = "The value."),
    responses((status = 202, description = "A worker will ask.", body = Task), TestSourceProblems),
)]
#[post("/{slug}/test")]
pub(crate) async fn test_source(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    Json(said): Json<TestSource>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let source = find(&state, &slug).await?;
    let indicator = read(&said, can_be_asked(&source)?, &state.kinds())?;
    let payload = json!({ "source": source.id(), "indicator": indicator.id().to_string() });
    let subject = TestSubject { kind: indicator.kind(), value: indicator.value().to_owned() };
    let subject = serde_json::to_string(&subject).map_err(Failure::internal)?;
    let task = tasks::ask(state.database(), ("test_source", &payload), Some(&subject)).await?;
    state.doorbell().ring(&Topic::Queue(QueueName::Task));
    let location = (header::LOCATION, format!("/api/v1/tasks/{task}"));
    Ok(HttpResponse::Accepted().insert_header(location).json(Task::from(shown(&state, task).await?)))
}

/// The kinds of a source that can be asked.
fn can_be_asked(source: &StoredSource) -> Result<&[Kind], Failure> {
    let slug = &source.head.slug;
    let detail = if source.kind != SourceKind::Native {
        format!("the source `{slug}` is not asked over the network; submit the value instead")
    } else if !(source.enabled && source.provider_enabled) {
        format!("the source `{slug}`, or its provider, is switched off; switch it on first")
    } else if let Some(described) = &source.described {
        return Ok(&described.kinds);
    } else {
        format!("no worker has said yet what the source `{slug}` takes; start one, and try again")
    };
    Err(Failure::new(ProblemId::StateConflict, detail))
}

/// The one indicator a value stands for, of a kind the source takes.
fn read(said: &TestSource, kinds: &[Kind], custom: &CustomKinds) -> Result<Indicator, Failure> {
    let parsed = match &said.kind {
        Some(kind) => {
            let kind = named(custom, kind).map_err(|why| Failure::new(ProblemId::InvalidBody, why))?;
            vec![
                custom
                    .parse_as(&kind, &said.value)
                    .map_err(|reject| wrong("value", &format!("is no indicator: {reject}")))?,
            ]
        }
        None => match custom.detect(&said.value) {
            Detection::One(parsed) => vec![parsed],
            Detection::Ambiguous(candidates) => candidates,
            Detection::None(reject) => return Err(wrong("value", &format!("is no indicator: {reject}"))),
        },
    };
    let found: Vec<&str> = parsed.iter().map(|parsed| parsed.indicator.kind().as_str()).collect();
    let found = found.join(" or ");
    let mut taken: Vec<Indicator> = parsed
        .into_iter()
        .map(|parsed| parsed.indicator)
        .filter(|indicator| kinds.contains(&indicator.kind()))
        .collect();
    match (taken.pop(), taken.is_empty()) {
        (Some(indicator), true) => Ok(indicator),
        (Some(_), false) => Err(wrong("value", &format!("may be {found}; say its `kind`"))),
        (None, _) => {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
            Err(wrong("value", &format!("is {found}; the source takes {}", kinds.join(", "))))
        }
    }
}
