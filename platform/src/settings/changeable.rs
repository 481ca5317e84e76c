//! Settings that rows change on a running system: what each takes, where its value comes from, and what is wrong with its row.
//!
//! Which keys these are stands in `sections.rs` (`@live`). A row holds a value as JSON; where it is damaged the key falls back to
//! what file, environment and defaults say, and every other key keeps working.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, LazyLock};

use serde_json::Value as Json;

use super::comments::comment;
use super::kind::Changing;
use super::reader::flatten;
use super::value::Raw;
use super::{DEFAULTS, SettingKind, Settings};

/// A key with the text of its row; `None` where the row holds no text.
pub type Row = (String, Option<String>);

/// Characters of a damaged row that are shown.
const SHOWN_CHARS: usize = 60;

/// Where the value of a setting comes from; each wins over those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The built-in defaults.
    Default,
    /// The file that `AGGREGATOR_CONFIG` names.
    File,
    /// The environment.
    Environment,
    /// A row.
    Database,
}

/// One setting that can be changed on a running system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changeable {
    /// The key, such as `intake.max_indicators`.
    pub key: &'static str,
    /// What it is for, as `default.toml` says it.
    pub description: &'static str,
    /// What it takes.
    pub kind: SettingKind,
    /// Its built-in default.
    pub default: Json,
    /// Its value now.
    pub value: Json,
    /// Where that comes from.
    pub origin: Origin,
    /// What is wrong with its row, which is then left aside.
    pub fault: Option<String>,
}

/// The settings with the rows over them.
#[derive(Debug, Clone)]
pub struct InForce {
    /// What is in force.
    pub settings: Arc<Settings>,
    /// The settings that can be changed, by key.
    pub changeable: Vec<Changeable>,
    /// Keys of rows that are no setting, or none that can be changed; they have no effect.
    pub strangers: Vec<String>,
}

impl InForce {
    /// One of the settings that can be changed.
    pub fn find(&self, key: &str) -> Option<&Changeable> {
        self.changeable.iter().find(|setting| setting.key == key)
    }

    /// What is wrong with the rows, one line for each fault.
    pub fn faults(&self) -> Vec<String> {
        let damaged = self
            .changeable
            .iter()
            .filter_map(|setting| setting.fault.as_ref().map(|fault| format!("{}: {fault}", setting.key)));
        let strange = self.strangers.iter().map(|key| {
            let key: String = key.chars().take(SHOWN_CHARS).collect();
            format!("{}: no setting that can be changed has this name", key.escape_debug())
        });
        damaged.chain(strange).collect()
    }
}

impl Settings {
    /// What is in force with these rows over what file, environment and defaults say.
    pub fn with_rows(&self, rows: &[Row]) -> InForce {
        let mut settings = self.clone();
        let mut changes = Changes {
            rows: rows.iter().cloned().collect(),
            origins: self.origins.clone(),
            changeable: Vec::new(),
        };
        settings.http.change(&mut changes);
        settings.database.change(&mut changes);
        settings.redis.change(&mut changes);
        settings.worker.change(&mut changes);
        settings.intake.change(&mut changes);
        settings.feeds.change(&mut changes);
        settings.sources.change(&mut changes);
        settings.egress.change(&mut changes);
        settings.telemetry.change(&mut changes);
        settings.metrics.change(&mut changes);
        settings.sentry.change(&mut changes);
        let Changes { rows, mut changeable, .. } = changes;
        changeable.sort_by_key(|setting| setting.key);
        InForce { settings: Arc::new(settings), changeable, strangers: rows.into_keys().collect() }
    }
}

/// True when there is such a setting, changeable or not.
pub fn is_known(key: &str) -> bool {
    BUILT_IN.contains_key(key)
}

static BUILT_IN: LazyLock<BTreeMap<String, Raw>> = LazyLock::new(|| flatten(DEFAULTS).unwrap_or_default());

/// Rows on their way over the settings.
pub(super) struct Changes {
    rows: BTreeMap<String, Option<String>>,
    origins: BTreeMap<String, Origin>,
    changeable: Vec<Changeable>,
}

impl Changes {
    /// Lays the row of a key over its value, and notes what the key is.
    pub(super) fn lay<T: Changing>(
        &mut self,
        key: &'static str,
        place: &mut T,
        range: Option<RangeInclusive<u64>>,
    ) {
        let kind = T::kind(range);
        let default = BUILT_IN.get(key).and_then(T::parse).map_or(Json::Null, |value| value.json());
        let mut origin = self.origins.get(key).copied().unwrap_or(Origin::Default);
        let mut fault = None;
        if let Some(row) = self.rows.remove(key) {
            match understood(row.as_deref(), &kind) {
                Ok(value) => {
                    if let Some(value) = T::from_json(&value) {
                        *place = value;
                        origin = Origin::Database;
                    }
                }
                Err(wrong) => fault = Some(wrong),
            }
        }
        let value = place.json();
        let description = comment(key);
        self.changeable.push(Changeable { key, description, kind, default, value, origin, fault });
    }
}

fn understood(row: Option<&str>, kind: &SettingKind) -> Result<Json, String> {
    let text = row.ok_or("the row holds no text")?;
    let shown: String = text.chars().take(SHOWN_CHARS).collect();
    let json = serde_json::from_str(text)
        .map_err(|_no_json| format!("the row holds no JSON but `{}`", shown.escape_debug()))?;
    kind.normal(&json).map_err(|expected| {
        format!("the row holds `{}`, and what is expected is {expected}", shown.escape_debug())
    })
}
