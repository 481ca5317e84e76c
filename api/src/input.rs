//! What handlers take in: parsed at the edge, trusted afterwards. Anything wrong is a problem document.

mod accept;
mod body;
mod depth;
mod etag;
mod json;
mod named;
mod page;
mod path;
mod query;
mod text;

pub(crate) use accept::negotiate;
pub(crate) use body::Body;
pub(crate) use etag::{IfMatch, stale, tagged};
pub(crate) use json::{Json, from_json};
pub(crate) use named::{Pages, name, slug, wrong};
pub(crate) use page::{Cursors, page_size};
pub(crate) use path::{EntryPath, IndicatorPath, ItemPath, LookupPath, SlugPath, SubmissionPath, TaskPath};
pub(crate) use query::{NoParameters, Query};
pub(crate) use text::{AskedText, asked, plain};
