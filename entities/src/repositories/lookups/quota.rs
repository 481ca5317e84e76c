//! How many calls a limit allows now: the generic cell rate algorithm (GCRA, ITU-T I.371) over one stored instant.

use sea_orm::QueryResult;

use crate::StoreError;

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
