//! docker-compose.yml: what runs in it is not to be reached from outside.

use std::path::Path;

/// The ports a Compose file publishes: the items of each `ports:`, in brackets or a line each.
fn published(compose: &str) -> Vec<String> {
    let mut ports = Vec::new();
    let mut inside = false;
    for line in compose.lines().map(str::trim) {
        if let Some(list) = line.strip_prefix("ports:").map(str::trim) {
            ports.extend(list.trim_matches(['[', ']']).split(',').filter(|item| !item.is_empty()));
            inside = list.is_empty();
        } else if let Some(item) = line.strip_prefix("- ").filter(|_| inside) {
            ports.push(item);
        } else if !line.is_empty() && !line.starts_with('#') {
            inside = false;
        }
    }
    ports.into_iter().map(|port| port.trim().trim_matches(['"', '\'']).to_owned()).collect()
}

#[test]
fn ports_are_read_in_both_forms() {
    let compose = "api:\n  ports: [\"127.0.0.1:1:1\", '2:2']\n  x:\n    - y\n\
                   other:\n  ports:\n    - 3:3\n    # why\n    - \"4:4\"\n  z: [a]\n";
    assert_eq!(published(compose), ["127.0.0.1:1:1", "2:2", "3:3", "4:4"]);
}

#[test]
fn every_port_is_published_on_loopback_alone() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker-compose.yml");
    let ports = published(&std::fs::read_to_string(path).unwrap());
    assert!(!ports.is_empty());
    for port in ports {
        assert!(
            port.starts_with("127.0.0.1:"),
            "{port} is for everybody, and nobody is asked who they are yet"
        );
    }
}
