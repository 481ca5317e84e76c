//! Ignore lists: what must not be sent to sources, and what caps a verdict.
//!
//! Enabled lists compile to one immutable [`IgnoreSnapshot`] that is swapped whole; a disabled list is not in it at
//! all. Matching is the [`matcher`](crate::matcher)'s: a URL is ignored with its host, an e-mail address with its
//! domain, an address with its network.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

pub use aggregator_domain::{IgnoreEffect, IgnoreValue};
use aggregator_domain::{IndicatorId, Kind, Opinion};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::KindSet;
use crate::feeds::entry::{Facts, FeedEntry};
use crate::feeds::report::RejectedRow;
use crate::generation::{BuildError, Entry, Generation, GenerationBuilder, OpenError};
use crate::matcher::{Matcher, MatcherError, Via};

/// Whose questions a list is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "slug")]
pub enum IgnoreScope {
    /// Every source.
    #[default]
    Everywhere,
    /// The sources of one provider, by its slug.
    Provider(String),
    /// One source, by its slug.
    Source(String),
}

/// One ignore list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreList {
    /// Its number, which hits carry.
    pub id: i64,
    /// Its name, for reasons.
    pub name: String,
    /// A disabled list has no effect.
    pub enabled: bool,
    /// Whose questions it is about.
    pub scope: IgnoreScope,
    /// What being on it does.
    pub effect: IgnoreEffect,
    /// Its values.
    pub values: Vec<IgnoreValue>,
}

/// Why lists do not compile.
#[derive(Debug, thiserror::Error)]
pub enum IgnoreError {
    /// They cannot be stored.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// What was just built does not open: a defect of this program.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// They cannot be matched together.
    #[error(transparent)]
    Match(#[from] MatcherError),
}

/// What a hit tells about its list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    id: i64,
    name: String,
    scope: IgnoreScope,
    effect: IgnoreEffect,
}

/// One value that matches.
#[derive(Debug, Clone, Copy)]
pub struct IgnoreHit<'s> {
    /// The list's number.
    pub list: i64,
    /// The list's name.
    pub name: &'s str,
    /// Whose questions it is about.
    pub scope: &'s IgnoreScope,
    /// What being on it does.
    pub effect: IgnoreEffect,
    /// The value.
    pub entry: Entry<'s>,
    /// How the indicator led there.
    pub via: Via,
}

impl IgnoreHit<'_> {
    /// True when the hit is about questions to this source of this provider.
    pub fn concerns(&self, provider: &str, source: &str) -> bool {
        match self.scope {
            IgnoreScope::Everywhere => true,
            IgnoreScope::Provider(slug) => slug == provider,
            IgnoreScope::Source(slug) => slug == source,
        }
    }
}

/// Every enabled list, compiled; immutable.
#[derive(Debug, Default)]
pub struct IgnoreSnapshot {
    version: u64,
    heads: Vec<Head>,
    matcher: Matcher,
    rejected: BTreeMap<i64, Vec<RejectedRow>>,
}

impl IgnoreSnapshot {
    /// Compiles the enabled lists. A value that does not read is left out and told by [`Self::rejected`].
    pub fn compile(version: u64, lists: &[IgnoreList]) -> Result<Self, IgnoreError> {
        let (mut heads, mut generations) = (Vec::new(), Vec::new());
        let mut rejected = BTreeMap::new();
        for list in lists.iter().filter(|list| list.enabled) {
            let mut builder = GenerationBuilder::new();
            let mut refused = Vec::new();
            for (line, value) in (1..).zip(&list.values) {
                match value.read() {
                    Ok(pattern) => {
                        let (opinion, facts) = (Opinion::default(), Facts::default());
                        builder.push(&FeedEntry { pattern, opinion, facts })?;
                    }
                    Err(reason) => refused.push(RejectedRow { line, reason, text: value.text.clone() }),
                }
            }
            let (_, bytes) = builder.finish_bytes(KindSet::ALL)?;
            generations.push(Arc::new(Generation::from_bytes(bytes)?));
            let (id, name, scope, effect) = (list.id, list.name.clone(), list.scope.clone(), list.effect);
            heads.push(Head { id, name, scope, effect });
            if !refused.is_empty() {
                rejected.insert(list.id, refused);
            }
        }
        Ok(Self { version, heads, matcher: Matcher::new(generations)?, rejected })
    }

    /// The version given when it was compiled.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many values are compiled in.
    pub fn values(&self) -> u64 {
        self.matcher.entries()
    }

    /// Values that did not read, by list.
    pub fn rejected(&self) -> &BTreeMap<i64, Vec<RejectedRow>> {
        &self.rejected
    }

    /// Every value that matches a canonical indicator, of every scope and effect.
    pub fn find(&self, kind: Kind, value: &str, id: IndicatorId) -> SmallVec<[IgnoreHit<'_>; 2]> {
        let hits = self.matcher.match_indicator(kind, value, id);
        hits.into_iter()
            .filter_map(|hit| {
                let head = self.heads.get(usize::from(hit.feed))?;
                let entry = self.matcher.entry(hit)?;
                let (list, name, effect) = (head.id, head.name.as_str(), head.effect);
                Some(IgnoreHit { list, name, scope: &head.scope, effect, entry, via: hit.via })
            })
            .collect()
    }
}

/// Reads the lines of an imported list: one value a line with comments, each with the mode its form says
/// (`.example.com` suffix, `192.0.2.0/24` network, `/…/` regular expression, else exact).
pub fn import_lines(text: &[u8]) -> Result<(Vec<IgnoreValue>, Vec<RejectedRow>), std::io::Error> {
    let (mut values, mut rejected) = (Vec::new(), Vec::new());
    crate::feeds::parse::each_plain_line(&mut Cursor::new(text), &mut |line, text| match text
        .map(|text| (text, IgnoreValue::of_form(text)))
    {
        Err(reason) => rejected.push(RejectedRow { line, reason, text: String::new() }),
        Ok((text, value)) => match value.read() {
            Ok(_) => values.push(value),
            Err(reason) => rejected.push(RejectedRow { line, reason, text: text.to_owned() }),
        },
    })?;
    Ok((values, rejected))
}
