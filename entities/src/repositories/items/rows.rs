//! Items that are rows: screened.

use aggregator_domain::IndicatorId;

use crate::ids::SubmissionId;
use crate::repositories::indicators;
use crate::repositories::walk::Walk;
use crate::sql::Sql;
use crate::tables::item::Item;
use crate::{Database, StoreError};

use super::filter::ItemFilter;
use super::page::page;

/// Ordinals one statement looks at. Right after a bulk submission the planner of PostgreSQL has no statistics of its rows
/// and may sort all it can find: so it finds little.
const WINDOW: i32 = 20_000;

/// Indicators a text may have to be looked up by identity.
const FEW: u32 = 1_000;

/// What was found of the items that are rows.
pub(super) struct Screened {
    /// The items, in order. Their `seq` is the row's own: the caller adds the chunk's.
    pub(super) items: Vec<Item>,
    /// The ordinal up to which it looked; `None` where that was all, or enough was found.
    pub(super) until: Option<i32>,
}

/// Screened items, one more than a walk asks for.
pub(super) async fn screened(
    database: &Database,
    submission: SubmissionId,
    filter: &ItemFilter,
    walk: &Walk<i32>,
) -> Result<Screened, StoreError> {
    if let Some(text) = &filter.text
        && let Some(ids) = indicators::few(database, text, FEW).await?
    {
        let filter = ItemFilter { text: None, ..filter.clone() };
        let items = among(database, submission, (&filter, &ids), walk).await?;
        return Ok(Screened { items, until: None });
    }
    let wanted = usize::try_from(walk.rows()).unwrap_or(usize::MAX);
    let mut items = Vec::new();
    // Counted from the end a walk has to know where that is; from the beginning, only when a window was not enough.
    let mut last = if walk.descending { Some(last_ordinal(database, submission).await?) } else { None };
    let mut at = match (walk.after, last) {
        (after, Some(last)) => last.saturating_add(1).min(after.unwrap_or(i32::MAX)),
        (after, None) => after.unwrap_or(-1),
    };
    let mut left = filter.effort();
    while left > 0 {
        let window = Window::behind(at, left.min(WINDOW), walk.descending);
        items.extend(within(database, submission, filter, (window, walk, wanted - items.len())).await?);
        if items.len() == wanted {
            return Ok(Screened { items, until: None });
        }
        let last = match last {
            Some(last) => last,
            None => *last.insert(last_ordinal(database, submission).await?),
        };
        let is_last = if walk.descending { window.least <= 0 } else { window.greatest >= last };
        if is_last {
            return Ok(Screened { items, until: None });
        }
        at = if walk.descending { window.least } else { window.greatest };
        left -= WINDOW;
    }
    Ok(Screened { items, until: Some(at) })
}

/// Ordinals one statement looks at, from the least to the greatest.
#[derive(Debug, Clone, Copy)]
struct Window {
    least: i32,
    greatest: i32,
}

impl Window {
    /// So many behind an ordinal.
    const fn behind(at: i32, size: i32, descending: bool) -> Self {
        if descending {
            Self { least: at.saturating_sub(size), greatest: at.saturating_sub(1) }
        } else {
            Self { least: at.saturating_add(1), greatest: at.saturating_add(size) }
        }
    }
}

/// Screened items that are one of these indicators: by identity, whatever the planner believes of the table.
async fn among(
    database: &Database,
    submission: SubmissionId,
    (filter, ids): (&ItemFilter, &[IndicatorId]),
    walk: &Walk<i32>,
) -> Result<Vec<Item>, StoreError> {
    let mut binds: Vec<sea_orm::Value> =
        vec![submission.0.into(), walk.behind(i64::from).into(), walk.rows().into(), true.into()];
    let condition = filter.condition(&mut binds);
    let (then, order) = (walk.then(), walk.order());
    let items = if database.is_postgres() {
        format!(
            "UNNEST($4) AS w (id) CROSS JOIN LATERAL (SELECT * FROM items
                 WHERE indicator_id = w.id AND submission_id = $1 AND ordinal {then} $2 OFFSET 0) i
             CROSS JOIN LATERAL (SELECT value FROM indicators WHERE id = w.id OFFSET 0) x WHERE 1 = 1"
        )
    } else {
        format!(
            "items i JOIN indicators x ON x.id = i.indicator_id
             WHERE i.indicator_id {{among $4}} AND i.submission_id = $1 AND i.ordinal {then} $2"
        )
    };
    let mut sql = database.sql(&format!(
        "SELECT {} FROM {items}{condition} ORDER BY i.ordinal {order} LIMIT $3",
        Item::columns("i.seq")
    ));
    for (at, value) in binds.into_iter().enumerate() {
        sql = if at == 3 { sql.hashes(ids.iter().copied()) } else { sql.bind(value) };
    }
    sql.all(database.reader(), Item::read).await
}

/// Screened items of a window, in the order of a walk, at most `limit`.
async fn within(
    database: &Database,
    submission: SubmissionId,
    filter: &ItemFilter,
    (window, walk, limit): (Window, &Walk<i32>, usize),
) -> Result<Vec<Item>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut binds: Vec<sea_orm::Value> =
        vec![submission.0.into(), window.least.into(), window.greatest.into(), limit.into()];
    let condition = filter.condition(&mut binds);
    // OFFSET 0 keeps PostgreSQL from joining with all indicators instead of looking up those of the page.
    let indicators = if database.is_postgres() {
        "CROSS JOIN LATERAL (SELECT value FROM indicators WHERE id = i.indicator_id OFFSET 0) x"
    } else {
        "JOIN indicators x ON x.id = i.indicator_id"
    };
    let sql = database.sql(&format!(
        "SELECT {} FROM items i {indicators}
         WHERE i.submission_id = $1 AND i.ordinal >= $2 AND i.ordinal <= $3{condition} ORDER BY i.ordinal {} LIMIT $4",
        Item::columns("i.seq"),
        walk.order()
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
    let walk = Walk { after: Some(after), ..Walk::first(1) };
    let found = page(database, submission, &ItemFilter::default(), &walk).await?;
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
