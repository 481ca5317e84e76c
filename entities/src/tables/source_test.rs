//! What testing a source gave: the result of its task, as JSON.

use aggregator_domain::{Kind, Outcome, Relation, Stance};
use serde::{Deserialize, Serialize};

/// What a source is asked about when it is tested: the subject of its task, as JSON. It is no indicator anybody submitted, so no
/// row of one is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestSubject {
    /// Its kind.
    pub kind: Kind,
    /// Its canonical value.
    pub value: String,
}

/// One source asked about one indicator, outside any submission. It is kept with its task and nowhere else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceTest {
    /// How asking ended.
    pub outcome: Outcome,
    /// True when the service was asked; false when that was refused or its limits allow no call.
    pub asked: bool,
    /// The side taken.
    pub stance: Stance,
    /// How sure, 0–100.
    pub confidence: u8,
    /// One sentence a person can read; for a failure why.
    pub summary: String,
    /// The facts, in the source's own shape.
    pub data: Option<serde_json::Value>,
    /// Indicators the answer leads to.
    pub links: Vec<TestLink>,
    /// How long asking took, milliseconds; `None` where the service was not asked.
    pub duration_ms: Option<u64>,
    /// When a call may be made again, microseconds, where limits allow none or the service said so.
    pub again_at: Option<i64>,
}

/// An edge to another indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestLink {
    /// What the edge means.
    pub relation: Relation,
    /// Kind of the other one.
    pub kind: Kind,
    /// Its value.
    pub value: String,
}
