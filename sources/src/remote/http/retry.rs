//! When a service says to come back.

use std::time::{Duration, SystemTime};

use aggregator_egress::Response;

/// The longest wait believed: a month, the longest quota there is.
const MAX_WAIT: Duration = Duration::from_hours(31 * 24);
/// A reset above this is a moment since 1970, below it seconds from now (the year 2001, or 31 years).
const EPOCH_FROM: u64 = 1_000_000_000;

/// When the server says it answered.
pub(super) fn date(response: &Response) -> Option<SystemTime> {
    moment(response.header("date")?)
}

/// The wait of `Retry-After` (seconds or a date), else of `X-RateLimit-Reset`.
/// Moments are compared with the answer's own `Date`, so nobody's clock has to agree with ours.
pub(super) fn after(response: &Response) -> Option<Duration> {
    let retry_after = response.header("retry-after").and_then(|value| match seconds(value) {
        Some(seconds) => Some(Duration::from_secs(seconds)),
        None => until(response, moment(value)?),
    });
    retry_after.or_else(|| reset(response)).map(|wait| wait.min(MAX_WAIT))
}

/// The wait until a quota that is used up is filled again: of a `X-RateLimit-Remaining` of 0 with a reset. The names without
/// `X-` are those of the IETF's draft (draft-ietf-httpapi-ratelimit-headers).
pub(super) fn spent(response: &Response) -> Option<Duration> {
    let remaining =
        response.header("x-ratelimit-remaining").or_else(|| response.header("ratelimit-remaining"))?;
    (seconds(remaining)? == 0).then(|| reset(response)).flatten().map(|wait| wait.min(MAX_WAIT))
}

/// Seconds, or a moment since 1970.
fn reset(response: &Response) -> Option<Duration> {
    let header = response.header("x-ratelimit-reset").or_else(|| response.header("ratelimit-reset"))?;
    let value = seconds(header)?;
    if value < EPOCH_FROM {
        return Some(Duration::from_secs(value));
    }
    until(response, SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(value))?)
}

/// The time until a moment, by the answer's own `Date`.
fn until(response: &Response, moment: SystemTime) -> Option<Duration> {
    Some(moment.duration_since(date(response)?).unwrap_or_default())
}

fn seconds(value: &str) -> Option<u64> {
    value.trim().parse().ok()
}

fn moment(value: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(value.trim()).ok()
}
