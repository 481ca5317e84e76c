//! The life of a unit of work: offered, claimed under a lease, renewed, handed back, swept.
//!
//! Chunks and tasks share it. Every instant is the database's; durations are parameters. Finishing belongs to the
//! aggregate (`screening`, `tasks`), behind the fence `attempt = ? AND state = running`.

mod lease;
mod offer;
mod poison;
mod sweep;

pub use lease::{
    ClaimedTask, claim_chunks, claim_suspect, claim_task, disclaim_chunks, hand_back, is_suspect_task,
    release_chunks, renew, suspect_chunks,
};
pub use offer::{Offer, offer};
pub use poison::{SUSPECT_AFTER, bury_chunk};
pub use sweep::{Swept, sweep, take_back_all};

/// A condition that lets those offered or running be found by an index: that of lookups knows their phase, and not their
/// state (migration 16).
fn flying(table: &str) -> &'static str {
    if table == "lookups" { "phase = 2 AND " } else { "" }
}

/// A lane: the rows behind one queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Chunks to screen, interactive or bulk.
    Screen {
        /// The interactive twin.
        interactive: bool,
    },
    /// Tasks.
    Task,
}

impl Lane {
    /// Every lane.
    pub const ALL: [Self; 3] =
        [Self::Screen { interactive: true }, Self::Screen { interactive: false }, Self::Task];

    /// Name of its queue.
    pub const fn queue(self) -> &'static str {
        match self {
            Self::Screen { interactive: true } => "screen:interactive",
            Self::Screen { interactive: false } => "screen",
            Self::Task => "task",
        }
    }

    const fn table(self) -> &'static str {
        match self {
            Self::Screen { .. } => "chunks",
            Self::Task => "tasks",
        }
    }

    /// Which rows of the table are its own; constant text, no user input.
    const fn own(self) -> &'static str {
        match self {
            Self::Screen { interactive: true } => "interactive = true",
            Self::Screen { interactive: false } => "interactive = false",
            Self::Task => "true",
        }
    }

    /// Key of its feeder's advisory lock on PostgreSQL: `agg` and the lane.
    const fn lock(self) -> i64 {
        0x0061_6767_0000_0000
            + match self {
                Self::Screen { interactive: true } => 1,
                Self::Screen { interactive: false } => 2,
                Self::Task => 3,
            }
    }

    /// Due rows, oldest first; none while the queue is paused. A chunk is invisible while its submission is not running, and a
    /// derived one while one that was sent is not screened: what was sent is an item under the ordinal it was sent with, so what
    /// leads to it has to come later.
    const fn due(self) -> &'static str {
        match self {
            Self::Screen { .. } => {
                "SELECT u.id FROM chunks u WHERE u.state = 1 AND u.interactive = $2 AND u.not_before <= {now}
                 AND EXISTS (SELECT 1 FROM submissions s WHERE s.id = u.submission_id AND s.state = 2)
                 AND (u.depth = 0 OR NOT EXISTS (SELECT 1 FROM chunks o
                     WHERE o.submission_id = u.submission_id AND o.depth = 0 AND o.state < 6))
                 AND NOT EXISTS (SELECT 1 FROM paused_queues q
                     WHERE q.name = CASE WHEN $2 THEN 'screen:interactive' ELSE 'screen' END)
                 ORDER BY u.not_before, u.id LIMIT $1 {skip_locked}"
            }
            Self::Task => {
                "SELECT u.id FROM tasks u WHERE u.state = 1 AND $2 IS NOT NULL AND u.not_before <= {now}
                 AND NOT EXISTS (SELECT 1 FROM paused_queues q WHERE q.name = 'task')
                 ORDER BY u.not_before, u.id LIMIT $1 {skip_locked}"
            }
        }
    }
}
