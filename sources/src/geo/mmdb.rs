//! MMDB files (`MaxMind` DB format 2.0), mapped.

use std::net::IpAddr;
use std::path::Path;

use ipnet::IpNet;
use maxminddb::{MaxMindDbError, Reader};

use super::GeoError;
use super::facts::IpFacts;
use super::record::Record;
use crate::mapped::Bytes;

/// An open MMDB file of any layout that names its fields as `MaxMind` or `IPinfo` do.
pub struct MmdbDatabase {
    source: Box<str>,
    reader: Reader<Bytes>,
}

impl std::fmt::Debug for MmdbDatabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MmdbDatabase").field("source", &self.source).finish_non_exhaustive()
    }
}

impl From<MaxMindDbError> for GeoError {
    fn from(error: MaxMindDbError) -> Self {
        match error {
            MaxMindDbError::Io(error) => Self::Read(error),
            other => Self::Broken(other.to_string()),
        }
    }
}

impl MmdbDatabase {
    /// Maps a file; `source` is the slug its answers carry. The file must be replaced by renaming, never in place.
    ///
    /// Only the frame is checked; a broken record is an error where it is met. See [`Self::verify`].
    pub fn open(source: &str, path: &Path) -> Result<Self, GeoError> {
        Ok(Self { source: source.into(), reader: Reader::from_source(Bytes::map(path)?)? })
    }

    /// Walks the whole file: once when it is imported. Takes about a second a 100 MB.
    pub fn verify(&self) -> Result<(), GeoError> {
        Ok(self.reader.verify()?)
    }

    /// When the file was made, seconds since 1970, as it says itself.
    pub fn built_at_seconds(&self) -> u64 {
        self.reader.metadata().build_epoch
    }

    /// What the file says it is (`GeoLite2-City`).
    pub fn database_type(&self) -> &str {
        &self.reader.metadata().database_type
    }

    /// What it knows about an address; `None` when it does not know it, or nothing of what is looked for.
    pub fn facts(&self, address: IpAddr) -> Result<Option<IpFacts>, GeoError> {
        if address.is_ipv6() && self.reader.metadata().ip_version == 4 {
            return Ok(None);
        }
        let found = self.reader.lookup(address)?;
        let Some(record) = found.decode::<Record<'_>>()? else { return Ok(None) };
        let mut facts = IpFacts::of(&self.source);
        record.fill(&mut facts);
        let network = found.network()?;
        facts.network = IpNet::new(network.ip(), network.prefix()).ok();
        Ok(Some(facts).filter(IpFacts::says_something))
    }
}
