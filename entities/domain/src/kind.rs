//! The kinds an indicator can have.

use serde::{Deserialize, Serialize};

/// What an indicator is. The names are product vocabulary; the numbers are stored in rows and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Kind {
    /// An IPv4 address, dotted quad.
    Ipv4 = 1,
    /// An IPv6 address, RFC 5952 form.
    Ipv6 = 2,
    /// A network, `address/prefix`, host bits zero.
    Cidr = 3,
    /// An autonomous system, `AS` and a number of 1–4,294,967,295.
    Asn = 4,
    /// A DNS name, ASCII (A-labels), lower case, no trailing dot.
    Domain = 5,
    /// An absolute URL as the WHATWG URL standard serialises it.
    Url = 6,
    /// An e-mail address, domain part lower case.
    Email = 7,
    /// An MD5 digest, 32 lower-case hex digits.
    Md5 = 8,
    /// A SHA-1 digest, 40 lower-case hex digits.
    Sha1 = 9,
    /// A SHA-256 digest, 64 lower-case hex digits.
    Sha256 = 10,
    /// A SHA-512 digest, 128 lower-case hex digits.
    Sha512 = 11,
    /// An ssdeep fuzzy hash, `blocksize:hash:hash`.
    Ssdeep = 12,
    /// A TLSH digest, `T1` and 70 upper-case hex digits.
    Tlsh = 13,
    /// A CVE number, `CVE-YYYY-NNNN…`.
    Cve = 14,
    /// A value of a kind that is defined by a regular expression, `slug:value` ([`crate::custom`]).
    Custom = 15,
}

impl Kind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 15] = [
        Self::Ipv4,
        Self::Ipv6,
        Self::Cidr,
        Self::Asn,
        Self::Domain,
        Self::Url,
        Self::Email,
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::Ssdeep,
        Self::Tlsh,
        Self::Cve,
        Self::Custom,
    ];

    /// The number stored in rows, 1–15.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The kind of a stored number; `None` for a number no kind has.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// The name used in the API, the CLI and documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Cidr => "cidr",
            Self::Asn => "asn",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Email => "email",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::Ssdeep => "ssdeep",
            Self::Tlsh => "tlsh",
            Self::Cve => "cve",
            Self::Custom => "custom",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no indicator kind; use one of ipv4, ipv6, cidr, asn, domain, url, email, md5, sha1, sha256, sha512, ssdeep, tlsh, cve, custom, or the slug of a custom kind"
)]
pub struct UnknownKind(pub String);

impl std::str::FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or_else(|| UnknownKind(name.to_owned()))
    }
}
