//! The floor: `COPY … (FORMAT binary)` of the rows our own run left, into our own tables with all their indexes.
//!
//! One connection, one transaction, files on the server's side: no queue, no parsing, no screening, no crash safety short
//! of all or nothing.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use crate::servers::Servers;

/// Tables of the final rows, in the order of the hot path, with the rows of one submission.
const TABLES: [(&str, &str); 3] = [
    ("indicators", "SELECT * FROM indicators"),
    ("findings", "SELECT * FROM findings"),
    ("items", "SELECT * FROM items WHERE submission_id = $SUBMISSION ORDER BY ordinal"),
];

/// What is known of each judged line of a submission, a JSON array a line: the line, stance, confidence, reasons, findings.
/// A line of JSON holds no control character, so this CSV never quotes.
const JUDGED: &str = r"
    SELECT jsonb_build_array(COALESCE(i.raw, x.value), i.stance, i.confidence, i.reasons, (
        SELECT jsonb_agg(jsonb_build_array(f.source_id, f.outcome, f.stance, f.confidence, f.summary, f.data,
            f.data_hash::text, f.generation_id)) FROM findings f WHERE f.indicator_id = i.indicator_id))
    FROM items i JOIN indicators x ON x.id = i.indicator_id
    WHERE i.submission_id = $SUBMISSION AND i.reasons IS NOT NULL";

/// Where what is known of each judged line is unloaded to, for the baselines that are to write the same rows.
pub fn judged(servers: &Servers) -> PathBuf {
    servers.exchange.join("judged")
}

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

/// Unloads the rows of a submission; call before other submissions add indicators.
pub fn unload(servers: &Servers, database: &str, submission: u64) -> anyhow::Result<()> {
    for (table, select) in TABLES {
        let select = select.replace("$SUBMISSION", &submission.to_string());
        let file = servers.exchange.join(table);
        servers.sql(database, &format!("COPY ({select}) TO '{}' (FORMAT binary)", file.display()))?;
    }
    let select = JUDGED.replace("$SUBMISSION", &submission.to_string());
    let plain = r"(FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')";
    servers.sql(database, &format!("COPY ({select}) TO '{}' {plain}", judged(servers).display()))?;
    Ok(())
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
