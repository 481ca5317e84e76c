//! The scenarios, one file each, and what is demanded of them. Numbers are those of `docs/RELIABILITY.md`.

mod api_killed;
mod backlog;
mod delivered_twice;
mod embedded_killed;
mod failing_at_once;
mod postgres_away;
mod recovery;
mod redis_crashed;
mod redis_emptied;
mod upstream;
mod worker_killed;
mod worker_stopped;

use crate::checker::Verdict;
use crate::report::{self, Table};
use crate::safety::Safety;
use crate::scale::Scale;

/// A scenario's line in the table.
struct Scenario {
    number: &'static str,
    fault: &'static str,
    must_hold: &'static str,
    /// Without this safety the checker must go red.
    relies_on: Option<Safety>,
}

/// What a scenario ended with.
struct Outcome {
    verdict: Verdict,
    figures: Vec<Figure>,
}

/// Something measured, and whether it is within the promise.
struct Figure {
    text: String,
    holds: bool,
}

impl Figure {
    /// A count that must be as it is in both forms.
    fn count(text: String, holds: bool) -> Self {
        Self { text, holds }
    }

    /// A time: demanded of the long form on a release build, shown in the short one, where a slow machine proves nothing.
    fn time(text: String, holds: bool) -> Self {
        Self { text, holds: holds || !Scale::of_run().long }
    }
}

impl Scenario {
    /// Green when every safety is on; red, for the right reason, when the one it relies on is off.
    fn judge(&self, outcome: &Outcome) {
        let verdict = &outcome.verdict;
        match Safety::switched_off() {
            Some(safety) if self.relies_on == Some(safety) => {
                let number = format!("{} without {}", self.number, safety.name());
                let said = verdict.faults.first().map_or("nothing", |fault| fault.text.as_str());
                let colour = if verdict.is_green() { "green" } else { "red" };
                let faults = verdict.faults.len().to_string();
                report::write(Table::Controls, &[&number, self.fault, colour, &faults, said]);
                assert!(
                    safety.is_missed_by(verdict),
                    "the checker does not notice that there is no {}: it proves nothing. {verdict}",
                    safety.name()
                );
            }
            Some(safety) => {
                panic!("scenario {} says nothing about {}; leave it out", self.number, safety.name())
            }
            None => self.demand(outcome),
        }
    }

    fn demand(&self, outcome: &Outcome) {
        let verdict = &outcome.verdict;
        let mut figures = vec![format!("{} submissions, {} lines", verdict.submissions, verdict.lines)];
        figures.extend(outcome.figures.iter().map(|figure| figure.text.clone()));
        let holds = verdict.is_green() && outcome.figures.iter().all(|figure| figure.holds);
        let word = if holds { "holds" } else { "**broken**" };
        report::write(Table::Figures, &[self.number, self.fault, self.must_hold, &figures.join(" · "), word]);
        assert!(verdict.is_green(), "scenario {}: {verdict}", self.number);
        for figure in &outcome.figures {
            assert!(
                figure.holds,
                "scenario {} must hold {}, but: {}",
                self.number, self.must_hold, figure.text
            );
        }
    }
}

#[test]
fn chaos_01_worker_killed() {
    Scenario {
        number: "1",
        fault: "kill -9 a worker every 10 s (2 workers)",
        must_hold: "lost 0, visible duplicates 0, p99 recovery ≤ 40 s",
        relies_on: Some(Safety::Sweep),
    }
    .judge(&worker_killed::run());
}

#[test]
fn chaos_02_api_killed() {
    Scenario {
        number: "2",
        fault: "kill -9 the API during submissions (clients repeat with their Idempotency-Key)",
        must_hold: "lost 0, duplicate submissions 0, back < 2 s",
        relies_on: None,
    }
    .judge(&api_killed::run());
}

#[test]
fn chaos_05_redis_crashed() {
    Scenario {
        number: "5",
        fault: "Redis (append-only file) is killed with -9 while calls are under way, and restarts",
        must_hold: "lost 0, stall < 5 s once it is back, calls under way not aborted, none made twice",
        relies_on: None,
    }
    .judge(&redis_crashed::run());
}

#[test]
fn chaos_06_redis_emptied() {
    Scenario {
        number: "6",
        fault: "Redis FLUSHALL, and a new empty Redis, in mid-run",
        must_hold: "lost 0, all work resumed < 60 s",
        relies_on: None,
    }
    .judge(&redis_emptied::run());
}

#[test]
fn chaos_08_postgres_away() {
    Scenario {
        number: "8",
        fault: "PostgreSQL crashes and restarts; is down for 60 s",
        must_hold: "lost 0, attempts burned 0, back < 10 s, no false 202",
        relies_on: None,
    }
    .judge(&postgres_away::run());
}

#[test]
fn chaos_09_worker_stopped() {
    Scenario {
        number: "9",
        fault: "a worker is stopped (SIGSTOP) past its lease and goes on (SIGCONT)",
        must_hold: "stale writes refused ≥ 1, visible duplicates 0",
        relies_on: Some(Safety::Fencing),
    }
    .judge(&worker_stopped::run());
}

#[test]
fn chaos_09_worker_stopped_in_a_commit() {
    Scenario {
        number: "9 in a commit",
        fault: "a worker is stopped in the middle of a transaction, past its lease, and goes on",
        must_hold: "lost 0, stale writes refused ≥ 1, others held up ≤ 40 s",
        relies_on: None,
    }
    .judge(&worker_stopped::run_in_transaction());
}

#[test]
fn chaos_10_upstream() {
    Scenario {
        number: "10",
        fault: "a service hangs, limits, fails, resets, answers garbage, endlessly, with a bomb; another is down",
        must_hold: "outcome right, other sources' p99 < +10 %, RSS bounded, calls to a broken host ≤ budget",
        relies_on: None,
    }
    .judge(&upstream::run());
}

#[test]
fn chaos_11_delivered_twice() {
    Scenario {
        number: "11",
        fault: "every id is delivered twice",
        must_hold: "visible duplicates 0",
        relies_on: Some(Safety::Fencing),
    }
    .judge(&delivered_twice::run());
}

#[test]
fn chaos_16_failing_at_once() {
    Scenario {
        number: "16",
        fault: "lookups fail all at once, then the service is back (5,000 in the long form)",
        must_hold: "lost 0, peak rate ≤ 2 × steady",
        relies_on: None,
    }
    .judge(&failing_at_once::run());
}

#[test]
fn chaos_17_backlog() {
    Scenario {
        number: "17",
        fault: "a backlog (500,000 lookups in the long form), then one interactive lookup at the same source",
        must_hold: "its wait < 5 s",
        relies_on: None,
    }
    .judge(&backlog::run());
}

#[test]
fn chaos_19_embedded_killed() {
    Scenario {
        number: "19",
        fault: "`aggregator up` (SQLite): kill -9 in mid-run, start again",
        must_hold: "lost 0, duplicates 0",
        relies_on: None,
    }
    .judge(&embedded_killed::run());
}
