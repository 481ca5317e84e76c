//! The commit that settles lookups: many together, each with everything that follows from it.
//!
//! Lock order (architecture.md rule 4): the hold on indicators → own lookups and those that wait on them → findings → items → submissions → sources,
//! keys sorted. A lookup whose claim no longer stands changes nothing; its answer is kept all the same, since it is true.

mod answers;
mod cancelled;
mod derived;
mod health;
mod settled;
mod verdicts;

pub use cancelled::{Cancellation, cancel};
pub(crate) use derived::insert_chunk;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aggregator_domain::{Indicator, IndicatorId, Outcome, Relation, Stance};
use serde::Serialize;

use settled::Settled;

use crate::database::Wait;
use crate::ids::{LookupId, SourceId, SubmissionId};
use crate::repositories::indicators;
use crate::{Database, StoreError};

/// How the work on a lookup ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The lookup.
    pub id: LookupId,
    /// The claim under which it was worked: the fence.
    pub attempt: i32,
    /// About what.
    pub indicator_id: IndicatorId,
    /// Who was asked.
    pub source_id: SourceId,
    /// Slug of the source.
    pub source: String,
    /// What becomes of it.
    pub end: Finish,
    /// What asking told about the source.
    pub health: Health,
    /// The lookup that began in its slot of the source, out of the reserve.
    pub heir: Option<LookupId>,
    /// The call that was made, if one was.
    pub call: Option<Called>,
}

impl Finished {
    /// True when its answer leads to other indicators.
    const fn names_others(&self) -> bool {
        matches!(&self.end, Finish::Answered { answer: Some(answer), .. } if !answer.links.is_empty())
    }
}

/// A call that has ended.
#[derive(Debug, Clone, Copy)]
pub struct Called {
    /// How long it took.
    pub took: Duration,
    /// When it ended: what comes after it is writing.
    pub ended: Instant,
}

/// What becomes of a lookup.
#[derive(Debug, Clone)]
pub enum Finish {
    /// The source answered, `found` or `not_found`, now or a moment ago.
    Answered {
        /// Which of the two.
        outcome: Outcome,
        /// The answer; `None` where the findings hold it already.
        answer: Option<NewAnswer>,
    },
    /// It is given up: a dead letter.
    Dead {
        /// How the last call ended.
        outcome: Outcome,
        /// Why.
        reason: String,
        /// False where no call was made.
        called: bool,
    },
    /// It is tried again after so many microseconds.
    Again {
        /// The pause.
        delay_micros: i64,
        /// Why.
        reason: String,
        /// False where no call was made.
        called: bool,
    },
}

/// A source's answer, as it is stored.
#[derive(Debug, Clone)]
pub struct NewAnswer {
    /// The side taken.
    pub stance: Stance,
    /// How sure, 0–100.
    pub confidence: u8,
    /// One sentence.
    pub summary: String,
    /// The facts as JSON.
    pub data: Option<String>,
    /// Equal answers have equal hashes.
    pub data_hash: i64,
    /// How long it is fresh, microseconds.
    pub ttl_micros: i64,
    /// Where it leads.
    pub links: Vec<NewLink>,
}

/// An edge an answer names.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// What it means.
    pub relation: Relation,
    /// The other indicator.
    pub indicator: Indicator,
}

/// What asking told about the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Nothing: it was not asked.
    Unasked,
    /// It answered.
    Well,
    /// It answered, and wants no more calls for so many microseconds: its quota is used up.
    Spent(i64),
    /// It failed: where failures outweigh successes, its breaker opens.
    Failed,
    /// It failed once more about an indicator it failed about before: that may lie in the indicator, and opens no breaker.
    FailedAgain,
    /// It wants no calls for so many microseconds.
    Blocked(i64),
}

/// What became of a commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Lookups settled, those that waited included.
    pub settled: usize,
    /// Lookups whose claim no longer stood.
    pub refused: usize,
    /// Submissions touched, each to be rung.
    pub submissions: Vec<SubmissionId>,
    /// True when derived chunks were made.
    pub derived: bool,
}

/// Settles lookups and everything that follows from them in one transaction.
pub async fn finish(database: &Database, mut finished: Vec<Finished>) -> Result<Committed, StoreError> {
    finished.sort_by_key(|one| one.id);
    let transaction = database.begin_by_key(Wait::ForTheDisk).await?;
    if finished.iter().any(Finished::names_others) {
        indicators::hold(database, &transaction).await?;
    }
    let standing = settled::lock(database, &transaction, &finished).await?;
    settled::pass_slots_on(database, &transaction, &finished).await?;
    let unwanted = settled::again(database, &transaction, &standing).await?;
    let mut settled = settled::settle(database, &transaction, &standing).await?;
    settled.extend(cancelled::end(database, &transaction, &unwanted).await?);
    answers::write(database, &transaction, &finished).await?;
    let items = verdicts::reach(database, &transaction, &settled).await?;
    let mut accounts = accounts(&settled, &items);
    let derived =
        derived::follow(database, &transaction, (&finished, &settled, &items), &mut accounts).await?;
    let submissions = verdicts::account(database, &transaction, &accounts, &items).await?;
    health::note(database, &transaction, &finished).await?;
    transaction.commit().await?;
    Ok(Committed { settled: settled.len(), refused: finished.len() - standing.len(), submissions, derived })
}

/// What a commit changes about one submission.
#[derive(Debug, Default)]
struct Account {
    /// Lookups that ended.
    ended: i64,
    /// Items that reached their verdict, by stance.
    done: [i64; 4],
    /// Derived chunks made, and the items in them.
    chunks: i64,
    derived: i64,
}

fn accounts(settled: &[Settled], items: &[verdicts::Item]) -> BTreeMap<SubmissionId, Account> {
    let mut accounts: BTreeMap<SubmissionId, Account> = BTreeMap::new();
    for lookup in settled {
        accounts.entry(lookup.submission_id).or_default().ended += 1;
    }
    for item in items.iter().filter(|item| item.is_done()) {
        let account = accounts.entry(item.submission_id).or_default();
        account.done[usize::from(item.verdict.stance.code())] += 1;
    }
    accounts
}

/// 32 hex digits, as rows bound as JSON carry an identity.
fn hex(id: IndicatorId) -> String {
    id.to_string()
}

/// An item by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
struct Place {
    submission: i64,
    ordinal: i32,
}
