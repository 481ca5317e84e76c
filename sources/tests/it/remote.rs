//! The remote sources, asked through mocks on this machine.

mod crtsh;
mod dns;
mod dns_server;
mod epss;
mod failures;
mod internetdb;
mod rdap;
mod registry;
mod retrying;
mod support;
mod team_cymru;
