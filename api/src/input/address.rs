//! Addresses of services and sites, as bodies give them.

use url::Url;

use super::named::wrong;
use crate::failure::Failure;

/// The longest address, bytes.
const MAX_ADDRESS_BYTES: usize = 2_048;

/// An address somebody can be sent to: `http:` or `https:`, with a host, without a name or a password, which would be told in logs.
pub(crate) fn address(field: &str, text: &str) -> Result<Url, Failure> {
    let text = text.trim();
    if text.len() > MAX_ADDRESS_BYTES {
        return Err(wrong(field, "is longer than 2,048 bytes"));
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let Some(url) = url else { return Err(wrong(field, "must be an http: or https: address")) };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(field, "must not hold a user name or a password"));
    }
    Ok(url)
}
