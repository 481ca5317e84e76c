//! Figures of the queues and of the remote sources, from rows: what waits, for how long, and how much was done.
//!
//! Each table is read by one statement, so that no unit is counted in two states. Every state has its partial index, and a
//! state is counted apart so that its index is used: what ended long ago is never looked at, whatever there is of it. What
//! is left to count is the backlog itself: a million queued lookups take 0.2 to 1 s on two cores, on PostgreSQL and SQLite. Who
//! shows these figures to many keeps them for a while.

mod counts;
mod paused;
mod sources;

pub use paused::{pause, paused, resume};
pub use sources::{SourceFigures, SourceHold};

use crate::clock::{self, SECOND};
use crate::{Database, StoreError};

/// The figures of one queue or one source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Units that wait for room or for their time.
    pub queued: i64,
    /// Units whose id was pushed.
    pub offered: i64,
    /// Units under lease.
    pub running: i64,
    /// Lookups asked again at a known time.
    pub parked: i64,
    /// Lookups that another's answer will settle.
    pub waiting: i64,
    /// Units given up.
    pub dead: i64,
    /// Since when the oldest queued unit is there, microseconds. Derived chunks say nothing of when they were made, and
    /// are left out.
    pub oldest_at: Option<i64>,
    /// When the next unit is due that waits for its time, microseconds.
    pub next_due_at: Option<i64>,
    /// Units done within [`DONE_WITHIN`].
    pub done: i64,
}

/// How far back [`Depth::done`] counts, microseconds: a minute.
pub const DONE_WITHIN: i64 = 60 * SECOND;

impl Depth {
    /// Units offered or running.
    pub const fn in_flight(&self) -> i64 {
        self.offered + self.running
    }

    fn add(&mut self, row: &counts::Row) {
        let place = match row.state {
            1 => &mut self.queued,
            2 => &mut self.offered,
            3 => &mut self.running,
            4 => &mut self.parked,
            5 => &mut self.waiting,
            6 => &mut self.done,
            7 => &mut self.dead,
            _ => return,
        };
        *place += row.units;
        let earlier = |one: Option<i64>, other: Option<i64>| one.into_iter().chain(other).min();
        self.oldest_at = earlier(self.oldest_at, row.oldest_at);
        self.next_due_at = earlier(self.next_due_at, row.next_due_at);
    }
}

/// The figures of everything at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// When they were read, microseconds.
    pub at: i64,
    /// Each queue with its name.
    pub queues: Vec<(&'static str, Depth)>,
    /// Each remote source, by slug.
    pub sources: Vec<SourceFigures>,
}

/// Reads the figures of every queue and every remote source.
pub async fn figures(database: &Database) -> Result<Figures, StoreError> {
    // Bound as a value: the planner of PostgreSQL uses no index for what it holds to change from row to row.
    let at = clock::now(database).await?;
    let chunks = counts::chunks(database, at).await?;
    let lookups = counts::lookups(database, at).await?;
    let tasks = counts::tasks(database, at).await?;
    let of = |rows: &[counts::Row], interactive: bool| {
        let mut depth = Depth::default();
        rows.iter().filter(|row| row.interactive == interactive).for_each(|row| depth.add(row));
        depth
    };
    let queues = vec![
        ("screen:interactive", of(&chunks, true)),
        ("screen", of(&chunks, false)),
        ("lookup:interactive", of(&lookups, true)),
        ("lookup", of(&lookups, false)),
        ("task", of(&tasks, false)),
    ];
    let sources = sources::read(database, &lookups, at).await?;
    Ok(Figures { at, queues, sources })
}
