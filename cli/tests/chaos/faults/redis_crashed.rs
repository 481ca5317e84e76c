//! Chaos 5: Redis dies while calls are under way, which somebody may have paid for.

use std::time::{Duration, Instant};

use aggregator_testkit::{Reply, Upstream};

use super::recovery::seconds;
use super::{Figure, Outcome};
use crate::checker;
use crate::ground::Ground;
use crate::ledger::Ledger;
use crate::service::{addresses, ask, end_of, ended, known, parts, settings, unlimit};
use crate::wait::until;

/// Longer than Redis is away in the short form: calls begin before and end after.
const LATENCY: Duration = Duration::from_secs(2);
const AT_ONCE: u32 = 50;
/// Until calls begin again once Redis is back.
const STALL: Duration = Duration::from_secs(5);

pub(super) fn run() -> Outcome {
    let upstream = Upstream::start(|path, _| Reply::json(200, known(parts(path).1)).after(LATENCY));
    let mut ground = Ground::with(settings(&upstream, AT_ONCE));
    let (_api, _) = ground.api();
    let mut worker = ground.worker();
    let mut rows = ground.rows();
    unlimit(&ground, &mut rows, AT_ONCE);
    let (client, ledger) = (ground.client(), Ledger::default());
    let count = ground.scale.lookups;
    let id = ask(&client, &ledger, ("chaos-5", "internetdb"), addresses(0, count));
    let crashes = if ground.scale.long { 3 } else { 1 };
    let mut stalls = Vec::new();
    for crash in 1..=crashes {
        until("calls are under way", ground.scale.hang(), || {
            (upstream.seen().len() >= (AT_ONCE * crash) as usize).then_some(())
        });
        ground.redis.crash(ground.scale.outage / 5);
        let (back, before) = (Instant::now(), upstream.seen().len());
        if before < count as usize {
            until("calls begin again", ground.scale.hang(), || {
                (upstream.seen().len() > before).then_some(())
            });
        }
        stalls.push(back.elapsed());
    }
    end_of(&client, id, &mut worker, ground.scale.hang());
    let verdict = checker::check(&client, &mut rows, &ledger, ground.scale.patience());
    let found = ended(&mut rows, id, 1);
    let counts = upstream.counts();
    let twice = counts.values().filter(|calls| **calls > 1).count();
    let longest = stalls.iter().copied().max().unwrap_or_default();
    let figures = vec![
        Figure::count(
            format!("{crashes} crashes, {found} of {count} lookups found"),
            found == i64::from(count),
        ),
        Figure::count(
            format!("{} calls aborted, {twice} made twice", upstream.aborted()),
            upstream.aborted() == 0 && twice == 0 && counts.len() == count as usize,
        ),
        Figure::time(format!("calls began again {} after Redis was back", seconds(longest)), longest < STALL),
    ];
    Outcome { verdict, figures }
}
