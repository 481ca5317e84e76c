//! What a setting can be: text from a file or a variable, parsed into a type.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What was written for a key, before it has a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Raw {
    One(String),
    Many(Vec<String>),
}

impl Raw {
    pub(super) fn one(&self) -> Option<&str> {
        match self {
            Self::One(text) => Some(text.trim()),
            Self::Many(_) => None,
        }
    }
}

impl From<toml::Value> for Raw {
    fn from(value: toml::Value) -> Self {
        match value {
            toml::Value::String(text) => Self::One(text),
            toml::Value::Array(values) => Self::Many(
                values
                    .into_iter()
                    .map(|value| match value {
                        toml::Value::String(text) => text,
                        other => other.to_string(),
                    })
                    .collect(),
            ),
            other => Self::One(other.to_string()),
        }
    }
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(text) => f.write_str(text),
            Self::Many(values) => f.write_str(&values.join(", ")),
        }
    }
}

/// A type a setting can have.
pub(super) trait Value: Sized {
    /// Completes "expected …".
    const EXPECTED: &'static str;
    /// True keeps a wrong value out of messages.
    const SECRET: bool = false;
    fn parse(raw: &Raw) -> Option<Self>;
}

/// Implements [`Value`] for a type that is read from one text.
macro_rules! value {
    ($type:ty, $expected:literal, $parse:expr) => {
        value!($type, $expected, $parse, secret = false);
    };
    ($type:ty, $expected:literal, $parse:expr, secret = $secret:literal) => {
        impl $crate::settings::value::Value for $type {
            const EXPECTED: &'static str = $expected;
            const SECRET: bool = $secret;
            fn parse(raw: &$crate::settings::value::Raw) -> Option<Self> {
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(raw.one()?)
            }
        }
    };
}
pub(super) use value;

value!(u64, "a whole number", |text| text.replace('_', "").parse().ok());
value!(SocketAddr, "an address with a port, such as 127.0.0.1:8080 or [::1]:8080", |text| text.parse().ok());
value!(PathBuf, "a path", |text| (!text.is_empty()).then(|| PathBuf::from(text)));
value!(String, "a word", |text| (!text.is_empty()).then(|| text.to_owned()));
value!(bool, "true or false", |text| match text.to_ascii_lowercase().as_str() {
    "true" | "1" | "yes" | "on" => Some(true),
    "false" | "0" | "no" | "off" => Some(false),
    _ => None,
});

impl<T: Value> Value for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    const SECRET: bool = T::SECRET;

    fn parse(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::One(text) if text.trim().is_empty() => Some(None),
            raw => T::parse(raw).map(Some),
        }
    }
}

impl<T: Value> Value for Vec<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    const SECRET: bool = T::SECRET;

    fn parse(raw: &Raw) -> Option<Self> {
        let words: Vec<&str> = match raw {
            Raw::One(text) => text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect(),
            Raw::Many(words) => words.iter().map(String::as_str).collect(),
        };
        words.into_iter().map(|word| T::parse(&Raw::One(word.to_owned()))).collect()
    }
}

/// A private network that may be reached, or one port there: `10.20.0.0/16`, `10.20.0.0/16:8443`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivateNetwork {
    /// The network.
    pub network: ipnet::IpNet,
    /// The port; `None` for each one where HTTP is expected.
    pub port: Option<u16>,
}

value!(
    PrivateNetwork,
    "networks as CIDR, such as 10.20.0.0/16, or one port there, such as 10.20.0.0/16:8443",
    |text| {
        let (address, rest) = text.split_once('/')?;
        let (length, port) = match rest.split_once(':') {
            Some((length, port)) => (length, Some(port.parse().ok().filter(|port| *port != 0)?)),
            None => (rest, None),
        };
        Some(PrivateNetwork { network: format!("{address}/{length}").parse().ok()?, port })
    }
);

/// A host name, perhaps with a port, in lower case: `aggregator.example`, `api:8080`, `[fd00::1]:8080`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName(String);

impl HostName {
    /// The name, with its port when one was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

value!(
    HostName,
    "host names with or without a port, without a scheme: aggregator.example or api:8080",
    |text| {
        let parsed = url::Url::parse(&format!("http://{text}/")).ok()?;
        let plain = parsed.path() == "/" && parsed.query().is_none() && parsed.username().is_empty();
        (plain && parsed.has_host() && !text.contains(['/', '*', '@', '#']))
            .then(|| HostName(text.to_ascii_lowercase()))
    }
);

/// Where a source's service is, when not where it usually is: a mirror, a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceBase {
    /// Slug of the source.
    pub slug: String,
    /// Where it is.
    pub url: url::Url,
}

value!(SourceBase, "a source and its address, such as crtsh=https://mirror.example/crtsh", |text| {
    let (slug, url) = text.split_once('=')?;
    let url: url::Url = url.parse().ok()?;
    let valid = !slug.is_empty() && matches!(url.scheme(), "http" | "https") && url.has_host();
    valid.then(|| SourceBase { slug: slug.to_owned(), url })
});

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

value!(LogFormat, "text or json", |text| match text {
    "text" => Some(LogFormat::Text),
    "json" => Some(LogFormat::Json),
    _ => None,
});

/// Which log lines are written, in the syntax of `tracing_subscriber::EnvFilter`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// The directives.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

value!(
    LogFilter,
    "error, warn, info, debug or trace, or a list such as info,aggregator_worker=debug",
    |text| {
        let known = |directive: &str| {
            let level = directive.rsplit('=').next().unwrap_or(directive);
            matches!(
                level.to_ascii_lowercase().as_str(),
                "off" | "error" | "warn" | "info" | "debug" | "trace"
            )
        };
        let valid = !text.is_empty()
            && text.split(',').all(|directive| known(directive.trim()))
            && tracing_subscriber::EnvFilter::try_new(text).is_ok();
        valid.then(|| LogFilter(text.to_owned()))
    }
);

/// A part of a whole, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleRatio(f64);

impl SampleRatio {
    /// The number.
    pub fn value(self) -> f64 {
        self.0
    }
}

value!(SampleRatio, "a number from 0 to 1, such as 0.05", |text| {
    text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio)).map(SampleRatio)
});
