//! What every form keeps, asked of each in turn.

mod doorbell;
mod locks;
mod queue;
mod worker;
