//! Task **`test_source`**: one source asked about one indicator because somebody wants to see what it says. No cache is read, and
//! nothing of the answer is kept but the task's own result. Limits and ignore lists hold as for every call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aggregator_entities::clock;
use aggregator_entities::domain::{Indicator, IndicatorId, Outcome, Stance};
use aggregator_entities::ids::SourceId;
use aggregator_entities::repositories::lookups::{self, Reserved};
use aggregator_entities::repositories::{indicators, sources};
use aggregator_entities::tables::source_test::{SourceTest, TestLink};
use aggregator_sources::remote::{Answer, Source};
use serde_json::Value;

use super::TaskError;
use crate::context::Context;
use crate::jobs;
use crate::options::micros;

/// Links shown; a certificate names thousands.
const MAX_LINKS: usize = 1_000;

pub(super) async fn perform(context: &Arc<Context>, payload: &Value) -> Result<String, TaskError> {
    let (id, indicator) = what(context, payload).await?;
    let slug = sources::slug(&context.database, id).await?;
    let source = slug.and_then(|slug| context.remote.get(&slug)).ok_or_else(|| {
        TaskError::Failed("this worker does not know the source; is it older than the others?".to_owned())
    })?;
    let test = test(context, (id, source), &indicator).await?;
    serde_json::to_string(&test).map_err(|error| TaskError::Failed(error.to_string()))
}

/// The source and the indicator a payload names.
async fn what(context: &Context, payload: &Value) -> Result<(SourceId, Indicator), TaskError> {
    let lacks = |field: &str| TaskError::Unknown(format!("`test_source` without `{field}`"));
    let source = payload["source"].as_i64().map(SourceId).ok_or_else(|| lacks("source"))?;
    let indicator = payload["indicator"].as_str().and_then(IndicatorId::from_hex);
    let row = indicators::find(&context.database, indicator.ok_or_else(|| lacks("indicator"))?).await?;
    let row = row.ok_or_else(|| {
        TaskError::Failed("the indicator was deleted with its last submission; ask again".to_owned())
    })?;
    Ok((source, Indicator::from_canonical(row.kind, row.value.as_str())))
}

async fn test(
    context: &Arc<Context>,
    (id, source): (SourceId, &Arc<dyn Source>),
    indicator: &Indicator,
) -> Result<SourceTest, TaskError> {
    let info = source.info();
    if !info.kinds.contains(indicator.kind()) {
        return Ok(unasked(
            Outcome::Refused,
            format!("{} takes no {}.", info.name, indicator.kind().as_str()),
            None,
        ));
    }
    let intelligence = context.intelligence.current(&context.database).await?;
    if intelligence.refuses(indicator.kind(), indicator.value(), indicator.id()) {
        let why = "An ignore list forbids sending it to sources.".to_owned();
        return Ok(unasked(Outcome::Refused, why, None));
    }
    match lookups::reserve(&context.database, id).await? {
        Reserved::Call => {}
        Reserved::Limited(until) => {
            let why = format!("Its limits allow no call before {}.", clock::rfc3339(until));
            return Ok(unasked(Outcome::RateLimited, why, Some(until)));
        }
        Reserved::SwitchedOff => {
            let why = "It, or its provider, is switched off.".to_owned();
            return Ok(unasked(Outcome::Refused, why, None));
        }
        Reserved::Unknown => return Err(TaskError::Failed("the source is gone".to_owned())),
    }
    let began = Instant::now();
    let answer = jobs::ask(context, source, indicator).await;
    let took = began.elapsed();
    let again_at = stay_away(context, id, &answer).await?;
    Ok(answered(&answer, took, again_at))
}

/// Where the service asks us to stay away, lookups do, too; until when.
async fn stay_away(context: &Context, id: SourceId, answer: &Answer) -> Result<Option<i64>, TaskError> {
    let Some(pause) = jobs::pause(answer) else { return Ok(None) };
    Ok(Some(sources::block(&context.database, id, pause).await?))
}

fn unasked(outcome: Outcome, summary: String, again_at: Option<i64>) -> SourceTest {
    SourceTest {
        outcome,
        asked: false,
        stance: Stance::Unknown,
        confidence: 0,
        summary,
        data: None,
        links: Vec::new(),
        duration_ms: None,
        again_at,
    }
}

fn answered(answer: &Answer, took: Duration, again_at: Option<i64>) -> SourceTest {
    let opinion = jobs::opinion(answer);
    let data = jobs::data(answer);
    let links = answer.links.iter().take(MAX_LINKS);
    SourceTest {
        outcome: answer.outcome,
        asked: true,
        stance: opinion.stance,
        confidence: opinion.confidence,
        summary: jobs::clean(&answer.summary),
        data: data.and_then(|data| serde_json::from_str(&data).ok()),
        links: links
            .map(|link| TestLink {
                relation: link.relation,
                kind: link.indicator.kind(),
                value: link.indicator.value().to_owned(),
            })
            .collect(),
        duration_ms: Some(u64::try_from(micros(took) / 1_000).unwrap_or_default()),
        again_at,
    }
}
