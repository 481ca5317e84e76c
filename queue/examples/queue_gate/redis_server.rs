//! A Redis of the gate's own, with an append-only file, killed and started at will.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::Context;
use redis::FromRedisValue;
use tempfile::TempDir;

/// A running server. Dropping it kills the process and removes its data.
pub(crate) struct RedisServer {
    port: u16,
    data: TempDir,
    process: Option<Child>,
}

impl RedisServer {
    /// Starts a server and waits until it answers.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = Self { port, data: TempDir::new()?, process: None };
        server.restart().await?;
        Ok(server)
    }

    /// Starts the server again with its data, and waits until it answers.
    pub(crate) async fn restart(&mut self) -> anyhow::Result<()> {
        let process = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .args(["--appendonly", "yes", "--appendfsync", "everysec", "--dir"])
            .arg(self.data.path())
            .stdout(Stdio::null())
            .spawn()
            .context("the gate needs the program redis-server on the PATH")?;
        self.process = Some(process);
        for _ in 0..1_500 {
            if self.run::<String>(&redis::cmd("PING")).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::bail!("redis-server did not come up within 30 s")
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    /// The server's address.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Runs one command on a fresh connection.
    pub(crate) async fn run<T: FromRedisValue>(&self, command: &redis::Cmd) -> anyhow::Result<T> {
        let client = redis::Client::open(self.url())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        Ok(command.query_async(&mut connection).await?)
    }

    /// One number of `INFO`.
    pub(crate) async fn info(&self, section: &str, field: &str) -> anyhow::Result<u64> {
        let text: String = self.run(redis::cmd("INFO").arg(section)).await?;
        let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        Ok(line.with_context(|| format!("INFO has no {field}"))?.trim().parse()?)
    }

    /// The commands since the start, by name: what a total is made of.
    pub(crate) async fn command_counts(&self) -> anyhow::Result<String> {
        let text: String = self.run(redis::cmd("INFO").arg("commandstats")).await?;
        let counts = text.lines().filter_map(|line| line.strip_prefix("cmdstat_")?.split(',').next());
        Ok(counts.collect::<Vec<_>>().join(" "))
    }

    /// All commands executed so far, those inside scripts included, INFO and connection set-up excluded.
    pub(crate) async fn commands(&self) -> anyhow::Result<u64> {
        let text: String = self.run(redis::cmd("INFO").arg("commandstats")).await?;
        let calls = text.lines().filter_map(|line| {
            let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
            let noise =
                ["info", "ping", "client", "hello", "config"].iter().any(|noise| name.starts_with(noise));
            let count = rest.split(',').next()?.parse::<u64>().ok()?;
            (!noise).then_some(count)
        });
        Ok(calls.sum())
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().ok();
            process.wait().ok();
        }
    }
}
