//! Facets of the items that were done after their chunk: per kind, by the codes of the stances, on the submission's row.

use std::collections::BTreeMap;

use aggregator_domain::{Kind, Stance};
use sea_orm::DatabaseTransaction;

use crate::ids::SubmissionId;
use crate::{Database, StoreError};

/// The counts of one submission, while its row is locked.
#[derive(Debug, Default)]
pub(super) struct LateCounts(BTreeMap<String, [u64; 4]>);

impl LateCounts {
    /// Locks the submission and reads its counts.
    pub(super) async fn lock(
        database: &Database,
        on: &DatabaseTransaction,
        submission: SubmissionId,
    ) -> Result<Self, StoreError> {
        let stored: Option<String> = database
            .sql("SELECT late_counts FROM submissions WHERE id = $1 {for_update}")
            .bind(submission.0)
            .one(on, |row| Ok(row.try_get("", "late_counts")?))
            .await?
            .flatten();
        match stored {
            None => Ok(Self::default()),
            Some(json) => serde_json::from_str(&json)
                .map(Self)
                .map_err(|error| StoreError::Corrupt(format!("late counts: {error}"))),
        }
    }

    pub(super) fn add(&mut self, kind: Kind, stance: Stance) {
        self.0.entry(kind.as_str().to_owned()).or_default()[usize::from(stance.code())] += 1;
    }

    pub(super) fn take(&mut self, kind: Kind, stance: Stance) {
        if let Some(counts) = self.0.get_mut(kind.as_str()) {
            let count = &mut counts[usize::from(stance.code())];
            *count = count.saturating_sub(1);
        }
    }

    /// As it is stored; a kind without items is left out.
    pub(super) fn stored(mut self) -> Result<String, StoreError> {
        self.0.retain(|_, counts| counts.iter().any(|count| *count > 0));
        serde_json::to_string(&self.0).map_err(|error| StoreError::Other(error.to_string()))
    }
}
