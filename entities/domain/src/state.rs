//! The states of product.md, with the numbers rows store.

use crate::coded::coded;

coded! {
    /// The state of a unit of work: a chunk, a lookup or a task.
    UnitState {
        /// Waits for its time and for room in the window.
        Queued = 1 "queued",
        /// Its id was pushed to a queue.
        Offered = 2 "offered",
        /// A worker holds a lease on it.
        Running = 3 "running",
        /// Its quota is spent until a known time.
        Parked = 4 "parked",
        /// Another's lookup will answer it.
        Waiting = 5 "waiting",
        /// Finished.
        Done = 6 "done",
        /// Given up, with a reason.
        Dead = 7 "dead",
        /// Its submission was cancelled.
        Cancelled = 8 "cancelled",
    }
}

coded! {
    /// The state of an item.
    ItemState {
        /// Its chunk waits.
        Queued = 1 "queued",
        /// Its chunk runs.
        Screening = 2 "screening",
        /// Remote lookups are open.
        LookingUp = 3 "looking_up",
        /// Has its verdict.
        Done = 4 "done",
        /// Its submission was cancelled.
        Cancelled = 5 "cancelled",
    }
}

coded! {
    /// The state of a submission.
    SubmissionState {
        /// Its body is still arriving; invisible to everybody else.
        Receiving = 1 "receiving",
        /// Accepted; its units are being worked.
        Running = 2 "running",
        /// Every item is terminal.
        Done = 3 "done",
        /// Stopped by its owner.
        Cancelled = 4 "cancelled",
    }
}

coded! {
    /// The state of one refresh of one feed.
    FeedRunState {
        /// Waits.
        Queued = 1 "queued",
        /// Downloads or parses.
        Running = 2 "running",
        /// A new generation is live.
        Swapped = 3 "swapped",
        /// Nothing new upstream.
        Unchanged = 4 "unchanged",
        /// The answer broke a hygiene rule; the old generation stays.
        Rejected = 5 "rejected",
        /// The download failed; the old generation stays.
        Failed = 6 "failed",
    }
}
