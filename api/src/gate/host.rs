//! Which names this server answers to. A page can make its own name resolve to 127.0.0.1 (DNS rebinding) and then read
//! our answers as its own; it cannot make the browser send another Host.

use aggregator_platform::settings::HostName;

/// Names that always lead here.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// True when a Host header, with or without a port, names this server.
pub(super) fn is_ours(host: &str, allowed: &[HostName]) -> bool {
    let host = host.to_ascii_lowercase();
    let name = without_port(&host);
    LOOPBACK.contains(&name)
        || allowed.iter().map(HostName::as_str).any(|allowed| allowed == host || allowed == name)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use aggregator_platform::{Environment, Settings};

    use super::is_ours;

    #[test]
    fn a_name_is_ours_exactly_when_it_is_loopback_or_listed() {
        let allowed = "aggregator.example,api:8080,[fd00::1]";
        let environment = Environment::of([("AGGREGATOR_HTTP_ALLOWED_HOSTS", allowed)]);
        let allowed = Settings::load(&environment).unwrap().http.allowed_hosts;
        let ours = [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:8080",
            "aggregator.example",
            "Aggregator.Example:443",
            "api:8080",
            "[fd00::1]:8080",
        ];
        for host in ours {
            assert!(is_ours(host, &allowed), "{host}");
        }
        let foreign = [
            "",
            ":8080",
            "evil.example",
            "localhost.evil.example",
            "evil.localhost",
            "localhost:8080.evil.example",
            "localhost:8080:80",
            "user@localhost",
            "127.0.0.1.evil.example",
            "127.1",
            "0.0.0.0",
            "::1",
            "[::1",
            "[::2]",
            "api",
            "api:8081",
            "localhost.",
        ];
        for host in foreign {
            assert!(!is_ours(host, &allowed), "{host}");
        }
    }
}
