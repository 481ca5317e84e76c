//! A canonical value in a form nothing clicks, resolves or connects to.

use crate::{Indicator, Kind};

/// Writes an indicator defanged: `hxxp://example[.]com/`, `192[.]0[.]2[.]1`, `user[@]example[.]com`. Kinds nothing can
/// follow (digests, CVE and AS numbers) stay as they are. [`crate::refang()`] gives the canonical value back.
///
/// One of a custom kind is shown without its slug, as it is: what its parts mean, nobody knows here.
pub fn defang(indicator: &Indicator) -> String {
    let value = indicator.value();
    match indicator.kind() {
        Kind::Ipv4 | Kind::Ipv6 | Kind::Cidr | Kind::Domain => marked(value),
        Kind::Email => match value.rsplit_once('@') {
            Some((local, domain)) => format!("{local}[@]{}", marked(domain)),
            None => value.to_owned(),
        },
        Kind::Url => url(value),
        Kind::Asn
        | Kind::Md5
        | Kind::Sha1
        | Kind::Sha256
        | Kind::Sha512
        | Kind::Ssdeep
        | Kind::Tlsh
        | Kind::Cve => value.to_owned(),
        Kind::Custom => indicator.shown().to_owned(),
    }
}

/// Dots and colons in square brackets; an address has the one or the other.
fn marked(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 8);
    for c in value.chars() {
        match c {
            '.' => out.push_str("[.]"),
            ':' => out.push_str("[:]"),
            _ => out.push(c),
        }
    }
    out
}

/// The scheme and the authority are defanged; the path leads nowhere without them and stays readable.
fn url(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return value.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (scheme, colon) = match scheme {
        "http" => ("hxxp", ":"),
        "https" => ("hxxps", ":"),
        "ftp" => ("fxp", ":"),
        other => (other, "[:]"),
    };
    format!("{scheme}{colon}//{}{path}", authority.replace('.', "[.]"))
}
