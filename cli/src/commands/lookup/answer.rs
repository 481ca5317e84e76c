//! What is said about one value: its reading, facts, list hits and the verdict over them.

use aggregator_entities::domain::facts::{self, Namespace, SpecialRange};
use aggregator_entities::domain::{self, CustomKinds, Indicator, Kind, KindName, Stance, Verdict};
use aggregator_openapi::Detection;
use ipnet::IpNet;
use serde::Serialize;

use crate::lists::Lists;

/// One line of the output.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    /// The value as it was given; bytes that are not UTF-8 are replaced.
    pub(super) input: String,
    /// What it is: the very shape that `POST /api/v1/detect` answers with.
    #[serde(flatten)]
    pub(super) detection: Detection,
    /// What is known without asking anybody; absent where the value has not one reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) facts: Option<Facts>,
    /// The verdict over the lists asked; unknown where nothing is known.
    pub(super) verdict: Verdict,
}

/// What the value itself tells.
#[derive(Debug, Default, Serialize)]
pub(super) struct Facts {
    /// The part of its name that somebody registered: `example.co.uk` of `www.example.co.uk`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) registrable_domain: Option<String>,
    /// Who runs the suffix of its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<&'static str>,
    /// The special-purpose range it lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) special_purpose: Option<Range>,
}

/// A range of IANA's special-purpose address registries.
#[derive(Debug, Serialize)]
pub(super) struct Range {
    /// The registry's name for it.
    pub(super) name: &'static str,
    /// Its addresses, `address/prefix`.
    pub(super) network: String,
    /// The document that sets it aside.
    pub(super) rfc: &'static str,
    /// Whether the Internet carries packets to it; absent where the registry does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) globally_reachable: Option<bool>,
}

impl Answer {
    /// Looks at one value, as any kind or as the one named, and asks the lists.
    pub(super) fn new(input: &[u8], kind: Option<&KindName>, lists: &Lists) -> Self {
        let detection = detect(input, kind, &lists.kinds);
        let indicator = match &detection {
            domain::Detection::One(parsed) => Some(parsed.indicator.clone()),
            _ => None,
        };
        Self {
            input: String::from_utf8_lossy(input).into_owned(),
            detection: detection.into(),
            facts: indicator.as_ref().map(facts_of),
            verdict: indicator.as_ref().map(|indicator| lists.judge(indicator)).unwrap_or_default(),
        }
    }
}

fn detect(input: &[u8], kind: Option<&KindName>, kinds: &CustomKinds) -> domain::Detection {
    let Some(kind) = kind else { return kinds.detect_bytes(input) };
    match std::str::from_utf8(input) {
        Ok(text) => match kinds.parse_as(kind, text) {
            Ok(parsed) => domain::Detection::One(parsed),
            Err(reject) => domain::Detection::None(reject),
        },
        // Says which of the ways of not being text it is.
        Err(_) => domain::detect_bytes(input),
    }
}

fn facts_of(indicator: &Indicator) -> Facts {
    let name = facts::name_of(indicator);
    Facts {
        registrable_domain: name.and_then(facts::registrable_domain).map(str::to_owned),
        namespace: name.map(|name| word(facts::namespace(name))),
        special_purpose: special_purpose(indicator).map(Range::from),
    }
}

fn special_purpose(indicator: &Indicator) -> Option<&'static SpecialRange> {
    if indicator.kind() == Kind::Cidr {
        return facts::special_purpose(indicator.value().parse::<IpNet>().ok()?);
    }
    facts::address_of(indicator).and_then(facts::special_purpose)
}

impl From<&SpecialRange> for Range {
    fn from(range: &SpecialRange) -> Self {
        let SpecialRange { network, name, rfc, globally_reachable } = *range;
        Self { name, network: network.to_string(), rfc, globally_reachable }
    }
}

const fn word(namespace: Namespace) -> &'static str {
    match namespace {
        Namespace::Icann => "icann",
        Namespace::Private => "private",
        Namespace::Special => "special",
        Namespace::Alternative => "alternative",
        Namespace::Retired => "retired",
        Namespace::Unknown => "unknown",
    }
}

/// The worst of many answers, which is what the exit code tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Worst {
    /// Every value is benign or unknown.
    #[default]
    Quiet,
    /// A value has no reading, or several.
    NotRecognised,
    /// A value is suspicious.
    Suspicious,
    /// A value is malicious.
    Malicious,
}

impl Worst {
    /// Takes one more answer in.
    pub(super) fn meet(&mut self, answer: &Answer) {
        let this = match (&answer.detection, answer.verdict.stance) {
            (_, Stance::Malicious) => Self::Malicious,
            (_, Stance::Suspicious) => Self::Suspicious,
            (Detection::Detected { .. }, Stance::Unknown | Stance::Benign) => Self::Quiet,
            (Detection::Ambiguous { .. } | Detection::Rejected { .. }, _) => Self::NotRecognised,
        };
        *self = this.max(*self);
    }

    /// What the process ends with; documented in the command's help.
    pub(super) const fn exit_code(self) -> u8 {
        match self {
            Self::Quiet => 0,
            Self::NotRecognised => 3,
            Self::Suspicious => 10,
            Self::Malicious => 20,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::Reading;

    #[test]
    fn the_worst_answer_decides_whatever_the_order() {
        let lists = Reading::default().finish(None).unwrap();
        let with = |input: &str, stance| {
            let mut answer = Answer::new(input.as_bytes(), None, &lists);
            answer.verdict.stance = stance;
            answer
        };
        let mut worst = Worst::default();
        let mut codes = Vec::new();
        for (input, stance) in [
            ("192.0.2.1", Stance::Benign),
            ("no indicator", Stance::Unknown),
            ("192.0.2.2", Stance::Unknown),
            ("192.0.2.3", Stance::Suspicious),
            ("192.0.2.4", Stance::Malicious),
            ("192.0.2.5", Stance::Suspicious),
        ] {
            worst.meet(&with(input, stance));
            codes.push(worst.exit_code());
        }
        assert_eq!(codes, [0, 3, 3, 10, 20, 20]);
    }
}
