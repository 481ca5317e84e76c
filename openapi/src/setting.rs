//! Settings on the wire: the few that are changed on a running system.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The value of a setting. Which of these it is, `type` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(
    untagged,
    expecting = "a setting's value is a whole number, true or false, a text, or a list of texts"
)]
pub enum SettingValue {
    /// A whole number.
    Integer(u64),
    /// True or false.
    Boolean(bool),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
}

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingType {
    /// A whole number from `minimum` to `maximum`.
    Integer,
    /// True or false.
    Boolean,
    /// A list of host names, at most 1,000.
    HostNames,
    /// What is logged: a level, or a list such as `info,aggregator_worker=debug`.
    LogFilter,
}

/// Where the value of a setting comes from; each wins over those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingOrigin {
    /// The default that comes with the program.
    Default,
    /// The file that the process which answers was started with.
    File,
    /// The environment of the process which answers.
    Environment,
    /// It was set here, for every process.
    Database,
}

/// The new value of a setting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"value": ["evil.example"]}))]
pub struct ReplaceSetting {
    /// What it is from now on, of the setting's `type` and within its limits.
    pub value: SettingValue,
}

/// A setting that can be changed on a running system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(Setting::example()))]
pub struct Setting {
    /// Its key.
    pub key: String,
    /// What it is now.
    pub value: SettingValue,
    /// What comes with the program.
    pub default: SettingValue,
    /// Where the value comes from.
    pub from: SettingOrigin,
    /// What it takes.
    #[serde(rename = "type")]
    pub kind: SettingType,
    /// The least an integer may be; `null` for other types.
    #[schema(required = true)]
    pub minimum: Option<u64>,
    /// The most an integer may be; `null` for other types.
    #[schema(required = true)]
    pub maximum: Option<u64>,
    /// What it is for.
    pub description: String,
    /// What is wrong with what is stored, which then has no effect; `null` when nothing is.
    #[schema(required = true)]
    pub fault: Option<String>,
    /// Counts its changes; 0 before the first.
    pub version: i64,
    /// When it was last changed or reset; `null` before the first time.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:04.567Z")]
    pub updated_at: Option<String>,
}

/// The settings that can be changed on a running system, by key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"settings": [Setting::example()]}))]
pub struct SettingList {
    /// The settings.
    pub settings: Vec<Setting>,
}

impl Setting {
    /// A setting for the document's examples.
    pub fn example() -> Self {
        Self {
            key: "egress.deny_hosts".to_owned(),
            value: SettingValue::Texts(vec!["evil.example".to_owned()]),
            default: SettingValue::Texts(Vec::new()),
            from: SettingOrigin::Database,
            kind: SettingType::HostNames,
            minimum: None,
            maximum: None,
            description: "Hosts nothing may be asked of, with all their subdomains.".to_owned(),
            fault: None,
            version: 1,
            updated_at: Some("2026-11-21T02:03:04.567Z".to_owned()),
        }
    }
}
