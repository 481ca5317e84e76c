//! What an edge between two indicators means.

use serde::{Deserialize, Serialize};

/// An edge, read from the indicator that was asked about to the one the answer leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Relation {
    /// A name resolves to an address.
    ResolvesTo = 1,
    /// An address has this reverse name.
    ReverseName = 2,
    /// An address or a network lies in this network.
    ContainedIn = 3,
    /// An address or a network is announced by this autonomous system.
    AnnouncedBy = 4,
    /// A domain is served by this name server.
    NameServer = 5,
    /// A domain receives mail at this name.
    MailServer = 6,
    /// A certificate names both.
    SharesCertificate = 7,
    /// A host has this vulnerability.
    HasVulnerability = 8,
    /// A URL or an e-mail address has this host.
    HasHost = 9,
}

impl Relation {
    /// Every relation, in the order of their codes.
    pub const ALL: [Self; 9] = [
        Self::ResolvesTo,
        Self::ReverseName,
        Self::ContainedIn,
        Self::AnnouncedBy,
        Self::NameServer,
        Self::MailServer,
        Self::SharesCertificate,
        Self::HasVulnerability,
        Self::HasHost,
    ];

    /// The number stored in rows, from 1.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The relation of a stored number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// The name used in the API and in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResolvesTo => "resolves_to",
            Self::ReverseName => "reverse_name",
            Self::ContainedIn => "contained_in",
            Self::AnnouncedBy => "announced_by",
            Self::NameServer => "name_server",
            Self::MailServer => "mail_server",
            Self::SharesCertificate => "shares_certificate",
            Self::HasVulnerability => "has_vulnerability",
            Self::HasHost => "has_host",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Relation;

    #[test]
    fn codes_go_both_ways() {
        for relation in Relation::ALL {
            assert_eq!(Relation::from_code(relation.code()), Some(relation));
            assert_eq!(serde_json::to_value(relation).unwrap(), relation.as_str());
        }
        assert_eq!(Relation::from_code(0), None);
    }
}
