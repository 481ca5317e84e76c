//! The parts of a canonical URL, found without parsing it again.

/// Where the authority begins and ends; `None` for a URL without one.
fn authority(url: &str) -> Option<(usize, usize)> {
    let start = url.find("://")? + 3;
    let length = url[start..].find(['/', '?', '#']).unwrap_or(url.len() - start);
    Some((start, start + length))
}

/// The host without user, password and port; an IPv6 host keeps its brackets.
pub(super) fn host(url: &str) -> Option<&str> {
    let (start, end) = authority(url)?;
    let authority = &url[start..end];
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = if host.starts_with('[') {
        &host[..=host.find(']')?]
    } else {
        host.split_once(':').map_or(host, |(host, _)| host)
    };
    Some(host).filter(|host| !host.is_empty())
}

/// Where the authority ends and the path begins; the URL's length for one without an authority.
pub(super) fn authority_end(url: &str) -> usize {
    authority(url).map_or(url.len(), |(_, end)| end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_every_form() {
        assert_eq!(host("http://example.com/"), Some("example.com"));
        assert_eq!(host("http://user:p%40ss@example.com:8080/a?b@c"), Some("example.com"));
        assert_eq!(host("http://[2001:db8::1]:80/"), Some("[2001:db8::1]"));
        assert_eq!(host("mailto:someone@example.com"), None);
        assert_eq!(host("http://[2001:db8::1"), None);
        assert_eq!(host("file:///etc/passwd"), None);
    }

    #[test]
    fn the_authority_ends_where_the_path_begins() {
        assert_eq!(authority_end("http://example.com/a"), 18);
        assert_eq!(authority_end("http://example.com"), 18);
        assert_eq!(authority_end("http://example.com?x"), 18);
        assert_eq!(authority_end("mailto:a@b"), 10);
    }
}
