//! Which headers a caller may send, and which of them hold a credential.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::Refusal;

/// Headers that frame the message, that say for whom it is, or that open a cloud's metadata service.
const DENIED: [&str; 18] = [
    "connection",
    "content-length",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "metadata",
    "metadata-flavor",
    "metadata-token",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-aliyun-ecs-metadata-token",
    "x-aws-ec2-metadata-token",
    "x-aws-ec2-metadata-token-ttl-seconds",
    "x-real-ip",
];

/// Beginnings of such headers.
const DENIED_PREFIXES: [&str; 2] = ["proxy-", "x-forwarded-"];

/// What the name of a header with a credential has in it.
const CREDENTIAL: [&str; 8] =
    ["auth", "cookie", "token", "key", "secret", "password", "credential", "session"];

/// The headers of a request; those with a credential are marked sensitive.
pub(crate) fn request_headers(
    headers: &[(String, String)],
    secrets: &[(String, String)],
) -> Result<HeaderMap, Refusal> {
    let mut map = HeaderMap::new();
    for (name, value, secret) in headers
        .iter()
        .map(|(name, value)| (name, value, false))
        .chain(secrets.iter().map(|(name, value)| (name, value, true)))
    {
        let refused = || Refusal::Header(name.escape_default().to_string());
        let (Ok(name), Ok(mut value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
        else {
            return Err(refused());
        };
        if is_denied(name.as_str()) {
            return Err(refused());
        }
        value.set_sensitive(secret || holds_credential(name.as_str()));
        map.append(name, value);
    }
    Ok(map)
}

/// Removes what was marked sensitive: another origin is not told.
pub(crate) fn strip_credentials(headers: &mut HeaderMap) {
    let found = headers.iter().filter(|(_, value)| value.is_sensitive());
    let names: Vec<_> = found.map(|(name, _)| name.clone()).collect();
    for name in names {
        headers.remove(name);
    }
}

fn is_denied(name: &str) -> bool {
    DENIED.contains(&name) || DENIED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn holds_credential(name: &str) -> bool {
    CREDENTIAL.iter().any(|word| name.contains(word))
}
