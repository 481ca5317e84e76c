//! Queues of ids, the doorbell that says "look again", and leases: each in a Redis and an in-process form.
//!
//! Rows are the truth (docs/ARCHITECTURE.md). A queue holds a small window of ids and may be lost whole: what was in it is
//! offered again when its offer runs out. So this crate keeps three promises and no more:
//!
//! * what [`Queue::push`] accepted is handed to some worker soon, usually once, sometimes twice, and not at all
//!   when Redis or that worker dies in between;
//! * a worker starts no more than its slots, survives panics, bad payloads and every Redis failure, and drains;
//! * a ring wakes whoever subscribed, in any process; a missed one costs a [`SAFETY_POLL`].
//!
//! Which form is used is decided once, by [`Backends::connect`]. Why it is built like this, with figures:
//! `docs/adr/0001-queue-backend.md`.

mod backends;
mod backoff;
mod doorbell;
mod envelope;
mod error;
mod lock;
mod name;
mod producer;
mod redis_link;
mod store;
mod worker;

pub use backends::Backends;
pub use doorbell::{Bell, Doorbell, SAFETY_POLL, Topic};
pub use envelope::{Envelope, EnvelopeError};
pub use error::QueueError;
pub use lock::{Lease, Locks};
pub use name::QueueName;
pub use producer::{Queue, QueueDepth};
pub use store::ServerFacts;
pub use worker::{JobHandler, Worker, WorkerOptions, WorkerReport};
