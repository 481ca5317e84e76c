//! Whether a failed call is made again, and when.

use std::time::Duration;

use aggregator_entities::domain::Outcome;

/// Calls for one lookup of a source that fails.
const TRIES: i32 = 3;

/// Calls for one lookup of a source that limits us: it says itself when to come back.
const TRIES_LIMITED: i32 = 5;

/// The longest a lookup is parked; beyond it, it is given up as limited.
pub(crate) const PARK_MOST: Duration = Duration::from_hours(1);

/// Backoff: full jitter over `BASE × 2^tries`, at most [`BACKOFF_MOST`].
const BASE: Duration = Duration::from_secs(1);
const BACKOFF_MOST: Duration = Duration::from_mins(5);

/// The pause before the next call, after a call that ended so and `tries` calls before it; `None` when there is none.
/// Errors of ours, refused credentials and malformed answers are not tried again: they would end the same way.
pub(crate) fn after(outcome: Outcome, tries: i32, retry_after: Option<Duration>) -> Option<Duration> {
    match outcome {
        Outcome::RateLimited if tries + 1 < TRIES_LIMITED => {
            let pause = retry_after.unwrap_or_else(|| backoff(tries + 4));
            (pause <= PARK_MOST).then(|| pause.max(Duration::from_secs(1)))
        }
        Outcome::Unavailable | Outcome::Timeout if tries + 1 < TRIES => {
            let pause = retry_after.unwrap_or_else(|| backoff(tries));
            (pause <= PARK_MOST).then_some(pause)
        }
        _ => None,
    }
}

/// Full jitter (Brooker, AWS Architecture Blog, 2015): anywhere between nothing and the whole, so that what failed together
/// does not come back together.
fn backoff(tries: i32) -> Duration {
    let whole = BASE.saturating_mul(1 << tries.clamp(0, 16)).min(BACKOFF_MOST);
    let [a, b, c, d, ..] = *uuid::Uuid::new_v4().as_bytes();
    whole.mul_f64(f64::from(u32::from_le_bytes([a, b, c, d])) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_the_same_way_is_not_tried_again() {
        for outcome in
            [Outcome::Unauthorised, Outcome::Malformed, Outcome::Refused, Outcome::UserError, Outcome::Found]
        {
            assert_eq!(after(outcome, 0, None), None, "{outcome:?}");
        }
    }

    #[test]
    fn a_limit_is_waited_for_and_a_failure_tried_three_times() {
        assert_eq!(
            after(Outcome::RateLimited, 0, Some(Duration::from_secs(7))),
            Some(Duration::from_secs(7))
        );
        assert_eq!(after(Outcome::RateLimited, 0, Some(Duration::from_hours(2))), None);
        assert_eq!(after(Outcome::RateLimited, 4, Some(Duration::from_secs(7))), None);
        for tries in 0..2 {
            assert!(after(Outcome::Timeout, tries, None).is_some_and(|pause| pause <= BASE * (1 << tries)));
        }
        assert_eq!(after(Outcome::Timeout, 2, None), None);
    }
}
