//! Collecting the indicators an answer leads to.

use aggregator_domain::{Indicator, Kind, Relation, parse_as};

use super::source::Link;

/// The most links of one answer.
const MAX_LINKS: usize = 100;

/// The links of one answer: canonical, each once, never the indicator asked about, at most 100.
#[derive(Debug)]
pub(super) struct Links<'i> {
    asked: &'i Indicator,
    links: Vec<Link>,
}

impl<'i> Links<'i> {
    /// No link yet from this indicator.
    pub(super) fn of(asked: &'i Indicator) -> Self {
        Self { asked, links: Vec::new() }
    }

    /// Adds what reads as this kind; anything else is left out.
    pub(super) fn add(&mut self, relation: Relation, kind: Kind, text: &str) {
        let Ok(parsed) = parse_as(kind, text) else { return };
        let link = Link { relation, indicator: parsed.indicator };
        if self.links.len() < MAX_LINKS && link.indicator != *self.asked && !self.links.contains(&link) {
            self.links.push(link);
        }
    }

    /// The links, in the order they were added.
    pub(super) fn into_vec(self) -> Vec<Link> {
        self.links
    }
}
