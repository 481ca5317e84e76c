//! Reads keys out of three layers – defaults, file, environment – and remembers every fault.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::value::{Raw, Value};
use super::{DEFAULTS, Environment, Fault, Origin, SettingsError};

const BUILT_IN: &str = "the built-in defaults";

/// Names that are not made from the key.
const ALIASES: [(&str, &str); 4] = [
    ("DATABASE_URL", "database.url"),
    ("REDIS_URL", "redis.url"),
    ("SENTRY_DSN", "sentry.dsn"),
    ("AGGREGATOR_INSECURE", "http.insecure"),
];
const FILE_VARIABLE: &str = "AGGREGATOR_CONFIG";

struct Written {
    raw: Raw,
    layer: Origin,
    origin: String,
}

pub(super) struct Reader {
    defaults: BTreeMap<String, Raw>,
    written: BTreeMap<String, Written>,
    read: BTreeSet<&'static str>,
    faults: Vec<Fault>,
}

impl Reader {
    pub(super) fn new(environment: &Environment) -> Self {
        let mut reader = Self {
            defaults: BTreeMap::new(),
            written: BTreeMap::new(),
            read: BTreeSet::new(),
            faults: Vec::new(),
        };
        match flatten(DEFAULTS) {
            Ok(defaults) => reader.defaults = defaults,
            Err(advice) => reader.fault("default.toml", None, BUILT_IN, advice),
        }
        if let Some(path) = environment.get(FILE_VARIABLE) {
            reader.add_file(path);
        }
        reader.add_environment(environment);
        reader
    }

    /// The value of a key; a wrong one is noted and the default stands in, so that reading goes on.
    pub(super) fn read<T: Value>(&mut self, key: &'static str) -> Option<T> {
        self.read_where(key, T::EXPECTED, |_| true)
    }

    /// [`Reader::read`] for numbers with bounds.
    pub(super) fn read_within<T>(&mut self, key: &'static str, range: RangeInclusive<T>) -> Option<T>
    where
        T: Value + PartialOrd + std::fmt::Display,
    {
        let expected = format!("{} from {} to {}", T::EXPECTED, range.start(), range.end());
        self.read_where(key, &expected, |value| range.contains(value))
    }

    fn read_where<T: Value>(
        &mut self,
        key: &'static str,
        expected: &str,
        fits: impl Fn(&T) -> bool,
    ) -> Option<T> {
        self.read.insert(key);
        let parse = |raw: &Raw| T::parse(raw).filter(&fits);
        let advice = format!("expected {expected}");
        if let Some(Written { raw, origin, .. }) = self.written.get(key) {
            if let Some(value) = parse(raw) {
                return Some(value);
            }
            let shown = (!T::SECRET).then(|| raw.to_string());
            let origin = origin.clone();
            self.fault(key, shown, &origin, advice.clone());
        }
        let default = self.defaults.get(key).and_then(parse);
        if default.is_none() {
            self.fault(key, None, BUILT_IN, advice);
        }
        default
    }

    /// Notes that a value which is right alone is wrong beside others.
    pub(super) fn refuse(&mut self, key: &'static str, advice: String) {
        let (value, origin) = match self.written.get(key) {
            Some(Written { raw, origin, .. }) => (Some(raw.to_string()), origin.clone()),
            None => (self.defaults.get(key).map(ToString::to_string), BUILT_IN.to_owned()),
        };
        self.fault(key, value, &origin, advice);
    }

    /// Where each key was written that does not have its default.
    pub(super) fn origins(&self) -> BTreeMap<String, Origin> {
        self.written.iter().map(|(key, written)| (key.clone(), written.layer)).collect()
    }

    pub(super) fn finish<T>(self, settings: Option<T>) -> Result<T, SettingsError> {
        match settings {
            Some(settings) if self.faults.is_empty() => Ok(settings),
            _ => Err(SettingsError { faults: self.faults }),
        }
    }

    #[cfg(test)]
    pub(super) fn never_read(&self) -> Vec<String> {
        self.defaults.keys().filter(|key| !self.read.contains(key.as_str())).cloned().collect()
    }

    fn add_file(&mut self, path: &str) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                let advice = format!("cannot be read ({error}); name an existing TOML file or unset it");
                return self.fault(FILE_VARIABLE, Some(path.to_owned()), "the environment", advice);
            }
        };
        let keys = match flatten(&text) {
            Ok(keys) => keys,
            Err(advice) => {
                return self.fault(FILE_VARIABLE, Some(path.to_owned()), "the environment", advice);
            }
        };
        for (key, raw) in keys {
            if self.defaults.contains_key(&key) {
                self.written.insert(key, Written { raw, layer: Origin::File, origin: path.to_owned() });
            } else {
                let advice = unknown(&key, self.defaults.keys().map(String::as_str));
                self.fault(&key, None, path, advice);
            }
        }
    }

    fn add_environment(&mut self, environment: &Environment) {
        let mut names: BTreeMap<String, String> =
            self.defaults.keys().map(|key| (variable(key), key.clone())).collect();
        names.extend(ALIASES.map(|(name, key)| (name.to_owned(), key.to_owned())));
        for (name, key) in &names {
            let Some(text) = environment.get(name) else { continue };
            let twice = self.written.get(key).filter(|written| names.contains_key(&written.origin));
            if let Some(other) = twice.filter(|written| written.raw != Raw::One(text.to_owned())) {
                let advice = format!("says something else than {}; keep one of the two", other.origin);
                self.fault(key, None, name, advice);
                continue;
            }
            let written =
                Written { raw: Raw::One(text.to_owned()), layer: Origin::Environment, origin: name.clone() };
            self.written.insert(key.clone(), written);
        }
        let unknown_names =
            environment.ours().filter(|name| *name != FILE_VARIABLE && !names.contains_key(*name));
        for name in unknown_names {
            let advice = unknown(name, names.keys().map(String::as_str));
            self.fault(name, None, "the environment", advice);
        }
    }

    fn fault(&mut self, key: &str, value: Option<String>, origin: &str, advice: String) {
        self.faults.push(Fault { key: key.to_owned(), value, origin: origin.to_owned(), advice });
    }
}

/// `http.listen` → `AGGREGATOR_HTTP_LISTEN`.
fn variable(key: &str) -> String {
    format!("AGGREGATOR_{}", key.replace('.', "_").to_uppercase())
}

/// The tables of a TOML text as dotted keys.
pub(super) fn flatten(text: &str) -> Result<BTreeMap<String, Raw>, String> {
    let table: toml::Table =
        text.parse().map_err(|error| format!("is not valid TOML; correct this: {}", one_line(&error)))?;
    let mut keys = BTreeMap::new();
    collect("", table, &mut keys);
    Ok(keys)
}

fn collect(prefix: &str, table: toml::Table, keys: &mut BTreeMap<String, Raw>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => collect(&key, inner, keys),
            value => drop(keys.insert(key, Raw::from(value))),
        }
    }
}

fn one_line(error: &toml::de::Error) -> String {
    error.to_string().lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let nearest = known.map(|known| (distance(name, known), known)).min();
    match nearest.filter(|(distance, known)| *distance <= 1 + known.len() / 4) {
        Some((_, known)) => format!("no such setting; did you mean {known}?"),
        None => "no such setting; `aggregator settings` prints all of them".to_owned(),
    }
}

/// Edits from one word to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}
