//! The settings that rows change on a running system: looked at again when a ring says so.

use std::sync::Arc;

use aggregator_entities::StoreError;
use aggregator_entities::repositories::settings::{self, StoredSetting};
use aggregator_platform::settings::InForce;
use aggregator_queue::{SAFETY_POLL, Topic};

use crate::State;

/// Follows their changes, for ever.
pub(crate) async fn follow(state: &State) {
    let bell = state.doorbell().subscribe(&Topic::Settings);
    let bell = &bell;
    let ring = || async move {
        bell.rung_within(SAFETY_POLL).await;
    };
    state.live_settings().follow(|| settings::written(state.database()), ring).await;
}

/// Puts in force what is stored now, and gives both.
pub(crate) async fn read(state: &State) -> Result<(Arc<InForce>, Vec<StoredSetting>), StoreError> {
    let mut stored = Vec::new();
    let reading = async {
        stored = settings::all(state.database()).await?;
        Ok::<_, StoreError>(stored.iter().filter_map(StoredSetting::written).collect())
    };
    let in_force = state.live_settings().reload(reading).await?;
    Ok((in_force, stored))
}
