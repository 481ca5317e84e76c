//! Chaos 19: the embedded product is killed in mid-run and started again, over the same SQLite file.

use std::time::{Duration, Instant};

use super::recovery::{Struck, seconds};
use super::{Figure, Outcome};
use crate::checker;
use crate::ground::EmbeddedGround;
use crate::load::Load;
use crate::wait::{pass, until};

pub(super) fn run() -> Outcome {
    let ground = EmbeddedGround::new();
    let (mut up, _) = ground.up();
    let mut rows = ground.rows();
    let mut struck = Struck::default();
    let mut slowest = Duration::ZERO;
    let load = Load::start(&ground.client(), &ground.scale);
    let in_flight = "SELECT id FROM chunks WHERE state IN (2, 3)";
    for _ in 0..ground.scale.kills {
        until("chunks are in flight", ground.scale.hang(), || {
            (!rows.column(in_flight).is_empty()).then_some(())
        });
        let (since, at) = (Instant::now(), rows.now());
        up.kill();
        struck.note(&rows.column(in_flight), at);
        (up, _) = ground.up();
        slowest = slowest.max(since.elapsed());
        pass(ground.scale.kill_every);
    }
    assert!(struck.len() > 0, "no kill met units in flight: nothing is proved");
    let (ledger, endured) = load.finish();
    let verdict = checker::check(&ground.client(), &mut rows, &ledger, ground.scale.patience());
    let recovered = struck.times(&mut rows).last().copied().unwrap_or_default();
    let figures = vec![
        Figure::count(format!("{} kills, {} units in flight", ground.scale.kills, struck.len()), true),
        Figure::count(format!("{} requests repeated", endured.repeated), true),
        Figure::time(format!("back after at most {}", seconds(slowest)), true),
        Figure::time(format!("units in flight done within {}", seconds(recovered)), true),
    ];
    Outcome { verdict, figures }
}
