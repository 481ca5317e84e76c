//! The product as an operator runs it: processes of the release binary, set up by its own commands.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::generate::{FEED_DEFINITION, FEED_SLUG};
use crate::http;
use crate::lists::List;
use crate::process::{Process, Usage};
use crate::servers::run;

/// Settings of one installation.
#[derive(Debug, Clone)]
pub struct Installation {
    /// The release binary.
    pub binary: PathBuf,
    /// Its data folder, made when missing.
    pub data: PathBuf,
    /// `DATABASE_URL`; empty for the embedded database.
    pub database: String,
    /// `REDIS_URL`; empty for queues in the process.
    pub redis: String,
    /// Where logs of its processes go.
    pub logs: PathBuf,
}

impl Installation {
    /// A command of the binary with this installation's settings and nobody else's.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(words)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("DATABASE_URL", &self.database)
            .env("REDIS_URL", &self.redis)
            .env("AGGREGATOR_DATA_DIR", &self.data)
            .env("AGGREGATOR_FEEDS_REFRESH", "false")
            .env("AGGREGATOR_TELEMETRY_FILTER", "warn");
        command
    }

    /// Gives the database its shape.
    pub fn migrate(&self) -> anyhow::Result<()> {
        fs::create_dir_all(&self.data)?;
        run(&mut self.command(&["migrate"])).map(drop)
    }

    /// Puts the address databases of the shared data where an operator puts them.
    pub fn place_addresses(&self, files: &[PathBuf]) -> anyhow::Result<()> {
        let folder = self.data.join("addresses");
        fs::create_dir_all(&folder)?;
        for file in files {
            let name = file.file_name().context("an address database without a name")?;
            fs::copy(file, folder.join(name)).with_context(|| format!("cannot copy {}", file.display()))?;
        }
        Ok(())
    }

    /// Imports shipped feeds and the synthetic one; the seconds it took.
    pub fn import(&self, lists: &[List], feed: &Path) -> anyhow::Result<f64> {
        let started = Instant::now();
        for (slug, file) in lists {
            let file = file.to_str().context("a path that is not UTF-8")?;
            run(&mut self.command(&["feeds", "import", slug, "--file", file]))?;
        }
        let definition = self.logs.join(format!("{FEED_SLUG}.toml"));
        fs::write(&definition, FEED_DEFINITION)?;
        let paths = (definition.to_str().context("not UTF-8")?, feed.to_str().context("not UTF-8")?);
        run(&mut self.command(&["feeds", "import", "--definition", paths.0, "--file", paths.1]))?;
        Ok(started.elapsed().as_secs_f64())
    }

    /// Lets a worker do the tasks an import leaves behind, so that none of them runs beside a measured submission.
    /// `open_tasks` counts those that wait or run.
    pub fn settle(
        &self,
        commands: &[&'static str],
        open_tasks: impl Fn() -> anyhow::Result<u64>,
    ) -> anyhow::Result<()> {
        let mut running = self.start(commands)?;
        let started = Instant::now();
        while open_tasks()? > 0 {
            running.check()?;
            if started.elapsed() > Duration::from_mins(5) {
                bail!(
                    "tasks of the import were not done after five minutes; logs are in {}",
                    self.logs.display()
                );
            }
            thread::sleep(Duration::from_millis(500));
        }
        running.stop()
    }

    /// Starts a program of the benchmark's own with this installation's rows and queues.
    pub fn start_other(&self, program: &Path, word: &str, log: &str) -> anyhow::Result<Process> {
        let mut command = Command::new(program);
        command.arg(word).env("DATABASE_URL", &self.database).env("REDIS_URL", &self.redis);
        Process::start(&mut command, &self.logs.join(log))
    }

    /// Starts processes by their commands (`api`, `worker`, or `up`) and waits until the API is ready.
    pub fn start(&self, commands: &[&'static str]) -> anyhow::Result<Running> {
        // Taken and given back at once: nobody else on the machine hands out ports in between, most times.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut processes = Vec::new();
        for name in commands {
            let log = self.logs.join(format!("{name}.log"));
            let mut command = self.command(&[name]);
            command.env("AGGREGATOR_HTTP_LISTEN", address.to_string());
            processes.push((*name, Process::start(&mut command, &log)?));
        }
        let mut running = Running { address, processes };
        let started = Instant::now();
        while !matches!(http::get(address, "/readyz"), Ok(answer) if answer.status == 200) {
            running.check()?;
            if started.elapsed() > Duration::from_mins(1) {
                bail!("the API was not ready after 60 seconds; its log is in {}", self.logs.display());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(running)
    }
}

/// Processes at work.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    processes: Vec<(&'static str, Process)>,
}

/// A submission from its first byte to its last verdict.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// Its id.
    pub id: u64,
    /// Lines sent.
    pub lines: u64,
    /// Items: distinct indicators.
    pub items: u64,
    /// Lines refused.
    pub rejected: u64,
    /// Items with a verdict other than unknown.
    pub judged: u64,
    /// From the first byte sent to the 202: everything is in rows and sealed.
    pub accepted_seconds: f64,
    /// From the first byte sent until a GET shows `done`: every verdict is committed and visible.
    pub seconds: f64,
}

impl Running {
    /// Submits a file and waits for its end.
    pub fn submit(&mut self, file: &Path) -> anyhow::Result<Submitted> {
        let (first_byte, id) = self.post(file, "")?;
        self.end_of(id, first_byte)
    }

    /// Submits a file with these parameters (`?name=value&…`); when its first byte left, and its id.
    pub fn post(&self, file: &Path, parameters: &str) -> anyhow::Result<(Instant, u64)> {
        let path = format!("/api/v1/submissions{parameters}");
        let (first_byte, answer) = http::post_file(self.address, &path, file)?;
        if !matches!(answer.status, 200 | 202) {
            bail!("the submission was answered {}: {}", answer.status, answer.body);
        }
        Ok((first_byte, number(&answer.body, "id")?))
    }

    /// Waits for the end of a submission whose first byte left then.
    pub fn end_of(&mut self, id: u64, first_byte: Instant) -> anyhow::Result<Submitted> {
        let accepted_seconds = first_byte.elapsed().as_secs_f64();
        let path = format!("/api/v1/submissions/{id}");
        loop {
            let answer = http::get(self.address, &path)?;
            match answer.body["state"].as_str() {
                Some("done") => {
                    let seconds = first_byte.elapsed().as_secs_f64();
                    return read(&answer.body, accepted_seconds, seconds);
                }
                Some("running") => {}
                _ => bail!("GET {path} was answered {}: {}", answer.status, answer.body),
            }
            self.check()?;
            // Fine enough for a small submission, and nothing beside a large one.
            thread::sleep(Duration::from_secs_f64(
                (first_byte.elapsed().as_secs_f64() / 100.0).clamp(0.002, 0.05),
            ));
        }
    }

    /// Starts one more process beside the others.
    pub fn add(&mut self, installation: &Installation, name: &'static str) -> anyhow::Result<()> {
        let log = installation.logs.join(format!("{name}-{}.log", self.processes.len()));
        let process = Process::start(&mut installation.command(&[name]), &log)?;
        self.processes.push((name, process));
        Ok(())
    }

    /// Anonymous memory of all processes now, KiB.
    pub fn anonymous_kib(&self) -> u64 {
        self.processes.iter().map(|(_, process)| process.anonymous_kib()).sum()
    }

    /// Where the API listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An error when one of the processes has ended by itself.
    pub fn check(&mut self) -> anyhow::Result<()> {
        self.processes.iter_mut().try_for_each(|(name, process)| process.check().context(*name))
    }

    /// What each process took so far.
    pub fn usage(&self) -> Vec<(&'static str, Usage)> {
        self.processes.iter().map(|(name, process)| (*name, process.usage())).collect()
    }

    /// Stops every process in turn.
    pub fn stop(self) -> anyhow::Result<()> {
        self.processes.into_iter().try_for_each(|(name, process)| process.stop().context(name))
    }
}

fn number(body: &Value, field: &str) -> anyhow::Result<u64> {
    body[field].as_u64().with_context(|| format!("the submission has no `{field}`: {body}"))
}

fn read(body: &Value, accepted_seconds: f64, seconds: f64) -> anyhow::Result<Submitted> {
    let verdicts = &body["verdicts"];
    Ok(Submitted {
        id: number(body, "id")?,
        lines: number(body, "lines")?,
        items: number(body, "total")?,
        rejected: number(body, "rejected")?,
        judged: ["malicious", "suspicious", "benign"].iter().filter_map(|name| verdicts[name].as_u64()).sum(),
        accepted_seconds,
        seconds,
    })
}

/// Looks into the embedded database from outside, which SQLite lets others do while its owner writes: tasks that wait or run.
pub fn open_tasks_embedded(data: &Path) -> anyhow::Result<u64> {
    let program = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1], timeout=10).execute(sys.argv[2]).fetchone()[0])";
    let output =
        run(Command::new("python3").args(["-c", program]).arg(data.join("aggregator.db")).arg(OPEN_TASKS))?;
    output.trim().parse().context("python3 printed no number")
}

/// Counts tasks that wait or run.
pub const OPEN_TASKS: &str = "SELECT count(*) FROM tasks WHERE state IN (1, 2, 3)";
