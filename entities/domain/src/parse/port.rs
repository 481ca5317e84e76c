//! The `:port` behind a host.

/// Splits `host:digits`; the port is `None` where the number is above 65,535, a typing error that costs the port and
/// not the host. `None` where there is no colon or something else than one to five digits behind it.
pub(crate) fn split(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, digits) = text.rsplit_once(':')?;
    let decimal = (1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    decimal.then(|| (host, digits.parse().ok()))
}
