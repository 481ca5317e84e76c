//! `aggregator submit`: hands a list or a text to a running server and follows it.

use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use aggregator_platform::{Environment, Settings};
use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use ureq::{Agent, Body, SendBody};

use crate::{input, output};

/// Submit a list or a text to a running server (`aggregator up` or `aggregator api`).
///
/// With --wait it shows the progress and ends with the verdicts; the exit code is then that of `lookup`: 0 benign or unknown,
/// 10 suspicious, 20 malicious. Without, it prints the id and ends.
#[derive(Debug, Args)]
pub(crate) struct Submit {
    /// The file, `-` for stdin.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How the file is read; by its ending when absent (.csv, .tsv, .ndjson, .jsonl), else one value a line.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// For CSV: the column, by header or by number from 1.
    #[arg(long)]
    column: Option<String>,
    /// Your name for it.
    #[arg(long)]
    label: Option<String>,
    /// How far it may travel: clear, green, amber, amber+strict, red.
    #[arg(long)]
    tlp: Option<String>,
    /// Wait for the end.
    #[arg(long)]
    wait: bool,
    /// One JSON object instead of words.
    #[arg(long)]
    json: bool,
    /// The server; http.listen of the settings when absent.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One value a line.
    Lines,
    /// Free text: every indicator found in it.
    Prose,
    /// CSV.
    Csv,
    /// Tab-separated.
    Tsv,
    /// One JSON value a line.
    Ndjson,
}

impl Format {
    fn of(path: &Path) -> Self {
        match path.extension().and_then(|end| end.to_str()) {
            Some("csv") => Self::Csv,
            Some("tsv") => Self::Tsv,
            Some("ndjson" | "jsonl") => Self::Ndjson,
            _ => Self::Lines,
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Lines | Self::Prose => "text/plain",
            Self::Csv => "text/csv",
            Self::Tsv => "text/tab-separated-values",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

impl Submit {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let server = match &self.server {
            Some(server) => server.trim_end_matches('/').to_owned(),
            None => format!("http://{}", Settings::load(&Environment::process())?.http.listen),
        };
        let agent: Agent = Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        let mut submission = self.send(&agent, &server)?;
        if self.wait {
            submission = self.follow(&agent, &server, submission)?;
        }
        self.tell(&submission)?;
        Ok(ExitCode::from(if self.wait { exit_code(&submission) } else { 0 }))
    }

    fn send(&self, agent: &Agent, server: &str) -> anyhow::Result<Value> {
        let format = self.format.unwrap_or_else(|| Format::of(&self.file));
        let mut request =
            agent.post(format!("{server}/api/v1/submissions")).content_type(format.media_type());
        if format == Format::Prose {
            request = request.query("text", "prose");
        }
        for (name, value) in [("column", &self.column), ("label", &self.label), ("tlp", &self.tlp)] {
            if let Some(value) = value {
                request = request.query(name, value);
            }
        }
        let mut body = input::open(&self.file)?;
        let response = request
            .send(SendBody::from_reader(&mut body))
            .with_context(|| format!("cannot reach {server}; is `aggregator up` running?"))?;
        answer(response.status().as_u16(), response.into_body())
    }

    /// Polls until it ended.
    fn follow(&self, agent: &Agent, server: &str, mut submission: Value) -> anyhow::Result<Value> {
        let bar = self.bar(&submission);
        let address = format!("{server}/api/v1/submissions/{}", submission["id"]);
        while !matches!(submission["state"].as_str(), Some("done" | "cancelled")) {
            std::thread::sleep(Duration::from_millis(250));
            let response = agent
                .get(&address)
                .call()
                .with_context(|| format!("lost {server}; ask again with GET {address}"))?;
            submission = answer(response.status().as_u16(), response.into_body())?;
            bar.set_length(submission["total"].as_u64().unwrap_or(0));
            bar.set_position(submission["done"].as_u64().unwrap_or(0));
        }
        bar.finish_and_clear();
        Ok(submission)
    }

    fn bar(&self, submission: &Value) -> ProgressBar {
        if self.json || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(submission["total"].as_u64().unwrap_or(0));
        let template = "{bar:40} {human_pos}/{human_len} {per_sec} {eta}";
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_error| ProgressStyle::default_bar()),
        );
        bar
    }

    fn tell(&self, submission: &Value) -> anyhow::Result<()> {
        output::stream(|out| {
            if self.json {
                return output::json_line(out, submission);
            }
            let count = |name: &str| submission[name].as_u64().unwrap_or(0);
            writeln!(
                out,
                "Submission {}: {}; {} lines, {} indicators, {} repeated, {} rejected.",
                submission["id"],
                submission["state"].as_str().unwrap_or("?"),
                count("lines"),
                count("total"),
                count("repeated"),
                count("rejected"),
            )?;
            if self.wait {
                let verdict = |name: &str| submission["verdicts"][name].as_u64().unwrap_or(0);
                writeln!(
                    out,
                    "{} malicious, {} suspicious, {} benign, {} unknown.",
                    verdict("malicious"),
                    verdict("suspicious"),
                    verdict("benign"),
                    verdict("unknown"),
                )?;
            }
            Ok(())
        })
    }
}

/// The JSON of an answer, or what its problem document says.
fn answer(status: u16, body: Body) -> anyhow::Result<Value> {
    let mut text = String::new();
    body.into_reader().take(1 << 20).read_to_string(&mut text).context("the answer did not arrive whole")?;
    let json: Value = serde_json::from_str(&text).with_context(|| format!("status {status}, and no JSON"))?;
    if status < 300 {
        return Ok(json);
    }
    let word = |field: &str| json[field].as_str().unwrap_or_default().to_owned();
    bail!("{} ({}): {}. {}", word("title"), word("id"), word("detail"), word("next_step"))
}

fn exit_code(submission: &Value) -> u8 {
    let some = |name: &str| submission["verdicts"][name].as_u64().unwrap_or(0) > 0;
    if some("malicious") {
        20
    } else if some("suspicious") {
        10
    } else {
        0
    }
}
