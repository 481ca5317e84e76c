//! SQLite: a template file per run, a copy per test.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aggregator_entities::Database;
use aggregator_migration::{Migrator, MigratorTrait};

use crate::services::run_id;

/// Folders of runs older than this are removed by the next run that makes a template.
const STALE: Duration = Duration::from_hours(2);
/// What a run's folder begins with.
const FOLDER_PREFIX: &str = "aggregator-testkit-";

/// One test's file, removed with its folder on drop.
#[derive(Debug)]
pub(crate) struct Copy {
    url: String,
    _folder: tempfile::TempDir,
}

impl Copy {
    pub(crate) async fn make() -> Self {
        let template = template().await;
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("aggregator.sqlite");
        fs::copy(template, &file).expect("the template can be copied");
        Self { url: url_of(&file), _folder: folder }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

fn url_of(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// This run's migrated file; the first test to come makes it while the others wait for its lock.
async fn template() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("{FOLDER_PREFIX}{}", run_id()));
    fs::create_dir_all(&folder).expect("a temporary folder can be made");
    let ready = folder.join("template.sqlite");
    let _lock = locked(folder.join("lock")).await;
    if !ready.exists() {
        remove_stale();
        let unfinished = folder.join("unfinished.sqlite");
        // A run that died half-way may have left one.
        let _ = fs::remove_file(&unfinished);
        migrate(&url_of(&unfinished)).await;
        fs::rename(&unfinished, &ready).expect("the template can be renamed");
    }
    ready
}

/// A file this process holds alone until it drops it.
async fn locked(path: PathBuf) -> File {
    let wait = move || {
        let file = File::create(path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    };
    tokio::task::spawn_blocking(wait)
        .await
        .expect("waiting does not panic")
        .expect("the lock file can be locked")
}

async fn migrate(url: &str) {
    let database = Database::connect(url, 1).await.expect("SQLite opens a new file");
    Migrator::up(database.migrations(), None).await.expect("every migration goes up on SQLite");
    // Folds the write-ahead log in, so that the copy is one file.
    database.close().await.expect("SQLite closes");
}

/// Removes what earlier runs left behind.
fn remove_stale() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(FOLDER_PREFIX);
        let age =
            entry.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|at| at.elapsed().ok());
        if ours && age.is_some_and(|age| age > STALE) {
            // Another run may be removing it as well.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
