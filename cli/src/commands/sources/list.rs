//! `aggregator sources list`.

use std::collections::HashMap;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use comfy_table::Table;
use serde_json::Value;

use super::How;
use crate::client::Client;
use crate::output;

/// List the sources: what they take, whether they are asked, how they are, their limits and what is under way.
///
/// Those that come with the program are there once a worker has made them known.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only of this kind.
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    #[command(flatten)]
    how: How,
}

/// How a source comes by its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Part of the program, asked over the network.
    Native,
    /// A list downloaded on a schedule and matched locally.
    Feed,
    /// A database on the workers' machines.
    Database,
}

/// Sources in one request.
const PAGE: usize = 1_000;

const HEAD: [&str; 9] =
    ["SOURCE", "PROVIDER", "BY", "TAKES", "ACTIVE", "KEYLESS", "STATE", "LIMITS", "IN FLIGHT"];

impl List {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let client = Client::of(self.how.server.as_deref())?;
        let mut sources = self.sources(&client)?;
        let queues = client.get("/api/v1/queues/sources", &[])?;
        let in_flight: HashMap<&str, &Value> = items(&queues["sources"])
            .filter_map(|queue| Some((queue["source"].as_str()?, &queue["depth"]["in_flight"])))
            .collect();
        for source in &mut sources {
            let slug = source["slug"].as_str().unwrap_or_default();
            source["in_flight"] = in_flight.get(slug).copied().cloned().unwrap_or_default();
        }
        output::stream(|out| {
            if self.how.json {
                return sources.iter().try_for_each(|source| output::json_line(out, source));
            }
            Ok(writeln!(out, "{}", table(&sources))?)
        })?;
        Ok(ExitCode::SUCCESS)
    }

    fn sources(&self, client: &Client) -> anyhow::Result<Vec<Value>> {
        let mut sources = Vec::new();
        let mut cursor = None;
        loop {
            let mut query = vec![("limit", PAGE.to_string())];
            let kind = self.kind.and_then(|kind| kind.to_possible_value());
            query.extend(kind.map(|kind| ("kind", kind.get_name().to_owned())));
            query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
            let page = client.get("/api/v1/sources", &query)?;
            sources.extend(items(&page["sources"]).cloned());
            cursor = page["next"].as_str().map(str::to_owned);
            if cursor.is_none() {
                return Ok(sources);
            }
        }
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn table(sources: &[Value]) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(HEAD);
    for source in sources {
        let text = |field: &str| output::for_terminal(source[field].as_str().unwrap_or("–"));
        let yes = |field: &str| match source[field].as_bool() {
            Some(true) => "yes",
            Some(false) => "no",
            None => "–",
        };
        let kinds: Vec<&str> = items(&source["kinds"]).filter_map(Value::as_str).collect();
        table.add_row([
            text("slug"),
            text("provider"),
            text("kind"),
            if kinds.is_empty() { "–".to_owned() } else { kinds.join(" ") },
            yes("active").to_owned(),
            yes("keyless").to_owned(),
            state(source),
            limits(source),
            source["in_flight"].as_u64().map_or("–".to_owned(), |count| count.to_string()),
        ]);
    }
    table
}

/// How it is, and until when.
fn state(source: &Value) -> String {
    let state = source["state"].as_str().unwrap_or("?");
    match source[format!("{state}_until")].as_str() {
        Some(until) => format!("{state} until {until}"),
        None => state.to_owned(),
    }
}

fn limits(source: &Value) -> String {
    let limits: Vec<String> = items(&source["limits"])
        .map(|limit| format!("{} in {} s", limit["calls"], limit["window_seconds"]))
        .collect();
    if limits.is_empty() { "–".to_owned() } else { limits.join(", ") }
}
