//! One client that listens.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use aggregator_entities::ids::SubmissionId;
use aggregator_platform::Shutdown;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::Live;
use super::frame::News;
use crate::failure::Failure;

/// How often a silent connection hears that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Events between a client's task and its connection.
const PIECES: usize = 16;

/// A client on its way through a submission's news.
pub(crate) struct Client {
    live: Arc<Live>,
    id: SubmissionId,
    /// The last commit it was told of.
    position: i64,
    out: mpsc::Sender<Bytes>,
}

/// Why telling ended; none is an error.
struct Ended;

impl Client {
    /// Starts to tell what happened after commit `after`, then what happens, until the submission ended, the client went
    /// away, or the process stops. Returns the events; `None` when there is no such submission.
    pub(crate) async fn follow(
        live: &Arc<Live>,
        (id, after): (SubmissionId, i64),
        shutdown: Shutdown,
    ) -> Result<Option<mpsc::Receiver<Bytes>>, Failure> {
        let Some(mut first) = News::look(&live.database, id, after).await? else { return Ok(None) };
        let mut news = None;
        if !first.is_last {
            news = Some(live.join(id, first.seq));
            // What was committed between the look and the joining of a tailer that was ahead.
            let Some(again) = News::look(&live.database, id, after).await? else { return Ok(None) };
            first = again;
        }
        let (out, pieces) = mpsc::channel(PIECES);
        let mut client = Self { live: Arc::clone(live), id, position: after, out };
        tokio::spawn(async move {
            let told = async {
                client.tell(&first).await?;
                match news {
                    Some(news) => client.listen(news).await,
                    None => Err(Ended),
                }
            };
            tokio::select! {
                _ended = told => {}
                () = shutdown.requested() => {}
            }
        });
        Ok(Some(pieces))
    }

    async fn listen(&mut self, mut news: broadcast::Receiver<Arc<News>>) -> Result<(), Ended> {
        let mut keep_alive = interval(KEEP_ALIVE);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick is at once: it opens the stream for proxies and clients that wait for a first byte.
        loop {
            tokio::select! {
                heard = news.recv() => match heard {
                    Ok(news) => self.tell(&news).await?,
                    Err(RecvError::Lagged(_)) => self.resync().await?,
                    Err(RecvError::Closed) => return Err(Ended),
                },
                _ = keep_alive.tick() => self.send(Bytes::from_static(b": keep-alive\n\n")).await?,
                () = self.out.closed() => return Err(Ended),
            }
        }
    }

    /// Sends the events of commits it does not know yet.
    async fn tell(&mut self, news: &News) -> Result<(), Ended> {
        for frame in &news.frames {
            if frame.seq > self.position || frame.is_due {
                self.send(frame.bytes.clone()).await?;
            }
        }
        self.position = self.position.max(news.seq);
        if news.is_last { Err(Ended) } else { Ok(()) }
    }

    async fn resync(&mut self) -> Result<(), Ended> {
        match News::resync(&self.live.database, self.id).await {
            Ok(Some(news)) => self.tell(&news).await,
            Ok(None) => Err(Ended),
            Err(failure) => {
                // It comes back and is told the rest then.
                tracing::warn!(submission.id = self.id.0, %failure, "a laggard could not be resynced");
                Err(Ended)
            }
        }
    }

    async fn send(&self, bytes: Bytes) -> Result<(), Ended> {
        self.out.send(bytes).await.map_err(|_gone| Ended)
    }
}

#[cfg(test)]
mod tests {
    use aggregator_entities::Database;
    use aggregator_entities::domain::{Detection, Tlp, detect};
    use aggregator_entities::payload::PendingItem;
    use aggregator_entities::repositories::intake::{self, Arrival, NewSubmission, Totals};
    use aggregator_entities::tables::submission::SubmissionOptions;
    use aggregator_queue::Backends;
    use aggregator_testkit::TestDatabase;

    use super::*;
    use crate::live::frame::Frame;

    async fn running(database: &Database) -> SubmissionId {
        let new = NewSubmission {
            label: None,
            tlp: Tlp::Amber,
            playbook: "local".to_owned(),
            format: "text".to_owned(),
            rerun_of: None,
            options: SubmissionOptions::default(),
            trace: None,
        };
        let id = intake::begin(database, new).await.unwrap();
        let Detection::One(parsed) = detect("192.0.2.1") else { panic!("an address") };
        let item = PendingItem {
            indicator: parsed.indicator,
            raw: None,
            line: 1,
            position: 0,
            port: None,
            derived_from: None,
        };
        let arrival = Arrival { chunks: vec![vec![item]], ..Arrival::default() };
        intake::append(database, id, 0, arrival).await.unwrap();
        let totals = Totals { lines: 1, items: 1, chunks: 1, interactive: true, ..Totals::default() };
        assert!(intake::seal(database, id, totals).await.unwrap());
        id
    }

    #[tokio::test]
    async fn a_laggard_gets_the_whole_in_place_of_what_it_missed() {
        let rows = TestDatabase::sqlite().await;
        let database = Database::connect(rows.url(), 1).await.unwrap();
        let id = running(&database).await;
        let live = Live::new(database, Backends::in_process().doorbell().clone());
        let (sender, news) = broadcast::channel(2);
        for seq in 1..=5 {
            let bytes = Bytes::from(format!("event: progress\nid: {seq}\ndata: {{}}\n\n"));
            let frames = vec![Frame { seq, is_due: false, bytes }];
            sender.send(Arc::new(News { seq, frames, is_progress: true, is_last: false })).unwrap();
        }
        drop(sender);
        let (out, mut pieces) = mpsc::channel(PIECES);
        let mut client = Client { live, id, position: 0, out };
        assert!(client.listen(news).await.is_err());
        drop(client);
        let mut told = Vec::new();
        while let Some(piece) = pieces.recv().await {
            let text = String::from_utf8(piece.to_vec()).unwrap();
            if let Some((name, rest)) =
                text.strip_prefix("event: ").and_then(|text| text.split_once("\nid: "))
            {
                told.push((name.to_owned(), rest.split_once('\n').unwrap().0.to_owned()));
            }
        }
        let expected = [("resync", "1"), ("progress", "4"), ("progress", "5")];
        assert_eq!(told, expected.map(|(name, id)| (name.to_owned(), id.to_owned())));
    }
}
