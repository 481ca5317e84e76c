//! Finishing screened chunks: indicators, findings, items, verdicts and counters in one set-based transaction.
//!
//! Lock order (architecture.md rule 4): own chunks → indicators → findings → items → submissions, keys sorted as bytes.

mod leads;
mod postgres;
mod sqlite;

use std::collections::{BTreeMap, HashMap, HashSet};

use aggregator_domain::{Indicator, IndicatorId, Kind, Outcome, Stance};

use leads::{Derived, Leads};

use crate::ids::{ChunkId, GenerationId, SourceId, SubmissionId};
use crate::{Database, StoreError};

/// An item with its verdict.
#[derive(Debug, Clone)]
pub struct ScreenedItem {
    /// Its indicator.
    pub id: IndicatorId,
    /// Its kind.
    pub kind: Kind,
    /// Its canonical value.
    pub value: Box<str>,
    /// As written, where that differs.
    pub raw: Option<Box<str>>,
    /// Line of the body, from 1.
    pub line: u32,
    /// Byte within the line, from 0.
    pub position: u32,
    /// Port of an `ip:port` form.
    pub port: Option<u16>,
    /// The verdict's side.
    pub stance: Stance,
    /// How sure, 0–100.
    pub confidence: u8,
    /// The verdict's reasons as JSON; `None` where nothing is known.
    pub reasons: Option<String>,
    /// Ordinal of the item whose answer led here.
    pub derived_from: Option<u32>,
    /// Remote sources still to be asked; the verdict is reached when none is left.
    pub lookups: Vec<SourceId>,
    /// Remote sources that are not asked because their fresh answer is there.
    pub cached: Vec<SourceId>,
    /// Where answers that are there already lead, as far as the playbook follows them.
    pub leads_to: Vec<Indicator>,
}

/// A chunk whose items all have their verdicts.
#[derive(Debug, Clone)]
pub struct ScreenedChunk {
    /// The chunk.
    pub id: ChunkId,
    /// Whose it is.
    pub submission_id: SubmissionId,
    /// The claim under which it was screened: the fence.
    pub attempt: i32,
    /// Ordinal of its first item.
    pub first_ordinal: i32,
    /// How many follow-ups led to its items; 0 for what was sent.
    pub depth: i16,
    /// True in the interactive lane.
    pub interactive: bool,
    /// Version of the policy and feeds it was screened with.
    pub policy_version: i64,
    /// Most items its submission may derive.
    pub max_derived: u32,
    /// Most items that one item sent may lead to.
    pub max_per_root: u32,
    /// Its items, in order.
    pub items: Vec<ScreenedItem>,
}

/// A local source's answer about an indicator of these chunks.
#[derive(Debug, Clone)]
pub struct LocalFinding {
    /// About what.
    pub indicator_id: IndicatorId,
    /// Who says so.
    pub source_id: SourceId,
    /// Which generation of its list.
    pub generation_id: Option<GenerationId>,
    /// How asking ended.
    pub outcome: Outcome,
    /// The side taken.
    pub stance: Stance,
    /// How sure, 0–100.
    pub confidence: u8,
    /// One sentence a person can read.
    pub summary: String,
    /// The facts as JSON.
    pub data: Option<String>,
    /// Equal answers have equal hashes; the first 63 bits of a hash over all of the above but the generation.
    pub data_hash: i64,
}

/// What became of a commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Items written.
    pub items: u64,
    /// Chunks refused by the fence: somebody else has them, or their submission was cancelled.
    pub refused: Vec<ChunkId>,
    /// Submissions touched, each to be rung.
    pub submissions: Vec<SubmissionId>,
    /// True when derived chunks were made.
    pub derived: bool,
}

/// Commits screened chunks and the findings of their hits. Chunks that fail the fence are left out, with all they hold.
pub async fn finish(
    database: &Database,
    mut chunks: Vec<ScreenedChunk>,
    mut findings: Vec<LocalFinding>,
) -> Result<Committed, StoreError> {
    chunks.sort_by_key(|chunk| chunk.id);
    findings.sort_by_key(|finding| (finding.indicator_id, finding.source_id));
    findings.dedup_by_key(|finding| (finding.indicator_id, finding.source_id));
    if database.is_postgres() {
        postgres::finish(database, chunks, findings).await
    } else {
        sqlite::finish(database, chunks, findings).await
    }
}

/// Records what a local source says, outside a chunk: retro-match of a new generation. Equal answers add nothing, and nothing is
/// said about an indicator that was purged meanwhile.
pub async fn record(database: &Database, mut findings: Vec<LocalFinding>) -> Result<(), StoreError> {
    findings.sort_by_key(|finding| (finding.indicator_id, finding.source_id));
    findings.dedup_by_key(|finding| (finding.indicator_id, finding.source_id));
    if database.is_postgres() {
        postgres::record(database, findings).await
    } else {
        sqlite::record(database, findings).await
    }
}

/// Counters of a set of items.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    /// Items with their verdict.
    items: i64,
    /// Lookups that are to follow.
    lookups: i64,
    /// Items met again: an edge only.
    dropped: i64,
    /// What known answers lead to.
    derived: Derived,
    malicious: i64,
    suspicious: i64,
    benign: i64,
}

impl Tally {
    /// Units of work that this commit ends, less those it makes.
    fn ended(&self, chunks: &[Ended]) -> i64 {
        i64::try_from(chunks.len()).unwrap_or(i64::MAX) - self.lookups - self.derived.chunks
    }

    /// Items that this commit adds to the submission beside those it had.
    fn added(&self) -> i64 {
        self.derived.items - self.dropped
    }

    fn add(&mut self, chunk: &ScreenedChunk) {
        for item in &chunk.items {
            self.lookups += i64::try_from(item.lookups.len()).unwrap_or_default();
            if !item.is_done() {
                continue;
            }
            self.items += 1;
            match item.stance {
                Stance::Malicious => self.malicious += 1,
                Stance::Suspicious => self.suspicious += 1,
                Stance::Benign => self.benign += 1,
                Stance::Unknown => {}
            }
        }
    }
}

/// Items of derived chunks that their submission had already: an edge only.
type Dropped = BTreeMap<SubmissionId, i64>;

/// What the chunks of one commit bring into their submissions: two that lead to the same bring it once.
#[derive(Default)]
struct Brought(HashMap<SubmissionId, HashSet<IndicatorId>>);

impl Brought {
    /// Takes out of a derived chunk what its submission has already, or gets from a chunk before it. What is left moves up: a chunk's
    /// ordinals are without gaps.
    fn drop_visited(
        &mut self,
        chunk: &mut ScreenedChunk,
        visited: &HashSet<IndicatorId>,
        dropped: &mut Dropped,
    ) {
        let before = chunk.items.len();
        let brought = self.0.entry(chunk.submission_id).or_default();
        chunk.items.retain(|item| !visited.contains(&item.id) && brought.insert(item.id));
        let gone = i64::try_from(before - chunk.items.len()).unwrap_or_default();
        *dropped.entry(chunk.submission_id).or_default() += gone;
    }
}

/// A chunk that this commit ends: its id, the facets of its items, and what was not asked for it because it was known. Of the items
/// the chunk has for good.
type Ended = (i64, String, Option<String>);

/// Items and chunks per submission, in the order of submission ids.
fn tallies(chunks: &[ScreenedChunk], dropped: &Dropped) -> BTreeMap<SubmissionId, (Vec<Ended>, Tally)> {
    let mut tallies: BTreeMap<SubmissionId, (Vec<Ended>, Tally)> = BTreeMap::new();
    for chunk in chunks {
        let (ended, tally) = tallies.entry(chunk.submission_id).or_default();
        ended.push((chunk.id.0, chunk.counts_json(), chunk.cached_json()));
        tally.add(chunk);
    }
    for (submission, (_, tally)) in &mut tallies {
        tally.dropped = dropped.get(submission).copied().unwrap_or_default();
    }
    tallies
}

impl ScreenedItem {
    /// True when nobody else is to be asked.
    fn is_done(&self) -> bool {
        self.lookups.is_empty()
    }

    /// Its state: done, or looking up; and how many lookups are open.
    fn state_and_pending(&self) -> (i16, i32) {
        (if self.is_done() { 4 } else { 3 }, i32::try_from(self.lookups.len()).unwrap_or(i32::MAX))
    }
}

/// Counts per kind and stance as JSON, e.g. `{"ipv4":[7,0,1,2]}` in the order of the stances' codes: the facets.
pub(super) fn counts_json(items: impl Iterator<Item = (Kind, Stance)>) -> String {
    let mut counts: BTreeMap<&'static str, [u32; 4]> = BTreeMap::new();
    for (kind, stance) in items {
        counts.entry(kind.as_str()).or_default()[usize::from(stance.code())] += 1;
    }
    serde_json::to_string(&counts).unwrap_or_default()
}

impl ScreenedChunk {
    fn counts_json(&self) -> String {
        counts_json(self.items.iter().filter(|item| item.is_done()).map(|item| (item.kind, item.stance)))
    }

    /// Fresh answers that were there, by source, as JSON, e.g. `{"7":12}`; `None` where there was none.
    fn cached_json(&self) -> Option<String> {
        let mut cached: BTreeMap<i64, u32> = BTreeMap::new();
        for source in self.items.iter().flat_map(|item| &item.cached) {
            *cached.entry(source.0).or_default() += 1;
        }
        (!cached.is_empty()).then(|| serde_json::to_string(&cached).unwrap_or_default())
    }
}

/// Drops the chunks that are not in `passed`, and the findings about indicators only they hold.
fn keep_passed(
    chunks: &mut Vec<ScreenedChunk>,
    findings: &mut Vec<LocalFinding>,
    passed: &std::collections::HashSet<i64>,
) -> Vec<ChunkId> {
    if passed.len() == chunks.len() {
        return Vec::new();
    }
    let refused = chunks.iter().filter(|chunk| !passed.contains(&chunk.id.0)).map(|chunk| chunk.id).collect();
    chunks.retain(|chunk| passed.contains(&chunk.id.0));
    let kept: std::collections::HashSet<IndicatorId> =
        chunks.iter().flat_map(|chunk| chunk.items.iter().map(|item| item.id)).collect();
    findings.retain(|finding| kept.contains(&finding.indicator_id));
    refused
}

/// A lookup of a screened item on its way into a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct NewLookup {
    indicator: IndicatorId,
    source: SourceId,
    submission: SubmissionId,
    ordinal: i32,
    interactive: bool,
}

/// The lookups of all items, in the order of their indicators.
fn sorted_lookups(chunks: &[ScreenedChunk]) -> Vec<NewLookup> {
    let mut lookups: Vec<NewLookup> = chunks
        .iter()
        .flat_map(|chunk| {
            chunk.items.iter().zip(chunk.first_ordinal..).flat_map(move |(item, ordinal)| {
                item.lookups.iter().map(move |source| NewLookup {
                    indicator: item.id,
                    source: *source,
                    submission: chunk.submission_id,
                    ordinal,
                    interactive: chunk.interactive,
                })
            })
        })
        .collect();
    lookups.sort_unstable();
    lookups
}

/// The indicators of all items, each once, in the order of their bytes.
fn sorted_indicators(chunks: &[ScreenedChunk]) -> Vec<&ScreenedItem> {
    let mut indicators: Vec<&ScreenedItem> = chunks.iter().flat_map(|chunk| &chunk.items).collect();
    indicators.sort_unstable_by_key(|item| item.id);
    indicators.dedup_by_key(|item| item.id);
    indicators
}

/// Text for the condition that fences a finish; the chaos build leaves it out to prove that the checker notices.
const FENCE: &str =
    if cfg!(feature = "chaos-without-fencing") { "true" } else { "c.attempt = f.attempt AND c.state = 3" };
