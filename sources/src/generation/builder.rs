//! Building a generation from a stream of entries: equal entries give equal bytes, in whatever order they come.

use std::collections::HashMap;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, SpooledTempFile};

use super::format::{DIGEST_AT, GenerationId, Header, NO_FACTS};
use super::record::{RANK_KEYED, RANK_V4, RANK_V6, Record, encode};
use super::runs::Runs;
use crate::KindSet;
use crate::feeds::entry::FeedEntry;

/// Sorted in memory before a run is spilled, bytes.
const DEFAULT_BUDGET: usize = 64 << 20;
/// A section held in memory before it goes to a file, bytes.
const SECTION_BUDGET: usize = 4 << 20;
/// Distinct facts remembered to store them once.
const SHARED_FACTS: usize = 65_536;

/// Why a generation cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Writing failed.
    #[error("the feed's generation cannot be written: {0}")]
    Write(#[from] std::io::Error),
    /// A section passes what the format can address.
    #[error("the feed is too large for one generation (4 GiB a section); split it")]
    TooLarge,
}

/// What was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Its content address.
    pub id: GenerationId,
    /// Entries in it.
    pub entries: u32,
    /// Entries that were there already: the strongest opinion was kept.
    pub duplicates: u64,
    /// Entries left out because a part of them is longer than 65,535 bytes.
    pub oversized: u64,
    /// Its size, bytes.
    pub size_bytes: u64,
}

/// A generation on disk that nobody can see yet; dropped, it is gone.
#[derive(Debug)]
pub struct Staged {
    built: Built,
    file: NamedTempFile,
    path: PathBuf,
}

impl Staged {
    /// What was built.
    pub fn built(&self) -> &Built {
        &self.built
    }

    /// Gives it its name, `<id>.feed`, and tells where: whole or not at all, safe beside another writer of the same.
    pub fn publish(self) -> Result<(Built, PathBuf), BuildError> {
        self.file.as_file().sync_all()?;
        self.file.persist(&self.path).map_err(|error| error.error)?;
        Ok((self.built, self.path))
    }
}

/// Takes entries, then writes one generation.
pub struct GenerationBuilder {
    runs: Runs,
    oversized: u64,
}

impl Default for GenerationBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl GenerationBuilder {
    /// An empty builder that holds at most about 64 MiB.
    pub fn new() -> Self {
        Self::with_budget(DEFAULT_BUDGET)
    }

    /// An empty builder that holds at most about `budget_bytes` (64 KiB–2 GiB) and spills the rest to temporary files.
    pub fn with_budget(budget_bytes: usize) -> Self {
        Self { runs: Runs::new(budget_bytes), oversized: 0 }
    }

    /// Takes one entry.
    pub fn push(&mut self, entry: &FeedEntry) -> Result<(), BuildError> {
        let mut stored = true;
        self.runs.push(|arena| stored = encode(entry, arena))?;
        self.oversized += u64::from(!stored);
        Ok(())
    }

    /// Writes the generation into `folder` under a temporary name, to be judged before it is published.
    pub fn stage(self, answers: KindSet, folder: &Path) -> Result<Staged, BuildError> {
        let mut file = tempfile::Builder::new().prefix(".generation-").tempfile_in(folder)?;
        let built = self.finish(answers, file.as_file_mut())?;
        Ok(Staged { path: folder.join(built.id.file_name()), built, file })
    }

    /// [`Self::stage`] and [`Staged::publish`] in one.
    pub fn finish_file(self, answers: KindSet, folder: &Path) -> Result<(Built, PathBuf), BuildError> {
        self.stage(answers, folder)?.publish()
    }

    /// The generation as bytes in memory, for small lists.
    pub fn finish_bytes(self, answers: KindSet) -> Result<(Built, Vec<u8>), BuildError> {
        let mut bytes = Cursor::new(Vec::new());
        let built = self.finish(answers, &mut bytes)?;
        Ok((built, bytes.into_inner()))
    }

    fn finish(self, answers: KindSet, out: &mut (impl Write + Seek)) -> Result<Built, BuildError> {
        let mut sections = Sections::new();
        let duplicates = self.runs.merge(&mut |record| sections.add(record))?;
        let entries = sections.header.entries().ok_or(BuildError::TooLarge)?;
        let (id, size_bytes) = sections.assemble(answers, out)?;
        Ok(Built { id, entries, duplicates, oversized: self.oversized, size_bytes })
    }
}

/// The sections as they grow.
struct Sections {
    header: Header,
    keys: SpooledTempFile,
    networks_v4: SpooledTempFile,
    networks_v6: SpooledTempFile,
    meta: SpooledTempFile,
    values: SpooledTempFile,
    facts: SpooledTempFile,
    shared_facts: HashMap<Box<[u8]>, u32>,
}

impl Sections {
    fn new() -> Self {
        let section = || tempfile::spooled_tempfile(SECTION_BUDGET);
        Self {
            header: Header {
                answers: KindSet::ALL,
                keyed: 0,
                networks_v4: 0,
                networks_v6: 0,
                patterns: 0,
                values_bytes: 0,
                facts_bytes: 0,
            },
            keys: section(),
            networks_v4: section(),
            networks_v6: section(),
            meta: section(),
            values: section(),
            facts: section(),
            shared_facts: HashMap::new(),
        }
    }

    fn add(&mut self, record: Record<'_>) -> Result<(), BuildError> {
        let key = record.key();
        let count = match key[0] {
            RANK_KEYED => {
                self.keys.write_all(&key[1..17])?;
                &mut self.header.keyed
            }
            RANK_V4 => {
                let mut net = [0; 8];
                net[..4].copy_from_slice(&le_address::<4>(&key[1..5]));
                net[4] = key[5];
                self.networks_v4.write_all(&net)?;
                &mut self.header.networks_v4
            }
            RANK_V6 => {
                let mut net = [0; 24];
                net[..16].copy_from_slice(&le_address::<16>(&key[1..17]));
                net[16] = key[17];
                self.networks_v6.write_all(&net)?;
                &mut self.header.networks_v6
            }
            _ => &mut self.header.patterns,
        };
        *count = count.checked_add(1).ok_or(BuildError::TooLarge)?;
        self.add_meta(record)
    }

    fn add_meta(&mut self, record: Record<'_>) -> Result<(), BuildError> {
        let facts = self.add_facts(record.facts())?;
        let value = record.value();
        let value_at = u32::try_from(self.header.values_bytes).or(Err(BuildError::TooLarge))?;
        let value_length = u16::try_from(value.len()).or(Err(BuildError::TooLarge))?;
        self.values.write_all(value)?;
        self.header.values_bytes += u64::from(value_length);
        let mut meta = [0; 16];
        meta[..4].copy_from_slice(&value_at.to_le_bytes());
        meta[4..8].copy_from_slice(&facts.to_le_bytes());
        meta[8..10].copy_from_slice(&value_length.to_le_bytes());
        meta[10..16].copy_from_slice(record.fixed());
        self.meta.write_all(&meta)?;
        Ok(())
    }

    fn add_facts(&mut self, facts: &[u8]) -> Result<u32, BuildError> {
        if facts.is_empty() {
            return Ok(NO_FACTS);
        }
        if let Some(at) = self.shared_facts.get(facts) {
            return Ok(*at);
        }
        let at = u32::try_from(self.header.facts_bytes).or(Err(BuildError::TooLarge))?;
        let length = u16::try_from(facts.len()).or(Err(BuildError::TooLarge))?;
        self.facts.write_all(&length.to_le_bytes())?;
        self.facts.write_all(facts)?;
        self.header.facts_bytes += 2 + u64::from(length);
        if self.shared_facts.len() < SHARED_FACTS {
            self.shared_facts.insert(facts.into(), at);
        }
        Ok(at)
    }

    /// Writes header and sections, then the digest over all of it into the header.
    fn assemble(
        mut self,
        answers: KindSet,
        out: &mut (impl Write + Seek),
    ) -> Result<(GenerationId, u64), BuildError> {
        self.header.answers = answers;
        let header = self.header.encode();
        let mut hasher = blake3::Hasher::new();
        hasher.update(&header);
        out.write_all(&header)?;
        let mut size = header.len() as u64;
        let mut buffer = vec![0; 256 << 10];
        let sections = [self.keys, self.networks_v4, self.networks_v6, self.meta, self.values, self.facts];
        for mut section in sections {
            section.seek(SeekFrom::Start(0))?;
            loop {
                let read = section.read(&mut buffer)?;
                if read == 0 {
                    break;
                }
                hasher.update(&buffer[..read]);
                out.write_all(&buffer[..read])?;
                size += read as u64;
            }
        }
        let id = GenerationId(*hasher.finalize().as_bytes());
        out.seek(SeekFrom::Start(DIGEST_AT as u64))?;
        out.write_all(&id.0)?;
        out.flush()?;
        Ok((id, size))
    }
}

/// An address of a sort key (big endian) as the file stores it.
fn le_address<const N: usize>(big_endian: &[u8]) -> [u8; N] {
    let mut address = [0; N];
    for (to, from) in address.iter_mut().zip(big_endian.iter().rev()) {
        *to = *from;
    }
    address
}
