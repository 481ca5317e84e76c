//! Playbooks on the wire: whom a submission asks, what it follows, and how far.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::domain;
use aggregator_entities::repositories::playbooks::StoredPlaybook;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::indicator::mirror;
use crate::listing::list_parameters;
use crate::{Kind, Name, Slug, Stance};

/// The most sources a playbook names.
pub const MAX_SOURCES: usize = 100;

/// The most follow rules a playbook has.
pub const MAX_RULES: usize = 100;

/// The deepest follow-ups.
pub const MAX_DEPTH: i16 = 5;

/// The most derived items of one submission.
pub const MAX_DERIVED: u32 = 100_000;

list_parameters! {
    /// Which playbooks to list.
    ListPlaybooksParameters {
        /// Only those that come with the program (`true`), or only others.
        built_in: bool,
    }
}

mirror! {
    /// What an edge between two indicators means.
    Relation of domain::Relation {
        /// A name resolves to an address.
        ResolvesTo = "resolves_to",
        /// An address has this reverse name.
        ReverseName = "reverse_name",
        /// An address or a network lies in this network.
        ContainedIn = "contained_in",
        /// An address or a network is announced by this autonomous system.
        AnnouncedBy = "announced_by",
        /// A domain is served by this name server.
        NameServer = "name_server",
        /// A domain receives mail at this name.
        MailServer = "mail_server",
        /// A certificate names both.
        SharesCertificate = "shares_certificate",
        /// A host has this vulnerability.
        HasVulnerability = "has_vulnerability",
        /// A URL or an e-mail address has this host.
        HasHost = "has_host",
    }
}

/// Whom a playbook asks beside the local lists, which are always asked; `choice` tells which of the four.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "choice", rename_all = "snake_case", deny_unknown_fields)]
#[schema(example = json!({"choice": "these", "slugs": ["dns", "rdap"]}))]
pub enum PlaybookSources {
    /// Nobody else.
    Local {},
    /// Every enabled source that needs no credential and does not tell the owner of the indicator.
    Keyless {},
    /// Every enabled source.
    All {},
    /// The enabled ones of these.
    These {
        /// Slugs of remote sources, 1–100, that are there when it is saved.
        #[schema(min_items = 1, max_items = 100, value_type = Vec<Slug>)]
        slugs: Vec<String>,
    },
}

/// What of an answer becomes an item of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"relation": "resolves_to", "from": ["domain"], "source": null, "at_least": null}))]
pub struct FollowRule {
    /// Edges that mean this.
    pub relation: Relation,
    /// From indicators of these kinds; of every kind when empty.
    #[serde(default)]
    pub from: Vec<Kind>,
    /// Only answers of the source with this slug.
    #[serde(default)]
    #[schema(value_type = Option<Slug>)]
    pub source: Option<String>,
    /// Only answers that take at least this side: `suspicious` follows what is suspicious or malicious.
    #[serde(default)]
    pub at_least: Option<Stance>,
}

/// A playbook to be made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "slug": "mail", "name": "Phishing mail", "sources": {"choice": "keyless"},
    "follow": [{"relation": "resolves_to", "from": ["domain"]}], "max_depth": 1, "max_derived": 500
}))]
pub struct CreatePlaybook {
    /// Its name in addresses, for good: 1–64 lower-case letters, digits and hyphens.
    #[schema(value_type = Slug)]
    pub slug: String,
    /// Its name for people, at most 200 characters.
    #[schema(value_type = Name)]
    pub name: String,
    /// Whom it asks.
    pub sources: PlaybookSources,
    /// What it follows, at most 100 rules; nothing when empty.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub follow: Vec<FollowRule>,
    /// How many follow-ups one may lead to another, 0–5; 0 follows nothing.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 5, example = 1)]
    pub max_depth: i16,
    /// Most derived items of one submission, 0–100,000; 1,000 when absent.
    #[serde(default = "default_max_derived")]
    #[schema(minimum = 0, maximum = 100_000, example = 500)]
    pub max_derived: u32,
    /// Most of them that one item sent may lead to, through all depths, 0–100,000; 100 when absent.
    #[serde(default = "default_max_per_root")]
    #[schema(minimum = 0, maximum = 100_000, example = 50)]
    pub max_per_root: u32,
}

/// All that can be changed of a playbook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Phishing mail", "sources": {"choice": "these", "slugs": ["dns", "rdap"]},
    "follow": [{"relation": "resolves_to", "from": ["domain"]}], "max_depth": 1, "max_derived": 500
}))]
pub struct ReplacePlaybook {
    /// Its name for people, at most 200 characters.
    #[schema(value_type = Name)]
    pub name: String,
    /// Whom it asks; of one that comes with the program as it is.
    pub sources: PlaybookSources,
    /// What it follows, at most 100 rules; nothing when empty.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub follow: Vec<FollowRule>,
    /// How many follow-ups one may lead to another, 0–5; 0 follows nothing.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 5, example = 1)]
    pub max_depth: i16,
    /// Most derived items of one submission, 0–100,000; 1,000 when absent.
    #[serde(default = "default_max_derived")]
    #[schema(minimum = 0, maximum = 100_000, example = 500)]
    pub max_derived: u32,
    /// Most of them that one item sent may lead to, through all depths, 0–100,000; 100 when absent.
    #[serde(default = "default_max_per_root")]
    #[schema(minimum = 0, maximum = 100_000, example = 50)]
    pub max_per_root: u32,
}

const fn default_max_derived() -> u32 {
    domain::Playbook::DEFAULT_MAX_DERIVED
}

const fn default_max_per_root() -> u32 {
    domain::Playbook::DEFAULT_MAX_PER_ROOT
}

impl CreatePlaybook {
    /// The slug, and what else it says.
    pub fn parts(self) -> (String, ReplacePlaybook) {
        let Self { slug, name, sources, follow, max_depth, max_derived, max_per_root } = self;
        (slug, ReplacePlaybook { name, sources, follow, max_depth, max_derived, max_per_root })
    }
}

/// A named choice of sources, follow-up rules and limits that a submission runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(Playbook::example()))]
pub struct Playbook {
    /// Its name in addresses, and what `playbook` of a submission says.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// True when it comes with the program: it is not deleted, and whom it asks does not change.
    pub built_in: bool,
    /// Whom it asks.
    pub sources: PlaybookSources,
    /// What it follows.
    pub follow: Vec<FollowRule>,
    /// How many follow-ups one may lead to another.
    pub max_depth: i16,
    /// Most derived items of one submission.
    pub max_derived: u32,
    /// Most of them that one item sent may lead to, through all depths.
    pub max_per_root: u32,
    /// When it was made; `null` of one that comes with the program.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:04.567Z")]
    pub created_at: Option<String>,
    /// When it was last changed; `null` when never.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:04.567Z")]
    pub updated_at: Option<String>,
}

/// Playbooks, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"playbooks": [Playbook::example()], "next": null}))]
pub struct PlaybookPage {
    /// The playbooks.
    pub playbooks: Vec<Playbook>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl From<domain::Sources> for PlaybookSources {
    fn from(sources: domain::Sources) -> Self {
        match sources {
            domain::Sources::Local => Self::Local {},
            domain::Sources::Keyless => Self::Keyless {},
            domain::Sources::All => Self::All {},
            domain::Sources::These(slugs) => Self::These { slugs },
        }
    }
}

impl From<PlaybookSources> for domain::Sources {
    fn from(sources: PlaybookSources) -> Self {
        match sources {
            PlaybookSources::Local {} => Self::Local,
            PlaybookSources::Keyless {} => Self::Keyless,
            PlaybookSources::All {} => Self::All,
            PlaybookSources::These { slugs } => Self::These(slugs),
        }
    }
}

impl From<domain::FollowRule> for FollowRule {
    fn from(rule: domain::FollowRule) -> Self {
        Self {
            relation: rule.relation.into(),
            from: rule.from.into_iter().map(Into::into).collect(),
            source: rule.source,
            at_least: rule.at_least.map(Into::into),
        }
    }
}

impl From<FollowRule> for domain::FollowRule {
    fn from(rule: FollowRule) -> Self {
        Self {
            relation: rule.relation.into(),
            from: rule.from.into_iter().map(Into::into).collect(),
            source: rule.source,
            at_least: rule.at_least.map(Into::into),
        }
    }
}

impl From<ReplacePlaybook> for domain::Playbook {
    fn from(playbook: ReplacePlaybook) -> Self {
        Self {
            sources: playbook.sources.into(),
            follow: playbook.follow.into_iter().map(Into::into).collect(),
            max_depth: playbook.max_depth,
            max_derived: playbook.max_derived,
            max_per_root: playbook.max_per_root,
        }
    }
}

impl From<StoredPlaybook> for Playbook {
    fn from(stored: StoredPlaybook) -> Self {
        let built_in = stored.is_built_in();
        let StoredPlaybook { head, playbook } = stored;
        // Those of the program are as old as the schema.
        let at = |micros: i64| (micros > 0).then(|| rfc3339(micros));
        Self {
            slug: head.slug,
            name: head.name,
            built_in,
            sources: playbook.sources.into(),
            follow: playbook.follow.into_iter().map(Into::into).collect(),
            max_depth: playbook.max_depth,
            max_derived: playbook.max_derived,
            max_per_root: playbook.max_per_root,
            created_at: at(head.created_at),
            updated_at: at(head.updated_at),
        }
    }
}

impl Playbook {
    /// A playbook for the document's examples.
    pub fn example() -> Self {
        Self {
            slug: "mail".to_owned(),
            name: "Phishing mail".to_owned(),
            built_in: false,
            sources: PlaybookSources::These { slugs: vec!["dns".to_owned(), "rdap".to_owned()] },
            follow: vec![FollowRule {
                relation: Relation::ResolvesTo,
                from: vec![Kind::Domain],
                source: Some("dns".to_owned()),
                at_least: None,
            }],
            max_depth: 1,
            max_derived: 500,
            max_per_root: 100,
            created_at: Some("2026-11-21T02:03:04.567Z".to_owned()),
            updated_at: Some("2026-11-21T02:03:04.567Z".to_owned()),
        }
    }
}
