//! `aggregator dead`: what was given up.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use comfy_table::Table;
use serde_json::Value;

use crate::client::Client;
use crate::output;

/// List, replay and discard the dead letters of a running server: lookups that were given up.
#[derive(Debug, Args)]
pub(crate) struct Dead {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List dead letters, newest first.
    List {
        #[command(flatten)]
        which: Which,
        /// Letters at most.
        #[arg(long, default_value_t = 100, value_name = "NUMBER")]
        limit: usize,
        #[command(flatten)]
        how: How,
    },
    /// Try them once more: their items get a new verdict.
    Replay {
        #[command(flatten)]
        these: These,
        #[command(flatten)]
        how: How,
    },
    /// Put them away: their items keep their verdicts, which say who did not answer.
    Discard {
        #[command(flatten)]
        these: These,
        #[command(flatten)]
        how: How,
    },
}

#[derive(Debug, Args)]
struct Which {
    /// Only of the source with this slug.
    #[arg(long, value_name = "SLUG")]
    source: Option<String>,
    /// Only those whose last call ended so: timeout, unavailable, malformed …
    #[arg(long)]
    outcome: Option<String>,
}

#[derive(Debug, Args)]
struct These {
    /// Ids of lookups, as `list` shows them.
    #[arg(value_name = "ID", conflicts_with_all = ["source", "outcome", "all"])]
    ids: Vec<i64>,
    #[command(flatten)]
    which: Which,
    /// All of them.
    #[arg(long, conflicts_with_all = ["source", "outcome"])]
    all: bool,
}

#[derive(Debug, Args)]
struct How {
    /// JSON, one object a line, instead of words.
    #[arg(long)]
    json: bool,
    /// The server; http.listen of the settings when absent.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

const LETTERS: &str = "/api/v1/dead-letters";

impl Dead {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::List { which, limit, how } => list(&which, limit, &how)?,
            Action::Replay { these, how } => change(&these, &how, ("replay", "replayed"))?,
            Action::Discard { these, how } => change(&these, &how, ("discard", "discarded"))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Which {
    fn query(&self) -> Vec<(&'static str, String)> {
        let source = self.source.iter().map(|source| ("source", source.clone()));
        source.chain(self.outcome.iter().map(|outcome| ("outcome", outcome.clone()))).collect()
    }
}

/// Letters in one request.
const PAGE: usize = 1_000;

fn list(which: &Which, limit: usize, how: &How) -> anyhow::Result<()> {
    let client = Client::of(how.server.as_deref())?;
    let mut letters: Vec<Value> = Vec::new();
    let mut cursor = None;
    while letters.len() < limit {
        let mut query = which.query();
        query.push(("limit", (limit - letters.len()).min(PAGE).to_string()));
        query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
        let page = client.get(LETTERS, &query)?;
        letters.extend(page["dead_letters"].as_array().into_iter().flatten().cloned());
        cursor = page["next"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    output::stream(|out| {
        if how.json {
            return letters.iter().try_for_each(|letter| output::json_line(out, letter));
        }
        if letters.is_empty() {
            return Ok(writeln!(out, "Nothing was given up.")?);
        }
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        table.set_header(["ID", "SUBMISSION", "SOURCE", "KIND", "VALUE", "OUTCOME", "REASON", "GIVEN UP"]);
        for letter in &letters {
            table.add_row(
                ["id", "submission_id", "source", "kind", "value", "outcome", "reason", "finished_at"]
                    .map(|field| cell(&letter[field])),
            );
        }
        writeln!(out, "{table}")?;
        Ok(())
    })
}

fn cell(value: &Value) -> String {
    output::for_terminal(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn change(these: &These, how: &How, (verb, done): (&str, &str)) -> anyhow::Result<()> {
    let named = these.which.query();
    if these.ids.is_empty() && named.is_empty() && !these.all {
        bail!("name the letters to {verb}: ids, --source, --outcome, or --all");
    }
    let client = Client::of(how.server.as_deref())?;
    let queries: Vec<Vec<(&str, String)>> = if these.ids.is_empty() {
        vec![named]
    } else {
        these.ids.iter().map(|id| vec![("id", id.to_string())]).collect()
    };
    let mut moved = 0;
    for query in queries {
        moved += client.post(&format!("{LETTERS}/{verb}"), &query)?["moved"].as_u64().unwrap_or(0);
    }
    output::stream(|out| {
        if how.json {
            return output::json_line(out, &serde_json::json!({ "moved": moved }));
        }
        Ok(writeln!(out, "{moved} {done}.")?)
    })
}
