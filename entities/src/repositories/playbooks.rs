//! Playbooks: named choices of sources and limits that a submission runs.

use std::collections::HashMap;

use aggregator_domain::{Playbook, Tlp};
use sea_orm::QueryResult;

use super::listing::{Head, Listing, Revision};
use super::removal::Removal;
use crate::ids::SubmissionId;
use crate::sql::code;
use crate::tables::submission::SubmissionOptions;
use crate::{Database, StoreError};

/// A playbook as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPlaybook {
    /// Its slug, name and revision.
    pub head: Head,
    /// What it says.
    pub playbook: Playbook,
}

impl StoredPlaybook {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self { head: Head::read(row)?, playbook: definition(row)? })
    }

    /// True when it comes with the program: such are as old as the schema. They are not removed, and whom they ask does not
    /// change.
    pub fn is_built_in(&self) -> bool {
        self.head.created_at == 0
    }
}

fn definition(row: &QueryResult) -> Result<Playbook, StoreError> {
    let definition: String = row.try_get("", "definition")?;
    serde_json::from_str(&definition).map_err(|error| StoreError::Corrupt(format!("a playbook: {error}")))
}

fn written(playbook: &Playbook) -> Result<String, StoreError> {
    serde_json::to_string(playbook).map_err(|error| StoreError::Other(error.to_string()))
}

/// Playbooks, only those that come with the program or only others, as the listing says.
pub async fn list(
    database: &Database,
    built_in: Option<bool>,
    listing: &Listing,
) -> Result<Vec<StoredPlaybook>, StoreError> {
    let which = match built_in {
        None => "true",
        Some(true) => "t.created_at = 0",
        Some(false) => "t.created_at > 0",
    };
    let select =
        format!("SELECT {}, t.definition FROM playbooks t WHERE {which} {}", Head::COLUMNS, listing.tail(1));
    listing.bind(database.sql(&select)).all(database.reader(), StoredPlaybook::read).await
}

/// One playbook. Read where writes go, so that whoever just changed it sees the change.
pub async fn find(database: &Database, slug: &str) -> Result<Option<StoredPlaybook>, StoreError> {
    database
        .sql(&format!("SELECT {}, t.definition FROM playbooks t WHERE t.slug = $1", Head::COLUMNS))
        .bind(slug)
        .one(database.writer(), StoredPlaybook::read)
        .await
}

/// Makes a playbook; false when its slug is taken.
pub async fn create(
    database: &Database,
    (slug, name): (&str, &str),
    playbook: &Playbook,
) -> Result<bool, StoreError> {
    let made = database
        .sql(
            "INSERT INTO playbooks (slug, name, definition, created_at, updated_at) VALUES ($1, $2, $3, {now}, {now})
             ON CONFLICT (slug) DO NOTHING",
        )
        .bind(slug)
        .bind(name)
        .bind(written(playbook)?)
        .run(database.writer())
        .await?;
    Ok(made == 1)
}

/// Gives a playbook another name and definition; false when it is no longer in that state.
pub async fn replace(
    database: &Database,
    revision: Revision,
    name: &str,
    playbook: &Playbook,
) -> Result<bool, StoreError> {
    let changed = database
        .sql(
            "UPDATE playbooks SET name = $3, definition = $4, revision = revision + 1, updated_at = {now}
             WHERE id = $1 AND revision = $2",
        )
        .bind(revision.row)
        .bind(revision.number)
        .bind(name)
        .bind(written(playbook)?)
        .run(database.writer())
        .await?;
    Ok(changed == 1)
}

/// Removes a playbook that no open submission runs.
pub async fn remove(database: &Database, revision: Revision) -> Result<Removal, StoreError> {
    let transaction = database.begin().await?;
    // Locked first: a submission that begins now waits, and then finds no playbook (`intake::begin`).
    let slug = database
        .sql("SELECT slug FROM playbooks WHERE id = $1 AND revision = $2 {for_update}")
        .bind(revision.row)
        .bind(revision.number)
        .one(&transaction, |row| Ok(row.try_get::<String>("", "slug")?))
        .await?;
    let Some(slug) = slug else { return Ok(Removal::Changed) };
    let open: i64 = database
        .sql("SELECT COUNT(*) FROM submissions WHERE playbook = $1 AND state IN (1, 2)")
        .bind(slug)
        .scalar(&transaction)
        .await?;
    if open > 0 {
        return Ok(Removal::InUse(open));
    }
    database.sql("DELETE FROM playbooks WHERE id = $1").bind(revision.row).run(&transaction).await?;
    transaction.commit().await?;
    Ok(Removal::Removed)
}

/// True when there is a playbook with this slug.
pub async fn exists(database: &Database, slug: &str) -> Result<bool, StoreError> {
    let count: i64 = database
        .sql("SELECT COUNT(*) FROM playbooks WHERE slug = $1")
        .bind(slug)
        .scalar(database.reader())
        .await?;
    Ok(count > 0)
}

/// What a submission asks for: its playbook, how far it may travel, and what it said beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The playbook it runs.
    pub playbook: Playbook,
    /// How far it may travel.
    pub tlp: Tlp,
    /// What it asked for beside the playbook.
    pub options: SubmissionOptions,
}

/// The plans of submissions.
pub async fn plans(
    database: &Database,
    submissions: impl IntoIterator<Item = SubmissionId>,
) -> Result<HashMap<SubmissionId, Plan>, StoreError> {
    let plans = database
        .sql(
            "SELECT s.id, s.tlp, s.options, p.definition FROM submissions s JOIN playbooks p ON p.slug = s.playbook
             WHERE s.id {in $1}",
        )
        .ids(submissions.into_iter().map(|id| id.0))
        .all(database.reader(), |row| {
            let playbook = definition(row)?;
            let options = match row.try_get::<Option<String>>("", "options")? {
                None => SubmissionOptions::default(),
                Some(json) => serde_json::from_str(&json)
                    .map_err(|error| StoreError::Corrupt(format!("options: {error}")))?,
            };
            let tlp = code(row, "tlp", Tlp::from_code)?;
            Ok((SubmissionId(row.try_get("", "id")?), Plan { playbook, tlp, options }))
        })
        .await?;
    Ok(plans.into_iter().collect())
}

/// Makes a playbook, or changes the one with this slug.
pub async fn define(
    database: &Database,
    (slug, name): (&str, &str),
    playbook: &Playbook,
) -> Result<(), StoreError> {
    database
        .sql(
            "INSERT INTO playbooks (slug, name, definition, created_at, updated_at) VALUES ($1, $2, $3, {now}, {now})
             ON CONFLICT (slug) DO UPDATE SET name = $2, definition = $3, updated_at = {now},
                 revision = playbooks.revision + 1",
        )
        .bind(slug)
        .bind(name)
        .bind(written(playbook)?)
        .run(database.writer())
        .await?;
    Ok(())
}
