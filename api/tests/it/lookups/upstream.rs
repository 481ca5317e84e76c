//! Real HTTP, real answers, a service that misbehaves: through the way out, not past it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::domain::Kind;
use aggregator_sources::KindSet;
use aggregator_sources::remote::{InternetDb, Source, SourceInfo};
use aggregator_testkit::{Fate, Upstream};
use aggregator_worker::RemoteOptions;

use crate::harness::{Ground, Server};
use crate::submissions::client::{fields, path_of};

const SOURCES: [&str; 5] = ["db-a", "db-b", "db-c", "db-d", "db-e"];

/// Mirrors of a real source, all at one service.
pub(crate) fn mirrors(upstream: &Upstream) -> RemoteOptions {
    let sources = SOURCES.map(|slug| {
        let info = SourceInfo {
            slug,
            name: slug,
            provider: ("tests", "Tests"),
            kinds: KindSet::of(&[Kind::Ipv4]),
            active: false,
            keyless: true,
            movable: true,
            limits: &[],
            concurrency: 16,
            deadline: Duration::from_secs(2),
            found_ttl: Duration::from_hours(1),
            not_found_ttl: Duration::from_hours(1),
            version: 1,
        };
        Arc::new(InternetDb::mirror(info)) as Arc<dyn Source>
    });
    let base = |slug: &str| format!("{}{slug}/", upstream.url()).parse().unwrap();
    RemoteOptions {
        sources: sources.to_vec(),
        bases: SOURCES.map(|slug| (slug.to_owned(), base(slug))).into_iter().collect(),
        concurrency: 80,
        ..RemoteOptions::default()
    }
}

/// Errors, limits, hangs and resets over HTTP end as what they are; calls are counted where they arrive: none at a source that
/// was not chosen, none twice. `make bench` does the same with ten thousand.
#[tokio::test]
async fn what_a_service_does_is_what_a_lookup_says() {
    const CHOSEN: [&str; 4] = ["db-a", "db-b", "db-c", "db-d"];
    for ground in Ground::both().await {
        let upstream = Upstream::start(|path, before| {
            let mut parts = path.trim_start_matches('/').split('/');
            let (source, address) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            Fate::of(source, address).reply(address, before)
        });
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server.work_with(mirrors(&upstream));
        let addresses: Vec<String> = (0..200).map(|n| format!("8.8.{}.{}", n / 100, n % 100)).collect();
        let asked = format!("?playbook=keyless&sources={}", CHOSEN.join(","));
        let path = path_of(&server.submit(&asked, "text/plain", addresses.join("\n")).await.json());
        server.until(&path, |submission| submission["state"] == "done").await;

        let mut calls = BTreeMap::new();
        for (ordinal, address) in addresses.iter().enumerate() {
            let item = server.get(&format!("{path}/items/{ordinal}")).await.json();
            let lookups = item["lookups"].as_array().unwrap();
            let fates = CHOSEN.map(|source| Fate::of(source, address));
            assert_eq!(
                fields(lookups, "/outcome"),
                fates.map(|fate| fate.outcome().as_str()),
                "{address}: {lookups:?}"
            );
            for (source, fate) in CHOSEN.iter().zip(fates) {
                calls.insert(format!("/{source}/{address}"), fate.calls());
            }
        }
        assert_eq!(upstream.counts(), calls);
    }
}
