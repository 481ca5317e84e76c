//! What the platform can know by itself: feeds read into generations and matched in memory, ignore lists, and
//! databases about addresses.
//!
//! Nothing here knows rows or queues. The way of a feed: a [`feeds::FeedDefinition`] says where it is and how it reads;
//! [`feeds::parse_feed`] streams its entries into a [`generation::GenerationBuilder`], which writes one immutable
//! artifact; [`matcher::Matcher`] answers for all artifacts together. [`ignore`] compiles ignore lists into the same
//! structures, [`geo`] asks databases about addresses.

pub mod feeds;
pub mod generation;
pub mod geo;
pub mod ignore;
mod mapped;
pub mod matcher;
pub mod remote;

pub use aggregator_domain::KindSet;
