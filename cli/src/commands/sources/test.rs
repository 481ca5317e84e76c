//! `aggregator sources test`.

use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Value, json};

use super::How;
use crate::client::Client;
use crate::output;

/// Ask one source about one value, through a worker of a running server, and show what it says.
///
/// Whatever is known already, and whether it is paused or broken: the source is asked. The call counts against its limits; where
/// these allow none, nobody is asked. The answer is kept nowhere.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code:
   0  it answered: it knows the value, or it does not
   1  something failed: no server, no such source, no worker in time
   2  wrong usage
   4  it gave no answer: its limits or an ignore list forbid the call, or the call failed")]
pub(super) struct Test {
    /// The source, as `aggregator sources list` names it.
    #[arg(value_name = "SLUG")]
    slug: String,
    /// The value, defanged or not.
    #[arg(value_name = "VALUE")]
    value: String,
    /// Read the value as this kind and no other.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// How long to wait for a worker and its answer, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    wait: u64,
    #[command(flatten)]
    how: How,
}

/// Exit code when there was no answer.
const NO_ANSWER: u8 = 4;

/// Between two looks at the task.
const LOOK: Duration = Duration::from_millis(100);

impl Test {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let client = Client::of(self.how.server.as_deref())?;
        let asked = json!({ "value": self.value, "kind": self.kind });
        let path = format!("/api/v1/sources/{}/test", segment(&self.slug));
        let task = client.post_json(&path, &asked)?;
        let task = self.follow(&client, task)?;
        let result = &task["result"];
        output::stream(|out| {
            if self.how.json { output::json_line(out, result) } else { tell(out, &self.slug, result) }
        })?;
        let answered = matches!(result["outcome"].as_str(), Some("found" | "not_found"));
        Ok(if answered { ExitCode::SUCCESS } else { ExitCode::from(NO_ANSWER) })
    }

    /// Polls until a worker has done it.
    fn follow(&self, client: &Client, mut task: Value) -> anyhow::Result<Value> {
        let path = format!("/api/v1/tasks/{}", task["id"]);
        let began = Instant::now();
        loop {
            match task["state"].as_str() {
                Some("done") => return Ok(task),
                Some("dead" | "cancelled") => {
                    bail!("{}", task["reason"].as_str().unwrap_or("it was given up"))
                }
                _ if began.elapsed() >= Duration::from_secs(self.wait) => bail!(
                    "no worker had done it after {} s; does one run (`aggregator doctor`)? GET {path} tells its end",
                    self.wait
                ),
                _ => std::thread::sleep(LOOK),
            }
            task = client.get(&path, &[]).with_context(|| format!("lost it; ask again with GET {path}"))?;
        }
    }
}

/// A slug as a segment of a path: those of feeds and of others' sources may hold what a path has a meaning for.
fn segment(slug: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    slug.bytes().fold(String::new(), |path, byte| {
        if plain(&byte) {
            path + char::from(byte).encode_utf8(&mut [0; 4])
        } else {
            format!("{path}%{byte:02X}")
        }
    })
}

fn tell(out: &mut dyn Write, slug: &str, result: &Value) -> anyhow::Result<()> {
    let text = |value: &Value| output::for_terminal(value.as_str().unwrap_or("?"));
    write!(out, "{}: {}", output::for_terminal(slug), text(&result["outcome"]))?;
    if result["stance"] != "unknown" {
        write!(out, ", {} {}", text(&result["stance"]), result["confidence"])?;
    }
    match result["duration_ms"].as_u64() {
        Some(milliseconds) => writeln!(out, ", in {milliseconds} ms")?,
        None => writeln!(out, ", nobody was asked")?,
    }
    writeln!(out, "{}", text(&result["summary"]))?;
    if let Some(again) = result["again_at"].as_str() {
        writeln!(out, "It may be asked again at {}.", output::for_terminal(again))?;
    }
    if !result["data"].is_null() {
        let facts = serde_json::to_string_pretty(&result["data"])?;
        for line in facts.lines() {
            writeln!(out, "  {}", output::for_terminal(line))?;
        }
    }
    for link in result["links"].as_array().into_iter().flatten() {
        writeln!(out, "{} {} {}", text(&link["relation"]), text(&link["kind"]), text(&link["value"]))?;
    }
    Ok(())
}
