//! Artifacts of feeds on this machine: streamed from the database part by part, named by their content.

use std::path::{Path, PathBuf};

use aggregator_entities::Database;
use aggregator_entities::repositories::feeds::{self, Generation};
use tokio::io::AsyncWriteExt;

use super::IntelligenceError;

/// The file of a generation, fetched when this machine does not have it whole.
pub(crate) async fn fetch(
    database: &Database,
    folder: &Path,
    generation: &Generation,
) -> Result<PathBuf, IntelligenceError> {
    let file = folder.join(format!("{}.feed", generation.hash));
    let whole = tokio::fs::metadata(&file)
        .await
        .is_ok_and(|found| i64::try_from(found.len()) == Ok(generation.bytes));
    if whole {
        return Ok(file);
    }
    let unusable = |error: std::io::Error| IntelligenceError::Artifacts(error.to_string());
    tokio::fs::create_dir_all(folder).await.map_err(unusable)?;
    // Written aside and renamed: another process never maps half a file.
    let aside = folder.join(format!("{}.{}.part", generation.hash, uuid::Uuid::new_v4().simple()));
    let mut writer = tokio::fs::File::create(&aside).await.map_err(unusable)?;
    let mut part = 0;
    while let Some(bytes) = feeds::part(database, generation.id, part).await? {
        writer.write_all(&bytes).await.map_err(unusable)?;
        part += 1;
    }
    writer.sync_all().await.map_err(unusable)?;
    drop(writer);
    tokio::fs::rename(&aside, &file).await.map_err(unusable)?;
    Ok(file)
}
