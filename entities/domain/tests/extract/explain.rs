//! Why something is missed, or found beside the truth: each difference must fall under one of the rules of
//! `truth/explained.tsv`.

use aggregator_domain::facts::namespace::registrable_domain;
use aggregator_domain::{Extracted, Kind, extract};

use crate::corpora::{Case, Indicator};
use crate::score::Difference;

/// The rule that explains a difference; `None` where none does.
pub(crate) fn rule(case: &Case, difference: Difference, indicator: &Indicator) -> Option<&'static str> {
    let found = extract(&case.text);
    let rules: &[(&str, &dyn Fn() -> bool)] = match difference {
        Difference::Missed => &[
            ("container", &|| case.text.is_empty()),
            ("inside-another", &|| is_inside(&found, &case.text, indicator)),
            ("registrable-domain", &|| is_parent(&found, &indicator.1)),
            ("cve-year", &|| indicator.1.starts_with("CVE-1111-")),
            ("glued", &|| is_glued(&case.text, &indicator.1)),
            ("cut-at-non-ascii", &|| {
                found.iter().any(|found| found.raw.starts_with(&indicator.1) && !found.raw.is_ascii())
            }),
        ],
        Difference::Extra => &[
            ("registrable-domain", &|| {
                case.expected.iter().any(|(_, value)| indicator.1.ends_with(&format!(".{value}")))
            }),
            ("no-scheme", &|| {
                indicator.0 == Kind::Url && written(&found, indicator).is_some_and(|raw| !raw.contains("://"))
            }),
            ("not-http", &|| indicator.1.starts_with("ftp://")),
            ("not-ascii", &|| written(&found, indicator).is_some_and(|raw| !raw.is_ascii())),
            ("xor-key", &|| case.name.starts_with("attor") && case.text.contains("=== XOR cipher keys")),
        ],
    };
    rules.iter().find(|(_, holds)| holds()).map(|(rule, _)| *rule)
}

/// It is a part of an indicator that was found: the host of a URL or of an e-mail address, a hash in a path.
fn is_inside(found: &[Extracted<'_>], text: &str, (kind, value): &Indicator) -> bool {
    let holds = |found: &Extracted<'_>| {
        let whole = found.parsed.indicator.value();
        let inside = matches!(found.parsed.indicator.kind(), Kind::Url | Kind::Email);
        let parent = *kind == Kind::Domain
            && host(whole)
                .is_some_and(|host| host == value || registrable_domain(host) == Some(value.as_str()));
        inside && (parent || *kind != Kind::Domain && whole.to_ascii_lowercase().contains(value.as_str()))
    };
    found.iter().any(holds) && !text.is_empty()
}

fn host(whole: &str) -> Option<&str> {
    let authority = match whole.split_once("://") {
        Some((_, rest)) => rest.split(['/', '?', '#']).next()?,
        None => whole,
    };
    authority.rsplit('@').next()?.split(':').next()
}

/// The registrable domain of a domain that was found.
fn is_parent(found: &[Extracted<'_>], value: &str) -> bool {
    found.iter().any(|found| {
        let indicator = &found.parsed.indicator;
        indicator.kind() == Kind::Domain && registrable_domain(indicator.value()) == Some(value)
    })
}

/// A letter, a digit or a colon is attached to it wherever it stands.
fn is_glued(text: &str, value: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let value = value.to_ascii_lowercase();
    let attached = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == ':');
    let mut places = lower.match_indices(&value).peekable();
    places.peek().is_some()
        && places.all(|(at, _)| {
            attached(lower[..at].chars().next_back()) || attached(lower[at + value.len()..].chars().next())
        })
}

fn written<'f>(found: &'f [Extracted<'_>], (kind, value): &Indicator) -> Option<&'f str> {
    let same = |found: &&Extracted<'_>| {
        found.parsed.indicator.kind() == *kind && found.parsed.indicator.value() == value
    };
    found.iter().find(same).map(|found| &*found.raw)
}
