//! Chaos 9: a worker is stopped while it holds chunks, for longer than its lease; its units are done by another, and then
//! it goes on as if nothing had happened.

use super::{Figure, Outcome};
use crate::checker;
use crate::ground::{Ground, Program};
use crate::ledger::Ledger;
use crate::load::submit_once;
use crate::material::Material;
use crate::rows::Rows;
use crate::wait::{pass, until, within};

/// Chunks of the submission that is being worked; so many that it is not done when the stopped worker goes on.
const CHUNKS: usize = 60;

/// A stop may just miss the commit of everything; then it is repeated, at most so often.
const TRIES: usize = 20;

pub(super) fn run() -> Outcome {
    let ground = Ground::new();
    let (_api, _) = ground.api();
    let (stopped, other) = (ground.worker(), ground.worker());
    let mut rows = ground.rows();
    let (ledger, material) = (Ledger::default(), Material::load());
    let held = (0..TRIES)
        .find_map(|number| {
            let lines = material.lines(number, CHUNKS * 1_000);
            let id = submit_once(&ground.client(), &ledger, &format!("chaos-{number}"), lines);
            hold(&ground, &mut rows, (&stopped, &other), id)
        })
        .expect("no stop met a worker with chunks in hand: nothing is proved");
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

/// Stale writes refused (written with the heartbeat), or 0 when one went through and is counted twice.
fn stale_write(rows: &mut Rows) -> Option<i64> {
    let refused = rows.number("SELECT CAST(COALESCE(SUM(stale_refused), 0) AS BIGINT) FROM workers");
    let twice = "SELECT COUNT(*) FROM submissions s
        WHERE s.done > (SELECT COUNT(*) FROM items i WHERE i.submission_id = s.id)";
    (refused > 0 || rows.number(twice) > 0).then_some(refused)
}

/// Stops both workers at a moment when the first holds chunks of a submission that is far from done; those chunks.
fn hold(
    ground: &Ground,
    rows: &mut Rows,
    (first, other): (&Program, &Program),
    submission: i64,
) -> Option<Vec<i64>> {
    let held = format!(
        "SELECT id FROM chunks WHERE state = 3 AND submission_id = {submission} AND leased_by LIKE '{}'",
        first.signature()
    );
    let waiting =
        format!("SELECT COUNT(*) FROM chunks WHERE state IN (1, 2) AND submission_id = {submission}");
    within(ground.scale.hang(), || {
        let holds = !rows.column(&held).is_empty();
        (holds || rows.number(&waiting) == 0).then_some(())
    });
    first.stop();
    other.stop();
    // What both had sent is still being done by the server.
    until("the server has done what was sent", ground.scale.hang(), || {
        let active = "SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' AND application_name = 'aggregator'";
        (rows.number(active) == 0).then_some(())
    });
    let chunks = rows.column(&held);
    if chunks.is_empty() || rows.number(&waiting) < i64::try_from(CHUNKS / 3).unwrap_or(0) {
        first.go_on();
        other.go_on();
        return None;
    }
    Some(chunks)
}

fn list(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
