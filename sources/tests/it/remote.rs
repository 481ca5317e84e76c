//! The remote sources, asked through mocks on this machine.

mod crtsh;
mod epss;
mod internetdb;
mod retrying;
mod support;
