//! Which pages may change something: our own, told by the two headers a page cannot forge. A program that is no
//! browser sends neither.

use actix_web::http::header::{self, HeaderMap, HeaderName};
use url::Url;

use super::single;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what another site's page sent; `host` is the host asked for. The error is what is wrong.
pub(super) fn check(headers: &HeaderMap, host: &str) -> Result<(), &'static str> {
    match single(headers, &SEC_FETCH_SITE) {
        Ok(None | Some("same-origin" | "none")) => {}
        _ => return Err("the Sec-Fetch-Site header tells of another site's page"),
    }
    match single(headers, &header::ORIGIN) {
        Ok(None) => Ok(()),
        Ok(Some(origin)) if is_same(origin, host) => Ok(()),
        _ => Err("the Origin header is not this server's own"),
    }
}

/// True when an origin is the host asked for. Behind a TLS proxy the scheme is https while ours is http, so only host
/// and port are compared.
fn is_same(origin: &str, host: &str) -> bool {
    let Ok(origin) = Url::parse(origin) else { return false };
    let Ok(asked) = Url::parse(&format!("{}://{host}", origin.scheme())) else { return false };
    let is_web = matches!(origin.scheme(), "http" | "https");
    is_web
        && origin.host_str() == asked.host_str()
        && origin.port_or_known_default() == asked.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn an_origin_is_ours_when_host_and_port_agree() {
        assert!(is_same("http://localhost:8080", "localhost:8080"));
        assert!(is_same("https://aggregator.example", "aggregator.example:443"));
        assert!(is_same("http://[::1]:8080", "[::1]:8080"));
        for (origin, host) in [
            ("null", "localhost:8080"),
            ("", "localhost:8080"),
            ("http://localhost:8081", "localhost:8080"),
            ("http://localhost", "localhost:8080"),
            ("http://127.0.0.1:8080", "localhost:8080"),
            ("http://localhost:8080.evil.example", "localhost:8080"),
            ("http://evil.example", "localhost:8080"),
            ("file://localhost:8080", "localhost:8080"),
            ("chrome-extension://localhost", "localhost"),
        ] {
            assert!(!is_same(origin, host), "{origin} {host}");
        }
    }
}
