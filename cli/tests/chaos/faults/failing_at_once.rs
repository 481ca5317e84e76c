//! Chaos 16: everything fails at once, and must not come back at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aggregator_testkit::{Reply, Upstream};

use super::{Figure, Outcome};
use crate::checker;
use crate::ground::Ground;
use crate::ledger::Ledger;
use crate::service::{addresses, ask, end_of, ended, known, parts, settings, unlimit};
use crate::wait::until;

const LATENCY: Duration = Duration::from_millis(200);

pub(super) fn run() -> Outcome {
    let is_up = Arc::new(AtomicBool::new(true));
    let up = Arc::clone(&is_up);
    let upstream = Upstream::start(move |path, _| {
        let known = Reply::json(200, known(parts(path).1)).after(LATENCY);
        if up.load(Ordering::SeqCst) { known } else { Reply::json(500, "{}").after(Duration::from_secs(1)) }
    });
    let at_once = crate::scale::Scale::of_run().lookups;
    let ground = Ground::with(settings(&upstream, at_once));
    let (_api, _) = ground.api();
    let mut worker = ground.worker();
    let mut rows = ground.rows();
    unlimit(&ground, &mut rows, at_once);
    let (client, ledger) = (ground.client(), Ledger::default());
    let limit = ground.scale.hang();

    // What is steady: as many again, undisturbed.
    let id = ask(&client, &ledger, ("chaos-16-steady", "internetdb"), addresses(0, 2 * at_once));
    end_of(&client, id, &mut worker, limit);
    let steady: Vec<Instant> = upstream.seen().iter().map(|seen| seen.at).collect();

    is_up.store(false, Ordering::SeqCst);
    let id = ask(&client, &ledger, ("chaos-16", "internetdb"), addresses(0x1_0000, 2 * at_once));
    until("all that fit are under way, and fail", limit, || {
        (upstream.seen().len() >= steady.len() + at_once as usize).then_some(())
    });
    until("the breaker has noticed", limit, || {
        (rows.number("SELECT COUNT(*) FROM sources WHERE broken_until IS NOT NULL") > 0).then_some(())
    });
    is_up.store(true, Ordering::SeqCst);
    let back = Instant::now();
    end_of(&client, id, &mut worker, limit);
    let after: Vec<Instant> = upstream.seen().iter().map(|seen| seen.at).filter(|at| *at > back).collect();

    let verdict = checker::check(&client, &mut rows, &ledger, ground.scale.patience());
    let found = ended(&mut rows, id, 1);
    let (steady, peak) = (most_in_a_second(&steady), most_in_a_second(&after));
    let figures = vec![
        Figure::count(
            format!("{at_once} failed at once, {found} of {} found in the end", 2 * at_once),
            found == i64::from(2 * at_once),
        ),
        Figure::time(format!("peak {peak} calls in a second, steady {steady}"), peak <= 2 * steady),
    ];
    Outcome { verdict, figures }
}

fn most_in_a_second(calls: &[Instant]) -> usize {
    let second = Duration::from_secs(1);
    (0..calls.len())
        .map(|from| calls[from..].iter().take_while(|at| **at < calls[from] + second).count())
        .max()
        .unwrap_or_default()
}
