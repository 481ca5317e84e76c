//! Chaos 6: Redis forgets everything, and is replaced by an empty one, while ids are in it.

use std::time::Duration;

use super::recovery::{Struck, seconds};
use super::{Figure, Outcome};
use crate::checker;
use crate::ground::Ground;
use crate::load::Load;
use crate::wait::{pass, until};

/// From the loss to the end of everything that was in flight.
const RESUMED: Duration = Duration::from_mins(1);

pub(super) fn run() -> Outcome {
    let mut ground = Ground::new();
    let (_api, _) = ground.api();
    let _workers = [ground.worker(), ground.worker()];
    let mut rows = ground.rows();
    let mut struck = Struck::default();
    let load = Load::start(&ground.client(), &ground.scale);
    for replace in [false, true, false] {
        let mut redis = ground.redis.connection().expect("Redis answers");
        until("ids wait in Redis", ground.scale.hang(), || {
            let waiting: i64 = redis::cmd("LLEN")
                .arg("{aggregator:queue:screen}:waiting")
                .query(&mut redis)
                .expect("Redis counts");
            (waiting > 0).then_some(())
        });
        let at = rows.now();
        if replace {
            ground.redis.replace();
        } else {
            ground.redis.flush();
        }
        struck.note(&rows.column("SELECT id FROM chunks WHERE state IN (2, 3)"), at);
        pass(ground.scale.kill_every);
    }
    assert!(struck.len() > 0, "nothing was in flight when Redis forgot: nothing is proved");
    let (ledger, _) = load.finish();
    let verdict = checker::check(&ground.client(), &mut rows, &ledger, ground.scale.patience());
    let slowest = struck.times(&mut rows).last().copied().unwrap_or_default();
    let figures = vec![
        Figure::count(format!("3 losses, {} units in flight", struck.len()), true),
        Figure::time(format!("all resumed within {}", seconds(slowest)), slowest < RESUMED),
    ];
    Outcome { verdict, figures }
}
