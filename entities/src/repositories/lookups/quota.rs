//! How many calls a limit allows now: the generic cell rate algorithm (GCRA, ITU-T I.371) over one stored instant.

use sea_orm::{DatabaseTransaction, QueryResult};

use crate::ids::SourceId;
use crate::{Database, StoreError};

/// One limit of a source as its row says: at most `calls` in any window of `window` microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quota {
    pub(super) source: i64,
    pub(super) window: i64,
    pub(super) calls: i64,
    /// Until when the calls made so far are spent; the theoretical arrival time.
    pub(super) spent_until: i64,
}

impl Quota {
    /// Reads `source_id, window_micros, calls, spent_until`.
    pub(super) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            source: row.try_get("", "source_id")?,
            window: row.try_get("", "window_micros")?,
            calls: i64::from(row.try_get::<i32>("", "calls")?),
            spent_until: row.try_get("", "spent_until")?,
        })
    }

    /// The limits of a source, the shortest window first, locked: what is spent is written back unseen by nobody.
    pub(super) async fn lock(
        database: &Database,
        on: &DatabaseTransaction,
        source: SourceId,
    ) -> Result<Vec<Self>, StoreError> {
        database
            .sql(
                "SELECT source_id, window_micros, calls, spent_until FROM quotas
                 WHERE source_id = $1 ORDER BY window_micros {for_update}",
            )
            .bind(source.0)
            .all(on, Self::read)
            .await
    }

    /// Calls that may come at once. A larger burst costs as many calls of the steady rate: burst + rate × window ≤ limit.
    const fn burst(self) -> i64 {
        1 + self.calls / 50
    }

    /// Microseconds one call spends.
    fn cost(self) -> i64 {
        let steady = (self.calls - self.burst() + 1).max(1);
        // Rounded up, so that a window never holds one more.
        (self.window + steady - 1) / steady
    }

    /// How many calls it allows at `now`, and from when on it allows one.
    pub(super) fn allows(self, now: i64) -> (i64, i64) {
        let from = self.spent_until.max(now) - (self.burst() - 1) * self.cost();
        if from > now { (0, from) } else { ((now - from) / self.cost() + 1, from) }
    }

    /// The row after so many calls at `now`.
    pub(super) fn spend(self, now: i64, calls: i64) -> Self {
        Self { spent_until: self.spent_until.max(now) + calls * self.cost(), ..self }
    }

    /// The row once a call it was spent on is made so late, at `now`; `None` where it has no room for that.
    pub(super) fn moved_on(self, now: i64, late_micros: i64) -> Option<Self> {
        if late_micros <= self.cost() {
            return Some(Self { spent_until: self.spent_until + late_micros, ..self });
        }
        // So long ago that it allows the next one: the call is as any other.
        (self.allows(now).0 > 0).then(|| self.spend(now, 1))
    }

    /// The row where a call it was spent on so long ago was not made.
    pub(super) fn given_back(self, late_micros: i64) -> Self {
        let back = (self.cost() - late_micros).max(0);
        Self { spent_until: self.spent_until - back, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::Quota;

    const SECOND: i64 = 1_000_000;

    /// Takes everything it allows, looked at every `step`; the instants of the calls.
    fn taken(calls: i64, window: i64, step: i64, until: i64) -> Vec<i64> {
        let mut quota = Quota { source: 1, window, calls, spent_until: 0 };
        let mut instants = Vec::new();
        for now in (0..until).step_by(usize::try_from(step).unwrap()) {
            let (allowed, _) = quota.allows(now);
            quota = quota.spend(now, allowed);
            instants.extend(std::iter::repeat_n(now, usize::try_from(allowed).unwrap()));
        }
        instants
    }

    #[test]
    fn no_window_holds_more_than_the_limit_and_nearly_all_of_it_is_used() {
        for (calls, window) in
            [(1, SECOND), (5, 60 * SECOND), (240, 60 * SECOND), (1_000, SECOND), (7, 3 * SECOND)]
        {
            for step in [10_000, 37_001, 400_000] {
                let until = 5 * window;
                let instants = taken(calls, window, step, until);
                for (n, start) in instants.iter().enumerate() {
                    let within = instants[n..].iter().take_while(|at| **at < start + window).count();
                    assert!(
                        within <= usize::try_from(calls).unwrap(),
                        "{calls} in {window}, step {step}: {within}"
                    );
                }
                // The feeder comes when a call is allowed; here it comes every `step`.
                if step * 20 < window / calls {
                    let used = i64::try_from(instants.len()).unwrap();
                    assert!(used * 100 >= calls * 5 * 95, "{calls} in {window}, step {step}: {used}");
                }
            }
        }
    }

    /// Calls that are made late, at once or after a wait, still fit: those that do not are given back and come again.
    #[test]
    fn late_calls_do_not_bunch() {
        for (calls, window) in [(5, 60 * SECOND), (240, 60 * SECOND), (10, SECOND)] {
            let mut quota = Quota { source: 1, window, calls, spent_until: 0 };
            let (mut offered, mut made) = (std::collections::VecDeque::new(), Vec::new());
            let (mut noise, step, until) = (7_u64, 20_000, 4 * window.max(20 * SECOND));
            for now in (0..until).step_by(usize::try_from(step).unwrap()) {
                let (allowed, _) = quota.allows(now);
                quota = quota.spend(now, allowed);
                offered.extend(std::iter::repeat_n(now, usize::try_from(allowed).unwrap()));
                // A worker that is full for seconds, then takes what waits all at once.
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                if noise >> 33 & 127 != 0 {
                    continue;
                }
                for at in offered.drain(..) {
                    let late = now - at;
                    match (late > SECOND).then(|| quota.moved_on(now, late)) {
                        None => made.push(now),
                        Some(Some(moved)) => {
                            quota = moved;
                            made.push(now);
                        }
                        Some(None) => quota = quota.given_back(late),
                    }
                }
            }
            // The second within which a call counts as on time is the window's tolerance.
            let most = usize::try_from(calls + calls * SECOND / window + 1).unwrap();
            for (n, start) in made.iter().enumerate() {
                let within = made[n..].iter().take_while(|at| **at < start + window).count();
                assert!(within <= most, "{calls} in {window}: {within}");
            }
            assert!(made.len() > usize::try_from(calls).unwrap(), "{calls} in {window}: {}", made.len());
        }
    }

    #[test]
    fn a_long_window_gets_a_call_back_that_a_short_one_refused() {
        let day = 86_400 * SECOND;
        let quota = Quota { source: 1, window: day, calls: 1_000, spent_until: 0 };
        let spent = quota.spend(0, 1);
        let late = 2 * SECOND;
        let moved = spent.moved_on(late, late).expect("a day has room");
        assert_eq!(moved.spent_until, spent.spent_until + late);
        assert_eq!(spent.given_back(late).spent_until, late);
    }

    #[test]
    fn a_spent_quota_says_when_it_allows_again() {
        let quota = Quota { source: 1, window: 60 * SECOND, calls: 5, spent_until: 0 };
        let (allowed, _) = quota.allows(0);
        let quota = quota.spend(0, allowed);
        let (none, from) = quota.allows(1);
        assert_eq!((allowed, none), (1, 0));
        assert_eq!(quota.allows(from).0, 1);
        assert_eq!(quota.allows(from - 1).0, 0);
    }
}
