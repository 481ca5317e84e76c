//! A PostgreSQL cluster of the scenario's own, to be crashed and started again.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::free_port;
use crate::environment;
use crate::rows::Rows;
use crate::wait::until;

/// A running cluster. Dropping it ends it at once; its folder goes with the scenario's.
pub(crate) struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    durable: bool,
    owner: Option<(u32, u32)>,
    server: Option<Child>,
}

impl Postgres {
    /// Makes a cluster in `folder` and starts it. `durable` = it waits for the disk, as in production; without it a crash of
    /// the server still loses nothing (the kernel has the pages), only a crash of the machine would.
    pub(crate) fn start(folder: &Path, durable: bool) -> Self {
        let folder = folder.join("postgres");
        fs::create_dir(&folder).expect("a folder for PostgreSQL can be made");
        let owner = unprivileged_owner(&folder);
        if let Some((user, group)) = owner {
            chown(&folder, Some(user), Some(group)).expect("root can give a folder away");
        }
        let mut postgres =
            Self { programs: programs(), folder, port: free_port(), durable, owner, server: None };
        postgres.initialise();
        postgres.begin();
        postgres
    }

    /// `DATABASE_URL`.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Runs statements as an operator would, with psql.
    pub(crate) fn run(&self, statements: &str) {
        let mut psql = Command::new("psql");
        psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", &self.url(), "-c", statements]);
        let output = psql.output().expect("the chaos suite needs the program `psql` on the PATH");
        assert!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// SIGQUIT, an immediate shutdown: no checkpoint, no goodbye; the next start recovers from the log.
    pub(crate) fn crash(&mut self) {
        if let Some(mut server) = self.server.take() {
            if let Some(pid) = i32::try_from(server.id()).ok().and_then(Pid::from_raw) {
                // It fails only when the server is gone already.
                let _ = kill_process(pid, Signal::QUIT);
            }
            let _ = server.wait();
        }
    }

    /// Starts the cluster and waits until it answers.
    pub(crate) fn begin(&mut self) {
        let log = File::options().create(true).append(true).open(self.folder.with_file_name("postgres.log"));
        let log = log.expect("a log can be made");
        let wait_for_disk = if self.durable { "on" } else { "off" };
        let server = self
            .command("postgres")
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "unix_socket_directories=", "-c", "max_connections=100"])
            .args([
                "-c",
                &format!("fsync={wait_for_disk}"),
                "-c",
                &format!("full_page_writes={wait_for_disk}"),
            ])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("PostgreSQL starts");
        self.server = Some(server);
        let mut rows = Rows::new(self.url());
        until("PostgreSQL answers", Duration::from_mins(1), || {
            rows.try_numbers("SELECT CAST(1 AS BIGINT)").ok()
        });
    }

    fn initialise(&self) {
        let output = self
            .command("initdb")
            .arg("-D")
            .arg(self.data())
            .args(["-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"])
            .output()
            .expect("initdb starts");
        assert!(output.status.success(), "initdb failed: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.env_clear().env("LC_ALL", "C").current_dir(&self.folder).stdin(Stdio::null());
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.crash();
    }
}

/// PostgreSQL refuses to run as root: there it runs as the user `postgres`.
fn unprivileged_owner(folder: &Path) -> Option<(u32, u32)> {
    let user = fs::metadata(folder).expect("our folder is there").uid();
    if user != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("/etc/passwd can be read");
    let line = users.lines().find(|line| line.starts_with("postgres:"));
    let fields: Vec<&str> =
        line.expect("as root, the chaos suite needs a user `postgres`").split(':').collect();
    Some((fields[2].parse().expect("a user id"), fields[3].parse().expect("a group id")))
}

/// The folder of `initdb` and `postgres`: on the PATH, or the newest where Debian keeps them.
fn programs() -> PathBuf {
    let on_path = environment::search_path();
    let on_path = on_path.split(':').map(PathBuf::from);
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    versions.sort();
    on_path
        .chain(versions.into_iter().rev())
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
        .expect("the chaos suite needs PostgreSQL's programs `initdb` and `postgres`")
}
