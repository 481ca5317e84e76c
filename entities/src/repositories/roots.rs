//! How much each root, an item that was sent, has led to through all depths: its own budget, so that the first few of ten thousand
//! do not use up what their submission may derive.
//!
//! Whoever derives holds the lock of the submission, so the counts read here are those written.

use std::collections::{BTreeMap, HashMap};

use sea_orm::DatabaseTransaction;
use serde::Serialize;

use crate::ids::SubmissionId;
use crate::payload::PendingItem;
use crate::{Database, StoreError};

/// The roots of items, by their ordinals: `leaf` and `root`. Binds `$1` to the submission; `IN` stands for the choice of ordinals.
pub(super) const ROOTS: &str = "WITH RECURSIVE up (leaf, ordinal, parent) AS (
         SELECT i.ordinal, i.ordinal, i.derived_from FROM items i WHERE i.submission_id = $1 AND i.ordinal IN
         UNION ALL
         SELECT up.leaf, i.ordinal, i.derived_from FROM up JOIN items i ON i.submission_id = $1 AND i.ordinal = up.parent)
     SELECT leaf, ordinal AS root FROM up WHERE parent IS NULL";

/// The roots of items to be derived, and what they have led to.
#[derive(Debug, Default)]
pub(super) struct Roots {
    /// By the ordinal of the item that leads to one.
    of: HashMap<u32, i32>,
    derived: HashMap<i32, i32>,
    grown: BTreeMap<i32, i32>,
}

impl Roots {
    /// Out of pairs of an item's ordinal and its root's, and of a root's and what it has led to.
    pub(super) fn new(
        of: impl IntoIterator<Item = (i32, i32)>,
        derived: impl IntoIterator<Item = (i32, i32)>,
    ) -> Self {
        let of = of.into_iter().filter_map(|(leaf, root)| Some((u32::try_from(leaf).ok()?, root))).collect();
        Self { of, derived: derived.into_iter().collect(), grown: BTreeMap::new() }
    }

    /// Leaves out what a root has no budget for, or what is beyond the `left` of their submission, and counts the others.
    pub(super) fn keep(&mut self, items: &mut Vec<PendingItem>, most: u32, left: usize) {
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        let mut kept = 0;
        items.retain(|item| {
            if kept == left {
                return false;
            }
            if let Some(root) = item.derived_from.and_then(|parent| self.of.get(&parent)) {
                let derived = self.derived.entry(*root).or_default();
                if *derived >= most {
                    return false;
                }
                *derived += 1;
                *self.grown.entry(*root).or_default() += 1;
            }
            kept += 1;
            true
        });
    }

    /// Roots, and by how much they grew.
    pub(super) const fn grown(&self) -> &BTreeMap<i32, i32> {
        &self.grown
    }
}

/// Ordinals of the items that lead to these, each once.
pub(super) fn parents<'a>(items: impl IntoIterator<Item = &'a PendingItem>) -> Vec<i32> {
    let mut parents: Vec<i32> = items
        .into_iter()
        .filter_map(|item| item.derived_from.and_then(|parent| i32::try_from(parent).ok()))
        .collect();
    parents.sort_unstable();
    parents.dedup();
    parents
}

/// The roots of these items.
pub(super) async fn read(
    database: &Database,
    on: &DatabaseTransaction,
    submission: SubmissionId,
    parents: &[i32],
) -> Result<Roots, StoreError> {
    let of: Vec<(i32, i32)> = database
        .sql(&ROOTS.replace(" IN\n", " {in $2}\n"))
        .bind(submission.0)
        .ids(parents.iter().map(|parent| i64::from(*parent)))
        .all(on, |row| Ok((row.try_get("", "leaf")?, row.try_get("", "root")?)))
        .await?;
    let derived: Vec<(i32, i32)> = database
        .sql("SELECT root, derived FROM derivations WHERE submission_id = $1 AND root {in $2}")
        .bind(submission.0)
        .ids(of.iter().map(|(_, root)| i64::from(*root)))
        .all(on, |row| Ok((row.try_get("", "root")?, row.try_get("", "derived")?)))
        .await?;
    Ok(Roots::new(of, derived))
}

#[derive(Serialize)]
struct Grown {
    root: i32,
    n: i32,
}

/// Writes by how much they grew.
pub(super) async fn write(
    database: &Database,
    on: &DatabaseTransaction,
    submission: SubmissionId,
    roots: &Roots,
) -> Result<(), StoreError> {
    let rows: Vec<Grown> = roots.grown().iter().map(|(root, n)| Grown { root: *root, n: *n }).collect();
    if rows.is_empty() {
        return Ok(());
    }
    database
        .sql(
            "INSERT INTO derivations (submission_id, root, derived)
             SELECT $2, r.root, r.n FROM {rows $1 (root int, n int)} WHERE true
             ON CONFLICT (submission_id, root) DO UPDATE SET derived = derivations.derived + EXCLUDED.derived",
        )
        .rows(&rows)?
        .bind(submission.0)
        .run(on)
        .await?;
    Ok(())
}
