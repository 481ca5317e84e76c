//! Items of a submission on the wire.

use aggregator_entities::domain::state;
use aggregator_entities::domain::{self, Indicator};
use aggregator_entities::tables::item as row;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::indicator::{mirror, told};
use crate::page::{PagePart, sorts};
use crate::{Finding, IndicatorFacts, Kind, KindName, KindSlug, Lookup, Stance, Verdict, VerdictReason};

mirror! {
    /// Where an item stands.
    ItemState of state::ItemState {
        /// Its chunk waits.
        Queued = "queued",
        /// Its chunk is being screened.
        Screening = "screening",
        /// Remote lookups are open.
        LookingUp = "looking_up",
        /// Has its verdict.
        Done = "done",
        /// Its submission was cancelled.
        Cancelled = "cancelled",
    }
}

sorts! {
    /// The order of items; with `-` from the last to the first.
    OrdinalSort {
        /// In the order of the input.
        #[default]
        Ordinal = "ordinal",
        /// Against it.
        OrdinalDescending = "-ordinal",
    }
}

/// Which items to list. Filters narrow together; of `value`, `prefix` and `domain` one may be given.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListItemsParameters {
    /// Only of this kind, a built-in one or a custom one; `custom` for all custom ones.
    pub kind: Option<KindName>,
    /// Only judged so. Items without a verdict yet are left out.
    pub verdict: Option<Stance>,
    /// Only in this state.
    pub state: Option<ItemState>,
    /// Only where the source with this slug has a current finding.
    #[param(example = "threatfox-domains", pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
    pub source: Option<String>,
    /// Only this value, defanged or not.
    #[param(example = "example[.]com", max_length = 8192, pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
    pub value: Option<String>,
    /// Only where the canonical value begins so; upper and lower case differ. With a custom `kind` without its slug, else with it:
    /// `employee_id:E-1`.
    #[param(
        example = "https://example.com/",
        max_length = 8192,
        pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$"
    )]
    pub prefix: Option<String>,
    /// Only this domain and its subdomains, and e-mail addresses there.
    #[param(example = "example.com", max_length = 8192, pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
    pub domain: Option<String>,
    /// Only the item of this ordinal and what follows it in the order asked for: the way into the middle of a long list.
    #[param(minimum = 0, example = 300_000)]
    pub from: Option<i32>,
    /// The order; that of the input when absent.
    pub sort: Option<OrdinalSort>,
    /// Items at most, 1–1,000; 100 when absent. Not for CSV and NDJSON, which hold all pages.
    #[param(minimum = 1, maximum = 1000, example = 100)]
    pub limit: Option<u32>,
    /// Where to go on: the `next` of the page before. Not for CSV and NDJSON.
    pub cursor: Option<String>,
}

impl ListItemsParameters {
    /// Which part of the list, without the filters of its own.
    pub fn part(&self) -> PagePart<'_, OrdinalSort> {
        PagePart { sort: self.sort.unwrap_or_default(), limit: self.limit, cursor: self.cursor.as_deref() }
    }
}

/// One indicator inside one submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(Item::example()))]
pub struct Item {
    /// Its place in the order of first appearance, from 0.
    #[schema(example = 0)]
    pub ordinal: i32,
    /// Identity of the indicator: 32 hex digits.
    #[schema(pattern = "^[0-9a-f]{32}$", example = json!(Item::example().indicator_id))]
    pub indicator_id: String,
    /// What it is.
    pub kind: Kind,
    /// The slug of its kind, where that is a custom one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<KindSlug>)]
    pub custom_kind: Option<String>,
    /// Its canonical value.
    #[schema(example = "example.com")]
    pub value: String,
    /// Where it stands.
    pub state: ItemState,
    /// Its verdict, frozen when it was reached; `null` until then.
    #[schema(required = true)]
    pub verdict: Option<Verdict>,
    /// Where it was written, in the order of the body; the first one first. Empty for a derived item.
    pub contexts: Vec<ItemContext>,
    /// True when it was written more often than `contexts` shows.
    pub more_contexts: bool,
    /// How many follow-ups led here; 0 for what was sent.
    #[schema(example = 0)]
    pub depth: i16,
    /// Ordinal of the item whose answer led here; `null` for what was sent.
    #[schema(required = true)]
    pub derived_from: Option<i32>,
    /// Remote sources asked for it that have not answered yet.
    #[schema(example = 0)]
    pub lookups_open: i32,
    /// Number of the commit that last changed it (the `id` of that event); `null` while it waits.
    #[schema(required = true)]
    pub seq: Option<i64>,
}

/// One place an item was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ItemContext {
    /// Line of the body, from 1; for a JSON list the place of the value.
    #[schema(example = 12)]
    pub line: i32,
    /// Byte within the line, from 0; only prose has another.
    #[schema(example = 0)]
    pub position: i32,
    /// As it was written.
    #[schema(example = "hxxp://example[.]com")]
    pub raw: String,
    /// Port of an `ip:port` form.
    #[schema(required = true)]
    pub port: Option<i32>,
}

/// Items, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"items": [Item::example()], "next": null}))]
pub struct ItemPage {
    /// The items: at most `limit`, and with a filter perhaps fewer although more follow.
    pub items: Vec<Item>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

/// One item with all that is known about its indicator.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!(ItemDetails::example()))]
pub struct ItemDetails {
    /// The item, with up to 1,000 contexts.
    pub item: Item,
    /// What the value itself tells.
    pub facts: IndicatorFacts,
    /// What each source says now; the item's verdict may be older.
    pub findings: Vec<Finding>,
    /// Remote sources asked for this item, and how that went.
    pub lookups: Vec<Lookup>,
}

/// An item's verdict could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the stored reasons of item {ordinal} cannot be read: {error}")]
pub struct UnreadableReasons {
    ordinal: i32,
    error: serde_json::Error,
}

impl Item {
    /// An item from its row and its further contexts, of which at most `shown` are shown.
    pub fn of(row: row::Item, further: Vec<row::Context>, shown: usize) -> Result<Self, UnreadableReasons> {
        let reasons: Vec<domain::VerdictReason> = match &row.reasons {
            None => Vec::new(),
            Some(json) => serde_json::from_str(json)
                .map_err(|error| UnreadableReasons { ordinal: row.ordinal, error })?,
        };
        let verdict = (row.state == state::ItemState::Done).then(|| Verdict {
            stance: row.stance.into(),
            confidence: u8::try_from(row.confidence.clamp(0, 100)).unwrap_or_default(),
            reasons: reasons.into_iter().map(VerdictReason::from).collect(),
        });
        let more_contexts = further.len() > shown;
        // What nobody wrote has no place in the body.
        let own = (row.derived_from.is_none()).then_some(row.context);
        let contexts = own
            .into_iter()
            .chain(further.into_iter().take(shown))
            .map(|context| ItemContext::of(context, domain::custom::parts(row.kind, &row.value).1))
            .collect();
        let (custom_kind, value) = told(row.kind, row.value);
        Ok(Self {
            ordinal: row.ordinal,
            indicator_id: row.indicator_id.to_string(),
            kind: row.kind.into(),
            custom_kind,
            value,
            state: row.state.into(),
            verdict,
            contexts,
            more_contexts,
            depth: row.depth,
            derived_from: row.derived_from,
            lookups_open: row.pending,
            seq: row.seq,
        })
    }

    /// An item for the document's examples.
    pub fn example() -> Self {
        let indicator = Indicator::from_canonical(domain::Kind::Domain, "example.com");
        Self {
            ordinal: 0,
            indicator_id: indicator.id().to_string(),
            kind: Kind::Domain,
            custom_kind: None,
            value: "example.com".to_owned(),
            state: ItemState::Done,
            verdict: Some(Verdict::example()),
            contexts: vec![ItemContext {
                line: 12,
                position: 0,
                raw: "example[.]com".to_owned(),
                port: None,
            }],
            more_contexts: false,
            depth: 0,
            derived_from: None,
            lookups_open: 0,
            seq: Some(2),
        }
    }
}

impl ItemContext {
    fn of(context: row::Context, canonical: &str) -> Self {
        let row::Context { line, position, port, raw } = context;
        Self { line, position, raw: raw.unwrap_or_else(|| canonical.to_owned()), port }
    }
}

impl ItemDetails {
    /// An item with its surroundings for the document's examples.
    pub fn example() -> Self {
        let indicator = Indicator::from_canonical(domain::Kind::Domain, "example.com");
        Self {
            item: Item::example(),
            facts: IndicatorFacts::of(&indicator),
            findings: vec![Finding::example()],
            lookups: vec![Lookup::example()],
        }
    }
}
