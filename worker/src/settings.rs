//! The settings that rows change on a running system: read at the start, and looked at again when a ring says so.

use std::sync::Arc;

use aggregator_entities::repositories::settings;
use aggregator_queue::{SAFETY_POLL, Topic};

use crate::context::Context;

/// Reads them before anything is worked. Where they cannot be read, file, environment and defaults are in force until they can.
pub(crate) async fn read(context: &Context) {
    if let Err(error) = context.options.settings.reload(settings::written(&context.database)).await {
        tracing::warn!(%error, "the stored settings cannot be read yet");
    }
    deny_hosts(context);
}

/// Follows their changes, for ever.
pub(crate) async fn follow(context: Arc<Context>) {
    let bell = context.backends.doorbell().subscribe(&Topic::Settings);
    let (bell, database) = (&bell, &context.database);
    let ring = || async move {
        bell.rung_within(SAFETY_POLL).await;
    };
    let applying = async {
        let mut changes = context.options.settings.subscribe();
        loop {
            deny_hosts(&context);
            if changes.changed().await.is_err() {
                return;
            }
        }
    };
    tokio::join!(context.options.settings.follow(|| settings::written(database), ring), applying);
}

/// The one setting that is not looked at where it is used: the way out knows nothing of settings.
fn deny_hosts(context: &Context) {
    let settings = context.options.settings.settings();
    context
        .egress
        .deny_hosts(settings.egress.deny_hosts.iter().map(|host| host.as_str().to_owned()).collect());
}
