//! Task **`test_source`**: one source asked about one indicator because somebody wants to see what it says. No cache is read, and
//! nothing of the answer is kept but the task's own result. Limits and ignore lists hold as for every call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aggregator_entities::clock;
use aggregator_entities::domain::facts::is_private;
use aggregator_entities::domain::{Indicator, Outcome, Stance};
use aggregator_entities::ids::{SourceId, TaskId};
use aggregator_entities::repositories::lookups::{self, Reserved};
use aggregator_entities::repositories::{sources, tasks};
use aggregator_entities::tables::source_test::{SourceTest, TestLink, TestSubject};
use aggregator_sources::remote::Answer;
use serde_json::Value;

use super::TaskError;
use crate::context::Context;
use crate::jobs;
use crate::options::micros;
use crate::remote::Asker;

/// Links shown; a certificate names thousands.
const MAX_LINKS: usize = 1_000;

pub(super) async fn perform(
    context: &Arc<Context>,
    (task, payload): (TaskId, &Value),
) -> Result<String, TaskError> {
    let lacks = |field: &str| TaskError::Unknown(format!("`test_source` without `{field}`"));
    let id = payload["source"].as_i64().map(SourceId).ok_or_else(|| lacks("source"))?;
    let subject = tasks::subject(&context.database, task).await?;
    let subject: TestSubject =
        subject.and_then(|subject| serde_json::from_str(&subject).ok()).ok_or_else(|| lacks("subject"))?;
    let indicator = Indicator::from_canonical(subject.kind, subject.value.as_str());
    let adapter = sources::adapter(&context.database, id).await?;
    let adapter = adapter.ok_or_else(|| TaskError::Failed("the source is gone".to_owned()))?;
    let asker = context.remote.asker(&adapter).ok_or_else(|| {
        TaskError::Failed("this worker does not know the source; is it older than the others?".to_owned())
    })?;
    let test = test(context, (id, &asker), &indicator).await?;
    serde_json::to_string(&test).map_err(|error| TaskError::Failed(error.to_string()))
}

async fn test(
    context: &Arc<Context>,
    (id, asker): (SourceId, &Asker),
    indicator: &Indicator,
) -> Result<SourceTest, TaskError> {
    let info = asker.source.info();
    if !info.kinds.contains(indicator.kind()) {
        return Ok(unasked(
            Outcome::Refused,
            format!("{} takes no {}.", info.name, indicator.kind().as_str()),
            None,
        ));
    }
    if is_private(indicator) && !context.remote.takes_private(asker.source.as_ref()) {
        let why = "It is private to a network, and the source is outside.".to_owned();
        return Ok(unasked(Outcome::Refused, why, None));
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
    let answer = jobs::ask(context, asker, indicator).await;
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
        summary: jobs::brief(&answer.summary),
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
