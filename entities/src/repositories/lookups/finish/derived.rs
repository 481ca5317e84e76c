//! Follow-ups: what an answer leads to becomes an item of its own, where the playbook says so and the budget allows.

use std::collections::{BTreeMap, HashMap, HashSet};

use aggregator_domain::{Indicator, IndicatorId, Playbook, Relation, Stance};
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::{Account, Finish, Finished, Settled, hex, verdicts};
use crate::ids::{LookupId, SubmissionId};
use crate::payload::{self, CHUNK_ITEMS, PendingItem};
use crate::repositories::{pending, relations, roots};
use crate::tables::indicator::read_id;
use crate::{Database, StoreError};

/// Items to be derived in one submission, at one depth.
type Wanted = BTreeMap<(SubmissionId, i16), Vec<PendingItem>>;

/// Makes chunks of what the answers lead to; true when there are any. The visited set is the items of the submission, and those to
/// be: what is met again is an edge only.
pub(super) async fn follow(
    database: &Database,
    on: &DatabaseTransaction,
    (finished, settled, items): (&[Finished], &[Settled], &[verdicts::Item]),
    accounts: &mut BTreeMap<SubmissionId, Account>,
) -> Result<bool, StoreError> {
    let linked = linked(database, on, finished).await?;
    let told = || settled.iter().filter(|one| !one.is_cancelled);
    let mut touched: Vec<i64> =
        told().filter(|one| linked.contains_key(&one.of)).map(|one| one.submission_id.0).collect();
    touched.sort_unstable();
    touched.dedup();
    if touched.is_empty() {
        return Ok(false);
    }
    let running = running(database, on, touched).await?;
    let mut wanted = Wanted::new();
    for lookup in told() {
        let (Some(linked), Some(of)) = (linked.get(&lookup.of), running.get(&lookup.submission_id)) else {
            continue;
        };
        let Some(item) = items
            .iter()
            .find(|item| (item.submission_id, item.ordinal) == (lookup.submission_id, lookup.ordinal))
        else {
            continue;
        };
        let said = (linked.source, linked.stance);
        let followed = linked
            .links
            .iter()
            .filter(|(relation, _)| of.playbook.follows(*relation, (item.kind, item.depth), said))
            .map(|(_, indicator)| PendingItem {
                indicator: indicator.clone(),
                raw: None,
                line: 0,
                position: 0,
                port: None,
                derived_from: u32::try_from(item.ordinal).ok(),
            });
        wanted.entry((lookup.submission_id, item.depth + 1)).or_default().extend(followed);
    }
    let mut any = false;
    for ((submission, depth), mut derived) in wanted {
        drop_visited(database, on, submission, &mut derived).await?;
        let Some(of) = running.get(&submission) else { continue };
        let mut roots = roots::read(database, on, submission, &roots::parents(&derived)).await?;
        let account = accounts.entry(submission).or_default();
        let left = usize::try_from(of.left - account.derived).unwrap_or_default();
        roots.keep(&mut derived, of.playbook.max_per_root, left);
        roots::write(database, on, submission, &roots).await?;
        if !derived.is_empty() {
            for items in derived.chunks(CHUNK_ITEMS) {
                insert_chunk(database, on, (submission, depth), items).await?;
                account.chunks += 1;
            }
            account.derived += i64::try_from(derived.len()).unwrap_or_default();
            any = true;
        }
    }
    Ok(any)
}

/// Where the answer to a lookup leads.
struct Linked<'a> {
    source: &'a str,
    stance: Stance,
    links: Vec<(Relation, Indicator)>,
}

/// The answers that lead somewhere: those of this commit, and those that were there already.
async fn linked<'a>(
    database: &Database,
    on: &DatabaseTransaction,
    finished: &'a [Finished],
) -> Result<HashMap<LookupId, Linked<'a>>, StoreError> {
    let mut linked = HashMap::new();
    let mut known = Vec::new();
    for one in finished {
        match &one.end {
            Finish::Answered { answer: Some(answer), .. } if !answer.links.is_empty() => {
                let links = answer.links.iter().map(|link| (link.relation, link.indicator.clone())).collect();
                linked.insert(one.id, Linked { source: &one.source, stance: answer.stance, links });
            }
            Finish::Answered { answer: None, .. } => known.push(one),
            _ => {}
        }
    }
    let answers: Vec<_> = known.iter().map(|one| (one.indicator_id, one.source_id)).collect();
    for edge in relations::named_by_on(database, on, &answers).await? {
        for one in known.iter().filter(|one| (one.indicator_id, one.source_id) == (edge.from, edge.source_id))
        {
            let nothing = Linked { source: &one.source, stance: edge.stance, links: Vec::new() };
            linked.entry(one.id).or_insert(nothing).links.push((edge.relation, edge.to.clone()));
        }
    }
    Ok(linked)
}

/// A running submission that may derive items.
struct Running {
    playbook: Playbook,
    /// Items it may still derive.
    left: i64,
}

/// Locks the submissions, in order: their ordinals and budgets are given out here.
async fn running(
    database: &Database,
    on: &DatabaseTransaction,
    ids: Vec<i64>,
) -> Result<HashMap<SubmissionId, Running>, StoreError> {
    database
        .sql("SELECT id FROM submissions WHERE id {in $1} ORDER BY id {for_update}")
        .ids(ids.iter().copied())
        .all(on, |_| Ok(()))
        .await?;
    let rows = database
        .sql(
            "SELECT s.id, s.derived, p.definition FROM submissions s JOIN playbooks p ON p.slug = s.playbook
             WHERE s.id {in $1} AND s.state = 2",
        )
        .ids(ids)
        .all(on, |row| {
            let definition: String = row.try_get("", "definition")?;
            let playbook: Playbook = serde_json::from_str(&definition)
                .map_err(|error| StoreError::Corrupt(format!("a playbook: {error}")))?;
            let derived: i32 = row.try_get("", "derived")?;
            let left = i64::from(playbook.max_derived) - i64::from(derived);
            Ok((SubmissionId(row.try_get("", "id")?), Running { playbook, left }))
        })
        .await?;
    Ok(rows.into_iter().filter(|(_, of)| of.playbook.max_depth > 0).collect())
}

#[derive(Serialize)]
struct Visited {
    indicator: String,
}

async fn drop_visited(
    database: &Database,
    on: &DatabaseTransaction,
    submission: SubmissionId,
    derived: &mut Vec<PendingItem>,
) -> Result<(), StoreError> {
    let rows: Vec<Visited> =
        derived.iter().map(|item| Visited { indicator: hex(item.indicator.id()) }).collect();
    let visited = database
        .sql(
            "SELECT i.indicator_id FROM {rows $1 (indicator hash)}
             JOIN items i ON i.indicator_id = r.indicator AND i.submission_id = $2 WHERE i.indicator_id {among $3}",
        )
        .rows(&rows)?
        .bind(submission.0)
        .hashes(derived.iter().map(|item| item.indicator.id()))
        .all(on, |row| read_id(row, "indicator_id"))
        .await?;
    let mut visited: HashSet<IndicatorId> = visited.into_iter().collect();
    visited.extend(pending::read(database, on, submission).await?);
    derived.retain(|item| visited.insert(item.indicator.id()));
    Ok(())
}

/// A derived chunk begins behind the last ordinal given out.
pub(crate) async fn insert_chunk(
    database: &Database,
    on: &DatabaseTransaction,
    (submission, depth): (SubmissionId, i16),
    items: &[PendingItem],
) -> Result<(), StoreError> {
    database
        .sql(
            "INSERT INTO chunks (submission_id, first_ordinal, items, interactive, state, not_before, depth, payload)
             SELECT $1, (SELECT MAX(c.first_ordinal + c.items) FROM chunks c WHERE c.submission_id = $1), $2, s.interactive,
                 1, 0, $3, $4
             FROM submissions s WHERE s.id = $1",
        )
        .bind(submission.0)
        .bind(i32::try_from(items.len()).unwrap_or(i32::MAX))
        .bind(depth)
        .bind(payload::encode(items))
        .run(on)
        .await?;
    Ok(())
}
