//! Who runs the suffix a name ends in.

/// Who runs the suffix a name ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// The DNS: a suffix of the public suffix list's ICANN part.
    Icann,
    /// The DNS: a suffix under which a company gives names away (`github.io`), of the list's private part.
    Private,
    /// Reserved for a use outside the public DNS (RFC 6761 and its registry): `onion`, `local`, `test` …
    Special,
    /// Another root that malware uses: Namecoin, Emercoin, `OpenNIC`, I2P.
    Alternative,
    /// A country code that was in the DNS once.
    Retired,
    /// Nobody known.
    Unknown,
}

/// IANA's special-use domain names, and `internal`, reserved by ICANN in 2024. `home.arpa` is in the public list.
const SPECIAL: [&str; 8] = ["alt", "example", "internal", "invalid", "local", "localhost", "onion", "test"];

/// Roots beside the DNS. Namecoin: bit. Emercoin: bazar coin emc lib. I2P: i2p. The rest: `OpenNIC`.
const ALTERNATIVE: [&str; 25] = [
    "bazar", "bbs", "bit", "chan", "coin", "cyb", "dyn", "emc", "epic", "fur", "geek", "gopher", "i2p",
    "indy", "ku", "lib", "libre", "neo", "null", "o", "opennic", "oss", "oz", "parody", "pirate",
];

/// Country codes deleted from the root.
const RETIRED: [&str; 7] = ["an", "bu", "cs", "dd", "tp", "yu", "zr"];

/// Who runs the suffix of a canonical name.
pub fn namespace(domain: &str) -> Namespace {
    match psl::suffix(domain.as_bytes()).and_then(|suffix| suffix.typ()) {
        Some(psl::Type::Icann) => Namespace::Icann,
        Some(psl::Type::Private) => Namespace::Private,
        None => outside_the_list(domain.rsplit('.').next().unwrap_or(domain)),
    }
}

fn outside_the_list(last_label: &str) -> Namespace {
    let among = |names: &[&str]| names.binary_search(&last_label).is_ok();
    if among(&SPECIAL) {
        Namespace::Special
    } else if among(&ALTERNATIVE) {
        Namespace::Alternative
    } else if among(&RETIRED) {
        Namespace::Retired
    } else {
        Namespace::Unknown
    }
}
