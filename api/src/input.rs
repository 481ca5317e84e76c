//! What handlers take in: parsed at the edge, trusted afterwards. Anything wrong is a problem document.

mod body;
mod depth;
mod json;
mod query;

pub(crate) use body::Body;
pub(crate) use json::{Json, from_json};
pub(crate) use query::{NoParameters, Query};
