//! Playbooks: named choices of sources and limits that a submission runs.

use std::collections::HashMap;

use aggregator_domain::{Playbook, Tlp};

use crate::ids::SubmissionId;
use crate::sql::code;
use crate::tables::submission::SubmissionOptions;
use crate::{Database, StoreError};

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
    let corrupt = |what: &str, error: serde_json::Error| StoreError::Corrupt(format!("{what}: {error}"));
    let plans = database
        .sql(
            "SELECT s.id, s.tlp, s.options, p.definition FROM submissions s JOIN playbooks p ON p.slug = s.playbook
             WHERE s.id {in $1}",
        )
        .ids(submissions.into_iter().map(|id| id.0))
        .all(database.reader(), |row| {
            let definition: String = row.try_get("", "definition")?;
            let playbook = serde_json::from_str(&definition).map_err(|error| corrupt("a playbook", error))?;
            let options = match row.try_get::<Option<String>>("", "options")? {
                None => SubmissionOptions::default(),
                Some(json) => serde_json::from_str(&json).map_err(|error| corrupt("options", error))?,
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
    let definition = serde_json::to_string(playbook).map_err(|error| StoreError::Other(error.to_string()))?;
    database
        .sql(
            "INSERT INTO playbooks (slug, name, definition, created_at, updated_at) VALUES ($1, $2, $3, {now}, {now})
             ON CONFLICT (slug) DO UPDATE SET name = $2, definition = $3, updated_at = {now}",
        )
        .bind(slug)
        .bind(name)
        .bind(definition)
        .run(database.writer())
        .await?;
    Ok(())
}
