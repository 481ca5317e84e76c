//! Settings: three layers, every fault at once, no secret in a message.

use std::io::Write;

use aggregator_platform::settings::{DatabaseKind, Fault, HostName, LogFormat};
use aggregator_platform::{Environment, Settings};

fn load<const N: usize>(variables: [(&str, &str); N]) -> Settings {
    Settings::load(&Environment::of(variables)).unwrap_or_else(|error| panic!("{error}"))
}

fn faults<const N: usize>(variables: [(&str, &str); N]) -> Vec<Fault> {
    Settings::load(&Environment::of(variables)).expect_err("the settings are wrong").faults
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[test]
fn nothing_set_means_embedded_on_loopback() {
    let settings = load([]);
    assert_eq!(settings.http.listen.to_string(), "127.0.0.1:8080");
    assert!(!settings.http.insecure);
    assert_eq!(settings.database_url().kind(), DatabaseKind::Sqlite);
    assert_eq!(settings.database_url().expose(), "sqlite://data/aggregator.db?mode=rwc");
    assert_eq!(settings.redis.url, None);
    assert_eq!(settings.intake.max_indicators, 1_000_000);
    assert_eq!(settings.intake.max_body_bytes, 256 * 1024 * 1024);
    assert_eq!(settings.worker.lease_seconds, 30);
    assert_eq!(settings.sentry.dsn, None);
    assert_eq!(settings.telemetry.otlp_endpoint, None);
}

#[test]
fn traces_go_to_an_address_without_a_path_in_parts_of_a_whole() {
    let settings = load([
        ("AGGREGATOR_TELEMETRY_OTLP_ENDPOINT", "http://collector:4317"),
        ("AGGREGATOR_TELEMETRY_SAMPLE_RATIO", "0.05"),
    ]);
    assert!((settings.telemetry.sample_ratio.value() - 0.05).abs() < f64::EPSILON);
    for (name, wrong) in [
        ("AGGREGATOR_TELEMETRY_OTLP_ENDPOINT", "collector:4317"),
        ("AGGREGATOR_TELEMETRY_OTLP_ENDPOINT", "http://collector:4318/v1/traces"),
        ("AGGREGATOR_TELEMETRY_SAMPLE_RATIO", "1.5"),
        ("AGGREGATOR_TELEMETRY_SAMPLE_RATIO", "NaN"),
    ] {
        assert_eq!(faults([(name, wrong)]).len(), 1, "{name}={wrong}");
    }
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let file = file("[http]\nlisten = \"127.0.0.1:1111\"\nthreads = 3\n[telemetry]\nformat = \"json\"\n");
    let settings = load([
        ("AGGREGATOR_CONFIG", file.path().to_str().unwrap()),
        ("AGGREGATOR_HTTP_LISTEN", "[::1]:2222"),
        ("AGGREGATOR_HTTP_ALLOWED_HOSTS", "Aggregator.example, api:8080"),
    ]);
    assert_eq!(settings.http.listen.to_string(), "[::1]:2222");
    assert_eq!(settings.http.threads, 3);
    assert_eq!(settings.telemetry.format, LogFormat::Json);
    let hosts: Vec<&str> = settings.http.allowed_hosts.iter().map(HostName::as_str).collect();
    assert_eq!(hosts, ["aggregator.example", "api:8080"]);
}

#[test]
fn standard_names_work_and_empty_ones_are_not_set() {
    let settings = load([
        ("DATABASE_URL", "postgres://u:hunter2@db/aggregator"),
        ("REDIS_URL", "redis://:hunter2@cache:6379/0"),
        ("AGGREGATOR_INSECURE", "1"),
        ("SENTRY_DSN", ""),
        ("AGGREGATOR_HTTP_LISTEN", ""),
    ]);
    assert_eq!(settings.database_url().kind(), DatabaseKind::Postgres);
    assert_eq!(settings.database_url().expose(), "postgres://u:hunter2@db/aggregator");
    assert!(settings.http.insecure);
    assert_eq!(settings.sentry.dsn, None);
    let debug = format!("{settings:?}");
    assert!(!debug.contains("hunter2"), "{debug}");
    assert!(debug.contains("postgres://u:***@db/aggregator"), "{debug}");
}

/// `bad-config-value`: a wrong value is told, and breaks the reading of no other.
#[test]
fn every_fault_is_told_at_once_with_key_value_origin_and_advice() {
    let file = file("[worker]\nlease_secnds = 9\nlease_seconds = \"soon\"\n[nonsense]\nx = 1\n");
    let path = file.path().to_str().unwrap();
    let faults = faults([
        ("AGGREGATOR_CONFIG", path),
        ("AGGREGATOR_HTTP_LISTEN", "localhost"),
        ("AGGREGATOR_HTTP_LISTN", "127.0.0.1:1"),
        ("AGGREGATOR_INTAKE_MAX_INDICATORS", "1000001"),
        ("AGGREGATOR_TELEMETRY_FILTER", "loud"),
        ("AGGREGATOR_EGRESS_ALLOW_PRIVATE", "10.0.0.0/8,banana"),
        ("AGGREGATOR_WORKER_SWEEP_SECONDS", "-1"),
    ]);
    let found = |key: &str| {
        faults.iter().find(|fault| fault.key == key).unwrap_or_else(|| panic!("{key}: {faults:?}"))
    };

    let listen = found("http.listen");
    assert_eq!(listen.value.as_deref(), Some("localhost"));
    assert_eq!(listen.origin, "AGGREGATOR_HTTP_LISTEN");
    assert!(listen.advice.contains("127.0.0.1:8080"), "{listen}");
    assert_eq!(found("worker.lease_seconds").origin, path);
    assert!(found("worker.lease_secnds").advice.contains("did you mean worker.lease_seconds?"));
    assert!(found("AGGREGATOR_HTTP_LISTN").advice.contains("AGGREGATOR_HTTP_LISTEN"));
    assert!(found("intake.max_indicators").advice.contains("from 1 to 1000000"));
    for key in ["nonsense.x", "telemetry.filter", "egress.allow_private", "worker.sweep_seconds"] {
        found(key);
    }
    assert_eq!(faults.len(), 9, "{faults:#?}");
}

#[test]
fn a_wrong_secret_is_not_repeated() {
    let error = Settings::load(&Environment::of([
        ("DATABASE_URL", "mysql://u:hunter2@db/x"),
        ("REDIS_URL", "hunter2"),
        ("SENTRY_DSN", "https://hunter2"),
        ("AGGREGATOR_EGRESS_PROXY", "socks4://u:hunter2@p"),
    ]))
    .unwrap_err();
    assert_eq!(error.faults.len(), 4);
    let text = format!("{error} {error:?}");
    assert!(!text.contains("hunter2"), "{text}");
    assert!(text.contains("postgres://USER:PASSWORD@HOST/NAME"), "{text}");
}

#[test]
fn a_private_network_may_be_allowed_at_one_port() {
    let allowed = |text: &str| {
        let settings = load([("AGGREGATOR_EGRESS_ALLOW_PRIVATE", text)]);
        settings.egress.allow_private.iter().map(|of| (of.network.to_string(), of.port)).collect::<Vec<_>>()
    };
    assert_eq!(
        allowed("10.0.0.0/8, 10.20.0.0/16:443, fd00::/8:8443"),
        [
            ("10.0.0.0/8".to_owned(), None),
            ("10.20.0.0/16".to_owned(), Some(443)),
            ("fd00::/8".to_owned(), Some(8443)),
        ]
    );
    for wrong in
        ["10.0.0.0", "10.0.0.0:443", "10.0.0.0/8:0", "10.0.0.0/8:https", "10.0.0.0/8:", "10.0.0.0/8:65536"]
    {
        assert_eq!(faults([("AGGREGATOR_EGRESS_ALLOW_PRIVATE", wrong)]).len(), 1, "{wrong}");
    }
}

#[test]
fn where_the_servers_are() {
    let server = |host: &str, port| Some((host.to_owned(), port));
    for (url, expected) in [
        ("sqlite:a.db", None),
        ("postgres://u:p@DB.example/aggregator", server("db.example", 5432)),
        ("postgres://[::1]:6000/aggregator", server("::1", 6000)),
        ("postgres://db/aggregator?host=10.0.0.5&port=6001", server("10.0.0.5", 6001)),
        ("postgres://%2Fvar%2Frun%2Fpostgresql/aggregator", None),
        ("postgres://db/aggregator?host=/var/run/postgresql", None),
    ] {
        assert_eq!(load([("DATABASE_URL", url)]).database_url().server(), expected, "{url}");
    }
    for (url, expected) in [
        ("rediss://:p@cache.example/1", server("cache.example", 6379)),
        ("redis://127.0.0.1:6390", server("127.0.0.1", 6390)),
        ("redis+unix:///run/redis.sock", None),
    ] {
        assert_eq!(load([("REDIS_URL", url)]).redis.url.unwrap().server(), expected, "{url}");
    }
}

#[test]
fn two_names_for_one_setting_must_agree() {
    let two = |other| [("DATABASE_URL", "sqlite:a.db"), ("AGGREGATOR_DATABASE_URL", other)];
    assert_eq!(load(two("sqlite:a.db")).database_url().expose(), "sqlite:a.db");
    let faults = faults(two("sqlite:b.db"));
    assert!(faults[0].advice.contains("keep one of the two"), "{faults:?}");
}

#[test]
fn values_are_also_checked_together() {
    let faults = faults([("AGGREGATOR_WORKER_LEASE_SECONDS", "3"), ("AGGREGATOR_WORKER_RENEW_SECONDS", "2")]);
    assert_eq!(faults[0].key, "worker.renew_seconds");
    assert!(faults[0].advice.contains("at most half"), "{faults:?}");
}

#[test]
fn a_file_that_is_missing_or_not_toml_is_told_beside_the_rest() {
    let missing =
        faults([("AGGREGATOR_CONFIG", "/nowhere/at/all.toml"), ("AGGREGATOR_HTTP_THREADS", "many")]);
    assert_eq!(missing.len(), 2, "{missing:?}");
    assert!(missing.iter().any(|fault| fault.advice.contains("cannot be read")));
    let file = file("[http\nlisten = 1");
    let broken = faults([("AGGREGATOR_CONFIG", file.path().to_str().unwrap())]);
    assert!(broken[0].advice.contains("line 1"), "{broken:?}");
}

#[test]
fn what_kubernetes_puts_beside_us_is_no_setting() {
    load([
        ("AGGREGATOR_PORT", "tcp://10.0.0.1:8080"),
        ("AGGREGATOR_API_SERVICE_HOST", "10.0.0.1"),
        ("AGGREGATOR_API_SERVICE_PORT_HTTP", "8080"),
        ("AGGREGATOR_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("AGGREGATOR_TEST_DATA", "somewhere"),
    ]);
}
