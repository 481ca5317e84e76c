//! Ten submissions of a million through the product, and six findings for each of their indicators by SQL.

use std::net::SocketAddr;

use crate::generate::{Generator, write};
use crate::options::Options;
use crate::product::{Installation, Running};
use crate::progress::say;

pub(super) const DATABASE: &str = "bench_reads";

/// Lists, each of which is submitted twice.
const LISTS: u64 = 5;

/// Findings of remote sources, as many for each indicator as there are native ones. Keys are written in their order: what a
/// year writes in random order is the same after an index was built anew.
const FINDINGS: &str = "
    SET synchronous_commit = off;
    INSERT INTO findings (indicator_id, source_id, version, outcome, stance, confidence, summary, data, data_hash, found_at,
        checked_at, expires_at)
    SELECT x.id, s.id, 1, CASE WHEN s.place = 1 THEN 1 ELSE 2 END, CASE WHEN s.place = 1 THEN 2 ELSE 0 END,
        CASE WHEN s.place = 1 THEN 40 ELSE 0 END, 'known there since 2026-01-01',
        CASE WHEN s.place = 1 THEN '{\"ports\":[22,443],\"tags\":[\"hosting\"],\"hostnames\":[\"host.example\"]}' END, 7,
        x.first_seen_at, x.first_seen_at, x.first_seen_at + 86400000000
    FROM (SELECT id, first_seen_at FROM indicators ORDER BY id) x
    CROSS JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM sources WHERE kind = 'native' ORDER BY id LIMIT 6) s;
    VACUUM (ANALYZE) findings;
    VACUUM (ANALYZE) items;
    VACUUM (ANALYZE) indicators;
    VACUUM (ANALYZE) chunks;
    VACUUM (ANALYZE) submissions;
    CHECKPOINT";

/// The rows, and an API over them.
pub(super) struct Ground {
    installation: Installation,
    running: Running,
    /// The submissions, a million items each.
    pub(super) submissions: Vec<u64>,
}

impl Ground {
    pub(super) fn fill(options: &Options) -> anyhow::Result<Self> {
        let servers = &options.servers;
        servers.create(DATABASE, None)?;
        servers.empty_redis(2)?;
        let installation = Installation {
            binary: options.binary.clone(),
            data: options.work.join("reads"),
            database: servers.database(DATABASE),
            redis: servers.redis_database(2),
            logs: options.work.clone(),
        };
        installation.migrate()?;
        let generator = Generator::open(&options.data)?;
        let (feed, list) = (options.work.join("reads-feed.txt"), options.work.join("reads.txt"));
        write(&feed, |out| generator.write_feed(options.sizes.feed, out))?;
        installation.import(&[], &feed)?;
        let mut running = installation.start(&["api", "worker"])?;
        let mut submissions = Vec::new();
        let length = options.sizes.headline;
        for number in 0..LISTS {
            say(&format!("reads: list {} of {LISTS}, twice", number + 1));
            let range = number * length..(number + 1) * length;
            write(&list, |out| generator.write_list(range, out))?;
            for _ in 0..2 {
                submissions.push(running.submit(&list)?.id);
            }
        }
        running.stop()?;
        say("reads: six findings for each indicator");
        // VACUUM runs in no transaction, so every statement is a command of its own.
        for statement in FINDINGS.split(';') {
            servers.sql(DATABASE, statement)?;
        }
        let running = installation.start(&["api"])?;
        Ok(Self { installation, running, submissions })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.running.address()
    }

    pub(super) fn check(&mut self) -> anyhow::Result<()> {
        self.running.check()
    }

    /// Another API process: it meets the database with its present settings.
    pub(super) fn start_again(&mut self) -> anyhow::Result<()> {
        let other = self.installation.start(&["api"])?;
        std::mem::replace(&mut self.running, other).stop()
    }

    pub(super) fn stop(self, options: &Options) -> anyhow::Result<()> {
        self.running.stop()?;
        options.servers.drop(DATABASE)
    }
}

/// Items, findings, gigabytes.
pub(super) fn sizes(options: &Options) -> anyhow::Result<(u64, u64, u64)> {
    let number = |statement: &str| options.servers.number(DATABASE, statement);
    Ok((
        number("SELECT count(*) FROM items")?,
        number("SELECT count(*) FROM findings")?,
        number("SELECT pg_database_size(current_database()) / 1000000000")?,
    ))
}
