//! Sources that are asked over the network, one file each.

mod source;

pub use source::{Answer, Asking, Limit, Link, Source, SourceInfo};
