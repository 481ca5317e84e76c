//! Items of a submission: pages in input order, filters, contexts, and what a commit changed.

mod contexts;
mod filter;
mod page;
mod rows;
mod waiting;

pub use contexts::{ContextPlace, contexts, contexts_after};
pub use filter::{ItemFilter, TextFilter};
pub use page::{Page, page};
pub use rows::{changed_after, find};

pub(crate) use filter::escape_like;
