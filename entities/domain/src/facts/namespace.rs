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
    let last_label = domain.rsplit('.').next().unwrap_or(domain);
    match psl::suffix(domain.as_bytes()).and_then(|suffix| suffix.typ()) {
        // The list has `onion`, which is not in the DNS.
        Some(psl::Type::Icann) if last_label == "onion" => Namespace::Special,
        Some(psl::Type::Icann) => Namespace::Icann,
        Some(psl::Type::Private) => Namespace::Private,
        None => outside_the_list(last_label),
    }
}

/// The public suffix of a canonical name by the public suffix list's rules: its last label where no rule has it.
pub fn public_suffix(domain: &str) -> Option<&str> {
    psl::suffix_str(domain)
}

/// The registrable domain of a canonical name: the public suffix and one label more. `None` for a suffix itself.
pub fn registrable_domain(domain: &str) -> Option<&str> {
    psl::domain_str(domain)
}

/// The labels in reverse (`com.example.www`): a key under which a name and all names below it are one range, the key
/// itself and every key that begins with it and a dot.
pub fn suffix_key(domain: &str) -> String {
    let mut key = String::with_capacity(domain.len());
    for label in domain.rsplit('.') {
        if !key.is_empty() {
            key.push('.');
        }
        key.push_str(label);
    }
    key
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
