//! Back-pressure: what is accepted can be worked, or is refused with the time to come back.

use aggregator_entities::repositories::submissions;
use aggregator_openapi::{Problem, ProblemId};

use crate::State;
use crate::failure::Failure;

/// When to come back while submissions end one by one, seconds.
const RETRY_OPEN_SECONDS: u64 = 5;

/// When to come back while a backlog or a disk is full, seconds.
const RETRY_FULL_SECONDS: u64 = 30;

/// Refuses a new submission while too many are open, too much waits, or the disk has no room.
pub(crate) async fn admit(state: &State) -> Result<(), Failure> {
    let settings = state.settings();
    let limits = &settings.intake;
    let free = free_bytes(&settings.data_dir);
    if free.is_some_and(|free| free < limits.min_free_disk_bytes) {
        let detail = format!("less than {} bytes are free", limits.min_free_disk_bytes);
        return Err(Problem::new(ProblemId::DiskFull, detail).retry_after(RETRY_FULL_SECONDS).into());
    }
    let backlog = submissions::backlog(state.database()).await?;
    if u64::try_from(backlog.open).unwrap_or(0) >= limits.max_open_submissions {
        let detail = format!("{} submissions are not yet done", backlog.open);
        return Err(Problem::new(ProblemId::TooManyOpenSubmissions, detail)
            .retry_after(RETRY_OPEN_SECONDS)
            .limit(limits.max_open_submissions)
            .into());
    }
    if u64::try_from(backlog.items).unwrap_or(0) >= limits.max_backlog_items {
        let detail = format!("{} items wait", backlog.items);
        return Err(Problem::new(ProblemId::BacklogFull, detail)
            .retry_after(RETRY_FULL_SECONDS)
            .limit(limits.max_backlog_items)
            .into());
    }
    Ok(())
}

/// Bytes a program may still write where the data folder is; `None` where the system does not say.
fn free_bytes(folder: &std::path::Path) -> Option<u64> {
    let place = if folder.exists() { folder } else { std::path::Path::new(".") };
    let stat = rustix::fs::statvfs(place).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}
