//! Edges between indicators, each with the answer that names it.

use aggregator_domain::{Indicator, IndicatorId, Kind, Relation, Stance};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::Serialize;

use crate::ids::SourceId;
use crate::sql::{Sql, code};
use crate::tables::indicator::read_id;
use crate::{Database, StoreError};

/// An edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The indicator that was asked about.
    pub from: IndicatorId,
    /// Who says so.
    pub source_id: SourceId,
    /// Slug of the source.
    pub source: String,
    /// The side its answer takes.
    pub stance: Stance,
    /// What it means.
    pub relation: Relation,
    /// The indicator it leads to.
    pub to: Indicator,
}

#[derive(Serialize)]
struct Named {
    indicator: String,
    source: i64,
}

/// The edges that the current answers of these sources about these indicators name, in the order of their ends.
pub async fn named_by(
    database: &Database,
    answers: &[(IndicatorId, SourceId)],
) -> Result<Vec<Edge>, StoreError> {
    match statement(database, answers)? {
        Some(statement) => statement.all_by_key(database, read).await,
        None => Ok(Vec::new()),
    }
}

/// The same within a transaction.
pub(crate) async fn named_by_on(
    database: &Database,
    on: &impl ConnectionTrait,
    answers: &[(IndicatorId, SourceId)],
) -> Result<Vec<Edge>, StoreError> {
    match statement(database, answers)? {
        Some(statement) => statement.all(on, read).await,
        None => Ok(Vec::new()),
    }
}

/// `None` where there is nothing to ask.
fn statement(database: &Database, answers: &[(IndicatorId, SourceId)]) -> Result<Option<Sql>, StoreError> {
    if answers.is_empty() {
        return Ok(None);
    }
    let rows: Vec<Named> = answers
        .iter()
        .map(|(indicator, source)| Named { indicator: indicator.to_string(), source: source.0 })
        .collect();
    // An edge that the last answer did not name again is history: the answer's edges are written after it.
    let statement = database
        .sql(
            "SELECT e.from_id, e.source_id, e.relation, x.kind, x.value, f.stance, s.slug
             FROM {rows $1 (indicator hash, source bigint)}
             JOIN relations e ON e.from_id = r.indicator AND e.source_id = r.source
             JOIN indicators x ON x.id = e.to_id
             JOIN sources s ON s.id = r.source
             JOIN findings f ON f.indicator_id = r.indicator AND f.source_id = r.source AND f.superseded_at IS NULL
             WHERE e.checked_at >= f.checked_at
             ORDER BY e.from_id, e.source_id, e.relation, e.to_id",
        )
        .rows(&rows)?;
    Ok(Some(statement))
}

fn read(row: &QueryResult) -> Result<Edge, StoreError> {
    let kind = code(row, "kind", Kind::from_code)?;
    Ok(Edge {
        from: read_id(row, "from_id")?,
        source_id: SourceId(row.try_get("", "source_id")?),
        source: row.try_get("", "slug")?,
        stance: code(row, "stance", Stance::from_code)?,
        relation: code(row, "relation", Relation::from_code)?,
        to: Indicator::from_canonical(kind, row.try_get::<String>("", "value")?),
    })
}
