//! Group claims: lookups that are taken from the queue together are claimed in one statement.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use aggregator_entities::repositories::lookups::{self, ClaimTerms, ClaimedLookup};
use aggregator_queue::QueueName;
use tokio::sync::{mpsc, oneshot};

use crate::context::Context;
use crate::meters::Stage;
use crate::options::micros;

/// Most lookups in one claim.
const MOST: usize = 256;

struct Request {
    id: i64,
    claimed: oneshot::Sender<Option<ClaimedLookup>>,
}

/// Claims lookups. Cheap to clone; the last clone's drop ends it.
#[derive(Clone)]
pub(crate) struct Claimer {
    requests: mpsc::Sender<Request>,
}

impl Claimer {
    pub(crate) fn start(context: &Arc<Context>) -> Self {
        let (requests, receiver) = mpsc::channel(MOST);
        tokio::spawn(work(Arc::clone(context), receiver));
        Self { requests }
    }

    /// The lookup under lease; `None` when somebody else has it, or nobody can be asked now.
    pub(crate) async fn claim(&self, id: i64) -> Option<ClaimedLookup> {
        let (claimed, answer) = oneshot::channel();
        self.requests.send(Request { id, claimed }).await.ok()?;
        answer.await.ok().flatten()
    }
}

async fn work(context: Arc<Context>, mut requests: mpsc::Receiver<Request>) {
    let mut group = Vec::with_capacity(MOST);
    while requests.recv_many(&mut group, MOST).await > 0 {
        let ids: Vec<i64> = group.iter().map(|request| request.id).collect();
        let terms = ClaimTerms {
            worker: &context.name,
            lease_micros: context.options.lease_micros(),
            offer_micros: micros(context.options.offer),
            patience_micros: context.options.patience_micros(),
        };
        let began = Instant::now();
        let mut claimed: HashMap<i64, ClaimedLookup> = match lookups::claim(&context.database, &ids, terms)
            .await
        {
            Ok(claimed) => {
                context.meters.stage(QueueName::Lookup, Stage::Claim, began);
                claimed.into_iter().map(|lookup| (lookup.id.0, lookup)).collect()
            }
            Err(error) => {
                tracing::warn!(count = ids.len(), %error, "lookups could not be claimed; they are offered again");
                // A lookup can be delivered twice: what is under way here stays.
                let (_, held, _) = context.held();
                let unheld: Vec<i64> = ids.iter().copied().filter(|id| !held.contains(id)).collect();
                if let Err(error) = lookups::disclaim(&context.database, &unheld, &context.name).await {
                    tracing::warn!(%error, "claims without an answer could not be given back; their leases run out");
                }
                HashMap::new()
            }
        };
        for request in group.drain(..) {
            // Nobody waits when the body was dropped: the lease runs out.
            let _ = request.claimed.send(claimed.remove(&request.id));
        }
    }
}
