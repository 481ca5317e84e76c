//! Items that are rows: screened.

use crate::ids::SubmissionId;
use crate::sql::Sql;
use crate::tables::item::Item;
use crate::{Database, StoreError};

use super::filter::ItemFilter;
use super::page::page;

/// Ordinals one statement looks at. Right after a bulk submission the planner of PostgreSQL has no statistics of its rows
/// and may sort all it can find: so it finds little.
const WINDOW: i32 = 20_000;

/// Screened items after ordinal `after` (-1 for the first), in order, at most `limit`. Their `seq` is the row's own: the
/// caller adds the chunk's.
pub(super) async fn screened(
    database: &Database,
    submission: SubmissionId,
    filter: &ItemFilter,
    (after, limit): (i32, u32),
) -> Result<Vec<Item>, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let window = if filter.is_looked_up() { i32::MAX } else { WINDOW };
    let mut items = Vec::new();
    let mut after = after;
    let mut last = None;
    loop {
        let until = after.saturating_add(window);
        items.extend(within(database, submission, filter, (after, until, limit - items.len())).await?);
        if items.len() == limit || until == i32::MAX {
            return Ok(items);
        }
        let last = match last {
            Some(last) => last,
            None => *last.insert(last_ordinal(database, submission).await?),
        };
        if until >= last {
            return Ok(items);
        }
        after = until;
    }
}

/// Screened items above ordinal `after` up to `until`.
async fn within(
    database: &Database,
    submission: SubmissionId,
    filter: &ItemFilter,
    (after, until, limit): (i32, i32, usize),
) -> Result<Vec<Item>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut binds: Vec<sea_orm::Value> = vec![submission.0.into(), after.into(), until.into(), limit.into()];
    let condition = filter.condition(&mut binds);
    // OFFSET 0 keeps PostgreSQL from joining with all indicators instead of looking up those of the page.
    let indicators = if database.is_postgres() {
        "CROSS JOIN LATERAL (SELECT value FROM indicators WHERE id = i.indicator_id OFFSET 0) x"
    } else {
        "JOIN indicators x ON x.id = i.indicator_id"
    };
    let sql = database.sql(&format!(
        "SELECT {} FROM items i {indicators}
         WHERE i.submission_id = $1 AND i.ordinal > $2 AND i.ordinal <= $3{condition} ORDER BY i.ordinal LIMIT $4",
        Item::columns("i.seq")
    ));
    binds.into_iter().fold(sql, Sql::bind).all(database.reader(), Item::read).await
}

/// The highest ordinal a submission's chunks give; -1 when it has none.
async fn last_ordinal(database: &Database, submission: SubmissionId) -> Result<i32, StoreError> {
    database
        .sql("SELECT COALESCE(MAX(first_ordinal + items), 0) - 1 FROM chunks WHERE submission_id = $1")
        .bind(submission.0)
        .scalar(database.reader())
        .await
}

/// One item by its ordinal, screened or not; `None` when the submission has none there.
pub async fn find(
    database: &Database,
    submission: SubmissionId,
    ordinal: i32,
) -> Result<Option<Item>, StoreError> {
    let Some(after) = ordinal.checked_sub(1).filter(|_| ordinal >= 0) else { return Ok(None) };
    let found = page(database, submission, &ItemFilter::default(), (after, 1)).await?;
    Ok(found.items.into_iter().find(|item| item.ordinal == ordinal))
}

/// Screened items changed by commits after number `seq` up to number `until`, in the order of the commits, at most `limit`.
/// For small submissions: it looks at every item.
pub async fn changed_after(
    database: &Database,
    submission: SubmissionId,
    (seq, until): (i64, i64),
    limit: u32,
) -> Result<Vec<Item>, StoreError> {
    database
        .sql(&format!(
            "SELECT {} FROM chunks c
             JOIN items i ON i.submission_id = c.submission_id AND i.ordinal >= c.first_ordinal
                 AND i.ordinal < c.first_ordinal + c.items
             JOIN indicators x ON x.id = i.indicator_id
             WHERE c.submission_id = $1 AND COALESCE(i.seq, c.seq) > $2 AND COALESCE(i.seq, c.seq) <= $3
             ORDER BY COALESCE(i.seq, c.seq), i.ordinal LIMIT $4",
            Item::columns("COALESCE(i.seq, c.seq)")
        ))
        .bind(submission.0)
        .bind(seq)
        .bind(until)
        .bind(i64::from(limit))
        .all(database.reader(), Item::read)
        .await
}
