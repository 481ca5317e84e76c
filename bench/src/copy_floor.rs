//! The floor: `COPY … (FORMAT binary)` of the rows our own run left, into our own tables with all their indexes.
//!
//! One connection, one transaction, files on the server's side: no queue, no parsing, no screening, no crash safety short
//! of all or nothing.

use std::fs;
use std::time::Instant;

use crate::servers::Servers;
use crate::unload::TABLES;

/// What copying took.
#[derive(Debug, Clone)]
pub struct Floor {
    /// Items copied; each stands for one indicator.
    pub items: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Seconds from `BEGIN` to after `COMMIT`.
    pub seconds: f64,
    /// Write-ahead log, bytes.
    pub wal_bytes: u64,
}

/// Copies what was unloaded into a fresh database, then removes the files.
pub fn measure(servers: &Servers) -> anyhow::Result<Floor> {
    servers.create("bench_floor", Some("bench_migrated"))?;
    servers.checkpoint()?;
    let copies = TABLES.map(|(table, _)| {
        format!("COPY {table} FROM '{}' (FORMAT binary);", servers.exchange.join(table).display())
    });
    let wal = servers.wal_bytes()?;
    let started = Instant::now();
    servers.sql("bench_floor", &format!("BEGIN; {} COMMIT;", copies.join(" ")))?;
    let seconds = started.elapsed().as_secs_f64();
    let wal_bytes = servers.wal_bytes()? - wal;
    let items = servers.number("bench_floor", "SELECT count(*) FROM items")?;
    let others = servers.number(
        "bench_floor",
        "SELECT (SELECT count(*) FROM indicators) + (SELECT count(*) FROM findings)",
    )?;
    servers.drop("bench_floor")?;
    for (table, _) in TABLES {
        // They belong to the server's user; the run's folder goes as a whole otherwise.
        drop(fs::remove_file(servers.exchange.join(table)));
    }
    Ok(Floor { items, rows: items + others, seconds, wal_bytes })
}
