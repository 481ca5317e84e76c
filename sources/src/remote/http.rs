//! Asking over HTTP: the one place where a status, an error or a body becomes an outcome.
//!
//! A service that limits us, refuses us, breaks or answers with something else than it documents has said nothing about
//! the indicator. So only a 200 with the documented JSON, or a 404 the source recognises as its own, is an answer.

mod retry;

use std::time::SystemTime;

use aggregator_domain::Outcome;
use aggregator_egress::{EgressError, Method, Request, Response};
use serde::de::DeserializeOwned;
use url::Url;

use super::source::{Answer, Asking, SourceInfo};

/// One question.
pub(super) struct Get<'a> {
    /// Who asks.
    pub(super) info: &'a SourceInfo,
    /// The address.
    pub(super) url: Url,
    /// The media type asked for.
    pub(super) accept: &'static str,
    /// What a 404 means.
    pub(super) absence: fn(&Response) -> Absence,
    /// Most bytes of the answer.
    pub(super) max_bytes: u64,
}

/// What a 404 says is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absence {
    /// The indicator, as documented: it is not known.
    Indicator,
    /// Anybody who could be asked about it. Nobody was, and the service is well.
    Registry,
    /// The service: who answers is somebody else.
    Service,
}

/// A documented body.
pub(super) struct Got<T> {
    /// The body.
    pub(super) body: T,
    /// When the server says it answered.
    pub(super) answered: Option<SystemTime>,
}

/// The address of a path below where the service is: usually `usual`, else what `asking` says.
pub(super) fn address(asking: &Asking<'_>, usual: &str, path: &[&str]) -> Result<Url, Answer> {
    let base = match asking.base {
        Some(base) => Ok(base.clone()),
        None => Url::parse(usual),
    };
    let mut url =
        base.map_err(|error| Answer::failed(Outcome::Refused, format!("{usual} is no URL: {error}")))?;
    match url.path_segments_mut() {
        Ok(mut segments) => segments.pop_if_empty().extend(path),
        Err(()) => return Err(Answer::failed(Outcome::Refused, "the address of the service takes no path")),
    };
    Ok(url)
}

/// Asks once and lets `read` make an answer of the JSON of a documented one; everything else is the answer of a failure, or
/// `not_found`. A quota that this call has used up is part of the answer.
pub(super) async fn ask<T: DeserializeOwned>(
    asking: &Asking<'_>,
    get: Get<'_>,
    read: impl FnOnce(&Got<T>) -> Answer + Send,
) -> Answer {
    let name = get.info.name;
    let request = Request {
        method: Method::GET,
        url: get.url,
        headers: vec![("accept".to_owned(), get.accept.to_owned())],
        secret_headers: Vec::new(),
        body: None,
        deadline: get.info.deadline,
        max_bytes: get.max_bytes,
    };
    let response = match asking.egress.fetch(&request).await {
        Ok(response) => response,
        Err(error) => return failure(name, &error),
    };
    match response.status {
        200 => match body(name, &response) {
            Ok(body) => read(&Got { body, answered: retry::date(&response) }),
            Err(malformed) => malformed,
        }
        .with_retry_after(retry::spent(&response)),
        404 => match (get.absence)(&response) {
            Absence::Indicator => Answer::not_found(format!("{name} does not know it."))
                .with_retry_after(retry::spent(&response)),
            Absence::Registry => {
                Answer::failed(Outcome::Refused, format!("No {name} server is known for it."))
            }
            Absence::Service => refusal(name, 404, &response),
        },
        status => refusal(name, status, &response),
    }
}

fn failure(name: &str, error: &EgressError) -> Answer {
    let outcome = match error {
        EgressError::Timeout(_) => Outcome::Timeout,
        EgressError::Refused(_) => Outcome::Refused,
        EgressError::TooLarge(_) | EgressError::Malformed(_) => Outcome::Malformed,
        _ => Outcome::Unavailable,
    };
    Answer::failed(outcome, format!("{name}: {error}."))
}

fn refusal(name: &str, status: u16, response: &Response) -> Answer {
    match status {
        401 | 403 => Answer::failed(Outcome::Unauthorised, format!("{name} refuses us ({status}).")),
        429 => Answer::failed(Outcome::RateLimited, format!("{name} limits how often it is asked (429)."))
            .with_retry_after(retry::after(response)),
        503 => Answer::failed(Outcome::Unavailable, format!("{name} is overloaded or closed (503)."))
            .with_retry_after(retry::after(response)),
        500..=599 => {
            Answer::failed(Outcome::Unavailable, format!("{name} has a fault of its own ({status})."))
        }
        // Not where it should be: a proxy's page, a moved service. Never what the service itself says about unknowns.
        404 | 408 | 410 => Answer::failed(Outcome::Unavailable, format!("{name} is not there ({status}).")),
        _ => Answer::malformed(format!("{name} answered {status}, which it does not document.")),
    }
}

fn body<T: DeserializeOwned>(name: &str, response: &Response) -> Result<T, Answer> {
    if response.body.trim_ascii().is_empty() {
        return Err(Answer::malformed(format!("{name} answered with nothing.")));
    }
    serde_json::from_slice(&response.body).map_err(|error| {
        let what = if is_html(&response.body) { "a web page".to_owned() } else { error.to_string() };
        Answer::malformed(format!("{name} answered with something else than it documents: {what}."))
    })
}

fn is_html(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// For [`Get::absence`]: nobody documents a 404.
pub(super) const fn undocumented(_: &Response) -> Absence {
    Absence::Service
}

/// The body as a JSON object, for [`Get::absence`].
pub(super) fn object(response: &Response) -> Option<serde_json::Map<String, serde_json::Value>> {
    serde_json::from_slice(&response.body).ok()
}
