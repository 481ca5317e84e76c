//! Items that are rows: screened.

use crate::ids::SubmissionId;
use crate::sql::Sql;
use crate::tables::item::Item;
use crate::{Database, StoreError};

use super::filter::ItemFilter;
use super::page::page;

/// Screened items after ordinal `after` (-1 for the first), in order, at most `limit`. Their `seq` is the row's own: the
/// caller adds the chunk's.
pub(super) async fn screened(
    database: &Database,
    submission: SubmissionId,
    filter: &ItemFilter,
    (after, limit): (i32, u32),
) -> Result<Vec<Item>, StoreError> {
    let mut binds: Vec<sea_orm::Value> = vec![submission.0.into(), after.into(), i64::from(limit).into()];
    let condition = filter.condition(&mut binds);
    let sql = database.sql(&format!(
        "SELECT {} FROM items i JOIN indicators x ON x.id = i.indicator_id
         WHERE i.submission_id = $1 AND i.ordinal > $2{condition} ORDER BY i.ordinal LIMIT $3",
        Item::columns("i.seq")
    ));
    binds.into_iter().fold(sql, Sql::bind).all(database.reader(), Item::read).await
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
