//! Testing a source on the wire: what is asked, and what it said.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::tables::source_test as row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::indicator::told;
use crate::{Kind, KindName, KindSlug, Outcome, Relation, Stance};

/// What a source is to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"value": "203[.]0[.]113[.]7"}))]
pub struct TestSource {
    /// The value as it was found, defanged or not; at most 8,192 bytes.
    #[schema(min_length = 1, max_length = 8192, example = "203[.]0[.]113[.]7")]
    pub value: String,
    /// Read it as this kind and no other: a built-in one, or a custom one by its slug.
    #[serde(default)]
    pub kind: Option<KindName>,
}

/// What a source said when it was tested. It is no finding: no item, verdict or cache knows of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!(SourceTest::example()))]
pub struct SourceTest {
    /// How asking ended; `rate_limited` where its limits allow no call now.
    pub outcome: Outcome,
    /// True when the service was asked, and the call counts against its limits.
    pub asked: bool,
    /// The side it takes.
    pub stance: Stance,
    /// How sure it is, 0–100.
    #[schema(minimum = 0, maximum = 100, example = 40)]
    pub confidence: u8,
    /// One sentence a person can read; for a failure why.
    #[schema(example = "2 open ports, 1 host name and 0 possible vulnerabilities seen.")]
    pub summary: String,
    /// The facts, in the source's own shape.
    #[schema(required = true)]
    pub data: Option<serde_json::Value>,
    /// Indicators the answer leads to, at most 1,000.
    pub links: Vec<TestLink>,
    /// How long the call took, milliseconds; `null` where there was none.
    #[schema(required = true, example = 212)]
    pub duration_ms: Option<u64>,
    /// When it may be asked again, where its limits allow no call now or the service said so.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:34.567Z")]
    pub again_at: Option<String>,
}

/// An indicator that an answer leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"relation": "reverse_name", "kind": "domain", "value": "mail.example.com"}))]
pub struct TestLink {
    /// What the edge means.
    pub relation: Relation,
    /// Its kind.
    pub kind: Kind,
    /// The slug of its kind, where that is a custom one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<KindSlug>)]
    pub custom_kind: Option<String>,
    /// Its value.
    #[schema(example = "mail.example.com")]
    pub value: String,
}

impl From<row::SourceTest> for SourceTest {
    fn from(row: row::SourceTest) -> Self {
        let link = |link: row::TestLink| {
            let (custom_kind, value) = told(link.kind, link.value);
            TestLink { relation: link.relation.into(), kind: link.kind.into(), custom_kind, value }
        };
        Self {
            outcome: row.outcome.into(),
            asked: row.asked,
            stance: row.stance.into(),
            confidence: row.confidence,
            summary: row.summary,
            data: row.data,
            links: row.links.into_iter().map(link).collect(),
            duration_ms: row.duration_ms,
            again_at: row.again_at.map(rfc3339),
        }
    }
}

impl SourceTest {
    /// A test's answer for the document's examples.
    pub fn example() -> Self {
        Self {
            outcome: Outcome::Found,
            asked: true,
            stance: Stance::Unknown,
            confidence: 0,
            summary: "2 open ports, 1 host name and 0 possible vulnerabilities seen.".to_owned(),
            data: Some(serde_json::json!({"ports": [25, 443]})),
            links: vec![TestLink {
                relation: Relation::ReverseName,
                kind: Kind::Domain,
                custom_kind: None,
                value: "mail.example.com".to_owned(),
            }],
            duration_ms: Some(212),
            again_at: None,
        }
    }
}
