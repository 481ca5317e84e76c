//! Chaos 9: a worker is stopped while it holds chunks, for longer than its lease; its units are done by another, and then
//! it goes on as if nothing had happened. Once it is stopped between two transactions, once in the middle of one.

use std::time::{Duration, Instant};

use super::recovery::seconds;
use super::{Figure, Outcome};
use crate::checker;
use crate::ground::{Ground, Program};
use crate::ledger::Ledger;
use crate::load::submit_once;
use crate::material::Material;
use crate::rows::Rows;
use crate::wait::{pass, until, within};

/// Chunks of the submission that is being worked; so many that it is not done when the stopped worker goes on.
const CHUNKS: usize = 45;

/// A stop may miss the moment it is meant for; then it is repeated, with so many submissions at most.
const TRIES: usize = 20;

/// How long a stopped worker may hold up others by the locks of an open transaction.
const HELD_UP: Duration = Duration::from_secs(40);

/// Sessions of the product that hold an open transaction with rows of a finish in it.
const FINISHING: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'aggregator'
    AND state = 'idle in transaction' AND query LIKE 'INSERT INTO i%'";

/// Sessions of the product with an open transaction.
const IN_TRANSACTION: &str =
    "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'aggregator' AND state <> 'idle'";

/// Sessions in which the server still does what was sent.
const ACTIVE: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'aggregator'
    AND state = 'active'";

/// The worker is stopped between two transactions, and its units are done twice.
pub(super) fn run() -> Outcome {
    let ground = Ground::new();
    let (_api, _) = ground.api();
    let (stopped, other) = (ground.worker(), ground.worker());
    let mut rows = ground.rows();
    let ledger = Ledger::default();
    let held =
        stop(&ground, &mut rows, (&ledger, &[&stopped, &other]), |rows| rows.number(IN_TRANSACTION) == 0);
    // What waits in Redis would be done before the units of the stopped worker; without it those come first.
    ground.redis.flush();
    pass(ground.scale.stop);
    // The other one was stopped, too, so that there is work left; now it takes back what both held.
    other.go_on();
    until("a chunk of the stopped worker was done by the other", ground.scale.hang(), || {
        let done = format!("SELECT COUNT(*) FROM chunks WHERE state = 6 AND id IN ({})", list(&held));
        (rows.number(&done) > 0).then_some(())
    });
    other.stop();
    stopped.go_on();
    let refused =
        until("the stopped worker wrote what it held", ground.scale.hang(), || stale_write(&mut rows));
    other.go_on();
    let verdict = checker::check(&ground.client(), &mut rows, &ledger, ground.scale.patience());
    let figures = vec![
        Figure::count(format!("stopped with {} units in hand", held.len()), true),
        Figure::count(format!("stale writes refused {refused}"), refused > 0),
    ];
    Outcome { verdict, figures }
}

/// The worker is stopped in the middle of a commit, with locks on what it writes.
pub(super) fn run_in_transaction() -> Outcome {
    let ground = Ground::new();
    let (_api, _) = ground.api();
    let stopped = ground.worker();
    let mut rows = ground.rows();
    let ledger = Ledger::default();
    let held = stop(&ground, &mut rows, (&ledger, &[&stopped]), |rows| rows.number(FINISHING) > 0);
    let since = Instant::now();
    let _other = ground.worker();
    until("everything was done without the stopped worker", ground.scale.hang(), || {
        (rows.number("SELECT COUNT(*) FROM submissions WHERE state <> 3") == 0).then_some(())
    });
    let held_up = since.elapsed();
    pass(ground.scale.stop.saturating_sub(held_up));
    stopped.go_on();
    let refused =
        until("the stopped worker wrote what it held", ground.scale.hang(), || stale_write(&mut rows));
    let verdict = checker::check(&ground.client(), &mut rows, &ledger, ground.scale.patience());
    let figures = vec![
        Figure::count(format!("stopped in a commit of {} units", held.len()), true),
        Figure::count(format!("stale writes refused {refused}"), refused > 0),
        Figure::time(format!("others held up for at most {}", seconds(held_up)), held_up <= HELD_UP),
    ];
    Outcome { verdict, figures }
}

/// Stale writes refused (written with the heartbeat), or 0 when one went through and is counted twice.
fn stale_write(rows: &mut Rows) -> Option<i64> {
    let refused = rows.number("SELECT CAST(COALESCE(SUM(stale_refused), 0) AS BIGINT) FROM workers");
    let twice = "SELECT COUNT(*) FROM submissions s
        WHERE s.done > (SELECT COUNT(*) FROM items i WHERE i.submission_id = s.id)";
    (refused > 0 || rows.number(twice) > 0).then_some(refused)
}

/// Submits, and stops the workers at a moment when the first holds chunks of a submission that is far from done and
/// `is_right` says that this is the moment that is meant; those chunks.
fn stop(
    ground: &Ground,
    rows: &mut Rows,
    (ledger, workers): (&Ledger, &[&Program]),
    mut is_right: impl FnMut(&mut Rows) -> bool,
) -> Vec<i64> {
    let material = Material::load();
    for number in 0..TRIES {
        let lines = material.lines(number, CHUNKS * 1_000);
        let submission = submit_once(&ground.client(), ledger, &format!("chaos-{number}"), lines);
        let held = format!(
            "SELECT id FROM chunks WHERE state = 3 AND submission_id = {submission} AND leased_by LIKE '{}'",
            workers[0].signature()
        );
        let left =
            format!("SELECT COUNT(*) FROM chunks WHERE state IN (1, 2) AND submission_id = {submission}");
        while rows.number(&left) >= i64::try_from(CHUNKS / 3).unwrap_or(i64::MAX) {
            within(ground.scale.patience(), || (!rows.column(&held).is_empty()).then_some(()));
            for worker in workers {
                worker.stop();
            }
            // What they had sent is still being done by the server.
            until("the server did what was sent", ground.scale.hang(), || {
                (rows.number(ACTIVE) == 0).then_some(())
            });
            let chunks = rows.column(&held);
            if !chunks.is_empty() && is_right(rows) {
                return chunks;
            }
            for worker in workers {
                worker.go_on();
            }
        }
    }
    panic!("no stop met a worker at the moment that is meant: nothing is proved");
}

fn list(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
