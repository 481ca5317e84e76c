//! Offering lookups: as many per source as its concurrency, its quota and its breaker have room for, interactive ones first.

mod reads;

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;

use self::reads::{Due, InFlight, due, due_sources, in_flight, quotas};
use super::quota::Quota;
use crate::database::Wait;
use crate::{Database, StoreError};

/// What was offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    /// Ids for the interactive queue.
    pub interactive: Vec<i64>,
    /// Ids for the bulk queue, those that hold a slot of their source first.
    pub bulk: Vec<i64>,
    /// Microseconds until a limit has room again for what is due; `None` where none was met.
    pub again_in: Option<i64>,
}

/// How much may be offered, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct OfferTerms {
    /// Most lookups in flight over all sources.
    pub window: u32,
    /// False leaves bulk to the next look: somebody waits.
    pub with_bulk: bool,
    /// How long an offer stands, microseconds.
    pub offer_micros: i64,
    /// How long a source may be broken before what it is to be asked is given up, microseconds.
    pub patience_micros: i64,
}

/// Key of the feeder's advisory lock on PostgreSQL: `agg` and 5; the other lanes have 1–3.
pub(super) const LOCK: i64 = 0x0061_6767_0000_0005;

/// Most lookups of a broken source offered at once to be given up.
const GIVE_UP_STEP: i64 = 500;

/// Most lookups of one source in reserve.
const RESERVE_MOST: i64 = 256;

/// Moves due lookups `queued → offered`; `None` when another process feeds right now.
pub async fn offer(database: &Database, terms: OfferTerms) -> Result<Option<Offered>, StoreError> {
    let transaction = database.begin_by_key(Wait::Not).await?;
    if database.is_postgres() {
        let ours: bool =
            database.sql("SELECT pg_try_advisory_xact_lock($1)").bind(LOCK).scalar(&transaction).await?;
        if !ours {
            return Ok(None);
        }
    }
    // Parked ones whose time has come are queued again.
    database
        .sql("UPDATE lookups SET state = 1 WHERE phase = 4 AND not_before <= {now}")
        .run(&transaction)
        .await?;
    let sources = due_sources(database, &transaction).await?;
    if sources.is_empty() {
        // Ended here whatever was found: the lock of a dropped transaction goes late, and the next look would not be ours.
        transaction.commit().await?;
        return Ok(Some(Offered::default()));
    }
    let now = sources.first().map_or(0, |source| source.now);
    let in_flight = in_flight(database, &transaction).await?;
    let all: i64 = in_flight.values().map(|of| of.slots + of.reserve).sum();
    let mut quotas = quotas(database, &transaction).await?;
    let mut round = Round {
        offered: Offered::default(),
        reserve: Vec::new(),
        spent: Vec::new(),
        given_up: HashSet::new(),
        room: i64::from(terms.window) - all,
        now,
        with_bulk: terms.with_bulk,
        patience_micros: terms.patience_micros,
    };
    for source in sources {
        let flying = in_flight.get(&source.id).copied().unwrap_or_default();
        let quotas = quotas.remove(&source.id).unwrap_or_default();
        round.source(database, &transaction, (&source, flying, &quotas)).await?;
    }
    spend(database, &transaction, &round.spent).await?;
    let Round { mut offered, reserve, given_up, .. } = round;
    let holding = offered.interactive.iter().chain(&offered.bulk).copied();
    let holding = holding.filter(|id| !given_up.contains(id)).collect();
    for (ids, marks) in [
        (holding, Marks::default()),
        (reserve.clone(), Marks { reserve: true, ..Marks::default() }),
        (given_up.into_iter().collect(), Marks { given_up: true, ..Marks::default() }),
    ] {
        mark(database, &transaction, ids, (terms.offer_micros, marks)).await?;
    }
    offered.bulk.extend(reserve);
    transaction.commit().await?;
    Ok(Some(offered))
}

/// What an offer says of a lookup.
#[derive(Debug, Clone, Copy, Default)]
struct Marks {
    /// It holds no slot.
    reserve: bool,
    /// It is to end without a call: neither slot nor quota was looked at.
    given_up: bool,
}

async fn mark(
    database: &Database,
    on: &DatabaseTransaction,
    ids: Vec<i64>,
    (offer_micros, Marks { reserve, given_up }): (i64, Marks),
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    database
        .sql("UPDATE lookups SET state = 2, offered_until = {now} + $1, reserve = $2, given_up = $3 WHERE id {in $4}")
        .bind(offer_micros)
        .bind(reserve)
        .bind(given_up)
        .ids(ids)
        .run(on)
        .await?;
    Ok(())
}

/// One look at every source that has something due.
struct Round {
    offered: Offered,
    reserve: Vec<i64>,
    spent: Vec<Quota>,
    given_up: HashSet<i64>,
    /// What the window still takes.
    room: i64,
    now: i64,
    with_bulk: bool,
    patience_micros: i64,
}

impl Round {
    /// Takes what one source has room for.
    async fn source(
        &mut self,
        database: &Database,
        on: &DatabaseTransaction,
        (source, flying, quotas): (&Due, InFlight, &[Quota]),
    ) -> Result<(), StoreError> {
        let now = self.now;
        if source.is_given_up(now, self.patience_micros) {
            let most = self.room.min(GIVE_UP_STEP - flying.slots);
            let before = (self.offered.interactive.len(), self.offered.bulk.len());
            let waited_for = self.take_waited_for(database, on, source, most).await?;
            self.take_bulk(database, on, source, (most - waited_for, 0)).await?;
            self.given_up.extend(&self.offered.interactive[before.0..]);
            self.given_up.extend(&self.offered.bulk[before.1..]);
            return Ok(());
        }
        let (allowed, from) = allowance(source, quotas, now);
        if allowed == 0 {
            let given_up = source.broken_since.map(|since| since + self.patience_micros + 1);
            self.again(given_up.filter(|at| *at > now).map_or(from, |at| from.min(at)));
            return Ok(());
        }
        let concurrency = if source.failures >= BREAKER_FAILURES { 1 } else { source.concurrency };
        let most = allowed.min(concurrency - flying.slots).min(self.room);
        let interactive = self.take_waited_for(database, on, source, most).await?;
        // Bulk leaves one slot to those who wait.
        let most_bulk = if concurrency > 1 { concurrency - 1 - flying.bulk } else { most };
        let slots = most_bulk.min(most - interactive).max(0);
        // Where somebody waits beyond the slots, the next free one is theirs: bulk takes none over. A limited source has
        // calls to wait for, not slots; an ailing one is not to be pressed.
        // Where more are called than may be, a slot that ends is nobody's.
        let is_calm = interactive < most.max(1)
            && quotas.is_empty()
            && source.failures <= 0
            && concurrency > 1
            && flying.slots <= concurrency;
        let reserve = if is_calm { concurrency.min(RESERVE_MOST) - flying.reserve } else { 0 };
        let bulk = self.take_bulk(database, on, source, (slots, reserve)).await?;
        let taken = interactive + bulk;
        if taken > 0 {
            self.spent.extend(quotas.iter().map(|quota| quota.spend(now, taken)));
        }
        if taken == allowed && !quotas.is_empty() {
            let from = quotas.iter().map(|quota| quota.spend(now, taken).allows(now).1).max().unwrap_or(now);
            self.again(from.max(now + 1_000));
        }
        Ok(())
    }

    fn again(&mut self, at: i64) {
        let wait = at - self.now;
        self.offered.again_in = Some(self.offered.again_in.map_or(wait, |other| other.min(wait)));
    }

    /// Takes what somebody waits for; how many.
    async fn take_waited_for(
        &mut self,
        database: &Database,
        on: &DatabaseTransaction,
        source: &Due,
        most: i64,
    ) -> Result<i64, StoreError> {
        if !source.lanes.0 {
            return Ok(0);
        }
        let ids = due(database, on, source.id, (true, most)).await?;
        self.room -= count(&ids);
        let taken = count(&ids);
        self.offered.interactive.extend(ids);
        Ok(taken)
    }

    /// Takes bulk for so many slots, and so many in reserve; how many got a slot.
    async fn take_bulk(
        &mut self,
        database: &Database,
        on: &DatabaseTransaction,
        source: &Due,
        (slots, reserve): (i64, i64),
    ) -> Result<i64, StoreError> {
        if !source.lanes.1 || !self.with_bulk {
            return Ok(0);
        }
        let (slots, reserve) = (slots.clamp(0, self.room.max(0)), reserve.max(0));
        let most = (slots + reserve).min(self.room);
        let mut ids = due(database, on, source.id, (false, most)).await?;
        self.room -= count(&ids);
        let of_slots = ids.len().min(usize::try_from(slots).unwrap_or_default());
        self.reserve.extend(ids.drain(of_slots..));
        let taken = count(&ids);
        self.offered.bulk.extend(ids);
        Ok(taken)
    }
}

fn count(ids: &[i64]) -> i64 {
    i64::try_from(ids.len()).unwrap_or(i64::MAX)
}

/// Takes back offers whose ids could not be pushed. Should they have arrived all the same, whoever claims first has them.
pub async fn retract(database: &Database, ids: &[i64]) -> Result<u64, StoreError> {
    database
        .sql("UPDATE lookups SET state = 1, offered_until = NULL WHERE id {in $1} AND state = 2")
        .ids(ids.iter().copied())
        .run(database.writer())
        .await
}

/// Failures, less the successes before, from which on a source is not asked for a while, and then once.
pub(super) const BREAKER_FAILURES: i32 = 5;

/// Calls a source allows now, and from when on it allows one.
fn allowance(source: &Due, quotas: &[Quota], now: i64) -> (i64, i64) {
    let held_until = source.blocked_until.max(source.broken_until);
    if held_until > now {
        return (0, held_until);
    }
    let allowed = quotas.iter().map(|quota| quota.allows(now));
    allowed.fold((i64::MAX, now), |(calls, from), (of, at)| (calls.min(of), from.max(at)))
}

#[derive(Serialize)]
struct Spent {
    source: i64,
    length: i64,
    until: i64,
}

pub(super) async fn spend(
    database: &Database,
    on: &DatabaseTransaction,
    quotas: &[Quota],
) -> Result<(), StoreError> {
    if quotas.is_empty() {
        return Ok(());
    }
    // A crash must not give calls back, so this commit waits for the disk.
    if database.is_postgres() {
        on.execute_unprepared("SET LOCAL synchronous_commit = on").await?;
    }
    let rows: Vec<Spent> = quotas
        .iter()
        .map(|quota| Spent { source: quota.source, length: quota.window, until: quota.spent_until })
        .collect();
    database
        .sql(
            "UPDATE quotas SET spent_until = r.until FROM {rows $1 (source bigint, length bigint, until bigint)}
             WHERE quotas.source_id = r.source AND quotas.window_micros = r.length",
        )
        .rows(&rows)?
        .run(on)
        .await?;
    Ok(())
}
