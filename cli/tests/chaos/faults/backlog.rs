//! Chaos 17: a mountain of bulk work, and one person who waits.

use std::time::{Duration, Instant};

use aggregator_testkit::{Reply, Upstream};

use super::recovery::seconds;
use super::{Figure, Outcome};
use crate::checker;
use crate::ground::Ground;
use crate::ledger::Ledger;
use crate::service::{addresses, ask, end_of, known, parts, settings, unlimit};
use crate::wait::{pass, until};

const LATENCY: Duration = Duration::from_millis(100);
const AT_ONCE: u32 = 20;
const WAIT: Duration = Duration::from_secs(5);
/// Questions, one after the other, from the first second of the backlog on.
const QUESTIONS: u32 = 10;

pub(super) fn run() -> Outcome {
    let upstream = Upstream::start(|path, _| Reply::json(200, known(parts(path).1)).after(LATENCY));
    let ground = Ground::with(settings(&upstream, 2 * AT_ONCE));
    let (_api, _) = ground.api();
    let mut worker = ground.worker();
    let mut rows = ground.rows();
    unlimit(&ground, &mut rows, AT_ONCE);
    let (client, bulk, ledger) = (ground.client(), Ledger::default(), Ledger::default());
    let mountain = addresses(0x10_0000, ground.scale.backlog);
    let id = ask(&client, &bulk, ("chaos-17-bulk", "internetdb"), mountain);
    until("the backlog is being worked at", ground.scale.hang(), || {
        (upstream.seen().len() > AT_ONCE as usize).then_some(())
    });
    let mut waits = Vec::new();
    for question in 0..QUESTIONS {
        let asked = Instant::now();
        let key = format!("chaos-17-{question}");
        let one = ask(&client, &ledger, (&key, "internetdb"), addresses(question, 1));
        end_of(&client, one, &mut worker, ground.scale.hang());
        waits.push(asked.elapsed());
        pass(ground.scale.kill_every / 4);
    }
    let left = rows.number(&format!("SELECT outstanding FROM submissions WHERE id = {id}"));
    client.cancel(id).expect("the backlog can be cancelled");
    let verdict = checker::check_beside(&client, &mut rows, (&ledger, &[id]), ground.scale.patience());
    let longest = waits.iter().copied().max().unwrap_or_default();
    let figures = vec![
        Figure::count(
            format!("{QUESTIONS} questions, {left} units of the backlog left behind them"),
            left > 0,
        ),
        Figure::time(format!("longest wait {}", seconds(longest)), longest < WAIT),
    ];
    Outcome { verdict, figures }
}
