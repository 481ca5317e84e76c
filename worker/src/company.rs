//! Who works beside whom: units share a process, a suspect unit has it alone.

use std::sync::atomic::{AtomicBool, Ordering};

use aggregator_entities::StoreError;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::clocks;
use crate::context::Context;

/// Groups of chunks work together; a suspect waits for them, and they for it. Tasks work on: a heartbeat that says `alone`
/// keeps the loss of the worker from being counted against them.
#[derive(Debug, Default)]
pub(crate) struct Company {
    gate: RwLock<()>,
    alone: AtomicBool,
}

/// Alone until it is dropped.
pub(crate) struct Alone<'a> {
    company: &'a Company,
    _gate: RwLockWriteGuard<'a, ()>,
}

impl Company {
    /// Works beside others until the guard is dropped.
    pub(crate) async fn join(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().await
    }

    /// True while a suspect runs.
    pub(crate) fn is_alone(&self) -> bool {
        self.alone.load(Ordering::Acquire)
    }
}

/// Waits until nothing else is screened here, and makes it known that a suspect runs; an error when that cannot be written.
pub(crate) async fn leave(context: &Context) -> Result<Alone<'_>, StoreError> {
    let company = context.company();
    let alone = Alone { company, _gate: company.gate.write().await };
    company.alone.store(true, Ordering::Release);
    clocks::beat(context).await?;
    Ok(alone)
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        self.company.alone.store(false, Ordering::Release);
    }
}
