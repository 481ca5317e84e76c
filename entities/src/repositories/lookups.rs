//! Lookups: one source asked about one indicator, from the offer to the commit that settles it.
//!
//! A lookup is a unit of work like a chunk (`units`), with two differences. What may be offered is decided per source: its
//! concurrency, its quota, its breaker and its pauses are columns the feeder reads (docs/adr/0004-limits-in-rows.md). And at
//! most one open lookup asks a source about an indicator; the others wait on it and are settled by its commit.

mod dead;
mod finish;
mod late_counts;
pub(crate) mod lead;
mod lease;
mod limits;
mod list;
mod offer;
mod quota;
mod read;
mod reserve;
mod retry;
mod sweep;
mod turn;

pub use dead::{DeadFilter, DeadLetter, dead, discard, replay};
pub(crate) use finish::insert_chunk;
pub use finish::{
    Called, Cancellation, Committed, Finish, Finished, Health, NewAnswer, NewLink, cancel, finish,
};
pub use lease::{Cached, ClaimTerms, ClaimedLookup, GivenUp, claim, disclaim, release};
pub use limits::{Limit, limits, retime};
pub use list::{LookupDetails, LookupFilter, LookupPlace, LookupTimes, find, list};
pub use offer::{OfferTerms, Offered, offer, retract};
pub use read::{LookupRow, of_item};
pub use reserve::{Reserved, reserve};
pub use retry::due_now;
pub use sweep::promote_orphans;
pub(crate) use turn::PACES;

/// After so many lost workers a lookup is not called again: it is the poison.
pub const MAX_LOST: i32 = 3;
