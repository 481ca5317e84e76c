//! Job **lookup**: one source asked about one indicator (architecture.md hop 6).

use std::sync::Arc;
use std::time::Instant;

use aggregator_entities::domain::{Indicator, Opinion, Outcome};
use aggregator_entities::repositories::lookups::{
    self, Called, ClaimedLookup, Finish, Finished, GivenUp, Health, MAX_LOST, NewAnswer, NewLink,
};
use aggregator_platform::trace;
use aggregator_queue::{Envelope, QueueName};
use aggregator_sources::remote::{Answer, Asking, Source};
use tracing::Instrument;

use crate::claimer::Claimer;
use crate::context::Context;
use crate::judge;
use crate::meters::Stage;
use crate::options::micros;
use crate::remote::Asker;
use crate::retry;
use crate::slots::Slots;
use crate::writer::Writer;

/// How old an offer of a limited source may be without further ado: its quota was spent when it was made, and calls must not
/// bunch.
const STALE_OFFER: i64 = 1_000_000;

/// Bytes of the facts of a finding (product.md, Sizes).
const MAX_DATA_BYTES: usize = 256 * 1024;

/// Most characters of a sentence of a source.
const MAX_SENTENCE_CHARS: usize = 1_000;

/// What the job needs beside the context.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) claimer: Claimer,
    pub(crate) writer: Writer,
    pub(crate) slots: Arc<Slots>,
}

/// Works the lookups of an envelope.
pub(crate) async fn run(context: Arc<Context>, desk: Desk, (queue, envelope): (QueueName, Envelope)) {
    let is_bulk = queue == QueueName::Lookup;
    if !is_bulk {
        context.courtesy().note();
    }
    for id in envelope.ids {
        let Some(claimed) = desk.claimer.claim(id).instrument(trace::step("claim")).await else { continue };
        let hold = context.hold_lookup(claimed.id.0);
        match look_up(&context, (&desk.slots, is_bulk), &claimed).await {
            Some(finished) => desk.writer.finish(finished).instrument(trace::step("write")).await,
            None => give_back(&context, &claimed).await,
        }
        drop(hold);
    }
}

async fn give_back(context: &Context, claimed: &ClaimedLookup) {
    if let Err(error) = lookups::release(&context.database, &[(claimed.id, claimed.attempt)]).await {
        tracing::warn!(lookup.id = claimed.id.0, %error, "could not be given back; its lease runs out");
    }
}

/// How the work on a lookup ended; `None` when it is to be given back.
async fn look_up(
    context: &Arc<Context>,
    (slots, is_bulk): (&Slots, bool),
    claimed: &ClaimedLookup,
) -> Option<Finished> {
    if claimed.unpaid && claimed.given_up.is_none() && claimed.cached.is_none() {
        return None;
    }
    let (end, health, heir, call) = match without_a_call(context, claimed) {
        Some(end) => (end, Health::Unasked, None, None),
        None => match context.remote.asker(&claimed.adapter) {
            None => {
                let reason = "this worker does not know the source; is it older than the others?".to_owned();
                (
                    Finish::Again { delay_micros: 60_000_000, reason, called: false },
                    Health::Unasked,
                    None,
                    None,
                )
            }
            Some(asker) => {
                let claimed_at = Instant::now();
                let call = if claimed.reserve {
                    slots.inherit(claimed.source_id, claimed.id).await?
                } else {
                    slots.room(claimed.source_id, is_bulk).await?
                };
                // Its age when the call is made: a worker that is full lets it wait for room.
                let age = claimed.age.saturating_add(micros(claimed_at.elapsed()));
                if claimed.limited && age > STALE_OFFER && !is_retimed(context, claimed, age).await {
                    return None;
                }
                let began = Instant::now();
                let answer = ask(context, &asker, &claimed.indicator).await;
                context.meters.stage(QueueName::Lookup, Stage::Call, began);
                let called = Called { took: began.elapsed(), ended: Instant::now() };
                let health = health(&answer, claimed.tries);
                // A source that fails or limits us is not to be pressed: its slots go back to the feeder.
                let heir = if health == Health::Well { call.hand_on() } else { None };
                (ended(&answer, asker.source.as_ref(), claimed), health, heir, Some(called))
            }
        },
    };
    Some(Finished {
        id: claimed.id,
        attempt: claimed.attempt,
        indicator_id: claimed.indicator.id(),
        source_id: claimed.source_id,
        source: claimed.source.clone(),
        end,
        health,
        heir,
        call,
    })
}

/// Whether the call of an old offer may be made.
async fn is_retimed(context: &Context, claimed: &ClaimedLookup, age: i64) -> bool {
    match lookups::retime(&context.database, claimed.source_id, age).await {
        Ok(may_call) => may_call,
        Err(error) => {
            tracing::warn!(lookup.id = claimed.id.0, %error, "the limits of a source could not be moved on");
            false
        }
    }
}

/// How a lookup ends that is not to be called.
fn without_a_call(context: &Context, claimed: &ClaimedLookup) -> Option<Finish> {
    let dead = |reason: &str| Finish::Dead {
        outcome: Outcome::Unavailable,
        reason: reason.to_owned(),
        called: false,
    };
    if let Some(cached) = claimed.cached {
        context.meters.answered_from_cache(&claimed.adapter.slug, 1);
        return Some(Finish::Answered { outcome: cached.outcome, answer: None });
    }
    if claimed.lost >= MAX_LOST {
        return Some(dead("its worker was lost three times"));
    }
    claimed.given_up.map(|given_up| match given_up {
        GivenUp::Broken => dead("the source has failed for so long that nobody waits for it"),
        GivenUp::SwitchedOff => {
            let reason = "the source was switched off".to_owned();
            Finish::Dead { outcome: Outcome::Refused, reason, called: false }
        }
        // The commit that would park it ends it.
        GivenUp::Cancelled => Finish::Again { delay_micros: 0, reason: String::new(), called: false },
    })
}

/// Asks in a task of its own, so that neither a panic nor a stopped queue aborts a call under way.
pub(crate) async fn ask(context: &Arc<Context>, asker: &Asker, indicator: &Indicator) -> Answer {
    let (slug, deadline) = (asker.source.info().slug, asker.source.info().deadline);
    let call = {
        let (context, asker, indicator) = (Arc::clone(context), asker.clone(), indicator.clone());
        async move {
            let asking = Asking {
                egress: &context.egress,
                base: asker.base.as_ref(),
                resolver: context.remote.options.resolver,
            };
            tokio::time::timeout(deadline, asker.source.ask(&indicator, &asking)).await
        }
    };
    let began = Instant::now();
    let span = trace::call(slug);
    let answer = match tokio::spawn(call.instrument(span.clone())).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => failure(Outcome::Timeout, format!("no answer within {} s", deadline.as_secs())),
        Err(error) => {
            tracing::error!(source = slug, %error, "a source panicked");
            failure(Outcome::Malformed, "the answer made the source fail".to_owned())
        }
    };
    context.meters.called(slug, answer.outcome, began.elapsed());
    trace::told(&span, answer.outcome.as_str());
    answer
}

fn failure(outcome: Outcome, summary: String) -> Answer {
    Answer {
        outcome,
        summary,
        opinion: Opinion::default(),
        data: serde_json::Value::Null,
        links: Vec::new(),
        retry_after: None,
        is_service_well: false,
    }
}

fn ended(answer: &Answer, source: &dyn Source, claimed: &ClaimedLookup) -> Finish {
    if answer.outcome.is_answer() {
        return Finish::Answered { outcome: answer.outcome, answer: Some(stored(answer, source)) };
    }
    let reason = brief(&answer.summary);
    match retry::after(answer.outcome, claimed.tries, answer.retry_after) {
        Some(delay) => Finish::Again { delay_micros: micros(delay), reason, called: true },
        None => Finish::Dead { outcome: answer.outcome, reason, called: true },
    }
}

fn stored(answer: &Answer, source: &dyn Source) -> NewAnswer {
    let info = source.info();
    let ttl = if answer.outcome == Outcome::Found { info.found_ttl } else { info.not_found_ttl };
    let (summary, data, opinion) = (brief(&answer.summary), data(answer), opinion(answer));
    NewAnswer {
        stance: opinion.stance,
        confidence: opinion.confidence,
        data_hash: judge::data_hash(opinion, &summary, data.as_deref()),
        summary,
        data,
        ttl_micros: micros(ttl),
        links: answer
            .links
            .iter()
            .map(|link| NewLink { relation: link.relation, indicator: link.indicator.clone() })
            .collect(),
    }
}

/// The facts of an answer as they are kept.
pub(crate) fn data(answer: &Answer) -> Option<String> {
    (!answer.data.is_null()).then(|| clean(&answer.data.to_string())).map(|data| {
        if data.len() > MAX_DATA_BYTES { r#"{"cut":"larger than 256 KiB"}"#.to_owned() } else { data }
    })
}

/// The side an answer takes; one that knows nothing takes none.
pub(crate) fn opinion(answer: &Answer) -> Opinion {
    if answer.outcome == Outcome::Found { answer.opinion } else { Opinion::default() }
}

/// A sentence as it is kept, and shown with every item it explains: what a service says, or garbles, is of any length.
pub(crate) fn brief(text: &str) -> String {
    match text.char_indices().nth(MAX_SENTENCE_CHARS) {
        None => clean(text),
        Some((end, _)) => clean(&text[..end]) + "…",
    }
}

/// Text a database takes: no NUL, neither itself nor as JSON writes it. A backslash that is itself escaped begins no escape.
fn clean(text: &str) -> String {
    let text = text.replace('\0', "");
    let (mut cleaned, mut rest) = (String::with_capacity(text.len()), text.as_str());
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        cleaned.push_str(before);
        rest = if let Some(after) = escape.strip_prefix("\\u0000") {
            cleaned.push('\u{fffd}');
            after
        } else {
            let end = escape.char_indices().nth(2).map_or(escape.len(), |(end, _)| end);
            cleaned.push_str(&escape[..end]);
            &escape[end..]
        };
    }
    cleaned.push_str(rest);
    cleaned
}

/// How long the service asks us to stay away, microseconds.
pub(crate) fn pause(answer: &Answer) -> Option<i64> {
    match health(answer, 0) {
        Health::Blocked(micros) | Health::Spent(micros) => Some(micros),
        _ => None,
    }
}

fn health(answer: &Answer, tries: i32) -> Health {
    if answer.is_service_well {
        return Health::Well;
    }
    let wait = answer.retry_after.map(|wait| micros(wait.min(retry::PARK_MOST)));
    match (answer.outcome, wait) {
        (Outcome::Found | Outcome::NotFound, None) => Health::Well,
        (Outcome::Found | Outcome::NotFound, Some(wait)) => Health::Spent(wait),
        (Outcome::RateLimited, wait) => Health::Blocked(wait.unwrap_or(30_000_000)),
        (Outcome::Unavailable, Some(wait)) => Health::Blocked(wait),
        // Nonsense about one is made up for by the next good answer; nonsense about all is a page that says "closed" with 200.
        (Outcome::Unavailable | Outcome::Timeout | Outcome::Unauthorised | Outcome::Malformed, _) => {
            if tries == 0 { Health::Failed } else { Health::FailedAgain }
        }
        // What was never sent says nothing about it.
        (Outcome::Refused | Outcome::UserError | Outcome::Cancelled, _) => Health::Unasked,
    }
}
