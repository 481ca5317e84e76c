//! Search by text. On PostgreSQL it walks the part of an index where the text is, in the order of that index, so a page costs what
//! it shows; SQLite, whose inserts would halve with such an index (docs/adr/0002-hot-schema.md), goes through all.

use aggregator_domain::{IndicatorId, Kind};
use sea_orm::{ConnectionTrait, Value};

use super::{COLUMNS, find};
use crate::database::Wait;
use crate::repositories::items::{TextFilter, escape_like};
use crate::repositories::walk::{Part, Walk};
use crate::sql::Sql;
use crate::tables::indicator::{IndicatorRow, bind_id, read_id};
use crate::{Database, StoreError};

/// Characters of a text that the indexes hold: a btree refuses long ones.
const KEYED: usize = 64;

/// Indicators that match a text, in the order of what they are found by; `None` when the one to go on behind is gone.
pub async fn search(
    database: &Database,
    text: &TextFilter,
    kind: Option<Kind>,
    walk: &Walk<IndicatorId>,
) -> Result<Option<Part<IndicatorRow, IndicatorId>>, StoreError> {
    let rows = if let TextFilter::Identities(ids) = text {
        by_identity(database, ids, kind, walk).await?
    } else {
        let after = match walk.after {
            None => None,
            Some(id) => match find(database, id).await? {
                None => return Ok(None),
                Some(row) => Some(row),
            },
        };
        if database.is_postgres() {
            in_order_of_text(database, text, kind, (after, walk)).await?
        } else {
            among_all(database, text, kind, walk).await?
        }
    };
    Ok(Some(walk.cut(rows, |row| row.id)))
}

/// The indicators that match a text; `None` when they are more than `most`, or when finding them is a walk through all.
pub(crate) async fn few(
    database: &Database,
    text: &TextFilter,
    most: u32,
) -> Result<Option<Vec<IndicatorId>>, StoreError> {
    if let TextFilter::Identities(ids) = text {
        return Ok(Some(ids.clone()));
    }
    if !database.is_postgres() {
        return Ok(None);
    }
    let Some(range) = Range::of(text) else { return Ok(None) };
    let mut binds = vec![Value::from(i64::from(most) + 1)];
    let condition = range.condition(text, &mut binds);
    let sql = database.sql(&format!("SELECT id FROM indicators WHERE {condition} LIMIT $1"));
    let sql = binds.into_iter().fold(sql, Sql::bind);
    let ids = sql.all_by_key(database, |row| read_id(row, "id")).await?;
    Ok((ids.len() <= usize::try_from(most).unwrap_or(usize::MAX)).then_some(ids))
}

async fn by_identity(
    database: &Database,
    ids: &[IndicatorId],
    kind: Option<Kind>,
    walk: &Walk<IndicatorId>,
) -> Result<Vec<IndicatorRow>, StoreError> {
    let mut found = Vec::new();
    for id in ids {
        found.extend(find(database, *id).await?);
    }
    let is_behind = |id, after| if walk.descending { id < after } else { id > after };
    found.retain(|row| {
        walk.after.is_none_or(|after| is_behind(row.id, after)) && kind.is_none_or(|kind| row.kind == kind)
    });
    found.sort_by_key(|row| row.id);
    found.dedup_by_key(|row| row.id);
    if walk.descending {
        found.reverse();
    }
    Ok(found)
}

async fn in_order_of_text(
    database: &Database,
    text: &TextFilter,
    kind: Option<Kind>,
    (after, walk): (Option<IndicatorRow>, &Walk<IndicatorId>),
) -> Result<Vec<IndicatorRow>, StoreError> {
    let Some(range) = Range::of(text) else { return Ok(Vec::new()) };
    let key = range.key;
    let mut binds = vec![Value::from(walk.rows()), kind.map_or(0_i16, |kind| i16::from(kind.code())).into()];
    let (then, order) = (walk.then(), walk.order());
    let first = if walk.descending { ">" } else { "<" };
    let mut condition = range.condition(text, &mut binds);
    if let Some(row) = after {
        let at = binds.len();
        binds.extend([Value::from(range.key_of(&row.value)), bind_id(row.id).into()]);
        let (k, id) = (at + 1, at + 2);
        condition =
            format!("{condition} AND {key} ~{then}=~ ${k} AND ({key} ~{then}~ ${k} OR id {then} ${id})");
    }
    let sql = database.sql(&format!(
        "SELECT {COLUMNS} FROM indicators WHERE ($2 = 0 OR kind = $2) AND {condition}
         ORDER BY {key} USING ~{first}~, id {order} LIMIT $1"
    ));
    let transaction = database.begin_by_key(Wait::Not).await?;
    // The index has the order already but for equal keys: sorting all that begin so would be the price of the page.
    transaction.execute_unprepared("SET LOCAL enable_sort = off").await?;
    let rows = binds.into_iter().fold(sql, Sql::bind).all(&transaction, IndicatorRow::read).await?;
    transaction.commit().await?;
    Ok(rows)
}

async fn among_all(
    database: &Database,
    text: &TextFilter,
    kind: Option<Kind>,
    walk: &Walk<IndicatorId>,
) -> Result<Vec<IndicatorRow>, StoreError> {
    let (then, order) = (walk.then(), walk.order());
    let behind = walk.after.unwrap_or(IndicatorId([if walk.descending { u8::MAX } else { 0 }; 16]));
    let mut binds = vec![
        Value::from(walk.rows()),
        kind.map_or(0_i16, |kind| i16::from(kind.code())).into(),
        bind_id(behind).into(),
    ];
    let condition = matching(text, false, &mut binds);
    let sql = database.sql(&format!(
        "SELECT {COLUMNS} FROM indicators WHERE id {then} $3 AND ($2 = 0 OR kind = $2) AND {condition}
         ORDER BY id {order} LIMIT $1"
    ));
    binds.into_iter().fold(sql, Sql::bind).all(database.reader(), IndicatorRow::read).await
}

/// The part of an index where a text is. It is written with the operators of the index's own order and not with LIKE: a pattern
/// that is bound later says nothing about where to look.
struct Range {
    /// What the index holds.
    key: &'static str,
    reversed: bool,
    from: String,
    /// The first key behind all that begin so; `None` where nothing can be behind.
    until: Option<String>,
}

impl Range {
    /// `None` for what no index holds.
    fn of(text: &TextFilter) -> Option<Self> {
        let (key, reversed, from) = match text {
            TextFilter::Identities(_) => return None,
            TextFilter::Prefix(prefix) => ("left(value, 64)", false, head(prefix.chars())),
            TextFilter::DomainSuffix(domain) => {
                ("left(reverse(value), 64)", true, head(domain.chars().rev()))
            }
        };
        Some(Self { key, reversed, until: behind(&from), from })
    }

    /// The key of a value.
    fn key_of(&self, value: &str) -> String {
        if self.reversed { head(value.chars().rev()) } else { head(value.chars()) }
    }

    /// The condition on an indicator; what it binds goes to `binds`.
    fn condition(&self, text: &TextFilter, binds: &mut Vec<Value>) -> String {
        let key = self.key;
        binds.push(self.from.as_str().into());
        let mut condition = format!("{key} ~>=~ ${}", binds.len());
        if let Some(until) = &self.until {
            binds.push(until.as_str().into());
            condition = format!("{condition} AND {key} ~<~ ${}", binds.len());
        }
        format!("{condition} AND {}", matching(text, true, binds))
    }
}

fn head(chars: impl Iterator<Item = char>) -> String {
    chars.take(KEYED).collect()
}

/// The least text that is greater than all that begin with `prefix`, compared by code points, which is by bytes in UTF-8.
fn behind(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // The range of a char leaves out what is no character.
        if let Some(next) = (last..=char::MAX).nth(1) {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

/// The condition on the whole value.
fn matching(text: &TextFilter, postgres: bool, binds: &mut Vec<Value>) -> String {
    let mut place = |value: String| {
        binds.push(value.into());
        format!("${}", binds.len())
    };
    match text {
        TextFilter::Identities(_) => "1 = 0".to_owned(),
        TextFilter::Prefix(prefix) if postgres => {
            format!("value LIKE {} ESCAPE '\\'", place(format!("{}%", escape_like(prefix))))
        }
        TextFilter::Prefix(prefix) => {
            // LIKE of SQLite takes upper and lower case for the same.
            let prefix = place(prefix.clone());
            format!("substr(value, 1, length({prefix})) = {prefix}")
        }
        TextFilter::DomainSuffix(domain) => {
            let escaped = escape_like(domain);
            let (itself, below, mail) =
                (place(domain.clone()), place(format!("%.{escaped}")), place(format!("%@{escaped}")));
            format!(
                "kind IN (5, 7) AND (value = {itself} OR value LIKE {below} ESCAPE '\\' OR value LIKE {mail} ESCAPE '\\')"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::behind;

    #[test]
    fn what_is_behind_a_beginning_is_greater_than_all_that_begin_so() {
        assert_eq!(behind("abc").as_deref(), Some("abd"));
        assert_eq!(behind("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(behind("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(behind("\u{10ffff}"), None);
        assert_eq!(behind(""), None);
    }
}
