//! A measured process: started with its log in a file, watched, stopped as an operator stops it.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// What a process took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Peak resident memory, KiB, with mapped files (`VmHWM`).
    pub peak_kib: u64,
    /// Peak anonymous memory, KiB, seen in samples every 50 ms (`RssAnon`).
    pub peak_anonymous_kib: u64,
    /// Processor seconds, user and system.
    pub cpu_seconds: f64,
}

/// A process under watch; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    watch: Arc<Watch>,
    sampler: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Watch {
    anonymous_kib: AtomicU64,
    stop: AtomicBool,
}

impl Process {
    /// Starts a program whose stdout and stderr go to `log`.
    pub fn start(command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        let file = File::create(log).with_context(|| format!("cannot make {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
        let watch = Arc::new(Watch::default());
        let (watched, id) = (Arc::clone(&watch), child.id());
        let sampler = thread::spawn(move || {
            while !watched.stop.load(Ordering::Relaxed) {
                watched.anonymous_kib.fetch_max(status_kib(id, "RssAnon:"), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(50));
            }
        });
        Ok(Self { child, watch, sampler: Some(sampler) })
    }

    /// What it took so far. Processor time counts from its start.
    pub fn usage(&self) -> Usage {
        Usage {
            peak_kib: status_kib(self.child.id(), "VmHWM:"),
            peak_anonymous_kib: self.watch.anonymous_kib.load(Ordering::Relaxed),
            cpu_seconds: cpu_seconds(self.child.id()),
        }
    }

    /// Anonymous memory now, KiB.
    pub fn anonymous_kib(&self) -> u64 {
        status_kib(self.child.id(), "RssAnon:")
    }

    /// An error when it has ended by itself.
    pub fn check(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("a measured process ended with {status}; see its log"),
        }
    }

    /// Asks it to stop, and waits at most 30 seconds for it.
    pub fn stop(mut self) -> anyhow::Result<()> {
        Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .context("cannot run kill")?;
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(30) {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("a process did not stop within 30 seconds of SIGTERM")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.watch.stop.store(true, Ordering::Relaxed);
        // Ended already, most times.
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(sampler) = self.sampler.take() {
            drop(sampler.join());
        }
    }
}

fn status_kib(id: u32, field: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

fn cpu_seconds(id: u32) -> f64 {
    stat(id).map_or(0.0, |stat| stat.own)
}

struct Stat {
    parent: u32,
    own: f64,
    children: f64,
}

fn stat(id: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name may hold blanks; what follows its closing parenthesis does not.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own: (ticks(11)? + ticks(12)?) / 100.0,
        children: (ticks(13)? + ticks(14)?) / 100.0,
    })
}

/// Processor seconds of a process and all its children, those that ended with it: of a whole PostgreSQL server.
pub fn family_cpu_seconds(id: u32) -> f64 {
    let root = stat(id).map_or(0.0, |stat| stat.own + stat.children);
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    root + ids.filter_map(stat).filter(|stat| stat.parent == id).map(|stat| stat.own).sum::<f64>()
}
