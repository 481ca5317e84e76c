//! The ledger: what the server said it accepted, and the lines that were in it. The checker believes nothing else.

use std::sync::{Arc, Mutex, PoisonError};

/// One accepted submission.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The id it was answered with.
    pub(crate) id: i64,
    /// The Idempotency-Key it was sent with.
    pub(crate) key: String,
    /// Its lines.
    pub(crate) lines: Arc<Vec<String>>,
}

/// Every 202 (and every 200 of a repeated key), written down by the client that read it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    entries: Arc<Mutex<Vec<Entry>>>,
}

impl Ledger {
    /// Writes down an acceptance.
    pub(crate) fn write(&self, entry: Entry) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// Everything written down.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many submissions were accepted.
    pub(crate) fn len(&self) -> usize {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}
