//! What the platform can know by itself: feeds read into generations and matched in memory, ignore lists, and
//! databases about addresses.
//!
//! Nothing here knows rows or queues. The way of a feed: a [`feeds::FeedDefinition`] says where it is and how it reads;
//! [`feeds::parse_feed`] streams its entries into a [`generation::GenerationBuilder`], which writes one immutable
//! artifact; [`matcher::Matcher`] answers for all artifacts together.

pub mod feeds;
pub mod generation;
mod kind_set;
pub mod matcher;

pub use kind_set::KindSet;
