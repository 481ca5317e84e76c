//! The running server, as a client of its API.

use std::io::Read;

use aggregator_platform::{Environment, Settings};
use anyhow::{Context, bail};
use serde_json::Value;
use ureq::{Agent, Body};

/// A running server (`aggregator up` or `aggregator api`).
pub(crate) struct Client {
    /// Its address, without a final slash.
    pub(crate) server: String,
    /// What asks it.
    pub(crate) agent: Agent,
}

impl Client {
    /// The server named, or the one of the settings.
    pub(crate) fn of(server: Option<&str>) -> anyhow::Result<Self> {
        let server = match server {
            Some(server) => server.trim_end_matches('/').to_owned(),
            None => format!("http://{}", Settings::load(&Environment::process())?.http.listen),
        };
        let agent = Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        Ok(Self { server, agent })
    }

    /// Asks for a path with these parameters.
    pub(crate) fn get(&self, path: &str, query: &[(&str, String)]) -> anyhow::Result<Value> {
        let request = self.agent.get(format!("{}{path}", self.server));
        let request = query.iter().fold(request, |request, (name, value)| request.query(name, value));
        let response = request.call().with_context(|| self.unreachable())?;
        answer(response.status().as_u16(), response.into_body())
    }

    /// Does what a path stands for, with these parameters.
    pub(crate) fn post(&self, path: &str, query: &[(&str, String)]) -> anyhow::Result<Value> {
        let request = self.agent.post(format!("{}{path}", self.server));
        let request = query.iter().fold(request, |request, (name, value)| request.query(name, value));
        let response = request.send_empty().with_context(|| self.unreachable())?;
        answer(response.status().as_u16(), response.into_body())
    }

    /// Sends JSON to a path.
    pub(crate) fn post_json(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.agent.post(format!("{}{path}", self.server)).content_type("application/json");
        let response = request.send(body.to_string()).with_context(|| self.unreachable())?;
        answer(response.status().as_u16(), response.into_body())
    }

    /// Replaces what a path stands for, whatever it is now.
    pub(crate) fn put_json(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.agent.put(format!("{}{path}", self.server)).content_type("application/json");
        let response =
            request.header("If-Match", "*").send(body.to_string()).with_context(|| self.unreachable())?;
        answer(response.status().as_u16(), response.into_body())
    }

    /// Deletes what a path stands for, whatever it is now.
    pub(crate) fn delete(&self, path: &str) -> anyhow::Result<()> {
        let request = self.agent.delete(format!("{}{path}", self.server)).header("If-Match", "*");
        let response = request.call().with_context(|| self.unreachable())?;
        let status = response.status().as_u16();
        if status == 204 { Ok(()) } else { answer(status, response.into_body()).map(drop) }
    }

    /// What to say when it does not answer.
    pub(crate) fn unreachable(&self) -> String {
        format!("cannot reach {}; is `aggregator up` running?", self.server)
    }
}

/// The JSON of an answer, or what its problem document says.
pub(crate) fn answer(status: u16, body: Body) -> anyhow::Result<Value> {
    let mut text = String::new();
    body.into_reader().take(8 << 20).read_to_string(&mut text).context("the answer did not arrive whole")?;
    let json: Value = serde_json::from_str(&text).with_context(|| format!("status {status}, and no JSON"))?;
    if status < 300 {
        return Ok(json);
    }
    let word = |field: &str| json[field].as_str().unwrap_or_default().to_owned();
    bail!("{} ({}): {}. {}", word("title"), word("id"), word("detail"), word("next_step"))
}
