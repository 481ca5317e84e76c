//! `aggregator queues`: what waits, and what holds the sources back.

use std::process::ExitCode;

use clap::Args;
use comfy_table::Table;
use serde_json::Value;

use crate::client::Client;
use crate::output;

/// Show the queues and remote sources of a running server: what waits, for how long, what was done, what holds a source back.
#[derive(Debug, Args)]
pub(crate) struct Queues {
    /// One JSON object a line: the queues, then the sources.
    #[arg(long)]
    json: bool,
    /// The server; http.listen of the settings when absent.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

/// The states in the order they are shown.
const STATES: [&str; 6] = ["queued", "offered", "running", "parked", "waiting", "dead"];

impl Queues {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let client = Client::of(self.server.as_deref())?;
        let queues = list(&client, "/api/v1/queues", &[], "queues")?;
        // More than there are sources.
        let sources = list(&client, "/api/v1/queues/sources", &[("limit", "1000".to_owned())], "sources")?;
        output::stream(|out| {
            if self.json {
                return queues.iter().chain(&sources).try_for_each(|entry| output::json_line(out, entry));
            }
            writeln!(out, "{}", table("QUEUE", "name", "WORKERS", &queues))?;
            if !sources.is_empty() {
                writeln!(out, "\n{}", table("SOURCE", "source", "HELD", &sources))?;
            }
            Ok(())
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

fn list(client: &Client, path: &str, query: &[(&str, String)], field: &str) -> anyhow::Result<Vec<Value>> {
    Ok(client.get(path, query)?[field].as_array().cloned().unwrap_or_default())
}

fn table(title: &str, key: &str, last: &str, entries: &[Value]) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    let states = STATES.map(str::to_uppercase);
    table.set_header(
        [title.to_owned()].into_iter().chain(states).chain(["OLDEST", "A MINUTE", last].map(str::to_owned)),
    );
    for entry in entries {
        let depth = &entry["depth"];
        let oldest =
            depth["oldest_age_seconds"].as_i64().map_or("–".to_owned(), |seconds| format!("{seconds} s"));
        let mut cells = vec![output::for_terminal(entry[key].as_str().unwrap_or_default())];
        cells.extend(STATES.map(|state| depth["units"][state].to_string()));
        cells.extend([oldest, depth["done_per_minute"].to_string(), remark(entry)]);
        table.add_row(cells);
    }
    table
}

/// Of a queue, that it is paused or how many workers listen; of a source, what holds it back.
fn remark(entry: &Value) -> String {
    if entry["paused_at"].is_string() {
        return "paused".to_owned();
    }
    if let Some(reason) = entry["hold"]["reason"].as_str() {
        let until = entry["hold"]["until"].as_str();
        return until.map_or(reason.to_owned(), |until| format!("{reason} until {until}"));
    }
    entry["window"]["workers"].as_u64().map_or("–".to_owned(), |workers| workers.to_string())
}
