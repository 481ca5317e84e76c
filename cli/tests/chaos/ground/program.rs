//! One process of the product, to be killed, stopped and continued.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Pid, Signal, kill_process};

/// Lines of a log shown when a scenario fails.
const SHOWN_LINES: usize = 40;

/// A running process. Dropping it kills it; when the test is failing its last words are shown.
pub(crate) struct Program {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts the binary with these settings and nothing else of our environment; it logs into `folder`.
    pub(crate) fn start(
        binary: &Path,
        subcommand: &str,
        settings: &[(&'static str, String)],
        folder: &Path,
    ) -> Self {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let name = format!("{subcommand}-{}", STARTED.fetch_add(1, Ordering::Relaxed));
        let log = folder.join(format!("{name}.log"));
        let out = OpenOptions::new().create(true).append(true).open(&log).expect("a log can be made");
        let child = Command::new(binary)
            .arg(subcommand)
            .env_clear()
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(duplicate(&out))
            .stderr(out)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", binary.display()));
        Self { name, child, log }
    }

    /// Its process id, which is part of the name it signs leases with.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its peak resident memory, MiB.
    pub(crate) fn peak_mebibytes(&self) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kibibytes.unwrap_or_default() / 1_024
    }

    /// What its name in `chunks.leased_by` and `workers.name` looks like, for `LIKE`.
    pub(crate) fn signature(&self) -> String {
        format!("%-{}-%", self.id())
    }

    /// SIGKILL, and waits until the kernel has buried it.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// SIGSTOP: it runs no instruction until [`Program::go_on`].
    pub(crate) fn stop(&self) {
        self.signal(Signal::STOP);
    }

    /// SIGCONT.
    pub(crate) fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    /// Fails the test when the process has ended by itself.
    #[track_caller]
    pub(crate) fn must_run(&mut self) {
        if let Some(status) = self.child.try_wait().expect("a child can be asked") {
            panic!("{} ended by itself: {status}", self.name);
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.id()).ok().and_then(Pid::from_raw).expect("a process id is positive");
        kill_process(pid, signal).expect("our own child takes signals");
    }

    fn end(&mut self) {
        // Both fail only when it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            show_end_of(&self.name, &self.log);
        }
    }
}

fn duplicate(file: &File) -> File {
    file.try_clone().expect("a file handle can be duplicated")
}

fn show_end_of(name: &str, log: &Path) {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
    // A test whose stderr is closed has nobody to tell.
    let _ = writeln!(std::io::stderr(), "--- last words of {name}\n{}", last.join("\n"));
}
