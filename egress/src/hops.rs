//! From a question to the answer that is no redirect: every hop is vetted as the first one was.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE, HeaderMap, LOCATION,
};
use tracing::field::Empty;
use tracing::{Instrument, Span, trace_span};
use url::Url;

use crate::headers::strip_credentials;
use crate::policy::check_redirect;
use crate::{Egress, EgressError, Refusal};

/// Redirects followed.
pub(crate) const MAX_REDIRECTS: usize = 3;

/// The target of spans that are exported: `aggregator_platform::trace::TARGET`, which this crate does not know.
const TRACE: &str = "aggregator_trace";

/// Bytes of an answer's headers, names and values.
const MAX_HEADER_BYTES: usize = 64 * 1024;

/// What is asked, at one hop.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// Credentials among them are marked sensitive.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
}

/// The head of the last answer; its body is still to be read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) url: Url,
    pub(crate) response: reqwest::Response,
}

impl Egress {
    /// Asks, and follows at most three redirects.
    pub(crate) async fn follow(&self, mut question: Question) -> Result<Answer, EgressError> {
        for _ in 0..=MAX_REDIRECTS {
            let response = self.ask(&question).await?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(Answer { url: question.url, response });
            }
            question = redirected(question, response.headers())?;
        }
        Err(Refusal::TooManyRedirects(MAX_REDIRECTS).into())
    }

    /// Asks within a span of the trace at hand, if any. The other side is not told of it: a `traceparent` would tell a stranger
    /// which of our questions belong together.
    async fn ask(&self, question: &Question) -> Result<reqwest::Response, EgressError> {
        let span = hop(question);
        let answered = self.ask_within(question).instrument(span.clone()).await;
        match &answered {
            Ok(response) => span.record("http.response.status_code", i64::from(response.status().as_u16())),
            Err(_) => span.record("otel.status_code", "ERROR"),
        };
        answered
    }

    async fn ask_within(&self, question: &Question) -> Result<reqwest::Response, EgressError> {
        let destination = self.vet(&question.url).await?;
        let client = self.client(&destination)?;
        let mut asked =
            client.request(question.method.clone(), question.url.clone()).headers(question.headers.clone());
        if let Some(body) = &question.body {
            asked = asked.body(body.clone());
        }
        let response = asked.send().await.map_err(EgressError::of_exchange)?;
        self.check_peer(&destination, response.remote_addr())?;
        let size: usize =
            response.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if size > MAX_HEADER_BYTES {
            return Err(EgressError::Malformed(format!(
                "its headers are larger than {MAX_HEADER_BYTES} bytes"
            )));
        }
        Ok(response)
    }
}

/// The span of one hop: the host and never the path or the query, which hold the indicator.
fn hop(question: &Question) -> Span {
    trace_span!(
        target: TRACE, "http", otel.kind = "client", otel.name = question.method.as_str(), otel.status_code = Empty,
        http.request.method = question.method.as_str(), server.address = question.url.host_str(),
        server.port = question.url.port_or_known_default().map(i64::from), http.response.status_code = Empty,
    )
}

/// What is asked next. Once credentials are stripped they stay so, even where a later hop leads back.
fn redirected(question: Question, headers: &HeaderMap) -> Result<Question, EgressError> {
    let Question { method, url: from, headers: mut sent, .. } = question;
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let location =
        location.ok_or_else(|| EgressError::Malformed("a redirect without a location".to_owned()))?;
    let to = from
        .join(location)
        .map_err(|error| EgressError::Malformed(format!("a redirect to no address: {error}")))?;
    check_redirect(&from, &to)?;
    if from.origin() != to.origin() {
        strip_credentials(&mut sent);
    }
    if method != Method::GET {
        for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION] {
            sent.remove(name);
        }
    }
    tracing::debug!(from = %from.origin().ascii_serialization(), to = %to.origin().ascii_serialization(), "following a redirect");
    Ok(Question { method: Method::GET, url: to, headers: sent, body: None })
}
