//! Chaos 8: PostgreSQL crashes and comes back at once; then it stays away for a while.

use std::time::{Duration, Instant};

use super::recovery::seconds;
use super::{Figure, Outcome};
use crate::checker;
use crate::client::{Answer, Client};
use crate::ground::Ground;
use crate::load::Load;
use crate::rows::Rows;
use crate::wait::{pass, until};

/// From the answer of PostgreSQL to the next finished chunk and the next 202.
const BACK: Duration = Duration::from_secs(10);

/// Pause between two probes of an API without its database.
const PROBE_EVERY: Duration = Duration::from_millis(200);

pub(super) fn run() -> Outcome {
    let mut ground = Ground::new();
    let (_api, _) = ground.api();
    let _workers = [ground.worker(), ground.worker()];
    let mut rows = ground.rows();
    let load = Load::start(&ground.client(), &ground.scale);
    let mut slowest = Duration::ZERO;
    let mut probes = Probes::default();
    for outage in [Duration::ZERO, ground.scale.outage] {
        until("chunks are being screened", ground.scale.hang(), || {
            (rows.number("SELECT COUNT(*) FROM chunks WHERE state = 3") > 0).then_some(())
        });
        ground.postgres.crash();
        probes.endure(&ground.client(), outage);
        ground.postgres.begin();
        slowest = slowest.max(back(&mut rows, &load, ground.scale.hang()));
        pass(ground.scale.kill_every);
    }
    let (ledger, _) = load.finish();
    let verdict = checker::check(&ground.client(), &mut rows, &ledger, ground.scale.patience());
    let burned = rows.number("SELECT CAST(COALESCE(SUM(lost), 0) AS BIGINT) FROM chunks");
    let figures = vec![
        Figure::count(format!("down for 0 s and {}", seconds(ground.scale.outage)), true),
        Figure::count(format!("attempts burned {burned}"), burned == 0),
        Figure::count(
            format!("false 202 {} of {} requests", probes.accepted, probes.sent),
            probes.accepted == 0 && probes.sent > 0,
        ),
        Figure::time(format!("back after at most {}", seconds(slowest)), slowest < BACK),
    ];
    Outcome { verdict, figures }
}

/// How long after PostgreSQL answers a chunk is finished and a submission accepted.
fn back(rows: &mut Rows, load: &Load, limit: Duration) -> Duration {
    let (since, at, accepted) = (Instant::now(), rows.now(), load.accepted());
    until("chunks are finished again", limit, || {
        let count = format!("SELECT COUNT(*) FROM chunks WHERE finished_at > {at}");
        (rows.number(&count) > 0).then_some(())
    });
    until("submissions are accepted again", limit, || (load.accepted() > accepted).then_some(()));
    since.elapsed()
}

/// Requests made while there is no database.
#[derive(Debug, Default)]
struct Probes {
    sent: usize,
    accepted: usize,
}

impl Probes {
    /// Submits until the outage has lasted long enough. Nothing may be accepted: PostgreSQL starts after the last answer.
    fn endure(&mut self, client: &Client, outage: Duration) {
        let since = Instant::now();
        while since.elapsed() < outage {
            self.sent += 1;
            match client.submit(&format!("probe-{}", self.sent), "203.0.113.7") {
                Answer::Accepted(_) => self.accepted += 1,
                Answer::Later(503, _) => {}
                other => panic!("without its database the API must answer 503, and answered {other:?}"),
            }
            pass(PROBE_EVERY);
        }
    }
}
