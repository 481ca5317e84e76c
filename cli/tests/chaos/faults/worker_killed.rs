//! Chaos 1: two workers, one of them killed again and again while it holds chunks; none lives as long as a lease.

use std::time::Duration;

use super::recovery::{Struck, p99, seconds};
use super::{Figure, Outcome};
use crate::checker;
use crate::ground::{Ground, Program};
use crate::load::Load;
use crate::rows::Rows;
use crate::safety::Safety;
use crate::wait::{pass, until};

/// What is promised of 99 of 100 units a dead worker held.
const RECOVERY: Duration = Duration::from_secs(40);

/// A kill may just miss the commit of everything its victim held; then it is repeated, at most so often.
const MISSES: usize = 10;

pub(super) fn run() -> Outcome {
    let ground = Ground::new();
    let (_api, _) = ground.api();
    let mut workers = vec![ground.worker(), ground.worker()];
    let mut rows = ground.rows();
    let mut struck = Struck::default();
    let load = Load::start(&ground.client(), &ground.scale);
    let mut done = 0;
    while more(&ground, &mut rows, (done, &struck)) {
        let victim = workers.remove(0);
        strike(victim, &mut rows, (&mut struck, ground.scale.hang()));
        workers.push(ground.worker());
        done += 1;
        pass(ground.scale.kill_every);
    }
    let (ledger, _) = load.finish();
    let verdict = checker::check(&ground.client(), &mut rows, &ledger, ground.scale.patience());
    let times = struck.times(&mut rows);
    let slowest = times.last().copied().unwrap_or_default();
    let figures = vec![
        Figure::count(format!("{done} kills, {} units in hand", struck.len()), true),
        Figure::time(
            format!("recovery p99 {}, slowest {}", seconds(p99(&times)), seconds(slowest)),
            p99(&times) <= RECOVERY,
        ),
    ];
    Outcome { verdict, figures }
}

/// Kills go on until what the first one left behind is done: by workers that are killed themselves.
fn more(ground: &Ground, rows: &mut Rows, (done, struck): (usize, &Struck)) -> bool {
    if Safety::switched_off() == Some(Safety::Sweep) {
        // One dead worker is enough where nobody takes its units back.
        return struck.len() == 0 && done < MISSES;
    }
    if done < ground.scale.kills || (struck.len() == 0 && done < ground.scale.kills + MISSES) {
        return true;
    }
    assert!(struck.len() > 0, "no kill met a worker with units in hand: nothing is proved");
    let limit = 10 * ground.scale.kills;
    assert!(done < limit, "after {done} kills nobody has taken back what the first one left");
    !struck.is_first_done(rows)
}

/// Waits until the victim holds chunks, kills it, and notes those it took with it.
fn strike(victim: Program, rows: &mut Rows, (struck, limit): (&mut Struck, Duration)) {
    let held = format!("SELECT id FROM chunks WHERE state = 3 AND leased_by LIKE '{}'", victim.signature());
    until("the worker to be killed holds a chunk", limit, || (!rows.column(&held).is_empty()).then_some(()));
    let at = rows.now();
    victim.kill();
    struck.note(&rows.column(&held), at);
}
