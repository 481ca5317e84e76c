//! Events as bytes (WHATWG HTML, "Server-sent events"), made once for all clients.

use std::fmt::Write;

use actix_web::web::Bytes;
use aggregator_entities::Database;
use aggregator_entities::domain::state::SubmissionState;
use aggregator_entities::ids::SubmissionId;
use aggregator_entities::repositories::{items, submissions};
use aggregator_entities::tables::submission as row;
use aggregator_openapi::{Item, Submission, SubmissionEvent as Event};

use crate::failure::Failure;

/// The most items of a submission whose items are told one by one; larger ones tell their progress.
const ITEM_EVENTS_MOST: u32 = 1_000;

/// What the document shows.
pub(crate) const EXAMPLE: &str = "event: progress\nid: 2\ndata: {\"event\":\"progress\",\"id\":17,\"state\":\"done\",\"seq\":2}\n\nevent: done\nid: 2\ndata: {\"event\":\"done\",\"id\":17,\"state\":\"done\",\"seq\":2}\n\n";

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// Number of the commit it tells of.
    pub(super) seq: i64,
    /// True when it is told whatever the client knows.
    pub(super) is_due: bool,
    pub(super) bytes: Bytes,
}

/// What one look at the rows found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct News {
    /// Number of the last commit it tells of.
    pub(super) seq: i64,
    /// In the order of commits.
    pub(super) frames: Vec<Frame>,
    /// True when it tells of progress instead of items.
    pub(super) is_progress: bool,
    /// True when nothing can follow.
    pub(super) is_last: bool,
}

impl News {
    /// What happened to a submission after commit `after`; `None` when it is gone.
    pub(super) async fn look(
        database: &Database,
        id: SubmissionId,
        after: i64,
    ) -> Result<Option<Self>, Failure> {
        let Some(row) = submissions::find(database, id).await? else { return Ok(None) };
        let is_progress = row.total > i64::from(ITEM_EVENTS_MOST);
        let mut frames = Vec::new();
        if is_closing(&row) {
            return Ok(Some(Self { seq: after, frames, is_progress, is_last: false }));
        }
        if row.seq > after && !is_progress {
            add_items(database, &row, after, &mut frames).await?;
        }
        let (seq, is_last) =
            (row.seq, matches!(row.state, SubmissionState::Done | SubmissionState::Cancelled));
        let submission = Box::new(Submission::from(row));
        if seq > after && is_progress {
            frames.push(Frame {
                seq,
                is_due: false,
                bytes: event(Some(seq), &Event::Progress(submission.clone()))?,
            });
        }
        if is_last {
            frames.push(Frame { seq, is_due: true, bytes: event(Some(seq), &Event::Done(submission))? });
        }
        Ok(Some(Self { seq, frames, is_progress, is_last }))
    }

    /// What a client is told that missed news: the whole as it is now. `None` when it is gone.
    pub(super) async fn resync(database: &Database, id: SubmissionId) -> Result<Option<Self>, Failure> {
        let Some(row) = submissions::find(database, id).await? else { return Ok(None) };
        let is_last =
            matches!(row.state, SubmissionState::Done | SubmissionState::Cancelled) && !is_closing(&row);
        let submission = Box::new(Submission::from(row));
        let seq = submission.seq;
        let mut frames =
            vec![Frame { seq, is_due: true, bytes: event(Some(seq), &Event::Resync(submission.clone()))? }];
        if is_last {
            frames.push(Frame { seq, is_due: true, bytes: event(Some(seq), &Event::Done(submission))? });
        }
        Ok(Some(Self { seq, frames, is_progress: false, is_last }))
    }
}

/// True while the rows of a cancelled submission are being closed, some thousand at a time: its counts are not those it ends with.
fn is_closing(row: &row::Submission) -> bool {
    row.state == SubmissionState::Cancelled && row.outstanding > 0
}

/// Adds an event for each item that a commit after `after` changed. Only the last one of a commit has the id: a client that
/// breaks off in the middle of a commit gets all of it again.
async fn add_items(
    database: &Database,
    row: &row::Submission,
    after: i64,
    frames: &mut Vec<Frame>,
) -> Result<(), Failure> {
    let changed = items::changed_after(database, row.id, (after, row.seq), ITEM_EVENTS_MOST).await?;
    let mut changed = changed.into_iter().peekable();
    while let Some(item) = changed.next() {
        let seq = item.seq.unwrap_or(row.seq);
        let ends_commit = changed.peek().is_none_or(|next| next.seq != item.seq);
        let item = Item::of(item, Vec::new(), 0).map_err(Failure::internal)?;
        let bytes = event(ends_commit.then_some(seq), &Event::Item(Box::new(item)))?;
        frames.push(Frame { seq, is_due: false, bytes });
    }
    Ok(())
}

fn event(id: Option<i64>, event: &Event) -> Result<Bytes, Failure> {
    // JSON has no line break outside strings and writes those inside as \n: one data line.
    let data = serde_json::to_string(event).map_err(Failure::internal)?;
    let mut text = String::with_capacity(data.len() + 64);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "event: {}", event.name());
    if let Some(id) = id {
        let _ = writeln!(text, "id: {id}");
    }
    let _ = write!(text, "data: {data}\n\n");
    Ok(text.into())
}
