//! Databases about addresses (mmdb, ip2asn): files an operator puts into `data_dir/addresses`, opened once.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aggregator_entities::Database;
use aggregator_entities::domain::{Indicator, IndicatorId, Kind, Opinion, Outcome};
use aggregator_entities::ids::SourceId;
use aggregator_entities::repositories::screening::LocalFinding;
use aggregator_entities::repositories::sources::{self, NewSource};
use aggregator_sources::KindSet;
use aggregator_sources::generation::{Generation, GenerationBuilder};
use aggregator_sources::geo::{AsnRanges, GeoDatabase, GeoDatabases, IpFacts, MmdbDatabase, compile_ip2asn};

use super::IntelligenceError;
use crate::judge::data_hash;

/// The open databases with the sources they are.
#[derive(Debug, Default)]
pub struct AddressDatabases {
    databases: GeoDatabases,
    sources: HashMap<String, SourceId>,
}

impl AddressDatabases {
    /// Opens the files and makes each known as a source. One that is broken is left out, loudly.
    pub(super) async fn open(database: &Database, files: Vec<PathBuf>) -> Result<Self, IntelligenceError> {
        let opened = tokio::task::spawn_blocking(move || {
            files.iter().filter_map(|file| open(file)).collect::<Vec<_>>()
        })
        .await
        .map_err(|error| IntelligenceError::Compile(error.to_string()))?;
        let mut known = HashMap::new();
        let mut databases = Vec::new();
        for (slug, opened) in opened {
            let source = NewSource { slug: &slug, name: &slug, provider: "local", kind: "database" };
            known.insert(slug.clone(), sources::ensure(database, source).await?);
            databases.push(opened);
        }
        Ok(Self { databases: GeoDatabases::new(databases), sources: known })
    }

    /// What each database knows about an address.
    pub(super) fn locate(&self, indicator: &Indicator, id: IndicatorId) -> Vec<LocalFinding> {
        if self.sources.is_empty() || !matches!(indicator.kind(), Kind::Ipv4 | Kind::Ipv6) {
            return Vec::new();
        }
        let Ok(address) = indicator.value().parse::<IpAddr>() else { return Vec::new() };
        self.databases.facts(address).iter().filter_map(|facts| self.finding(facts, id)).collect()
    }

    fn finding(&self, facts: &IpFacts, id: IndicatorId) -> Option<LocalFinding> {
        let source_id = *self.sources.get(&*facts.source)?;
        let summary = sentence(facts);
        let data = serde_json::to_string(facts).ok();
        Some(LocalFinding {
            indicator_id: id,
            source_id,
            generation_id: None,
            outcome: Outcome::Found,
            stance: Opinion::default().stance,
            confidence: 0,
            data_hash: data_hash(Opinion::default(), &summary, data.as_deref()),
            summary,
            data,
        })
    }
}

fn sentence(facts: &IpFacts) -> String {
    let mut parts = Vec::new();
    if let Some(asn) = facts.asn {
        parts.push(format!("AS{asn}"));
    }
    parts
        .extend([&facts.as_name, &facts.city, &facts.country].into_iter().flatten().map(ToString::to_string));
    parts.extend(facts.uses.iter().map(ToString::to_string));
    if parts.is_empty() { "Known".to_owned() } else { parts.join(", ") }
}

/// Opens one file; its slug is its name.
fn open(file: &Path) -> Option<(String, GeoDatabase)> {
    let slug = slug_of(file)?;
    let opened = match file.extension()?.to_str()? {
        "mmdb" => MmdbDatabase::open(&slug, file).map(GeoDatabase::Mmdb).map_err(|error| error.to_string()),
        "tsv" => ranges(&slug, file).map(GeoDatabase::Ranges),
        _ => return None,
    };
    match opened {
        Ok(database) => Some((slug, database)),
        Err(error) => {
            tracing::error!(file = %file.display(), error, "an address database is left out");
            None
        }
    }
}

fn ranges(slug: &str, file: &Path) -> Result<AsnRanges, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let mut body = BufReader::new(File::open(file).map_err(|error| text(&error))?);
    let mut builder = GenerationBuilder::new();
    compile_ip2asn(&mut body, &mut builder).map_err(|error| text(&error))?;
    let (_, bytes) =
        builder.finish_bytes(KindSet::of(&[Kind::Ipv4, Kind::Ipv6])).map_err(|error| text(&error))?;
    let generation = Generation::from_bytes(bytes).map_err(|error| text(&error))?;
    AsnRanges::new(slug, Arc::new(generation)).map_err(|error| text(&error))
}

fn slug_of(file: &Path) -> Option<String> {
    let stem = file.file_stem()?.to_str()?.to_ascii_lowercase();
    Some(stem.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '-' }).collect())
}
