//! Where the items of a submission lead by answers that were there before: items to be, within depth and budget.

use std::collections::{BTreeMap, HashSet};

use aggregator_domain::IndicatorId;

use super::ScreenedChunk;
use crate::ids::SubmissionId;
use crate::payload::{CHUNK_ITEMS, PendingItem};
use crate::repositories::roots::{self, Roots};

/// What the items of one submission lead to, by depth.
#[derive(Debug, Default)]
pub(super) struct Leads {
    by_depth: BTreeMap<i16, Vec<PendingItem>>,
    max_derived: u32,
    max_per_root: u32,
}

/// Chunks made of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Derived {
    pub(super) chunks: i64,
    pub(super) items: i64,
}

impl Derived {
    pub(super) fn add(&mut self, items: usize) {
        self.chunks += 1;
        self.items += i64::try_from(items).unwrap_or_default();
    }
}

impl Leads {
    /// By submission, out of chunks whose items have their ordinals for good.
    pub(super) fn of(chunks: &[ScreenedChunk]) -> BTreeMap<SubmissionId, Self> {
        let mut leads: BTreeMap<SubmissionId, Self> = BTreeMap::new();
        for chunk in chunks {
            for (item, ordinal) in chunk.items.iter().zip(chunk.first_ordinal..) {
                if item.leads_to.is_empty() {
                    continue;
                }
                let of = leads.entry(chunk.submission_id).or_default();
                (of.max_derived, of.max_per_root) = (chunk.max_derived, chunk.max_per_root);
                of.by_depth.entry(chunk.depth + 1).or_default().extend(item.leads_to.iter().map(
                    |indicator| PendingItem {
                        indicator: indicator.clone(),
                        raw: None,
                        line: 0,
                        position: 0,
                        port: None,
                        derived_from: u32::try_from(ordinal).ok(),
                    },
                ));
            }
        }
        leads
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_depth.is_empty()
    }

    /// Ordinals of the items that lead there.
    pub(super) fn parents(&self) -> Vec<i32> {
        roots::parents(self.by_depth.values().flatten())
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = IndicatorId> {
        self.by_depth.values().flatten().map(|item| item.indicator.id())
    }

    /// Those not visited yet, each once, as long as their roots' budgets and that of the submission last, in the portions of chunks;
    /// `before` were derived before.
    pub(super) fn within(
        &mut self,
        mut visited: HashSet<IndicatorId>,
        roots: &mut Roots,
        before: i32,
    ) -> Vec<(i16, Vec<PendingItem>)> {
        let mut left = usize::try_from(i64::from(self.max_derived) - i64::from(before)).unwrap_or_default();
        let mut within = Vec::new();
        for (depth, mut items) in std::mem::take(&mut self.by_depth) {
            items.retain(|item| visited.insert(item.indicator.id()));
            roots.keep(&mut items, self.max_per_root, left);
            left -= items.len();
            within.extend(items.chunks(CHUNK_ITEMS).map(|part| (depth, part.to_vec())));
        }
        within
    }
}
