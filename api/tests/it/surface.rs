//! What is changed by hand: playbooks, ignore lists, providers, sources, feeds. All have one shape.

mod client;
mod feeds;
mod ignore_lists;
mod kinds;
mod made;
mod playbooks;
mod providers;
mod settings;
mod source_tests;
mod sources;
