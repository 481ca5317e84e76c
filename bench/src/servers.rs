//! The PostgreSQL and Redis of a run, through their own clients.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

/// Where the servers of `bench/services` are.
#[derive(Debug, Clone)]
pub struct Servers {
    /// `postgres://…/postgres`.
    pub postgres: String,
    /// Process id of its postmaster.
    pub postgres_pid: u32,
    /// `redis://…` without a database number.
    pub redis: String,
    /// A folder the PostgreSQL server may write to.
    pub exchange: PathBuf,
}

impl Servers {
    /// URL of a database.
    pub fn database(&self, name: &str) -> String {
        self.postgres
            .strip_suffix("/postgres")
            .map_or_else(|| self.postgres.clone(), |server| format!("{server}/{name}"))
    }

    /// URL of a numbered database of Redis.
    pub fn redis_database(&self, number: u8) -> String {
        format!("{}/{number}", self.redis)
    }

    /// Runs statements in one session that stops at the first error; their output, tuples only, columns separated by `|`.
    pub fn sql(&self, database: &str, statements: &str) -> anyhow::Result<String> {
        let url = self.database(database);
        run(Command::new("psql").args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", &url, "-c", statements]))
    }

    /// One number out of the rows.
    pub fn number(&self, database: &str, statement: &str) -> anyhow::Result<u64> {
        let text = self.sql(database, statement)?;
        text.trim().parse().with_context(|| format!("`{statement}` answered `{text}`"))
    }

    /// Makes a database, as a copy of `template` where one is named. An old one of this name goes.
    pub fn create(&self, name: &str, template: Option<&str>) -> anyhow::Result<()> {
        let template = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
        self.sql("postgres", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        self.sql("postgres", &format!("CREATE DATABASE {name}{template}"))?;
        Ok(())
    }

    /// Drops a database.
    pub fn drop(&self, name: &str) -> anyhow::Result<()> {
        self.sql("postgres", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).map(drop)
    }

    /// Empties a numbered database of Redis: ids of rows that are gone.
    pub fn empty_redis(&self, number: u8) -> anyhow::Result<()> {
        run(Command::new("redis-cli").arg("-u").arg(self.redis_database(number)).arg("FLUSHDB")).map(drop)
    }

    /// Commands Redis has run since its start, this one not counted.
    pub fn redis_commands(&self) -> anyhow::Result<u64> {
        let info = run(Command::new("redis-cli").arg("-u").arg(&self.redis).args(["INFO", "stats"]))?;
        let count = info.lines().find_map(|line| line.strip_prefix("total_commands_processed:"));
        count.and_then(|count| count.trim().parse().ok()).with_context(|| format!("Redis said: {info}"))
    }

    /// Writes everything dirty out, so that no run pays for the one before it.
    pub fn checkpoint(&self) -> anyhow::Result<()> {
        self.sql("postgres", "CHECKPOINT").map(drop)
    }

    /// Bytes of write-ahead log written so far.
    pub fn wal_bytes(&self) -> anyhow::Result<u64> {
        self.number("postgres", "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")
    }

    pub(crate) fn postgres_state(&self) -> anyhow::Result<String> {
        let settings = self.sql(
            "postgres",
            "SELECT current_setting('server_version') || ': ' || string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name)
             FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'shared_buffers', 'max_wal_size')",
        )?;
        Ok(settings.trim().to_owned())
    }

    pub(crate) fn redis_state(&self) -> anyhow::Result<String> {
        let ask = |words: &[&str]| run(Command::new("redis-cli").arg("-u").arg(&self.redis).args(words));
        let info = ask(&["INFO", "server"])?;
        let version = info
            .lines()
            .find_map(|line| line.strip_prefix("redis_version:"))
            .unwrap_or_default()
            .trim()
            .to_owned();
        let setting = |name: &str| {
            Ok::<_, anyhow::Error>(
                ask(&["CONFIG", "GET", name])?.lines().nth(1).unwrap_or_default().to_owned(),
            )
        };
        Ok(format!(
            "{version}: appendonly {}, appendfsync {}",
            setting("appendonly")?,
            setting("appendfsync")?
        ))
    }
}

/// Runs a program to its end; its stdout. An error says what it said.
pub fn run(command: &mut Command) -> anyhow::Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{name} ended with {}: {}", output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
