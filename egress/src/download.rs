//! Fetching one address into a file.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{
    CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
    RETRY_AFTER,
};
use reqwest::{Certificate, Client, ClientBuilder, Proxy, Response, redirect};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use url::Url;

use crate::policy::{check_address, check_redirect, check_url};
use crate::{EgressConfig, Refusal};

/// Redirects followed.
pub(crate) const MAX_REDIRECTS: usize = 3;

/// What to fetch, and how much of it.
#[derive(Debug, Clone)]
pub struct Download<'a> {
    /// The address.
    pub url: &'a Url,
    /// The `ETag` of the copy already there.
    pub if_none_match: Option<&'a str>,
    /// The `Last-Modified` of the copy already there.
    pub if_modified_since: Option<&'a str>,
    /// Time for everything: resolving, connecting, redirects, the whole body.
    pub deadline: Duration,
    /// Most bytes of the body after decompression.
    pub max_bytes: u64,
}

/// What the head of the answer said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// The status.
    pub status: u16,
    /// The address that answered, after redirects.
    pub url: String,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
    /// `Retry-After`, seconds, where it is a number.
    pub retry_after_seconds: Option<u64>,
}

/// How a download ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Downloaded {
    /// 304: the copy already there is the newest.
    NotModified(Head),
    /// 2xx: the body is in the file.
    Body {
        /// The head.
        head: Head,
        /// Bytes written.
        size_bytes: u64,
    },
    /// Any other status; the body was not read.
    Status(Head),
}

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// Policy forbids it: asking again will not help.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The settings do not make a client.
    #[error("the egress settings do not work: {0}")]
    Settings(String),
    /// The name does not resolve, or to nothing.
    #[error("the name `{0}` does not resolve")]
    Resolve(String),
    /// No connection, or it broke.
    #[error("the server cannot be reached: {0}")]
    Unavailable(String),
    /// The deadline passed.
    #[error("no complete answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// The body is larger than allowed.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(u64),
    /// The answer is no HTTP, or a redirect leads nowhere.
    #[error("the answer is malformed: {0}")]
    Malformed(String),
    /// The file cannot be written.
    #[error("the answer cannot be stored: {0}")]
    Store(#[from] std::io::Error),
}

/// The outbound client.
#[derive(Debug, Clone)]
pub struct Egress {
    config: EgressConfig,
    authorities: Vec<Certificate>,
    proxy: Option<Proxy>,
}

impl Egress {
    /// A client of these settings.
    pub fn new(config: EgressConfig) -> Result<Self, EgressError> {
        let settings = |error: reqwest::Error| EgressError::Settings(error.to_string());
        let mut authorities = Vec::new();
        for pem in &config.authorities_pem {
            let found = Certificate::from_pem_bundle(pem).map_err(settings)?;
            if found.is_empty() {
                return Err(EgressError::Settings("an authority's PEM holds no certificate".to_owned()));
            }
            authorities.extend(found);
        }
        let proxy = config.proxy.clone().map(Proxy::all).transpose().map_err(settings)?;
        let egress = Self { config, authorities, proxy };
        egress.builder().build().map_err(settings)?;
        Ok(egress)
    }

    /// The settings.
    pub fn config(&self) -> &EgressConfig {
        &self.config
    }

    /// Fetches an address into a file that does not exist yet. On any error the file is removed.
    pub async fn download(&self, request: &Download<'_>, file: &Path) -> Result<Downloaded, EgressError> {
        let exchange = Box::pin(self.exchange(request, file));
        let outcome = match tokio::time::timeout(request.deadline, exchange).await {
            Ok(outcome) => outcome,
            Err(_) => Err(EgressError::Timeout(request.deadline)),
        };
        if outcome.is_err() {
            // The file may not be there; the error that matters is the first one.
            let _ = tokio::fs::remove_file(file).await;
        }
        outcome
    }

    async fn exchange(&self, request: &Download<'_>, file: &Path) -> Result<Downloaded, EgressError> {
        let mut url = request.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.ask(&url, request).await?;
            let status = response.status().as_u16();
            let head = head(&url, &response);
            if matches!(status, 301 | 302 | 303 | 307 | 308) {
                url = self.redirect(&url, response.headers())?;
                continue;
            }
            if status == 304 {
                return Ok(Downloaded::NotModified(head));
            }
            if !response.status().is_success() {
                return Ok(Downloaded::Status(head));
            }
            let size_bytes = store(response, request.max_bytes, file).await?;
            return Ok(Downloaded::Body { head, size_bytes });
        }
        Err(Refusal::TooManyRedirects(MAX_REDIRECTS).into())
    }

    /// Where a redirect leads, looked at as the first address was when it is asked.
    fn redirect(&self, from: &Url, headers: &HeaderMap) -> Result<Url, EgressError> {
        let location = text(headers, &LOCATION)
            .ok_or_else(|| EgressError::Malformed("a redirect without a location".to_owned()))?;
        let to = from
            .join(&location)
            .map_err(|error| EgressError::Malformed(format!("a redirect to no address: {error}")))?;
        check_redirect(from, &to)?;
        check_url(&self.config, &to)?;
        tracing::debug!(from = %from.origin().ascii_serialization(), to = %to.origin().ascii_serialization(), "following a redirect");
        Ok(to)
    }

    async fn ask(&self, url: &Url, request: &Download<'_>) -> Result<Response, EgressError> {
        let (host, port) = check_url(&self.config, url)?;
        let client = self.client_for(url, &host, port).await?;
        let mut asked = client.get(url.clone());
        if let Some(etag) = request.if_none_match {
            asked = asked.header(IF_NONE_MATCH, etag);
        }
        if let Some(date) = request.if_modified_since {
            asked = asked.header(IF_MODIFIED_SINCE, date);
        }
        asked.send().await.map_err(unavailable)
    }

    /// What every client has in common.
    fn builder(&self) -> ClientBuilder {
        Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .user_agent(&self.config.user_agent)
            .connect_timeout(self.config.connect_timeout)
            .tls_certs_merge(self.authorities.iter().cloned())
    }

    /// A client that can reach this host only at addresses that were looked at.
    async fn client_for(&self, url: &Url, host: &str, port: u16) -> Result<Client, EgressError> {
        let mut builder = self.builder();
        match &self.proxy {
            Some(proxy) => builder = builder.proxy(proxy.clone()),
            None if url.domain().is_some() => {
                let addresses = self.resolve(host, port).await?;
                // The name as the URL writes it, which is what the connection will look up.
                builder = builder.resolve_to_addrs(url.host_str().unwrap_or(host), &addresses);
            }
            None => {}
        }
        builder.build().map_err(|error| EgressError::Settings(error.to_string()))
    }

    /// Every address of a name; one that is refused refuses all.
    async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, EgressError> {
        let found = tokio::net::lookup_host((host, port)).await;
        let addresses: Vec<_> = found.map_err(|_error| EgressError::Resolve(host.to_owned()))?.collect();
        if addresses.is_empty() {
            return Err(EgressError::Resolve(host.to_owned()));
        }
        for address in &addresses {
            check_address(&self.config, host, address.ip(), port)?;
        }
        Ok(addresses)
    }
}

fn unavailable(error: reqwest::Error) -> EgressError {
    let error = error.without_url();
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        message = format!("{message}: {inner}");
        cause = inner.source();
    }
    if error.is_decode() { EgressError::Malformed(message) } else { EgressError::Unavailable(message) }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
}

fn head(url: &Url, response: &Response) -> Head {
    let headers = response.headers();
    Head {
        status: response.status().as_u16(),
        url: url.to_string(),
        content_type: text(headers, &CONTENT_TYPE),
        etag: text(headers, &ETAG),
        last_modified: text(headers, &LAST_MODIFIED),
        retry_after_seconds: text(headers, &RETRY_AFTER).and_then(|value| value.trim().parse().ok()),
    }
}

/// Writes the body, counting bytes after decompression.
async fn store(mut response: Response, max_bytes: u64, file: &Path) -> Result<u64, EgressError> {
    let mut file = File::create_new(file).await?;
    let mut size = 0;
    while let Some(part) = response.chunk().await.map_err(unavailable)? {
        size += part.len() as u64;
        if size > max_bytes {
            return Err(EgressError::TooLarge(max_bytes));
        }
        file.write_all(&part).await?;
    }
    file.flush().await?;
    Ok(size)
}
