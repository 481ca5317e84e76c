//! What a changeable setting takes, as JSON.

use std::ops::RangeInclusive;

use serde_json::Value as Json;

use super::value::{Raw, Value};
use super::{HostName, LogFilter};

/// Hosts in one list.
const MAX_HOSTS: usize = 1_000;

/// Characters of a filter.
const MAX_FILTER_CHARS: usize = 2_000;

/// What a changeable setting takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingKind {
    /// A whole number.
    Integer {
        /// The least it takes.
        least: u64,
        /// The most it takes.
        most: u64,
    },
    /// True or false.
    Boolean,
    /// A list of host names, at most 1,000.
    HostNames,
    /// Which log lines are written, at most 2,000 characters.
    LogFilter,
}

impl SettingKind {
    /// A value as it is stored. Err completes "expected …".
    pub fn normal(&self, value: &Json) -> Result<Json, String> {
        let normal = match self {
            Self::Integer { least, most } => {
                u64::from_json(value).filter(|number| (least..=most).contains(&number)).map(|of| of.json())
            }
            Self::Boolean => bool::from_json(value).map(|of| of.json()),
            Self::HostNames => Vec::<HostName>::from_json(value).map(|of| of.json()),
            Self::LogFilter => LogFilter::from_json(value).map(|of| of.json()),
        };
        normal.ok_or_else(|| self.expected())
    }

    /// Completes "expected …".
    fn expected(&self) -> String {
        match self {
            Self::Integer { least, most } => format!("{} from {least} to {most}", u64::EXPECTED),
            Self::Boolean => bool::EXPECTED.to_owned(),
            Self::HostNames => format!("a list of at most 1,000 {}", HostName::EXPECTED),
            Self::LogFilter => format!("{}, at most 2,000 characters", LogFilter::EXPECTED),
        }
    }
}

/// A type a changeable setting can have.
pub(super) trait Changing: Value {
    fn kind(range: Option<RangeInclusive<u64>>) -> SettingKind;
    fn json(&self) -> Json;
    fn from_json(json: &Json) -> Option<Self>;
}

impl Changing for u64 {
    fn kind(range: Option<RangeInclusive<u64>>) -> SettingKind {
        let (least, most) = range.unwrap_or(0..=u64::MAX).into_inner();
        SettingKind::Integer { least, most }
    }

    fn json(&self) -> Json {
        Json::from(*self)
    }

    fn from_json(json: &Json) -> Option<Self> {
        json.as_u64()
    }
}

impl Changing for bool {
    fn kind(_: Option<RangeInclusive<u64>>) -> SettingKind {
        SettingKind::Boolean
    }

    fn json(&self) -> Json {
        Json::from(*self)
    }

    fn from_json(json: &Json) -> Option<Self> {
        json.as_bool()
    }
}

impl Changing for Vec<HostName> {
    fn kind(_: Option<RangeInclusive<u64>>) -> SettingKind {
        SettingKind::HostNames
    }

    fn json(&self) -> Json {
        self.iter().map(|host| Json::from(host.as_str())).collect()
    }

    fn from_json(json: &Json) -> Option<Self> {
        let hosts = json.as_array().filter(|hosts| hosts.len() <= MAX_HOSTS)?;
        hosts.iter().map(|host| HostName::parse(&Raw::One(host.as_str()?.to_owned()))).collect()
    }
}

impl Changing for LogFilter {
    fn kind(_: Option<RangeInclusive<u64>>) -> SettingKind {
        SettingKind::LogFilter
    }

    fn json(&self) -> Json {
        Json::from(self.as_str())
    }

    fn from_json(json: &Json) -> Option<Self> {
        let text = json.as_str().filter(|text| text.chars().count() <= MAX_FILTER_CHARS)?;
        Self::parse(&Raw::One(text.to_owned()))
    }
}
