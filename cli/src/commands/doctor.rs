//! `aggregator doctor`: what is wrong with this installation, and its cure.

mod checks;

use std::process::ExitCode;

use aggregator_platform::{Environment, Settings};
use anyhow::Context;
use clap::Args;
use serde::Serialize;

use crate::output;

/// Look at the data folder, the database, Redis, workers, sources and feeds, and say what to do about what is wrong.
///
/// Ends with code 1 where something is broken, with 0 where there are warnings at most. It changes nothing.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Ok,
    Warning,
    Broken,
}

/// What one look found.
#[derive(Debug, Clone, Serialize)]
struct Finding {
    /// What was looked at.
    part: &'static str,
    level: Level,
    /// What was seen.
    seen: String,
    /// What to do.
    cure: Option<String>,
}

impl Finding {
    fn ok(part: &'static str, seen: impl Into<String>) -> Self {
        Self { part, level: Level::Ok, seen: seen.into(), cure: None }
    }

    fn warning(part: &'static str, seen: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { part, level: Level::Warning, seen: seen.into(), cure: Some(cure.into()) }
    }

    fn broken(part: &'static str, seen: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { part, level: Level::Broken, seen: seen.into(), cure: Some(cure.into()) }
    }
}

impl Doctor {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let settings = Settings::load(&Environment::process())?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("the asynchronous runtime cannot start")?;
        let findings = runtime.block_on(checks::all(&settings));
        output::stream(|out| {
            for finding in &findings {
                if self.json {
                    output::json_line(out, finding)?;
                    continue;
                }
                let word = match finding.level {
                    Level::Ok => "ok",
                    Level::Warning => "WARNING",
                    Level::Broken => "BROKEN",
                };
                writeln!(out, "{word:<8} {:<10} {}", finding.part, output::for_terminal(&finding.seen))?;
                if let Some(cure) = &finding.cure {
                    writeln!(out, "{:>21}{cure}", "→ ")?;
                }
            }
            Ok(())
        })?;
        let is_broken = findings.iter().any(|finding| finding.level == Level::Broken);
        Ok(if is_broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}
