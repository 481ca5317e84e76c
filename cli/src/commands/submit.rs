//! `aggregator submit`: hands a list or a text to a running server and follows it.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use ureq::SendBody;

use crate::client::{Client, answer};
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
        let client = Client::of(self.server.as_deref())?;
        let mut submission = self.send(&client)?;
        if self.wait {
            submission = self.follow(&client, submission)?;
        }
        self.tell(&submission)?;
        Ok(ExitCode::from(if self.wait { exit_code(&submission) } else { 0 }))
    }

    fn send(&self, client: &Client) -> anyhow::Result<Value> {
        let format = self.format.unwrap_or_else(|| Format::of(&self.file));
        let address = format!("{}/api/v1/submissions", client.server);
        let mut request = client.agent.post(address).content_type(format.media_type());
        if format == Format::Prose {
            request = request.query("text", "prose");
        }
        for (name, value) in [("column", &self.column), ("label", &self.label), ("tlp", &self.tlp)] {
            if let Some(value) = value {
                request = request.query(name, value);
            }
        }
        let mut body = input::open(&self.file)?;
        let response =
            request.send(SendBody::from_reader(&mut body)).with_context(|| client.unreachable())?;
        answer(response.status().as_u16(), response.into_body())
    }

    /// Polls until it ended.
    fn follow(&self, client: &Client, mut submission: Value) -> anyhow::Result<Value> {
        let bar = self.bar(&submission);
        let path = format!("/api/v1/submissions/{}", submission["id"]);
        while !matches!(submission["state"].as_str(), Some("done" | "cancelled")) {
            std::thread::sleep(Duration::from_millis(250));
            submission = client
                .get(&path, &[])
                .with_context(|| format!("lost it; ask again with GET {}{path}", client.server))?;
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
