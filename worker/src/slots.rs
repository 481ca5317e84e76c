//! Slots of sources inside a process: a lookup in reserve begins the moment a call of its source ends here.
//!
//! How many calls a source has at once is decided by the feeder, over all workers, and counted in rows. Between the end of a
//! call and the next offer lie a commit, a ring, a push and a claim: a slot would stand empty for as long. So the feeder
//! offers some in reserve, which hold no slot; one that began in the slot of another holds it from the commit of the other on.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aggregator_entities::ids::{LookupId, SourceId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// How long one in reserve waits where no call of its source is under way: then another worker may have the slot.
const ALONE: Duration = Duration::from_millis(500);

/// The calls of a process.
pub(crate) struct Slots {
    /// Bulk calls at once over all sources.
    calls: Arc<Semaphore>,
    /// Calls at once that somebody waits for: a mountain of bulk work leaves them their room.
    interactive: Arc<Semaphore>,
    sources: Mutex<HashMap<SourceId, OfSource>>,
}

#[derive(Default)]
struct OfSource {
    under_way: usize,
    reserve: VecDeque<(LookupId, oneshot::Sender<OwnedSemaphorePermit>)>,
}

/// The right to one call, until it is handed on or dropped.
pub(crate) struct Call<'a> {
    slots: &'a Slots,
    source: SourceId,
    permit: Option<OwnedSemaphorePermit>,
    /// False where the room is kept for those that somebody waits for.
    is_bulk: bool,
}

impl Slots {
    pub(crate) fn new(calls: usize, interactive: usize) -> Self {
        Self {
            calls: Arc::new(Semaphore::new(calls.max(1))),
            interactive: Arc::new(Semaphore::new(interactive.max(1))),
            sources: Mutex::default(),
        }
    }

    /// For a lookup that holds a slot of its source: waits until the process has room. `None` when no calls are made any more.
    pub(crate) async fn room(&self, source: SourceId, is_bulk: bool) -> Option<Call<'_>> {
        let room = if is_bulk { &self.calls } else { &self.interactive };
        let permit = Arc::clone(room).acquire_owned().await.ok()?;
        Some(self.begin(source, permit, is_bulk))
    }

    /// For a lookup in reserve: waits for a call of its source to end. `None` when there is none to wait for.
    pub(crate) async fn inherit(&self, source: SourceId, lookup: LookupId) -> Option<Call<'_>> {
        if self.calls.is_closed() {
            return None;
        }
        let (sender, mut slot) = oneshot::channel();
        self.lock().entry(source).or_default().reserve.push_back((lookup, sender));
        loop {
            match tokio::time::timeout(ALONE, &mut slot).await {
                Ok(permit) => return permit.ok().map(|permit| self.begin(source, permit, true)),
                Err(_) if self.is_calling(source) => {}
                Err(_) => {
                    // A slot handed over at this very moment is taken all the same.
                    slot.close();
                    return slot.try_recv().ok().map(|permit| self.begin(source, permit, true));
                }
            }
        }
    }

    /// No call begins any more; those in reserve are sent away.
    pub(crate) fn close(&self) {
        self.calls.close();
        self.interactive.close();
        for of in self.lock().values_mut() {
            of.reserve.clear();
        }
    }

    fn begin(&self, source: SourceId, permit: OwnedSemaphorePermit, is_bulk: bool) -> Call<'_> {
        self.lock().entry(source).or_default().under_way += 1;
        Call { slots: self, source, permit: Some(permit), is_bulk }
    }

    fn is_calling(&self, source: SourceId) -> bool {
        self.lock().get(&source).is_some_and(|of| of.under_way > 0)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SourceId, OfSource>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Call<'_> {
    /// The call has ended: the oldest one in reserve begins in its slot. Which one, if any.
    pub(crate) fn hand_on(mut self) -> Option<LookupId> {
        if self.slots.calls.is_closed() || !self.is_bulk {
            return None;
        }
        let mut permit = self.permit.take()?;
        let mut sources = self.slots.lock();
        let reserve = &mut sources.get_mut(&self.source)?.reserve;
        while let Some((lookup, slot)) = reserve.pop_front() {
            match slot.send(permit) {
                Ok(()) => return Some(lookup),
                // It has gone meanwhile.
                Err(back) => permit = back,
            }
        }
        None
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if let Some(of) = self.slots.lock().get_mut(&self.source) {
            of.under_way = of.under_way.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: SourceId = SourceId(1);

    #[tokio::test]
    async fn the_oldest_in_reserve_begins_when_a_call_ends() {
        let slots = Arc::new(Slots::new(1, 1));
        let call = slots.room(SOURCE, true).await.expect("there is room");
        let waiting = [LookupId(7), LookupId(8)].map(|lookup| {
            let slots = Arc::clone(&slots);
            tokio::spawn(async move { slots.inherit(SOURCE, lookup).await.and_then(Call::hand_on) })
        });
        while slots.lock()[&SOURCE].reserve.len() < 2 {
            tokio::task::yield_now().await;
        }
        let first = call.hand_on();
        let [one, other] = waiting;
        let (one, other) = (one.await.expect("it ends"), other.await.expect("it ends"));
        assert!(first == Some(LookupId(7)) || first == Some(LookupId(8)));
        assert!([one, other].contains(&None), "the last has nobody to hand it to");
        assert!(slots.room(SOURCE, true).await.is_some(), "the room is free again");
    }

    #[tokio::test]
    async fn nobody_waits_where_nobody_calls_or_may_call() {
        let slots = Slots::new(1, 1);
        let bulk = slots.room(SOURCE, true).await;
        assert!(slots.room(SOURCE, false).await.is_some_and(|call| call.hand_on().is_none()));
        drop(bulk);
        assert!(slots.inherit(SOURCE, LookupId(7)).await.is_none(), "no call is under way");
        slots.close();
        assert!(slots.inherit(SOURCE, LookupId(7)).await.is_none());
        assert!(slots.room(SOURCE, true).await.is_none());
    }
}
