//! The benchmarks of docs/PERFORMANCE.md: programs in, a table out. Measured from outside, through the doors a user uses.

pub mod bulk;
pub mod bullmq;
pub mod copy_floor;
pub mod crates;
pub mod footprint;
pub mod generate;
pub mod http;
pub mod idle;
pub mod lists;
pub mod machine;
pub mod options;
pub mod process;
pub mod product;
pub mod progress;
pub mod reads;
pub mod remote;
pub mod report;
pub mod servers;
mod table;
pub mod unload;
