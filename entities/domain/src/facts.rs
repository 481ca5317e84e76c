//! What is known about an indicator without asking anybody: names, suffixes, special ranges.

pub mod namespace;
