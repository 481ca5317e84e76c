//! When a service says to come back.

use std::time::Duration;

use aggregator_domain::Outcome;
use wiremock::ResponseTemplate;

use super::support::ask;

/// What a service that answers this status and headers leads to.
async fn wait(status: u16, headers: &[(&str, &str)]) -> (Outcome, Option<Duration>) {
    let mut answer = ResponseTemplate::new(status).insert_header("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    for (name, value) in headers {
        answer = answer.insert_header(*name, *value);
    }
    let answer = ask("internetdb", "192.0.2.1", ("/192.0.2.1", &[]), answer).await;
    (answer.outcome, answer.retry_after)
}

#[tokio::test]
async fn seconds_dates_and_resets() {
    let limited = |seconds: Option<u64>| (Outcome::RateLimited, seconds.map(Duration::from_secs));
    assert_eq!(wait(429, &[]).await, limited(None));
    assert_eq!(wait(429, &[("retry-after", "120")]).await, limited(Some(120)));
    assert_eq!(wait(429, &[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")]).await, limited(Some(30)));
    assert_eq!(wait(429, &[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")]).await, limited(Some(0)));
    assert_eq!(wait(429, &[("retry-after", "soon")]).await, limited(None));
    assert_eq!(wait(429, &[("x-ratelimit-reset", "60")]).await, limited(Some(60)));
    assert_eq!(wait(429, &[("retry-after", "soon"), ("x-ratelimit-reset", "60")]).await, limited(Some(60)));
    assert_eq!(wait(429, &[("retry-after", "5"), ("x-ratelimit-reset", "60")]).await, limited(Some(5)));
    // No service is believed for longer than a month.
    assert_eq!(wait(429, &[("retry-after", "18446744073709551615")]).await, limited(Some(31 * 24 * 60 * 60)));
    assert_eq!(wait(429, &[("x-ratelimit-reset", "18446744073709551615")]).await.0, Outcome::RateLimited);
}

#[tokio::test]
async fn a_reset_since_1970_is_compared_with_the_date_of_the_answer() {
    let answer = ResponseTemplate::new(429)
        .insert_header("date", "Fri, 12 Jan 2024 00:00:00 GMT")
        .insert_header("x-ratelimit-reset", "1705017690");
    let answer = ask("internetdb", "192.0.2.1", ("/192.0.2.1", &[]), answer).await;
    assert_eq!(answer.retry_after, Some(Duration::from_secs(90)));
}

#[tokio::test]
async fn an_answer_says_when_its_quota_is_used_up() {
    let known = r#"{"cpes":[],"hostnames":[],"ip":"192.0.2.1","ports":[],"tags":[],"vulns":[]}"#;
    for (status, body, outcome) in
        [(200, known, Outcome::Found), (404, r#"{"detail":"No information available"}"#, Outcome::NotFound)]
    {
        for (remaining, reset, wait) in [("0", "60", Some(60)), ("1", "60", None), ("none", "60", None)] {
            for prefix in ["x-ratelimit", "ratelimit"] {
                let answer = ResponseTemplate::new(status)
                    .set_body_raw(body, "application/json")
                    .insert_header(format!("{prefix}-remaining"), remaining)
                    .insert_header(format!("{prefix}-reset"), reset);
                let answer = ask("internetdb", "192.0.2.1", ("/192.0.2.1", &[]), answer).await;
                assert_eq!((answer.outcome, answer.retry_after), (outcome, wait.map(Duration::from_secs)));
            }
        }
    }
}

#[tokio::test]
async fn only_429_and_503_say_when() {
    let after: &[_] = &[("retry-after", "7")];
    assert_eq!(wait(503, after).await, (Outcome::Unavailable, Some(Duration::from_secs(7))));
    assert_eq!(wait(500, after).await, (Outcome::Unavailable, None));
    assert_eq!(wait(403, after).await, (Outcome::Unauthorised, None));
}
