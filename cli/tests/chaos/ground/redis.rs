//! A Redis of the scenario's own, which forgets everything whenever it is asked to, or keeps a log as in production.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::free_port;
use crate::environment;
use crate::wait::{pass, until};

/// A running server. Without an append-only file it has forgotten everything once it is killed.
pub(crate) struct Redis {
    appends: bool,
    folder: PathBuf,
    port: u16,
    server: Option<Child>,
}

impl Redis {
    /// Starts a server and waits until it answers.
    pub(crate) fn start(folder: &Path, appends: bool) -> Self {
        let mut redis = Self { appends, folder: folder.to_owned(), port: free_port(), server: None };
        redis.begin();
        redis
    }

    /// `REDIS_URL`.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// `FLUSHALL`.
    pub(crate) fn flush(&self) {
        let mut connection = self.connection().expect("Redis answers");
        redis::cmd("FLUSHALL").exec(&mut connection).expect("Redis forgets everything");
    }

    /// SIGKILL, then a new, empty server on the same port.
    pub(crate) fn replace(&mut self) {
        self.end();
        self.begin();
    }

    /// SIGKILL, nothing for a while, then the server again, on the same port with what its log holds.
    pub(crate) fn crash(&mut self, away: Duration) {
        self.end();
        pass(away);
        self.begin();
    }

    /// A connection of the scenario's own.
    pub(crate) fn connection(&self) -> redis::RedisResult<redis::Connection> {
        redis::Client::open(self.url())?.get_connection()
    }

    fn begin(&mut self) {
        let server = Command::new("redis-server")
            .env_clear()
            .env("PATH", environment::search_path())
            .args(["--bind", "127.0.0.1", "--save", "", "--loglevel", "warning"])
            .args(["--appendonly", if self.appends { "yes" } else { "no" }])
            .args(["--port", &self.port.to_string()])
            .arg("--dir")
            .arg(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the chaos suite needs the program `redis-server` on the PATH");
        self.server = Some(server);
        until("Redis answers", Duration::from_secs(30), || {
            let mut connection = self.connection().ok()?;
            redis::cmd("PING").exec(&mut connection).ok()
        });
    }

    fn end(&mut self) {
        if let Some(mut server) = self.server.take() {
            // Both fail only when it is gone already.
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.end();
    }
}
