//! The parts of a canonical URL, found without parsing it again.

/// Most prefixes looked at: deeper paths are cut short.
const MAX_PREFIXES: usize = 24;

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

/// The URL cut at each `/`, `?` and `#` after its authority, shortest first, and the URL itself; none ends in `/`.
pub(super) fn prefixes(url: &str) -> impl Iterator<Item = &str> {
    let from = authority(url).map_or(url.len(), |(_, end)| end);
    let cuts = url[from..].match_indices(['/', '?', '#']).map(move |(at, _)| from + at);
    let mut last = 0;
    cuts.take(MAX_PREFIXES).chain([url.len()]).filter_map(move |cut| {
        let prefix = url[..cut].trim_end_matches('/');
        let new = prefix.len() > last;
        last = last.max(prefix.len());
        new.then_some(prefix)
    })
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
    fn prefixes_are_cut_at_boundaries_only() {
        let found: Vec<_> = prefixes("http://example.com/a/bc/?q=1/2#f").collect();
        assert_eq!(
            found,
            [
                "http://example.com",
                "http://example.com/a",
                "http://example.com/a/bc",
                "http://example.com/a/bc/?q=1",
                "http://example.com/a/bc/?q=1/2",
                "http://example.com/a/bc/?q=1/2#f",
            ]
        );
        assert_eq!(prefixes("http://example.com/").collect::<Vec<_>>(), ["http://example.com"]);
    }
}
