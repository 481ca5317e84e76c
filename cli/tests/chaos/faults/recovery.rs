//! How long units that were struck by a fault took to their end.

use std::time::Duration;

use crate::rows::Rows;

/// Units in hand when a fault struck, and when that was (the database's clock, microseconds).
#[derive(Debug, Default)]
pub(super) struct Struck {
    units: Vec<(i64, i64)>,
}

impl Struck {
    /// Notes the chunks a fault hit.
    pub(super) fn note(&mut self, chunks: &[i64], at: i64) {
        self.units.extend(chunks.iter().map(|chunk| (*chunk, at)));
    }

    /// How many there were.
    pub(super) fn len(&self) -> usize {
        self.units.len()
    }

    /// True when everything the first fault hit is done.
    pub(super) fn is_first_done(&self, rows: &mut Rows) -> bool {
        let Some((_, first)) = self.units.first() else { return false };
        let units = self.units.iter().filter(|(_, at)| at == first);
        let ids: Vec<String> = units.map(|(chunk, _)| chunk.to_string()).collect();
        rows.number(&format!("SELECT COUNT(*) FROM chunks WHERE state <> 6 AND id IN ({})", ids.join(", ")))
            == 0
    }

    /// From the fault to the commit of each, shortest first; those without an end are missing.
    pub(super) fn times(&self, rows: &mut Rows) -> Vec<Duration> {
        let mut times = Vec::new();
        for (chunk, at) in &self.units {
            let finished = rows.column(&format!(
                "SELECT finished_at FROM chunks WHERE id = {chunk} AND finished_at IS NOT NULL"
            ));
            let since = finished.first().map(|finished| u64::try_from(finished - at).unwrap_or(0));
            times.extend(since.map(Duration::from_micros));
        }
        times.sort_unstable();
        times
    }
}

/// The smallest time that 99 of 100 do not pass; zero when there is none.
pub(super) fn p99(sorted: &[Duration]) -> Duration {
    let rank = (sorted.len() * 99).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// Seconds with one decimal.
pub(super) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
