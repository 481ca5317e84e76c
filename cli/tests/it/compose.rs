//! docker-compose.yml and deploy/Dockerfile, as far as they can be held without a container engine: what runs in them is not to be
//! reached from outside, has no rights it does not need, forgets no job, and starts on a database that is migrated.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

const OURS: [&str; 3] = ["migrate", "api", "worker"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The Compose file with its anchors and merges resolved.
fn compose() -> Value {
    let text = std::fs::read_to_string(root().join("docker-compose.yml")).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("docker-compose.yml: {error}"))
}

#[test]
fn every_port_is_published_on_loopback_alone() {
    let compose = compose();
    let ports: Vec<&str> = compose["services"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(|service| service["ports"].as_array())
        .flatten()
        .map(|port| port.as_str().unwrap())
        .collect();
    assert!(!ports.is_empty());
    for port in ports {
        assert!(
            port.starts_with("127.0.0.1:"),
            "{port} is for everybody, and nobody is asked who they are yet"
        );
    }
}

#[test]
fn our_containers_have_no_rights_they_do_not_need() {
    let compose = compose();
    for name in OURS {
        let service = &compose["services"][name];
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(service["cap_drop"], json!(["ALL"]), "{name}");
        assert_eq!(service["security_opt"], json!(["no-new-privileges:true"]), "{name}");
        assert_eq!(service["build"]["dockerfile"], "deploy/Dockerfile", "{name}");
        assert_eq!(service["command"], json!([name]), "each runs the subcommand of its name");
    }
}

#[test]
fn redis_keeps_what_it_is_told_and_everything_is_migrated_first() {
    let compose = compose();
    let services = &compose["services"];
    let redis = services["redis"]["command"].to_string();
    for words in [r#""--appendonly","yes""#, r#""--maxmemory-policy","noeviction""#] {
        assert!(redis.contains(words), "{redis}");
    }
    assert_eq!(services["migrate"]["depends_on"]["postgres"]["condition"], "service_healthy");
    for name in ["api", "worker"] {
        let service = &services[name];
        assert_eq!(service["depends_on"]["migrate"]["condition"], "service_completed_successfully", "{name}");
        assert_eq!(service["depends_on"]["redis"]["condition"], "service_healthy", "{name}");
        assert_eq!(service["restart"], "unless-stopped", "{name}");
        for url in ["DATABASE_URL", "REDIS_URL"] {
            assert!(service["environment"][url].is_string(), "{name} has no {url}");
        }
        assert!(service.get("container_name").is_none(), "a name of its own cannot be scaled");
    }
    for name in ["postgres", "redis"] {
        assert!(services[name]["healthcheck"]["test"].is_array(), "{name}");
        let volume = services[name]["volumes"][0].as_str().unwrap().split(':').next().unwrap();
        assert!(compose["volumes"].get(volume).is_some(), "{name} keeps its data in {volume}");
    }
}

/// The instructions of the Dockerfile, continued lines joined.
fn dockerfile() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join("deploy/Dockerfile")).unwrap();
    let joined = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("\\\n", " ");
    joined
        .lines()
        .filter_map(|line| line.trim().split_once(' '))
        .map(|(word, rest)| (word.to_owned(), rest.trim().to_owned()))
        .collect()
}

#[test]
fn the_image_is_built_in_stages_and_does_not_run_as_root() {
    let instructions = dockerfile();
    let all = |word: &str| {
        instructions.iter().filter(|(of, _)| of == word).map(|(_, rest)| rest.as_str()).collect::<Vec<_>>()
    };
    let stages = all("FROM");
    assert!(stages.len() >= 2, "{stages:?}");
    let last = instructions.iter().rposition(|(word, _)| word == "FROM").unwrap();
    let user = instructions[last..].iter().rfind(|(word, _)| word == "USER").map(|(_, user)| user.as_str());
    assert!(user.is_some_and(|user| user.parse::<u32>().is_ok_and(|id| id > 0)), "{user:?}");
    assert_eq!(all("ENTRYPOINT"), [r#"["aggregator"]"#]);

    let named: Vec<&str> =
        stages.iter().filter_map(|stage| stage.split_once(" AS ")).map(|(_, name)| name).collect();
    let ignored = std::fs::read_to_string(root().join(".dockerignore")).unwrap();
    for copy in all("COPY") {
        let mut words: Vec<&str> = copy.split_whitespace().collect();
        words.pop();
        if let Some(stage) = words.first().and_then(|word| word.strip_prefix("--from=")) {
            assert!(named.contains(&stage), "{copy}");
            continue;
        }
        for source in words {
            assert!(root().join(source).exists(), "COPY {copy}");
            assert!(!ignored.lines().any(|line| line == source), "{source} is copied and ignored");
        }
    }
    // The compiler the workspace asks for, or a newer one.
    let toolchain = stages
        .iter()
        .find_map(|stage| stage.strip_prefix("rust:").and_then(|tag| tag.split('-').next()))
        .unwrap();
    let asked = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let asked =
        asked.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    let version = |text: &str| text.split('.').map(|part| part.parse().unwrap()).collect::<Vec<u32>>();
    assert!(version(toolchain) >= version(asked), "{toolchain} builds what asks for {asked}");
}
