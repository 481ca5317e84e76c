//! Lists matched in this very process: those shipped in the binary, feeds read from files, and what the embedded database
//! holds.

use std::fs::File;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use aggregator_entities::Database;
use aggregator_entities::domain::{CustomKinds, Indicator, Verdict, VerdictReason};
use aggregator_entities::ids::{GenerationId, SourceId};
use aggregator_entities::repositories::custom_kinds;
use aggregator_platform::Settings;
use aggregator_sources::feeds::parse::Body;
use aggregator_sources::feeds::{FeedRole, Preset, parse_feed};
use aggregator_sources::generation::{Generation, GenerationBuilder};
use aggregator_worker::intelligence::{FeedInfo, Intelligence, IntelligenceCache};
use aggregator_worker::judge;
use anyhow::Context;

use crate::process;

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
    feeds: Vec<(FeedInfo, Arc<Generation>)>,
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
        // No row knows these lists: their numbers are their places.
        let place = i64::try_from(self.feeds.len())?;
        let info = FeedInfo {
            source_id: SourceId(place),
            slug: definition.slug,
            name: definition.name,
            generation_id: GenerationId(place),
            caps: definition.role == FeedRole::Warninglist,
            weight: 100,
        };
        self.feeds.push((info, Arc::new(Generation::from_bytes(bytes)?)));
        Ok(built.entries)
    }

    /// Makes them ready to be asked, beside what the embedded database holds.
    pub(crate) fn finish(self, stored: Option<Stored>) -> anyhow::Result<Lists> {
        let own = Arc::new(Intelligence::of_feeds(self.feeds, Arc::default())?);
        Ok(match stored {
            Some(Stored { intelligence, kinds }) => Lists { parts: vec![intelligence, own], kinds },
            None => Lists { parts: vec![own], kinds: CustomKinds::default() },
        })
    }
}

/// What the embedded database holds.
#[derive(Debug)]
pub(crate) struct Stored {
    intelligence: Arc<Intelligence>,
    kinds: CustomKinds,
}

/// The feeds, ignore lists, address databases and custom kinds of the embedded database; `None` where there is none, or where it
/// was made by another version.
pub(crate) fn stored(settings: &Settings) -> anyhow::Result<Option<Stored>> {
    with_rows(settings, async |database| {
        let files = process::address_databases(&settings.data_dir);
        let cache = IntelligenceCache::new(settings.data_dir.join("generations"), files);
        let (intelligence, kinds) = (cache.current(database).await?, kinds_of(database).await?);
        Ok(Stored { intelligence, kinds })
    })
}

/// The custom kinds of the embedded database; none where there is none.
pub(crate) fn stored_kinds(settings: &Settings) -> anyhow::Result<CustomKinds> {
    Ok(with_rows(settings, kinds_of)?.unwrap_or_default())
}

async fn kinds_of(database: &Database) -> anyhow::Result<CustomKinds> {
    Ok(custom_kinds::load(database, None).await?.unwrap_or_default().kinds)
}

fn with_rows<T>(
    settings: &Settings,
    read: impl AsyncFnOnce(&Database) -> anyhow::Result<T>,
) -> anyhow::Result<Option<T>> {
    if settings.database.url.is_some() || !settings.data_dir.join("aggregator.db").exists() {
        return Ok(None);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let database = process::connect(settings).await?;
        if process::require_migrated(&database).await.is_err() {
            return Ok(None);
        }
        read(&database).await.map(Some)
    })
}

/// Lists ready to be asked.
#[derive(Debug)]
pub(crate) struct Lists {
    parts: Vec<Arc<Intelligence>>,
    /// The custom kinds that values are read as.
    pub(crate) kinds: CustomKinds,
}

impl Lists {
    /// The verdict of the very engine that screens submissions; a list that is known twice speaks once.
    pub(crate) fn judge(&self, indicator: &Indicator) -> Verdict {
        let mut reasons: Vec<VerdictReason> = Vec::new();
        for part in &self.parts {
            let (verdict, _) = judge::one(indicator, indicator.id(), part);
            for reason in verdict.reasons {
                if !reasons.iter().any(|known| known.source == reason.source && known.text == reason.text) {
                    reasons.push(reason);
                }
            }
        }
        Verdict::fuse(reasons)
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
        let lists = Reading::shipped().unwrap().finish(None).unwrap();
        let empty = parse_as(Kind::Md5, "d41d8cd98f00b204e9800998ecf8427e").unwrap().indicator;
        let reasons = lists.judge(&empty).reasons;
        let from: Vec<&str> = reasons.iter().map(|reason| reason.source.as_str()).collect();
        assert!(from.contains(&"warninglist-empty-hashes"), "{from:?}");
        assert!(reasons.iter().all(|reason| reason.caps && reason.opinion.stance != Stance::Malicious));
    }
}
