//! Lists matched in this very process: those shipped in the binary, and feeds read from files.

use std::fs::File;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use aggregator_entities::domain::{Indicator, VerdictReason};
use aggregator_sources::feeds::parse::Body;
use aggregator_sources::feeds::{FeedDefinition, FeedRole, Preset, parse_feed};
use aggregator_sources::generation::{Generation, GenerationBuilder};
use aggregator_sources::matcher::{Matcher, Via};
use anyhow::Context;

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        &[$((concat!("warninglist-", $name), include_bytes!(concat!("../lists/", $name, ".json")))),+]
    };
}

/// Slug of the definition, and the list (`cli/lists/README.md`).
const SHIPPED: &[(&str, &[u8])] = shipped![
    "captive-portals",
    "common-ioc-false-positive",
    "eicar-com",
    "empty-hashes",
    "link-in-bio",
    "parking-domain",
    "sinkholes",
    "url-shortener",
    "whats-my-ip",
];

/// Lists being read.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    definitions: Vec<FeedDefinition>,
    generations: Vec<Arc<Generation>>,
}

impl Reading {
    /// The lists shipped in the binary.
    pub(crate) fn shipped() -> anyhow::Result<Self> {
        let mut reading = Self::default();
        for (slug, list) in SHIPPED {
            reading.add(slug, &mut Cursor::new(*list)).with_context(|| format!("the shipped list {slug}"))?;
        }
        Ok(reading)
    }

    /// Reads a file as the shipped feed definition `slug` says.
    pub(crate) fn add_file(&mut self, slug: &str, path: &Path) -> anyhow::Result<()> {
        let mut file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let entries =
            self.add(slug, &mut file).with_context(|| format!("cannot read {} as {slug}", path.display()))?;
        anyhow::ensure!(
            entries > 0,
            "{} holds no entry of the feed {slug}; is it another feed's file?",
            path.display()
        );
        Ok(())
    }

    /// Reads one list and tells how many entries it has.
    fn add(&mut self, slug: &str, body: &mut dyn Body) -> anyhow::Result<u32> {
        let preset = Preset::find(slug)
            .with_context(|| format!("no feed is called {slug}; `aggregator feeds presets` lists them"))?;
        let definition = preset.definition()?;
        let mut builder = GenerationBuilder::new();
        let parsed = parse_feed(&definition, body, &mut |entry| builder.push(&entry))?;
        let (built, bytes) = builder.finish_bytes(parsed.answers)?;
        self.generations.push(Arc::new(Generation::from_bytes(bytes)?));
        self.definitions.push(definition);
        Ok(built.entries)
    }

    /// Makes them ready to be asked.
    pub(crate) fn finish(self) -> anyhow::Result<Lists> {
        Ok(Lists { matcher: Matcher::new(self.generations)?, definitions: self.definitions })
    }
}

/// Lists ready to be asked.
#[derive(Debug)]
pub(crate) struct Lists {
    matcher: Matcher,
    /// In the order in which hits name them.
    definitions: Vec<FeedDefinition>,
}

impl Lists {
    /// What each list that knows the indicator says: one line a list, its strongest entry.
    pub(crate) fn reasons(&self, indicator: &Indicator) -> Vec<VerdictReason> {
        let mut hits = self.matcher.match_indicator(indicator.kind(), indicator.value(), indicator.id());
        let opinion = |hit| self.matcher.entry(hit).map(|entry| entry.opinion()).unwrap_or_default();
        hits.sort_by_key(|hit| {
            let opinion = opinion(*hit);
            (hit.feed, std::cmp::Reverse((opinion.stance, opinion.confidence)), hit.via, hit.entry)
        });
        hits.dedup_by_key(|hit| hit.feed);
        hits.iter()
            .filter_map(|hit| {
                let definition = self.definitions.get(usize::from(hit.feed))?;
                let entry = self.matcher.entry(*hit)?;
                let subject = match hit.via {
                    Via::Itself => "Listed",
                    Via::Host => "Its host is listed",
                    Via::MailDomain => "Its domain is listed",
                };
                let detail = if entry.value() == indicator.value() {
                    String::new()
                } else {
                    format!(" ({})", entry.value())
                };
                Some(VerdictReason {
                    source: definition.slug.clone(),
                    opinion: entry.opinion(),
                    text: format!("{subject} by {}: {}{detail}", definition.provider, definition.name),
                    caps: definition.role == FeedRole::Warninglist,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use aggregator_entities::domain::{Kind, Stance, parse_as};

    use super::*;

    #[test]
    fn every_shipped_list_reads_without_a_refusal() {
        for (slug, list) in SHIPPED {
            let definition = Preset::find(slug).unwrap().definition().unwrap();
            assert_eq!(definition.licence, "CC0-1.0", "{slug}: only what may be shipped");
            let parsed = parse_feed(&definition, &mut Cursor::new(*list), &mut |_| Ok(())).unwrap();
            assert!(parsed.report.entries >= definition.min_rows, "{slug}: {:?}", parsed.report);
        }
    }

    #[test]
    fn a_shipped_list_answers_once_with_its_name() {
        let lists = Reading::shipped().unwrap().finish().unwrap();
        let empty = parse_as(Kind::Md5, "d41d8cd98f00b204e9800998ecf8427e").unwrap().indicator;
        let reasons = lists.reasons(&empty);
        let from: Vec<&str> = reasons.iter().map(|reason| reason.source.as_str()).collect();
        assert!(from.contains(&"warninglist-empty-hashes"), "{from:?}");
        assert!(reasons.iter().all(|reason| reason.caps && reason.opinion.stance != Stance::Malicious));
    }
}
