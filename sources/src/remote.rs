//! Sources that are asked over the network, one file each.
//!
//! [`all`] is the list. What a source says is an [`Answer`]; what a status, an error or a body means over HTTP is decided
//! in `http`, over DNS in `resolver`, once for all of them.

mod answer;
mod crtsh;
mod dns;
mod epss;
mod facts;
mod http;
mod internetdb;
mod links;
mod rdap;
mod resolver;
mod source;
mod structure;
mod team_cymru;

use std::sync::Arc;

pub use internetdb::InternetDb;
pub use source::{Answer, Asking, Limit, Link, Source, SourceInfo, TakesPrivate};

/// Every source there is.
pub fn all() -> Vec<Arc<dyn Source>> {
    vec![
        Arc::new(structure::Structure),
        Arc::new(dns::Dns),
        Arc::new(rdap::Rdap),
        Arc::new(team_cymru::TeamCymru),
        Arc::new(InternetDb::new()),
        Arc::new(crtsh::CrtSh),
        Arc::new(epss::Epss),
    ]
}
