//! What the figures were measured on.

use std::fs;
use std::process::Command;

use crate::servers::Servers;

/// Name and value, in the order to print.
pub type Facts = Vec<(&'static str, String)>;

/// Reads the machine's state: what a reader needs to compare figures with theirs.
pub fn facts(servers: &Servers) -> Facts {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    vec![
        ("commit", commit()),
        ("processor", format!("{cores} × {}", field("/proc/cpuinfo", "model name"))),
        (
            "memory",
            format!(
                "{} GiB",
                field("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse().unwrap_or(0_u64) >> 20
            ),
        ),
        ("kernel", output("uname", &["-sr"])),
        ("compiler", output("rustc", &["--version"])),
        ("PostgreSQL", servers.postgres_state().unwrap_or_else(|error| error.to_string())),
        ("Redis", servers.redis_state().unwrap_or_else(|error| error.to_string())),
        ("load before", load()),
    ]
}

/// The load averages of 1, 5 and 15 minutes: other work on the machine shows here.
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// Seconds all cores together spent working, and seconds a hypervisor kept from them, since boot.
pub fn busy_and_stolen_seconds() -> (f64, f64) {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let ticks: Vec<f64> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    let of = |at: usize| ticks.get(at).copied().unwrap_or_default() / 100.0;
    // user, nice, system, irq, softirq; then steal.
    (of(0) + of(1) + of(2) + of(5) + of(6), of(7))
}

fn commit() -> String {
    let changed = if output("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty() {
        ""
    } else {
        ", with uncommitted changes"
    };
    format!("{}{changed}", output("git", &["log", "-1", "--format=%h %s"]))
}

fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
