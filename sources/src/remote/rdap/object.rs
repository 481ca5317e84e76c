//! RDAP objects as servers write them (RFC 9083). Everything may be absent or `null`: what is required is required by
//! whoever reads it.

use aggregator_domain::Outcome;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::remote::facts::{list, moment, rfc3339, text};
use crate::remote::source::Answer;

/// A domain, a network or an AS number.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object {
    #[serde(rename = "objectClassName")]
    pub(super) class: Option<String>,
    pub(super) handle: Option<String>,
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) allocation: Option<String>,
    pub(super) country: Option<String>,
    pub(super) ldh_name: Option<String>,
    pub(super) status: Option<Vec<String>>,
    pub(super) events: Option<Vec<Event>>,
    pub(super) entities: Option<Vec<Entity>>,
    pub(super) nameservers: Option<Vec<NameServer>>,
    #[serde(rename = "secureDNS")]
    pub(super) secure_dns: Option<SecureDns>,
    pub(super) start_address: Option<String>,
    pub(super) end_address: Option<String>,
    pub(super) start_autnum: Option<u32>,
    pub(super) end_autnum: Option<u32>,
    /// An error, which has no business in a 200.
    pub(super) error_code: Option<Value>,
}

/// Something that happened to it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    event_action: Option<String>,
    event_date: Option<String>,
}

/// A person, a company, a registrar.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entity {
    pub(super) handle: Option<String>,
    pub(super) roles: Option<Vec<String>>,
    pub(super) vcard_array: Option<Value>,
    pub(super) public_ids: Option<Vec<PublicId>>,
    pub(super) entities: Option<Vec<Entity>>,
}

/// A number somebody else gave, e.g. IANA's number of a registrar.
#[derive(Debug, Deserialize)]
pub(super) struct PublicId {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) identifier: Option<String>,
}

/// A name server of a domain.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NameServer {
    pub(super) ldh_name: Option<String>,
}

/// Whether a domain is signed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecureDns {
    pub(super) delegation_signed: Option<bool>,
}

impl Object {
    /// Refuses an error inside a 200, and an object of another class; old servers name none.
    pub(super) fn check(&self, class: &str) -> Result<(), Answer> {
        if self.error_code.is_some() {
            return Err(Answer::failed(Outcome::Malformed, "RDAP answered 200 with an error inside."));
        }
        match &self.class {
            Some(given) if given != class => {
                Err(Answer::malformed(format!("RDAP answered with no {class}.")))
            }
            _ => Ok(()),
        }
    }

    /// When something happened last.
    pub(super) fn event(&self, action: &str) -> Option<OffsetDateTime> {
        let events = self.events.iter().flatten();
        let these = events.filter(|event| event.event_action.as_deref() == Some(action));
        these.filter_map(|event| moment(event.event_date.as_deref()?)).max()
    }

    /// The same, as the facts say it.
    pub(super) fn event_text(&self, action: &str) -> Option<String> {
        self.event(action).and_then(rfc3339)
    }

    /// The states.
    pub(super) fn states(&self) -> Value {
        let states: Vec<_> = self.status.iter().flatten().filter_map(|state| text(state)).collect();
        list(&states)
    }
}
