//! Chaos 2: the API is killed while bodies arrive, and between a seal and its answer.

use std::time::{Duration, Instant};

use super::recovery::seconds;
use super::{Figure, Outcome};
use crate::checker;
use crate::ground::Ground;
use crate::load::Load;
use crate::rows::Rows;
use crate::wait::{pass, until, within};

/// From the kill to a new process that is ready.
const BACK: Duration = Duration::from_secs(2);

/// The moment between a seal and its answer is short: a kill does not wait longer for it.
const SEAL_LIMIT: Duration = Duration::from_secs(5);

pub(super) fn run() -> Outcome {
    let ground = Ground::new();
    let (mut api, _) = ground.api();
    let _workers = [ground.worker(), ground.worker()];
    let mut rows = ground.rows();
    let load = Load::start(&ground.client(), &ground.scale);
    let mut slowest = Duration::ZERO;
    for kill in 0..ground.scale.kills {
        if kill % 2 == 0 {
            until("a body arrives", ground.scale.hang(), || (receiving(&mut rows) > 0).then_some(()));
        } else {
            within(SEAL_LIMIT, || (sealed(&mut rows) > load.accepted()).then_some(()));
        }
        let since = Instant::now();
        api.kill();
        (api, _) = ground.api();
        slowest = slowest.max(since.elapsed());
        pass(ground.scale.kill_every);
    }
    let (ledger, endured) = load.finish();
    let verdict = checker::check(&ground.client(), &mut rows, &ledger, ground.scale.patience());
    let left = receiving(&mut rows);
    let figures = vec![
        Figure::count(
            format!("{} kills, {} requests repeated", ground.scale.kills, endured.repeated),
            endured.repeated > 0,
        ),
        Figure::count(format!("half-received submissions left {left}"), left == 0),
        Figure::time(format!("back after at most {}", seconds(slowest)), slowest < BACK),
    ];
    Outcome { verdict, figures }
}

fn receiving(rows: &mut Rows) -> i64 {
    rows.number("SELECT COUNT(*) FROM submissions WHERE state = 1")
}

fn sealed(rows: &mut Rows) -> usize {
    usize::try_from(rows.number("SELECT COUNT(*) FROM submissions WHERE state <> 1")).unwrap_or(0)
}
