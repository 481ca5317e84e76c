//! Playbooks: which sources a submission asks, what it follows, and how far.

use serde::{Deserialize, Serialize};

use crate::{Kind, Relation, Stance};

/// A named choice of sources, follow-up rules and limits, as it is stored: JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// Whom to ask.
    pub sources: Sources,
    /// What to follow; empty follows nothing.
    #[serde(default)]
    pub follow: Vec<FollowRule>,
    /// How many follow-ups one may lead to another: 0 follows nothing.
    #[serde(default)]
    pub max_depth: i16,
    /// Most derived items of one submission.
    #[serde(default = "Playbook::default_max_derived")]
    pub max_derived: u32,
    /// Most of them that one item sent may lead to, through all depths. Left out where it is the default: programs of before do not
    /// know it.
    #[serde(
        default = "Playbook::default_max_per_root",
        skip_serializing_if = "Playbook::is_default_per_root"
    )]
    pub max_per_root: u32,
}

/// Whom a playbook asks beside the local lists, which are always asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sources {
    /// Nobody else.
    Local,
    /// Every enabled source that needs no credential and does not tell the owner of the indicator.
    Keyless,
    /// Every enabled source.
    All,
    /// The enabled ones of these, by slug.
    #[serde(untagged)]
    These(Vec<String>),
}

/// What of an answer becomes an item of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowRule {
    /// Edges that mean this.
    pub relation: Relation,
    /// From indicators of these kinds; of every kind when empty.
    #[serde(default)]
    pub from: Vec<Kind>,
    /// Only answers of the source with this slug.
    #[serde(default)]
    pub source: Option<String>,
    /// Only answers that take at least this side: `suspicious` follows what is suspicious or malicious.
    #[serde(default)]
    pub at_least: Option<Stance>,
}

impl Playbook {
    /// Most derived items where nothing is said.
    pub const DEFAULT_MAX_DERIVED: u32 = 1_000;

    /// Most derived items of one item sent where nothing is said.
    pub const DEFAULT_MAX_PER_ROOT: u32 = 100;

    const fn default_max_per_root() -> u32 {
        Self::DEFAULT_MAX_PER_ROOT
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    const fn is_default_per_root(most: &u32) -> bool {
        *most == Self::DEFAULT_MAX_PER_ROOT
    }

    const fn default_max_derived() -> u32 {
        Self::DEFAULT_MAX_DERIVED
    }

    /// True when some answer may lead to an item.
    pub fn follows_anything(&self) -> bool {
        self.max_depth > 0 && self.max_derived > 0 && !self.follow.is_empty()
    }

    /// True when an edge of this meaning, from an item of this kind and depth, named by an answer of this source that takes
    /// this side, is followed.
    pub fn follows(
        &self,
        relation: Relation,
        (kind, depth): (Kind, i16),
        (source, stance): (&str, Stance),
    ) -> bool {
        depth < self.max_depth
            && self.follow.iter().any(|rule| {
                rule.relation == relation
                    && (rule.from.is_empty() || rule.from.contains(&kind))
                    && rule.source.as_deref().is_none_or(|only| only == source)
                    && rule.at_least.is_none_or(|least| stance >= least)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::{Playbook, Sources};
    use crate::{Kind, Relation, Stance};

    const DNS: (&str, Stance) = ("dns", Stance::Unknown);

    #[test]
    fn what_is_stored_is_read() {
        let local: Playbook = serde_json::from_str(r#"{"sources":"local"}"#).unwrap();
        assert_eq!((local.sources, local.max_depth), (Sources::Local, 0));
        let these: Playbook = serde_json::from_str(
            r#"{"sources":["dns","rdap"],"follow":[{"relation":"resolves_to","from":["domain"]}],"max_depth":1}"#,
        )
        .unwrap();
        assert_eq!(these.sources, Sources::These(vec!["dns".to_owned(), "rdap".to_owned()]));
        assert!(these.follows(Relation::ResolvesTo, (Kind::Domain, 0), DNS));
        assert!(!these.follows(Relation::ResolvesTo, (Kind::Domain, 1), DNS));
        assert!(!these.follows(Relation::ResolvesTo, (Kind::Url, 0), DNS));
        assert!(!these.follows(Relation::NameServer, (Kind::Domain, 0), DNS));
        let wary: Playbook = serde_json::from_str(
            r#"{"sources":"all","follow":[{"relation":"resolves_to","at_least":"suspicious"}],"max_depth":1}"#,
        )
        .unwrap();
        let follows = |stance| wary.follows(Relation::ResolvesTo, (Kind::Domain, 0), ("list", stance));
        assert!(follows(Stance::Malicious) && follows(Stance::Suspicious));
        assert!(!follows(Stance::Benign) && !follows(Stance::Unknown));
        assert!(serde_json::from_str::<Playbook>(r#"{"sources":"everything"}"#).is_err());
        assert!(serde_json::from_str::<Playbook>(r#"{"sources":"all","followed":[]}"#).is_err());
    }
}
