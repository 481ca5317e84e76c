//! What handlers take in: parsed at the edge, trusted afterwards. Anything wrong is a problem document.

mod accept;
mod address;
mod body;
mod depth;
mod etag;
mod json;
mod named;
mod page;
mod path;
mod query;
mod text;
mod walk;

pub(crate) use accept::negotiate;
pub(crate) use address::address;
pub(crate) use body::Body;
pub(crate) use etag::{IfMatch, stale, tagged};
pub(crate) use json::{Json, from_json};
pub(crate) use named::{Pages, description, name, search, slug, wrong};
pub(crate) use path::{
    EntryPath, IndicatorPath, ItemPath, KeyPath, LookupPath, QueuePath, SlugPath, SubmissionPath, TaskPath,
};
pub(crate) use query::{NoParameters, Query};
pub(crate) use text::{AskedText, asked, plain};
pub(crate) use walk::Walks;
