//! Job **screen**: chunks against local intelligence (architecture.md hop 4).

use aggregator_queue::Envelope;

use crate::screener::Screener;

/// Screens the chunks of an envelope together with whatever else is due.
pub(crate) async fn run(screener: Screener, envelope: Envelope) {
    for id in envelope.ids {
        screener.screen(id).await;
    }
}
