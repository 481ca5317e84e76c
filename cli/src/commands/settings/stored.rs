//! `aggregator settings list|get|set|reset`: the settings of a running server.

use std::process::ExitCode;

use clap::Args;
use comfy_table::Table;
use serde_json::{Value, json};

use crate::client::Client;
use crate::output;

const SETTINGS: &str = "/api/v1/settings";

/// List the settings that can be changed on a running server, with where their values come from.
#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    how: How,
}

/// Show one setting: its value, what it takes, and what it is for.
#[derive(Debug, Args)]
pub(super) struct Get {
    /// Its key, such as feeds.refresh.
    key: String,
    #[command(flatten)]
    how: How,
}

/// Give a setting a value that wins over file and environment, in every process, until it is reset.
#[derive(Debug, Args)]
pub(super) struct Set {
    /// Its key, such as feeds.refresh.
    key: String,
    /// The value; a list with commas, an empty one as ''.
    value: String,
    #[command(flatten)]
    how: How,
}

/// Take a value away that was set: file, environment or default are in force again.
#[derive(Debug, Args)]
pub(super) struct Reset {
    /// Its key, such as feeds.refresh.
    key: String,
    #[command(flatten)]
    how: How,
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

impl How {
    fn client(&self) -> anyhow::Result<Client> {
        Client::of(self.server.as_deref())
    }
}

impl List {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let list = self.how.client()?.get(SETTINGS, &[])?;
        let settings = list["settings"].as_array().map_or(&[][..], Vec::as_slice);
        output::stream(|out| {
            if self.how.json {
                return settings.iter().try_for_each(|setting| output::json_line(out, setting));
            }
            let mut table = Table::new();
            table.load_style(comfy_table::presets::NOTHING);
            table.set_header(["SETTING", "VALUE", "FROM", "CHANGED"]);
            for setting in settings {
                table.add_row([
                    text(&setting["key"]),
                    text(&setting["value"]),
                    text(&setting["from"]),
                    text(&setting["updated_at"]),
                ]);
            }
            writeln!(out, "{table}")?;
            for setting in settings.iter().filter(|setting| setting["fault"].is_string()) {
                writeln!(out, "{} is damaged: {}", text(&setting["key"]), text(&setting["fault"]))?;
            }
            Ok(())
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Get {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let setting = self.how.client()?.get(&path(&self.key)?, &[])?;
        show(&self.how, &setting)
    }
}

impl Set {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let client = self.how.client()?;
        let path = path(&self.key)?;
        // Of one that takes a restart the server says so to whoever wants to change it.
        let kind = client.get(&path, &[]).map(|setting| text(&setting["type"])).unwrap_or_default();
        let setting = client.put_json(&path, &json!({ "value": value(&kind, &self.value) }))?;
        show(&self.how, &setting)
    }
}

impl Reset {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let client = self.how.client()?;
        let path = path(&self.key)?;
        client.delete(&path)?;
        show(&self.how, &client.get(&path, &[])?)
    }
}

/// Where a setting is. What no key can hold would ask for something else.
fn path(key: &str) -> anyhow::Result<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_');
    anyhow::ensure!(
        !key.is_empty() && key.bytes().all(plain),
        "`{}` is no key; `aggregator settings list` names those that can be changed",
        output::for_terminal(key)
    );
    Ok(format!("{SETTINGS}/{key}"))
}

/// What was typed as what the setting takes; the server judges it.
fn value(kind: &str, typed: &str) -> Value {
    match kind {
        "integer" => typed.replace('_', "").parse::<u64>().map_or_else(|_text| json!(typed), Value::from),
        "boolean" => typed.parse::<bool>().map_or_else(|_text| json!(typed), Value::from),
        "host_names" => typed.split(',').map(str::trim).filter(|host| !host.is_empty()).collect(),
        _ => json!(typed),
    }
}

fn show(how: &How, setting: &Value) -> anyhow::Result<ExitCode> {
    output::stream(|out| {
        if how.json {
            return output::json_line(out, setting);
        }
        writeln!(
            out,
            "{} = {} (from {})",
            text(&setting["key"]),
            text(&setting["value"]),
            text(&setting["from"])
        )?;
        writeln!(out, "{}", text(&setting["description"]))?;
        if setting["minimum"].is_u64() {
            writeln!(
                out,
                "It takes {} to {}; the default is {}.",
                setting["minimum"], setting["maximum"], setting["default"]
            )?;
        } else {
            writeln!(out, "The default is {}.", text(&setting["default"]))?;
        }
        if setting["fault"].is_string() {
            writeln!(out, "What is stored is damaged: {}", text(&setting["fault"]))?;
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A value for people: texts without quotes, lists with commas.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => output::for_terminal(text),
        Value::Array(texts) if texts.is_empty() => "none".to_owned(),
        Value::Array(texts) => texts.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
