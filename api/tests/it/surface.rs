//! What is changed by hand: playbooks, ignore lists, providers, sources, feeds. All have one shape.

mod client;
mod playbooks;
