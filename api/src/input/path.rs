//! Ids in paths. One that cannot be an id names nothing: 404, like one that is not there.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use aggregator_entities::domain::{IgnoreEntryId, IndicatorId};
use aggregator_entities::ids::{LookupId, SubmissionId, TaskId};
use aggregator_openapi::ProblemId;
use aggregator_queue::QueueName;

use crate::failure::Failure;

/// `{id}` of a submission.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SubmissionPath(pub(crate) SubmissionId);

/// `{id}` of a submission and `{ordinal}` of an item in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ItemPath(pub(crate) SubmissionId, pub(crate) i32);

/// `{id}` of an indicator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IndicatorPath(pub(crate) IndicatorId);

/// `{id}` of a lookup.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LookupPath(pub(crate) LookupId);

/// `{id}` of a task.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TaskPath(pub(crate) TaskId);

/// `{slug}` of a named thing. What cannot be a slug is left to the rows, which have none such; a NUL they would choke on.
#[derive(Debug, Clone)]
pub(crate) struct SlugPath(pub(crate) String);

/// `{key}` of a setting.
#[derive(Debug, Clone)]
pub(crate) struct KeyPath(pub(crate) String);

/// `{name}` of a queue.
#[derive(Debug, Clone)]
pub(crate) struct QueuePath(pub(crate) QueueName);

/// `{slug}` of an ignore list and `{id}` of an entry of it.
#[derive(Debug, Clone)]
pub(crate) struct EntryPath(pub(crate) String, pub(crate) IgnoreEntryId);

fn slug(request: &HttpRequest) -> Result<String, Failure> {
    word(request, "slug")
}

fn word(request: &HttpRequest, name: &str) -> Result<String, Failure> {
    let word = request.match_info().get(name).filter(|word| !word.contains('\0'));
    word.map(str::to_owned)
        .ok_or_else(|| Failure::new(ProblemId::NotFound, format!("the path's `{name}` names nothing")))
}

/// A segment that is written as the API writes it.
fn segment<T: ToString>(
    request: &HttpRequest,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, Failure> {
    let text = request.match_info().get(name).unwrap_or_default();
    parse(text)
        .filter(|id| id.to_string() == text)
        .ok_or_else(|| Failure::new(ProblemId::NotFound, format!("the path's `{name}` names nothing")))
}

/// The number of a row.
fn number(request: &HttpRequest) -> Result<i64, Failure> {
    segment(request, "id", |text| text.parse().ok().filter(|id| *id > 0))
}

fn submission(request: &HttpRequest) -> Result<SubmissionId, Failure> {
    number(request).map(SubmissionId)
}

macro_rules! from_path {
    ($($name:ident: $read:expr;)+) => {$(
        impl FromRequest for $name {
            type Error = Failure;
            type Future = Ready<Result<Self, Failure>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready($read(request))
            }
        }
    )+};
}

from_path! {
    SubmissionPath: |request| submission(request).map(Self);
    ItemPath: |request| {
        let id = submission(request)?;
        let ordinal = segment(request, "ordinal", |text| text.parse().ok().filter(|ordinal| *ordinal >= 0))?;
        Ok(Self(id, ordinal))
    };
    LookupPath: |request| number(request).map(|id| Self(LookupId(id)));
    TaskPath: |request| number(request).map(|id| Self(TaskId(id)));
    SlugPath: |request| slug(request).map(Self);
    KeyPath: |request| word(request, "key").map(Self);
    QueuePath: |request| segment(request, "name", QueueName::parse).map(Self);
    EntryPath: |request| Ok(Self(slug(request)?, segment(request, "id", IgnoreEntryId::from_hex)?));
    IndicatorPath: |request| segment(request, "id", IndicatorId::from_hex).map(Self);
}
