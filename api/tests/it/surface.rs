//! What is changed by hand: playbooks, ignore lists, providers, sources, feeds. All have one shape.

mod client;
mod ignore_lists;
mod playbooks;
