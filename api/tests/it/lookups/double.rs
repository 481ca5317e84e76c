//! A source that answers as a test wants and counts who was asked about.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aggregator_entities::domain::{Indicator, Kind, Opinion, Outcome, Relation, Stance};
use aggregator_sources::KindSet;
use aggregator_sources::remote::{Answer, Asking, Limit, Link, Source, SourceInfo};
use aggregator_worker::RemoteOptions;
use async_trait::async_trait;
use tokio::sync::Semaphore;

use super::slots::AtOnce;
use crate::harness::{Ground, Server};

/// What it answers about a value.
type Script = dyn Fn(&Indicator, u32) -> Answer + Send + Sync;

/// A source of a test.
pub(crate) struct Double {
    info: SourceInfo,
    script: Box<Script>,
    /// Calls per value.
    pub(crate) calls: Mutex<BTreeMap<String, u32>>,
    /// Closed, calls wait here.
    pub(crate) gate: Semaphore,
    pace: Option<AtOnce>,
}

impl Double {
    pub(crate) fn new(
        slug: &'static str,
        script: impl Fn(&Indicator, u32) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let kinds = [Kind::Domain, Kind::Ipv4, Kind::Url];
        let info = SourceInfo {
            slug,
            name: slug,
            provider: ("tests", "Tests"),
            kinds: KindSet::of(&kinds),
            active: false,
            keyless: true,
            movable: true,
            limits: &[],
            concurrency: 8,
            deadline: Duration::from_secs(20),
            found_ttl: Duration::from_hours(1),
            not_found_ttl: Duration::from_hours(1),
            version: 1,
        };
        Self {
            info,
            script: Box::new(script),
            calls: Mutex::default(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
            pace: None,
        }
    }

    /// Takes its time, and counts who is there at once.
    pub(crate) fn paced(mut self) -> Self {
        self.pace = Some(AtOnce::default());
        self
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.pace.as_ref().map_or(0, AtOnce::most)
    }

    /// Reads its answers in a newer way.
    pub(crate) fn version(mut self, version: u32) -> Self {
        self.info.version = version;
        self
    }

    pub(crate) fn limited(mut self, limits: &'static [Limit]) -> Self {
        self.info.limits = limits;
        self
    }

    pub(crate) fn closed(self) -> Self {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
        self
    }

    pub(crate) fn calls(&self) -> BTreeMap<String, u32> {
        self.calls.lock().unwrap().clone()
    }
}

#[async_trait]
impl Source for Double {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    async fn ask(&self, indicator: &Indicator, _: &Asking<'_>) -> Answer {
        let before = {
            let mut calls = self.calls.lock().unwrap();
            let count = calls.entry(indicator.value().to_owned()).or_default();
            *count += 1;
            *count - 1
        };
        if let Some(pace) = &self.pace {
            pace.enter();
        }
        self.gate.acquire().await.unwrap().forget();
        self.gate.add_permits(1);
        if let Some(pace) = &self.pace {
            pace.leave().await;
        }
        (self.script)(indicator, before)
    }
}

/// An answer of this outcome.
pub(crate) fn ends(outcome: Outcome) -> Answer {
    Answer {
        outcome,
        opinion: Opinion::default(),
        summary: format!("it was {}", outcome.as_str()),
        data: serde_json::Value::Null,
        links: Vec::new(),
        retry_after: None,
        is_service_well: false,
    }
}

/// An answer that takes a side.
pub(crate) fn says(stance: Stance, confidence: u8) -> Answer {
    Answer { opinion: Opinion { stance, confidence }, ..ends(Outcome::Found) }
}

/// An answer that leads elsewhere.
pub(crate) fn leads_to(relation: Relation, kind: Kind, values: &[&str]) -> Answer {
    let links =
        values.iter().map(|value| Link { relation, indicator: Indicator::from_canonical(kind, *value) });
    Answer { links: links.collect(), ..ends(Outcome::Found) }
}

/// What a worker needs to ask these.
pub(crate) fn remote(doubles: &[Arc<Double>]) -> RemoteOptions {
    RemoteOptions {
        sources: doubles.iter().map(|double| Arc::clone(double) as Arc<dyn Source>).collect(),
        concurrency: 16,
        ..RemoteOptions::default()
    }
}

/// A server with a worker that asks these.
pub(crate) async fn serving(ground: Ground, doubles: &[Arc<Double>]) -> Server {
    let server = Server::on(Arc::new(ground), &[], |state| state).await;
    server.work_with(remote(doubles));
    server
}
