//! Lists of named things: the one order, search and page that playbooks, ignore lists, providers, sources and feeds share,
//! and the revisions their changes are fenced with.

use sea_orm::QueryResult;

use super::items::escape_like;
use crate::StoreError;
use crate::sql::Sql;

/// Which state of which row: two differ whenever a client could tell the rows apart by what can be changed in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// The row; never used again for another.
    pub row: i64,
    /// Counts its changes.
    pub number: i64,
}

impl std::fmt::Display for Revision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.row, self.number)
    }
}

/// What every named thing has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The row and its state.
    pub revision: Revision,
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// When it was made, microseconds.
    pub created_at: i64,
    /// When it was last changed, microseconds.
    pub updated_at: i64,
}

impl Head {
    /// What [`Head::read`] reads, of the table called `t`.
    pub(crate) const COLUMNS: &str = "t.id, t.revision, t.slug, t.name, t.created_at, t.updated_at";

    pub(crate) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            revision: Revision { row: row.try_get("", "id")?, number: row.try_get("", "revision")? },
            slug: row.try_get("", "slug")?,
            name: row.try_get("", "name")?,
            created_at: row.try_get("", "created_at")?,
            updated_at: row.try_get("", "updated_at")?,
        })
    }
}

/// What a list is ordered by; ids decide between equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    /// The slug, byte by byte.
    #[default]
    Slug,
    /// The name, byte by byte.
    Name,
    /// The last change.
    UpdatedAt,
}

/// A place in a list: the key and the id of the entry before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a list by slug or name.
    Text(String, i64),
    /// In a list by time.
    Time(i64, i64),
}

/// Which part of a list, in which order.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Only those whose slug or name contains this; the case of ASCII letters is ignored.
    pub search: Option<String>,
    /// The order.
    pub by: SortKey,
    /// From the last to the first.
    pub descending: bool,
    /// Where to go on.
    pub after: Option<Place>,
    /// Entries at most.
    pub limit: u32,
}

impl Listing {
    /// The place of an entry, for the page after it.
    pub fn place(&self, head: &Head) -> Place {
        let id = head.revision.row;
        match self.by {
            SortKey::Slug => Place::Text(head.slug.clone(), id),
            SortKey::Name => Place::Text(head.name.clone(), id),
            SortKey::UpdatedAt => Place::Time(head.updated_at, id),
        }
    }

    /// What follows the conditions of a statement that selects from a table called `t`; its placeholders begin at `first`.
    /// Bind with [`Listing::bind`].
    pub(crate) fn tail(&self, first: usize) -> String {
        let key = match self.by {
            SortKey::Slug => "t.slug {bytewise}",
            SortKey::Name => "t.name {bytewise}",
            SortKey::UpdatedAt => "t.updated_at",
        };
        let (then, order) = if self.descending { ("<", "DESC") } else { (">", "ASC") };
        let (limit, from, id) = (first + 1, first + 2, first + 3);
        let after = if self.after.is_some() {
            format!("AND ({key} {then} ${from} OR ({key} = ${from} AND t.id {then} ${id}))")
        } else {
            String::new()
        };
        format!(
            "AND (lower(t.slug) LIKE lower(${first}) ESCAPE '\\' OR lower(t.name) LIKE lower(${first}) ESCAPE '\\') {after}
             ORDER BY {key} {order}, t.id {order} LIMIT ${limit}"
        )
    }

    /// The same part of a list that is in memory, whole.
    pub fn cut<T>(&self, mut entries: Vec<T>, head: impl Fn(&T) -> &Head) -> Vec<T> {
        let wanted = self.search.as_deref().map(str::to_lowercase);
        entries.retain(|entry| {
            let found =
                |text: &str| wanted.as_ref().is_none_or(|wanted| text.to_lowercase().contains(wanted));
            found(&head(entry).slug) || found(&head(entry).name)
        });
        entries.sort_by_cached_key(|entry| self.place(head(entry)));
        if self.descending {
            entries.reverse();
        }
        if let Some(after) = &self.after {
            let is_after = |place: Place| if self.descending { place < *after } else { place > *after };
            entries.retain(|entry| is_after(self.place(head(entry))));
        }
        entries.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        entries
    }

    /// Binds what [`Listing::tail`] left open.
    pub(crate) fn bind(&self, sql: Sql) -> Sql {
        let search =
            self.search.as_deref().map_or_else(|| "%".to_owned(), |text| format!("%{}%", escape_like(text)));
        let sql = sql.bind(search).bind(i64::from(self.limit));
        match &self.after {
            None => sql,
            Some(Place::Text(text, id)) => sql.bind(text.clone()).bind(*id),
            Some(Place::Time(time, id)) => sql.bind(*time).bind(*id),
        }
    }
}
