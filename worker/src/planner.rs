//! After the local lists: which remote sources are still to be asked about the items of a group of chunks, and what is known
//! from them already.

use std::collections::{BTreeSet, HashMap, HashSet};

use aggregator_entities::domain::{Indicator, IndicatorId, Playbook, Stance, Verdict, VerdictReason};
use aggregator_entities::ids::{SourceId, SubmissionId};
use aggregator_entities::repositories::findings::{self, Fresh};
use aggregator_entities::repositories::playbooks;
use aggregator_entities::repositories::relations::{self, Edge};
use aggregator_entities::repositories::screening::{ScreenedChunk, ScreenedItem};
use aggregator_entities::{Database, StoreError};

use crate::context::Context;
use crate::intelligence::Intelligence;
use crate::judge;
use crate::remote::{Known, asks_anybody, chosen};

/// Adds lookups and fresh answers to the items of these chunks.
pub(crate) async fn plan(
    context: &Context,
    intelligence: &Intelligence,
    chunks: &mut [ScreenedChunk],
) -> Result<(), StoreError> {
    let database = &context.database;
    let submissions: BTreeSet<SubmissionId> = chunks.iter().map(|chunk| chunk.submission_id).collect();
    let plans = playbooks::plans(database, submissions).await?;
    if !plans.values().any(asks_anybody) {
        return Ok(());
    }
    let enabled = context.remote.enabled(database).await?;
    let sources: Vec<SourceId> = enabled.iter().map(|known| known.id).collect();
    let mut hits: HashMap<&'static str, usize> = HashMap::new();
    for chunk in chunks {
        let Some(plan) = plans.get(&chunk.submission_id).filter(|plan| asks_anybody(plan)) else { continue };
        let max_age = plan.options.max_age_seconds.map(|seconds| i64::from(seconds) * 1_000_000);
        let ids: Vec<IndicatorId> = chunk.items.iter().map(|item| item.id).collect();
        let mut answers = Vec::new();
        let fresh = by_indicator(findings::fresh(database, &ids, &sources, max_age).await?);
        for item in &mut chunk.items {
            if intelligence.refuses(item.kind, &item.value, item.id) {
                continue;
            }
            let indicator = Indicator::from_canonical(item.kind, &*item.value);
            let asked = chosen(plan, &indicator, &enabled, context.remote.options.resolver.is_some());
            let known = fresh.get(&item.id).map_or(&[][..], Vec::as_slice);
            add_known(item, known, &asked);
            note_hits(item, &mut hits, known, &asked);
            if !plan.options.cache_only {
                let answered: HashSet<SourceId> = known.iter().map(|fresh| fresh.source_id).collect();
                item.lookups =
                    asked.iter().map(|known| known.id).filter(|id| !answered.contains(id)).collect();
            }
            let heard = known.iter().filter(|fresh| asked.iter().any(|source| source.id == fresh.source_id));
            answers.extend(heard.map(|fresh| (item.id, fresh.source_id)));
        }
        follow(database, &plan.playbook, chunk, &answers).await?;
    }
    for (source, answers) in hits {
        context.meters.answered_from_cache(source, answers);
    }
    Ok(())
}

/// Adds what these answers, known already, lead to.
async fn follow(
    database: &Database,
    playbook: &Playbook,
    chunk: &mut ScreenedChunk,
    answers: &[(IndicatorId, SourceId)],
) -> Result<(), StoreError> {
    if playbook.follow.is_empty() || chunk.depth >= playbook.max_depth {
        return Ok(());
    }
    chunk.max_derived = playbook.max_derived;
    chunk.max_per_root = playbook.max_per_root;
    let mut edges: HashMap<IndicatorId, Vec<Edge>> = HashMap::new();
    for edge in relations::named_by(database, answers).await? {
        edges.entry(edge.from).or_default().push(edge);
    }
    for item in &mut chunk.items {
        let followed = edges.remove(&item.id).into_iter().flatten().filter(|edge| {
            playbook.follows(edge.relation, (item.kind, chunk.depth), (&edge.source, edge.stance))
        });
        item.leads_to = followed.map(|edge| edge.to).collect();
    }
    Ok(())
}

/// Notes the answers that were there, of sources that would be asked: for the chunk's row, and for the metric.
fn note_hits(
    item: &mut ScreenedItem,
    hits: &mut HashMap<&'static str, usize>,
    known: &[Fresh],
    asked: &[&Known<'_>],
) {
    for source in asked.iter().filter(|source| known.iter().any(|fresh| fresh.source_id == source.id)) {
        item.cached.push(source.id);
        // The metric knows the program's sources; those made after one count with it.
        *hits.entry(source.info.slug).or_default() += 1;
    }
}

fn by_indicator(fresh: Vec<Fresh>) -> HashMap<IndicatorId, Vec<Fresh>> {
    let mut by_indicator: HashMap<IndicatorId, Vec<Fresh>> = HashMap::new();
    for one in fresh {
        by_indicator.entry(one.indicator_id).or_default().push(one);
    }
    by_indicator
}

/// Adds what sources that would be asked said a moment ago.
fn add_known(item: &mut ScreenedItem, known: &[Fresh], asked: &[&Known<'_>]) {
    let lines: Vec<VerdictReason> = known
        .iter()
        .filter(|fresh| asked.iter().any(|source| source.id == fresh.source_id))
        .filter(|fresh| fresh.opinion.stance != Stance::Unknown)
        .map(|fresh| VerdictReason {
            source: fresh.source.clone(),
            opinion: fresh.opinion,
            text: fresh.summary.clone(),
            caps: false,
            failed: None,
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    let mut reasons: Vec<VerdictReason> =
        item.reasons.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    reasons.extend(lines);
    let verdict = Verdict::fuse(reasons);
    item.stance = verdict.stance;
    item.confidence = verdict.confidence;
    item.reasons = judge::reasons_json(&verdict);
}
