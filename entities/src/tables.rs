//! Row types, one per file, each with the function that reads it.

pub mod chunk;
pub mod finding;
pub mod indicator;
pub mod item;
pub mod source_test;
pub mod submission;
