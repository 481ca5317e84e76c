//! Accepting a submission: parameters, back-pressure, idempotency, then the body.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, post, web};
use aggregator_entities::domain::{self, CustomKinds};
use aggregator_entities::ids::SubmissionId;
use aggregator_entities::repositories::intake::{NewSubmission, Totals};
use aggregator_entities::repositories::playbooks;
use aggregator_entities::repositories::units::Lane;
use aggregator_entities::tables::submission::SubmissionOptions;
use aggregator_openapi::{
    CreateSubmission, CreateSubmissionParameters, IdempotencyKeyHeader, KindName, ProblemId, Submission,
    SubmittedIndicator, TextMode,
};
use aggregator_platform::trace;
use aggregator_queue::{QueueName, Topic};

use super::receive::{self, Opened, Received, Receiving};
use super::wait_for_end;
use crate::failure::Failure;
use crate::handlers::sources::unheard_of;
use crate::input::{Body, Query, from_json, wrong};
use crate::intake::{Collected, Collector, Column, Format};
use crate::kinds::named;
use crate::{State, pressure};

aggregator_openapi::problems! {
    /// What can go wrong with a new submission.
    pub(crate) CreateSubmissionProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, TooManyIndicators, UnsupportedMediaType, OriginNotAllowed,
        IdempotencyInProgress, IdempotencyConflict, StateConflict, TooManyOpenSubmissions, BacklogFull, DiskFull, NotReady
}

/// Media types read as a stream.
const STREAMED: [&str; 5] =
    ["text/plain", "text/csv", "text/tab-separated-values", "application/x-ndjson", "application/ndjson"];

/// Submit indicators
///
/// Takes 1 to 1,000,000 values as a JSON list, as text (one a line, or prose), as CSV or as NDJSON; a streamed body may have
/// 256 MiB. Each is refanged, normalised and deduplicated; what is no indicator is kept as a reject with line and
/// reason. 202 means accepted: from then on nothing of it is lost. Send an `Idempotency-Key` to be able to repeat the
/// request safely. With `wait` the answer comes when it is done (200) or when the time is over (202).
#[utoipa::path(
    tag = "submissions",
    params(
        CreateSubmissionParameters,
        IdempotencyKeyHeader,
    ),
    request_body(
        description = "The values.",
        content(
            (CreateSubmission = "application/json"),
            (String = "text/plain", example = json!("hxxp://example[.]com/login\n8.8.8.8\n")),
            (String = "text/csv", example = json!("ip,seen\n8.8.8.8,3\n")),
            (String = "text/tab-separated-values", example = json!("ip\tseen\n8.8.8.8\t3\n")),
            (String = "application/x-ndjson", example = json!("{\"value\": \"8.8.8.8\"}\n")),
        ),
    ),
    responses(
        (status = 200, description = "Done: it ended within `wait`, or the key's first request made it.", body = Submission),
        (status = 202, description = "Accepted.", body = Submission),
        CreateSubmissionProblems,
    ),
)]
#[post("")]
pub(crate) async fn create_submission(
    Query(parameters): Query<CreateSubmissionParameters>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let wait = wait_of(&parameters)?;
    let body = SubmissionBody::of(&request, payload.into_inner(), &parameters).await?;
    let new = new_submission(&state, &parameters, &body).await?;
    let key = idempotency_key(&request)?;
    let shape = shape(&new, &parameters);
    pressure::admit(&state).await?;
    let key = key.as_deref().map(|key| (key, shape));
    let id = match receive::open(&state, new, key).await? {
        Opened::Receiving(receiving) => body.accept(&state, *receiving).await?,
        Opened::Made(made) => made.by(shape, &body.hash(&state).await?)?,
    };
    let submission = wait_for_end(&state, id, wait).await?;
    let ended = matches!(
        submission.state,
        aggregator_openapi::SubmissionState::Done | aggregator_openapi::SubmissionState::Cancelled
    );
    let mut response = if ended { HttpResponse::Ok() } else { HttpResponse::Accepted() };
    Ok(response.insert_header((header::LOCATION, format!("/api/v1/submissions/{id}"))).json(submission))
}

/// What a request asks for beside its body: a key stands for both. Waiting longer asks for nothing else.
fn shape(new: &NewSubmission, parameters: &CreateSubmissionParameters) -> blake3::Hash {
    let NewSubmission { label, tlp, playbook, format, options, rerun_of: _, trace: _ } = new;
    let CreateSubmissionParameters { text, column, field, .. } = parameters;
    let asked = serde_json::json!([label, tlp.code(), playbook, format, options, text, column, field]);
    blake3::hash(asked.to_string().as_bytes())
}

/// The longest wait, seconds.
const MAX_WAIT_SECONDS: u64 = 60;

fn wait_of(parameters: &CreateSubmissionParameters) -> Result<Duration, Failure> {
    match parameters.wait.unwrap_or(0) {
        seconds if seconds <= MAX_WAIT_SECONDS => Ok(Duration::from_secs(seconds)),
        seconds => {
            Err(Failure::new(ProblemId::InvalidParameter, format!("`wait` is {seconds}; it may be 0 to 60")))
        }
    }
}

pub(super) fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Failure> {
    let Some(value) = request.headers().get("Idempotency-Key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Ok(Some(key.to_owned()))
        }
        _ => Err(Failure::new(
            ProblemId::InvalidParameter,
            "the Idempotency-Key header must be 1 to 255 visible ASCII characters",
        )),
    }
}

async fn new_submission(
    state: &State,
    parameters: &CreateSubmissionParameters,
    body: &SubmissionBody,
) -> Result<NewSubmission, Failure> {
    let (label, playbook, tlp) = match body {
        SubmissionBody::List(list) => (list.label.as_ref(), list.playbook.as_ref(), list.tlp),
        SubmissionBody::Stream { .. } => (None, None, None),
    };
    let options = body.options(parameters);
    if let Some(slugs) = &options.sources
        && let Some(what) = none_to_ask(state, slugs).await?
    {
        return Err(match body {
            SubmissionBody::List(list) if list.sources.is_some() => wrong("sources", &what),
            _ => Failure::new(ProblemId::InvalidParameter, format!("`sources` {what}")),
        });
    }
    let label = label.or(parameters.label.as_ref()).cloned();
    if label.as_ref().is_some_and(|label| label.chars().count() > 200 || label.contains('\0')) {
        return Err(Failure::new(
            ProblemId::InvalidParameter,
            "`label` is longer than 200 characters or holds a NUL",
        ));
    }
    let playbook = playbook.or(parameters.playbook.as_ref()).map_or("local", String::as_str);
    if playbook.contains('\0') || !playbooks::exists(state.database(), playbook).await? {
        let detail = format!("there is no playbook `{}`", playbook.escape_default());
        return Err(Failure::new(ProblemId::InvalidParameter, detail));
    }
    let tlp = tlp.or(parameters.tlp).map_or(domain::Tlp::default(), Into::into);
    Ok(NewSubmission {
        label,
        tlp,
        playbook: playbook.to_owned(),
        format: body.format().to_owned(),
        rerun_of: None,
        options,
        trace: trace::current().map(|span| span.to_string()),
    })
}

/// What is wrong with asking these alone; nothing where they are sources that can be asked.
async fn none_to_ask(state: &State, slugs: &[String]) -> Result<Option<String>, Failure> {
    if slugs.is_empty() {
        return Ok(Some("names nobody; leave it out to ask whom the playbook names".to_owned()));
    }
    unheard_of(state, slugs).await
}

/// The body, as far as its head tells.
enum SubmissionBody {
    List(Box<CreateSubmission>),
    Stream { format: Format, payload: Payload },
}

impl SubmissionBody {
    async fn of(
        request: &HttpRequest,
        payload: Payload,
        parameters: &CreateSubmissionParameters,
    ) -> Result<Self, Failure> {
        let essence = request.mime_type().ok().flatten().map(|mime| mime.essence_str().to_ascii_lowercase());
        let format = match essence.as_deref() {
            Some("text/plain") if parameters.text == Some(TextMode::Prose) => Format::Prose,
            Some("text/plain") => Format::Lines,
            Some("text/csv" | "text/tab-separated-values") => Format::Csv { column: column(parameters)? },
            Some("application/x-ndjson" | "application/ndjson") => {
                Format::Ndjson { field: parameters.field.clone() }
            }
            _ => {
                let accepted: Vec<&str> = std::iter::once("application/json").chain(STREAMED).collect();
                let body = Body::read(request, payload, &accepted).await?;
                let list: CreateSubmission = from_json(&body.bytes)?;
                if list.indicators.is_empty() {
                    return Err(Failure::new(
                        ProblemId::InvalidBody,
                        "`indicators` is empty; send at least one",
                    ));
                }
                return Ok(Self::List(Box::new(list)));
            }
        };
        Body::check_head(request, &STREAMED)?;
        Ok(Self::Stream { format, payload })
    }

    /// What is asked for beside the playbook; the fields of a JSON body win.
    fn options(&self, parameters: &CreateSubmissionParameters) -> SubmissionOptions {
        let asked = parameters.sources.as_ref().map(|slugs| {
            slugs.split(',').map(|slug| slug.trim().to_owned()).filter(|slug| !slug.is_empty()).collect()
        });
        let own = match self {
            Self::List(list) => (list.max_age, list.cache_only, list.sources.clone()),
            Self::Stream { .. } => (None, None, None),
        };
        SubmissionOptions {
            max_age_seconds: own.0.or(parameters.max_age),
            cache_only: own.1.or(parameters.cache_only).unwrap_or_default(),
            sources: own.2.or(asked),
        }
    }

    fn format(&self) -> &'static str {
        match self {
            Self::List(_) => "json",
            Self::Stream { format, .. } => format.name(),
        }
    }

    /// Reads the body into rows and seals them.
    async fn accept(self, state: &State, receiving: Receiving) -> Result<SubmissionId, Failure> {
        let received = match self {
            Self::List(list) => {
                // As long as a list is, under custom patterns: other requests of this thread do not wait for it.
                let (most, kinds) = (state.settings().intake.max_indicators, state.kinds());
                let read = move || collect(&list, most, kinds).map(|collected| (collected, hash_of(&list)));
                let (collected, hash) = web::block(read).await.map_err(Failure::internal)??;
                receiving.commit(collected, hash).await?
            }
            Self::Stream { format, payload } => receiving.stream(format, state.kinds(), payload).await?,
        };
        let Received { id, totals } = received;
        ring(state, id, &totals);
        Ok(id)
    }

    /// Reads the body for its hash alone.
    async fn hash(self, state: &State) -> Result<Vec<u8>, Failure> {
        match self {
            Self::List(list) => Ok(hash_of(&list)),
            Self::Stream { payload, .. } => receive::hash(payload, &state.settings()).await,
        }
    }
}

/// Wakes the feeder of the lane the chunks are in.
pub(super) fn ring(state: &State, id: SubmissionId, totals: &Totals) {
    if totals.chunks > 0 {
        let queue = if totals.interactive { QueueName::ScreenInteractive } else { QueueName::Screen };
        debug_assert_eq!(queue.as_str(), Lane::Screen { interactive: totals.interactive }.queue());
        state.doorbell().ring(&Topic::Queue(queue));
    }
    state.doorbell().ring(&Topic::Submission(id.0));
}

fn column(parameters: &CreateSubmissionParameters) -> Result<Option<Column>, Failure> {
    let Some(column) = &parameters.column else { return Ok(None) };
    match column.parse::<usize>() {
        Ok(0) => Err(Failure::new(ProblemId::InvalidParameter, "`column` counts from 1")),
        Ok(index) => Ok(Some(Column::Index(index))),
        Err(_) => Ok(Some(Column::Name(column.clone()))),
    }
}

/// The text of a value, and the name of its kind where it came with one.
fn parts(value: &SubmittedIndicator) -> (&str, Option<&KindName>) {
    match value {
        SubmittedIndicator::Text(text) => (text, None),
        SubmittedIndicator::WithKind(of) => (&of.value, Some(&of.kind)),
    }
}

fn collect(list: &CreateSubmission, max_values: u64, kinds: CustomKinds) -> Result<Collected, Failure> {
    let mut collector = Collector::new(max_values).knowing(kinds);
    for (value, line) in list.indicators.iter().zip(1..) {
        let (text, kind) = parts(value);
        let kind = kind.map(|kind| named(collector.kinds(), kind)).transpose();
        let kind =
            kind.map_err(|why| wrong("indicators", &format!("holds, at {line}, what is none: {why}")))?;
        collector.cell(line, kind.as_ref(), text.as_bytes()).map_err(|error| receive::refused(&error))?;
    }
    Ok(collector.into_collected())
}

/// The hash of a list. A built-in kind counts by its code, as it did before there were others.
fn hash_of(list: &CreateSubmission) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    for value in &list.indicators {
        let (text, kind) = parts(value);
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
        match kind.map(|kind| (kind, kind.0.parse::<domain::Kind>())) {
            None => hasher.update(&[0]),
            Some((_, Ok(kind))) => hasher.update(&[kind.code()]),
            Some((kind, Err(_))) => {
                hasher.update(&[u8::MAX]);
                hasher.update(&(kind.0.len() as u64).to_le_bytes());
                hasher.update(kind.0.as_bytes())
            }
        };
    }
    hasher.finalize().as_bytes().to_vec()
}
