//! What is changed by hand: playbooks, ignore lists, providers, sources, feeds. All have one shape.

mod client;
mod feeds;
mod ignore_lists;
mod playbooks;
mod providers;
mod source_tests;
mod sources;
