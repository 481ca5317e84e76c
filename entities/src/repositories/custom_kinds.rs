//! Kinds that are defined by a regular expression: what is changed by hand, and what whoever parses values loads of it.

use aggregator_domain::custom::MAX_KINDS;
use aggregator_domain::{CustomKindDefinition, CustomKinds, Kind};
use sea_orm::{DatabaseTransaction, QueryResult};

use super::items::TextFilter;
use super::listing::{Head, Revision};
use super::walk::Walk;
use super::{feeds, indicators, versions};
use crate::{Database, StoreError};

/// What is said of a custom kind beside its slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomKind {
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// A disabled kind reads nothing.
    pub enabled: bool,
    /// Tried before those with a lower one.
    pub priority: i32,
    /// What its values are.
    pub definition: CustomKindDefinition,
}

/// A custom kind as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKind {
    /// Its slug, name and revision.
    pub head: Head,
    /// What it is for.
    pub description: String,
    /// A disabled kind reads nothing.
    pub enabled: bool,
    /// Tried before those with a lower one.
    pub priority: i32,
    /// What its values are.
    pub definition: CustomKindDefinition,
}

impl StoredKind {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let definition: String = row.try_get("", "definition")?;
        let definition = serde_json::from_str(&definition)
            .map_err(|error| StoreError::Corrupt(format!("a custom kind: {error}")))?;
        Ok(Self {
            head: Head::read(row)?,
            description: row.try_get("", "description")?,
            enabled: row.try_get("", "enabled")?,
            priority: row.try_get("", "priority")?,
            definition,
        })
    }
}

fn written(definition: &CustomKindDefinition) -> Result<String, StoreError> {
    serde_json::to_string(definition).map_err(|error| StoreError::Other(error.to_string()))
}

const COLUMNS: &str = "t.description, t.enabled, t.priority, t.definition";

/// Every custom kind, in the order in which they are tried. There are [`MAX_KINDS`] at most.
pub async fn all(database: &Database) -> Result<Vec<StoredKind>, StoreError> {
    database
        .sql(&format!(
            "SELECT {}, {COLUMNS} FROM custom_kinds t ORDER BY t.priority DESC, t.slug {{bytewise}}",
            Head::COLUMNS
        ))
        .all(database.reader(), StoredKind::read)
        .await
}

/// One custom kind. Read where writes go, so that whoever just changed it sees the change.
pub async fn find(database: &Database, slug: &str) -> Result<Option<StoredKind>, StoreError> {
    database
        .sql(&format!("SELECT {}, {COLUMNS} FROM custom_kinds t WHERE t.slug = $1", Head::COLUMNS))
        .bind(slug)
        .one(database.writer(), StoredKind::read)
        .await
}

/// What became of a custom kind to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It is there.
    Made,
    /// Another has its slug.
    SlugTaken,
    /// There are as many as there may be.
    TooMany,
}

/// Makes a custom kind.
pub async fn create(database: &Database, slug: &str, new: &NewCustomKind) -> Result<Creation, StoreError> {
    let transaction = database.begin().await?;
    // First, so that two who make one at the same time count one after the other.
    announce(database, &transaction).await?;
    let count: i64 = database
        .sql("SELECT COUNT(*) FROM custom_kinds WHERE slug <> $1")
        .bind(slug)
        .scalar(&transaction)
        .await?;
    if usize::try_from(count).is_ok_and(|count| count >= MAX_KINDS) {
        return Ok(Creation::TooMany);
    }
    let made = database
        .sql(
            "INSERT INTO custom_kinds (slug, name, description, enabled, priority, definition, created_at, updated_at)
             SELECT $1, $2, $3, $4, $5, $6, made.at, made.at FROM (SELECT {now} AS at) made WHERE true
             ON CONFLICT (slug) DO NOTHING",
        )
        .bind(slug)
        .bind(new.name.clone())
        .bind(new.description.clone())
        .bind(new.enabled)
        .bind(new.priority)
        .bind(written(&new.definition)?)
        .run(&transaction)
        .await?;
    if made == 0 {
        return Ok(Creation::SlugTaken);
    }
    transaction.commit().await?;
    Ok(Creation::Made)
}

/// Changes what is said of a custom kind; false when it is no longer in that state.
pub async fn replace(
    database: &Database,
    revision: Revision,
    new: &NewCustomKind,
) -> Result<bool, StoreError> {
    let transaction = database.begin().await?;
    announce(database, &transaction).await?;
    let changed = database
        .sql(
            "UPDATE custom_kinds SET name = $3, description = $4, enabled = $5, priority = $6, definition = $7,
                 revision = revision + 1, updated_at = {now} WHERE id = $1 AND revision = $2",
        )
        .bind(revision.row)
        .bind(revision.number)
        .bind(new.name.clone())
        .bind(new.description.clone())
        .bind(new.enabled)
        .bind(new.priority)
        .bind(written(&new.definition)?)
        .run(&transaction)
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
}

/// Removes a custom kind; false when it is no longer in that state. Its indicators stay, and say what they are.
pub async fn remove(database: &Database, revision: Revision) -> Result<bool, StoreError> {
    let transaction = database.begin().await?;
    announce(database, &transaction).await?;
    let removed = database
        .sql("DELETE FROM custom_kinds WHERE id = $1 AND revision = $2")
        .bind(revision.row)
        .bind(revision.number)
        .run(&transaction)
        .await?;
    if removed == 0 {
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
}

/// Says that values are read otherwise from now on: processes load the kinds anew, and no list counts as unchanged.
async fn announce(database: &Database, on: &DatabaseTransaction) -> Result<(), StoreError> {
    versions::bump(database, on, "kinds").await?;
    feeds::forget_all_validators(database, on).await
}

/// True when some indicator is of the custom kind with this slug.
pub async fn has_indicators(database: &Database, slug: &str) -> Result<bool, StoreError> {
    let of_slug = TextFilter::Prefix(aggregator_domain::custom::canonical(slug, ""));
    let found = indicators::search(database, &of_slug, Some(Kind::Custom), &Walk::first(1)).await?;
    Ok(found.is_some_and(|(found, _)| !found.is_empty()))
}

/// The enabled custom kinds, compiled.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The version they had, or an older one.
    pub version: i64,
    /// The kinds.
    pub kinds: CustomKinds,
    /// The slugs of all there are, disabled ones, too.
    pub slugs: Vec<String>,
    /// Those that do not compile any more, with the reason: another version of the program made them.
    pub unusable: Vec<(String, String)>,
}

/// Compiles the enabled custom kinds, unless they are those of `known` still.
pub async fn load(database: &Database, known: Option<i64>) -> Result<Option<Loaded>, StoreError> {
    // The version first: what changes after it is loaded once more.
    let version = versions::of_kinds(database).await?;
    if known == Some(version) {
        return Ok(None);
    }
    let mut loaded = Loaded { version, ..Loaded::default() };
    let mut kinds = Vec::new();
    for kind in all(database).await? {
        let slug = kind.head.slug;
        match kind.definition.compile(&slug) {
            Ok(compiled) if kind.enabled => kinds.push(compiled),
            Err(error) if kind.enabled => {
                loaded.unusable.push((slug.clone(), format!("{} {error}", error.field())));
            }
            _ => {}
        }
        loaded.slugs.push(slug);
    }
    loaded.kinds = CustomKinds::new(kinds);
    Ok(Some(loaded))
}
