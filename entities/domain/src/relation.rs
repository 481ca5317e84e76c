//! What an edge between two indicators means.

use crate::coded::coded;

coded! {
    /// An edge, read from the indicator that was asked about to the one the answer leads to.
    Relation {
        /// A name resolves to an address.
        ResolvesTo = 1 "resolves_to",
        /// An address has this reverse name.
        ReverseName = 2 "reverse_name",
        /// An address or a network lies in this network.
        ContainedIn = 3 "contained_in",
        /// An address or a network is announced by this autonomous system.
        AnnouncedBy = 4 "announced_by",
        /// A domain is served by this name server.
        NameServer = 5 "name_server",
        /// A domain receives mail at this name.
        MailServer = 6 "mail_server",
        /// A certificate names both.
        SharesCertificate = 7 "shares_certificate",
        /// A host has this vulnerability.
        HasVulnerability = 8 "has_vulnerability",
        /// A URL or an e-mail address has this host.
        HasHost = 9 "has_host",
    }
}

#[cfg(test)]
mod tests {
    use super::Relation;

    #[test]
    fn codes_go_both_ways() {
        for &relation in Relation::ALL {
            assert_eq!(Relation::from_code(relation.code()), Some(relation));
            assert_eq!(serde_json::to_value(relation).unwrap(), relation.as_str());
        }
        assert_eq!(Relation::from_code(0), None);
    }
}
