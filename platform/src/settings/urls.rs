//! Addresses that may carry a password: their Debug and Display never show it.

use std::fmt;
use std::path::Path;

use url::Url;

use super::value::value;

/// Which database rows are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file of this machine.
    Sqlite,
    /// A server.
    Postgres,
}

/// Declares an address whose text is only given out by `expose`.
macro_rules! secret_url {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The address with its password: for the client that connects, never for a log.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&without_password(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

secret_url! {
    /// Where rows are: `sqlite:…` or `postgres://…`.
    DatabaseUrl
}
secret_url! {
    /// Where queues are: `redis://…`, `rediss://…` or `redis+unix://…`.
    RedisUrl
}
secret_url! {
    /// The way out: `http://…` or `https://…`, perhaps with a user and a password.
    ProxyUrl
}
secret_url! {
    /// Where errors are reported.
    SentryDsn
}
secret_url! {
    /// Where traces go: `http://HOST:PORT` or `https://HOST:PORT`.
    OtlpEndpoint
}

impl DatabaseUrl {
    /// The database in a file, made when missing.
    pub fn sqlite_file(path: &Path) -> Self {
        Self(format!("sqlite://{}?mode=rwc", path.display()))
    }

    /// Host and port of the server; `None` for a file and for a socket of this machine.
    pub fn server(&self) -> Option<(String, u16)> {
        if self.kind() == DatabaseKind::Sqlite { None } else { server(&self.0, 5432) }
    }

    /// Which database this is.
    pub fn kind(&self) -> DatabaseKind {
        if self.0.starts_with("sqlite:") { DatabaseKind::Sqlite } else { DatabaseKind::Postgres }
    }
}

impl RedisUrl {
    /// Host and port of the server; `None` for a socket of this machine.
    pub fn server(&self) -> Option<(String, u16)> {
        server(&self.0, 6379)
    }
}

value!(
    DatabaseUrl,
    "sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME",
    |text| {
        let sqlite =
            text.strip_prefix("sqlite:").is_some_and(|path| !path.trim_start_matches('/').is_empty());
        (sqlite || has_scheme(text, &["postgres", "postgresql"])).then(|| DatabaseUrl(text.to_owned()))
    },
    secret = true
);
value!(
    RedisUrl,
    "redis://HOST:6379/0, rediss://… or redis+unix:///PATH",
    |text| {
        let socket = text.strip_prefix("redis+unix://").is_some_and(|path| path.starts_with('/'));
        (socket || has_scheme(text, &["redis", "rediss"])).then(|| RedisUrl(text.to_owned()))
    },
    secret = true
);
value!(
    ProxyUrl,
    "http://HOST:PORT, with USER:PASSWORD@ before the host when the proxy asks for it",
    |text| has_scheme(text, &["http", "https"]).then(|| ProxyUrl(text.to_owned())),
    secret = true
);
value!(
    SentryDsn,
    "a Sentry DSN: https://KEY@HOST/PROJECT",
    |text| text.parse::<sentry::types::Dsn>().is_ok().then(|| SentryDsn(text.to_owned())),
    secret = true
);

value!(
    OtlpEndpoint,
    "where a collector takes OTLP over gRPC: http://HOST:4317 or https://HOST:4317, without a path",
    |text| {
        let is_plain = |url: &Url| {
            url.path() == "/"
                && url.query().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        };
        let fits = has_scheme(text, &["http", "https"]) && Url::parse(text).is_ok_and(|url| is_plain(&url));
        fits.then(|| OtlpEndpoint(text.to_owned()))
    },
    secret = true
);

fn has_scheme(text: &str, schemes: &[&str]) -> bool {
    Url::parse(text).is_ok_and(|url| schemes.contains(&url.scheme()) && url.has_host())
}

/// Host and port; drivers take both from the query, too.
fn server(text: &str, usual_port: u16) -> Option<(String, u16)> {
    let url = Url::parse(text).ok()?;
    let told = |keys: &[&str]| {
        let pairs = url.query_pairs().filter(|(key, _)| keys.contains(&key.as_ref()));
        pairs.last().map(|(_, value)| value.into_owned())
    };
    let host = told(&["host", "hostaddr"]).or_else(|| url.host_str().map(str::to_owned))?;
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    let is_socket = host.is_empty() || host.starts_with('/') || host.starts_with("%2f");
    let port = told(&["port"]).and_then(|port| port.parse().ok()).or(url.port()).unwrap_or(usual_port);
    (!is_socket).then_some((host, port))
}

/// Hides the user's password, and the query, where drivers take one too.
fn without_password(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return "(not shown)".to_owned() };
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return "(not shown)".to_owned();
    }
    if url.query().is_some() && url.scheme() != "sqlite" {
        url.set_query(Some("***"));
    }
    url.to_string()
}
