//! What a submission's event stream tells.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{Item, Submission};

/// One event of a submission: its data is the thing it tells of, with `event` beside its fields; the stream's own `event` line says
/// the same.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum SubmissionEvent {
    /// An item got its verdict, or what is known of it grew.
    Item(Box<Item>),
    /// How far a large submission is.
    Progress(Box<Submission>),
    /// Everything is told; the stream closes.
    Done(Box<Submission>),
    /// Something was missed: list the items again.
    Resync(Box<Submission>),
}

impl SubmissionEvent {
    /// The stream's `event` line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Item(_) => "item",
            Self::Progress(_) => "progress",
            Self::Done(_) => "done",
            Self::Resync(_) => "resync",
        }
    }
}
