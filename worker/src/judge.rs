//! One item against everything local: the findings of its hits and its explained verdict. Pure, given the intelligence.

use aggregator_entities::domain::{Indicator, IndicatorId, Opinion, Outcome, Stance, Verdict, VerdictReason};
use aggregator_entities::payload::PendingItem;
use aggregator_entities::repositories::screening::{LocalFinding, ScreenedItem};
use aggregator_sources::feeds::EntryMode;
use aggregator_sources::matcher::{Hit, Via};
use serde::Serialize;

use crate::intelligence::{FeedInfo, Intelligence};

/// Entries of one list shown in one finding.
const SHOWN_ENTRIES: usize = 5;

/// Judges the items of a chunk; findings of hits are added to `findings`.
pub fn items(
    items: Vec<PendingItem>,
    intelligence: &Intelligence,
    findings: &mut Vec<LocalFinding>,
) -> Vec<ScreenedItem> {
    items
        .into_iter()
        .map(|item| {
            let id = item.indicator.id();
            let (verdict, found) = one(&item.indicator, id, intelligence);
            findings.extend(found);
            ScreenedItem {
                derived_from: item.derived_from,
                lookups: Vec::new(),
                cached: Vec::new(),
                leads_to: Vec::new(),
                id,
                kind: item.indicator.kind(),
                value: item.indicator.into_value(),
                raw: item.raw,
                line: item.line,
                position: item.position,
                port: item.port,
                stance: verdict.stance,
                confidence: verdict.confidence,
                reasons: reasons_json(&verdict),
            }
        })
        .collect()
}

/// The verdict on one indicator, and what each local source says.
pub fn one(
    indicator: &Indicator,
    id: IndicatorId,
    intelligence: &Intelligence,
) -> (Verdict, Vec<LocalFinding>) {
    let (kind, value) = (indicator.kind(), indicator.value());
    let mut hits = intelligence.matcher().match_indicator(kind, value, id);
    let mut reasons = Vec::new();
    let mut findings = Vec::new();
    hits.sort_unstable_by_key(|hit| (hit.feed, hit.entry));
    for of_feed in hits.chunk_by(|a, b| a.feed == b.feed) {
        if let Some(feed) = intelligence.feed(of_feed[0].feed) {
            let (finding, reason) = listed(of_feed, feed, intelligence, id);
            findings.push(finding);
            reasons.push(reason);
        }
    }
    reasons.extend(intelligence.ignored(indicator, id));
    findings.extend(intelligence.located(indicator, id));
    (Verdict::fuse(reasons), findings)
}

/// The reasons as stored: nothing where nothing is known.
pub(crate) fn reasons_json(verdict: &Verdict) -> Option<String> {
    if verdict.reasons.is_empty() { None } else { serde_json::to_string(&verdict.reasons).ok() }
}

/// An entry as a finding shows it.
#[derive(Serialize)]
struct ShownEntry<'a> {
    value: &'a str,
    mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<&'a serde_json::value::RawValue>,
}

#[derive(Serialize)]
struct Listing<'a> {
    entries: Vec<ShownEntry<'a>>,
    #[serde(skip_serializing_if = "is_zero")]
    more: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What being listed (perhaps by several entries of one list) says.
fn listed(
    hits: &[Hit],
    feed: &FeedInfo,
    intelligence: &Intelligence,
    id: IndicatorId,
) -> (LocalFinding, VerdictReason) {
    let mut opinion = Opinion::default();
    let mut shown = Vec::new();
    for hit in hits {
        let Some(entry) = intelligence.matcher().entry(*hit) else { continue };
        let of_entry = entry.opinion();
        if (of_entry.stance, of_entry.confidence) > (opinion.stance, opinion.confidence) {
            opinion = of_entry;
        }
        if shown.len() < SHOWN_ENTRIES {
            let via = match hit.via {
                Via::Itself => None,
                Via::Host => Some("host"),
                Via::MailDomain => Some("mail_domain"),
            };
            let facts = entry.facts().and_then(|facts| serde_json::from_str(facts).ok());
            shown.push(ShownEntry { value: entry.value(), mode: hit.mode.as_str(), via, facts });
        }
    }
    let text = sentence(&feed.name, &shown, hits);
    let more = hits.len() - shown.len();
    let data = serde_json::to_string(&Listing { entries: shown, more }).ok();
    let finding = LocalFinding {
        indicator_id: id,
        source_id: feed.source_id,
        generation_id: Some(feed.generation_id),
        outcome: Outcome::Found,
        stance: opinion.stance,
        confidence: opinion.confidence,
        data_hash: data_hash(opinion, &text, data.as_deref()),
        summary: text.clone(),
        data,
    };
    let reason = VerdictReason {
        source: feed.slug.clone(),
        opinion: opinion.weighed(feed.weight),
        text,
        caps: feed.caps,
        failed: None,
    };
    (finding, reason)
}

fn sentence(feed: &str, shown: &[ShownEntry<'_>], hits: &[Hit]) -> String {
    let Some(first) = shown.first() else { return format!("Listed by {feed}") };
    let itself = hits[0].via == Via::Itself && hits[0].mode == EntryMode::Exact;
    let how = match (itself, first.via) {
        (true, _) => format!("Listed by {feed}"),
        (false, Some("host")) => format!("Its host is listed by {feed} as {}", first.value),
        (false, Some(_)) => format!("Its mail domain is listed by {feed} as {}", first.value),
        (false, None) => format!("Listed by {feed} as {}", first.value),
    };
    if hits.len() > 1 { format!("{how} and {} more", hits.len() - 1) } else { how }
}

/// Equal answers have equal hashes: the first 63 bits of BLAKE3.
pub(crate) fn data_hash(opinion: Opinion, summary: &str, data: Option<&str>) -> i64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[opinion.stance.code(), opinion.confidence]);
    hasher.update(summary.as_bytes());
    hasher.update(&[0]);
    hasher.update(data.unwrap_or_default().as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    i64::from_le_bytes(first) & i64::MAX
}

/// A line about an ignore list for the explanation.
pub(crate) fn ignore_reason(list: &str, caps: bool) -> VerdictReason {
    let what = if caps { "its verdict is capped" } else { "it is not sent to remote sources" };
    VerdictReason {
        source: "ignore-list".to_owned(),
        opinion: Opinion { stance: Stance::Unknown, confidence: 0 },
        text: format!("On the ignore list {list}: {what}"),
        caps,
        failed: None,
    }
}
