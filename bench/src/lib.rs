//! The benchmarks of docs/PERFORMANCE.md: programs in, a table out. Measured from outside, through the doors a user uses.

pub mod generate;
