//! A Redis of the scenario's own, which forgets everything whenever it is asked to.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::free_port;
use crate::environment;
use crate::wait::until;

/// A running server without any file: killed, it has forgotten everything.
pub(crate) struct Redis {
    folder: PathBuf,
    port: u16,
    server: Option<Child>,
}

impl Redis {
    /// Starts a server and waits until it answers.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut redis = Self { folder: folder.to_owned(), port: free_port(), server: None };
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

    /// A connection of the scenario's own.
    pub(crate) fn connection(&self) -> redis::RedisResult<redis::Connection> {
        redis::Client::open(self.url())?.get_connection()
    }

    fn begin(&mut self) {
        let server = Command::new("redis-server")
            .env_clear()
            .env("PATH", environment::search_path())
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning"])
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
