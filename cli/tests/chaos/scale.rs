//! The two sizes of every scenario: seconds in CI, minutes under `make chaos`.

use std::time::Duration;

use crate::environment;

/// How long leases, outages and load are. All of it is configuration of the product or of the fault, never a promise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// True for the long form.
    pub(crate) long: bool,
    /// `worker.lease_seconds`; the default in the long form.
    pub(crate) lease_seconds: u64,
    /// `worker.renew_seconds`.
    pub(crate) renew_seconds: u64,
    /// `worker.sweep_seconds`.
    pub(crate) sweep_seconds: u64,
    /// `worker.poll_seconds`.
    pub(crate) poll_seconds: u64,
    /// How often a killing scenario kills.
    pub(crate) kills: usize,
    /// Time between two kills, at least.
    pub(crate) kill_every: Duration,
    /// How long PostgreSQL stays away.
    pub(crate) outage: Duration,
    /// How long a worker stays stopped, at least: past its lease.
    pub(crate) stop: Duration,
    /// Lines of one submission.
    pub(crate) lines: usize,
    /// Clients that submit at once.
    pub(crate) clients: usize,
    /// Lookups that a service fails at once, or that are under way when something else fails.
    pub(crate) lookups: u32,
    /// Lookups somebody else waits behind.
    pub(crate) backlog: u32,
}

const SHORT: Scale = Scale {
    long: false,
    lease_seconds: 3,
    renew_seconds: 1,
    sweep_seconds: 1,
    poll_seconds: 1,
    kills: 3,
    kill_every: Duration::from_millis(800),
    outage: Duration::from_secs(5),
    stop: Duration::from_secs(4),
    lines: 8_000,
    clients: 3,
    lookups: 300,
    backlog: 5_000,
};

const LONG: Scale = Scale {
    long: true,
    lease_seconds: 30,
    renew_seconds: 10,
    sweep_seconds: 5,
    poll_seconds: 5,
    kills: 12,
    kill_every: Duration::from_secs(10),
    outage: Duration::from_mins(1),
    stop: Duration::from_mins(1),
    lines: 50_000,
    clients: 3,
    lookups: 5_000,
    backlog: 500_000,
};

impl Scale {
    /// The form this run has.
    pub(crate) fn of_run() -> Self {
        if environment::is_long() { LONG } else { SHORT }
    }

    /// Time after which work that does not move at all will not move any more: several times what the promise allows.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(3 * (self.lease_seconds + self.sweep_seconds + self.poll_seconds) + 5)
    }

    /// A generous end for a scenario's single steps: reached only by a hang.
    pub(crate) fn hang(&self) -> Duration {
        if self.long { Duration::from_mins(10) } else { Duration::from_mins(2) }
    }
}
