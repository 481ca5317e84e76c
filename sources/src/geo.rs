//! What databases on disk know about an address: its network, its autonomous system, its place.
//!
//! Two kinds of database: MMDB files as `MaxMind` and `IPinfo` publish them ([`MmdbDatabase`]), and ranges with an AS
//! number as `ip2asn` writes them, compiled into a generation ([`AsnRanges`]). Each database's answer stays its own.

mod facts;
mod ip2asn;
mod mmdb;
mod ranges;
mod record;

use std::net::IpAddr;

use smallvec::SmallVec;

pub use facts::IpFacts;
pub use ip2asn::{AsnRanges, compile_ip2asn};
pub use mmdb::MmdbDatabase;

/// Why a database is of no use.
#[derive(Debug, thiserror::Error)]
pub enum GeoError {
    /// The file cannot be read.
    #[error("the database cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The file is broken, as a whole or where the address is.
    #[error("the database is broken: {0}; download it again")]
    Broken(String),
}

/// One database.
#[derive(Debug)]
pub enum GeoDatabase {
    /// An MMDB file.
    Mmdb(MmdbDatabase),
    /// Ranges with an AS number.
    Ranges(AsnRanges),
}

/// Every database there is, in the order they are asked.
#[derive(Debug, Default)]
pub struct GeoDatabases {
    databases: Vec<GeoDatabase>,
}

impl GeoDatabases {
    /// The databases, in the order they are asked.
    pub fn new(databases: Vec<GeoDatabase>) -> Self {
        Self { databases }
    }

    /// True when there is nothing to ask.
    pub fn is_empty(&self) -> bool {
        self.databases.is_empty()
    }

    /// What each database knows; a database that does not know the address, or is broken there, is left out.
    pub fn facts(&self, address: IpAddr) -> SmallVec<[IpFacts; 2]> {
        let address = address.to_canonical();
        self.databases
            .iter()
            .filter_map(|database| match database {
                GeoDatabase::Mmdb(mmdb) => mmdb.facts(address).ok().flatten(),
                GeoDatabase::Ranges(ranges) => ranges.facts(address),
            })
            .collect()
    }
}
