//! The rows our own run left, in files: what the floor and the baselines write once more.

use std::path::PathBuf;

use crate::servers::Servers;

/// Tables of the final rows, in the order of the hot path, with the rows of one submission.
pub(crate) const TABLES: [(&str, &str); 3] = [
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
