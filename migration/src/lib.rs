//! SeaORM migrations, one per change, written once for PostgreSQL and SQLite.
//!
//! Rules: additive first, contract later; every migration goes up, down and up again on both databases with data
//! in the tables (`tests/it`); a row type and its migration change in the same commit. The schema's shape was settled
//! by experiment (docs/adr/0002-hot-schema.md).

mod dialect;
mod m0001_submissions;
mod m0002_knowledge;
mod m0003_feeds;
mod m0004_policy;
mod m0005_operations;
mod m0006_contact;
mod m0007_alone;
mod m0008_lookups;
mod m0009_slots;
mod m0010_surface;
mod m0011_figures;
mod m0015_task_results;
mod m0016_phase;
mod m0017_settings;
mod m0018_custom_kinds;
mod m0019_traces;
mod m0020_paused_queues;
mod m0021_given_up;
mod m0022_lookup_times;
mod m0023_roots;
mod m0024_feed_health;
mod m0025_open_tasks;
mod m0026_deleted;
mod m0027_cached;
mod m0028_sent_open;
mod m0029_derived_open;
mod shape;

use sea_orm_migration::{MigrationTrait, async_trait};
pub use sea_orm_migration::{MigratorTrait, SchemaManager};
pub use shape::{Shape, shape};

/// Every migration, in order.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_submissions::Migration),
            Box::new(m0002_knowledge::Migration),
            Box::new(m0003_feeds::Migration),
            Box::new(m0004_policy::Migration),
            Box::new(m0005_operations::Migration),
            Box::new(m0006_contact::Migration),
            Box::new(m0007_alone::Migration),
            Box::new(m0008_lookups::Migration),
            Box::new(m0009_slots::Migration),
            Box::new(m0010_surface::Migration),
            Box::new(m0011_figures::Migration),
            Box::new(m0015_task_results::Migration),
            Box::new(m0016_phase::Migration),
            Box::new(m0017_settings::Migration),
            Box::new(m0018_custom_kinds::Migration),
            Box::new(m0019_traces::Migration),
            Box::new(m0020_paused_queues::Migration),
            Box::new(m0021_given_up::Migration),
            Box::new(m0022_lookup_times::Migration),
            Box::new(m0023_roots::Migration),
            Box::new(m0024_feed_health::Migration),
            Box::new(m0025_open_tasks::Migration),
            Box::new(m0026_deleted::Migration),
            Box::new(m0027_cached::Migration),
            Box::new(m0028_sent_open::Migration),
            Box::new(m0029_derived_open::Migration),
        ]
    }
}
