//! A client of the public HTTP API, as a user would write one: it repeats what was not answered, with the same key.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;

/// One answer may take so long.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Largest answer read, bytes.
const MAX_ANSWER: u64 = 256 << 20;

/// How long a client waits that was not told how long, or was told longer: these servers are its own.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// Talks to one port.
#[derive(Clone)]
pub(crate) struct Client {
    base: String,
    agent: Agent,
}

/// How a submission was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 202 or 200: the server has taken the responsibility.
    Accepted(i64),
    /// 409, 429 or 503: repeat the request after this time.
    Later(u16, Duration),
    /// Any other status: the request is wrong, or the server is.
    Refused(u16, String),
    /// No answer: nobody knows what became of the request.
    Lost(String),
}

impl Client {
    /// A client of the API on a loopback port.
    pub(crate) fn new(port: u16) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .proxy(None)
            .build()
            .into();
        Self { base: format!("http://127.0.0.1:{port}"), agent }
    }

    /// True when the process serves and reaches what it needs.
    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.agent.get(format!("{}/readyz", self.base)).call(), Ok(answer) if answer.status() == 200)
    }

    /// One attempt to submit lines of text.
    pub(crate) fn submit(&self, key: &str, body: &str) -> Answer {
        self.submit_to("", key, body)
    }

    /// The same with parameters, `?name=value&…`.
    pub(crate) fn submit_to(&self, parameters: &str, key: &str, body: &str) -> Answer {
        let request = self
            .agent
            .post(format!("{}/api/v1/submissions{parameters}", self.base))
            .header("Idempotency-Key", key)
            .content_type("text/plain; charset=utf-8");
        match request.send(body) {
            Ok(response) => answer(response),
            Err(error) => Answer::Lost(error.to_string()),
        }
    }

    /// Cancels a submission.
    pub(crate) fn cancel(&self, id: i64) -> Result<(), String> {
        let path = format!("{}/api/v1/submissions/{id}/cancel", self.base);
        let response = self.agent.post(path).send_empty().map_err(|error| error.to_string())?;
        if response.status() == 200 { Ok(()) } else { Err(response.status().to_string()) }
    }

    /// A document of the API, or why there is none.
    pub(crate) fn get(&self, path: &str) -> Result<Value, String> {
        let mut response =
            self.agent.get(format!("{}{path}", self.base)).call().map_err(|error| error.to_string())?;
        let text = text(&mut response)?;
        if response.status() != 200 {
            return Err(format!("GET {path}: {}: {text}", response.status()));
        }
        serde_json::from_str(&text).map_err(|error| format!("GET {path}: {error}"))
    }

    /// Every element of a paged list, in order; `name` is what the list is called in its pages.
    pub(crate) fn pages(&self, path: &str, name: &str) -> Result<Vec<Value>, String> {
        let first = format!("{path}?limit=1000");
        let (mut all, mut next) = (Vec::new(), Some(first.clone()));
        while let Some(place) = next {
            let mut page = self.get(&place)?;
            match page[name].take() {
                Value::Array(elements) => all.extend(elements),
                other => return Err(format!("GET {place}: `{name}` is {other}")),
            }
            next = page["next"].as_str().map(|cursor| format!("{first}&cursor={cursor}"));
        }
        Ok(all)
    }
}

fn answer(mut response: Response<ureq::Body>) -> Answer {
    let status = response.status().as_u16();
    let pause = retry_after(&response);
    let text = match text(&mut response) {
        Ok(text) => text,
        Err(error) => return Answer::Lost(error),
    };
    match status {
        200 | 202 => match serde_json::from_str::<Value>(&text).ok().and_then(|body| body["id"].as_i64()) {
            Some(id) => Answer::Accepted(id),
            None => Answer::Refused(status, text),
        },
        409 | 429 | 503 => Answer::Later(status, pause),
        _ => Answer::Refused(status, text),
    }
}

fn retry_after(response: &Response<ureq::Body>) -> Duration {
    let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    header.map_or(RETRY_PAUSE, Duration::from_secs).min(RETRY_PAUSE)
}

fn text(response: &mut Response<ureq::Body>) -> Result<String, String> {
    response.body_mut().with_config().limit(MAX_ANSWER).read_to_string().map_err(|error| error.to_string())
}
