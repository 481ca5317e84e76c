//! Fetching one address into a file.

use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{
    CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    RETRY_AFTER,
};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use url::Url;

use crate::body::Body;
use crate::client::within;
use crate::hops::{Answer, Question};
use crate::{Egress, EgressError, Refusal};

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

impl Egress {
    /// Fetches an address into a file that does not exist yet. On any error the file is removed.
    pub async fn download(&self, request: &Download<'_>, file: &Path) -> Result<Downloaded, EgressError> {
        let outcome = within(request.deadline, Box::pin(self.download_to(request, file))).await;
        if outcome.is_err() {
            // The file may not be there; the error that matters is the first one.
            let _ = tokio::fs::remove_file(file).await;
        }
        outcome
    }

    async fn download_to(&self, request: &Download<'_>, file: &Path) -> Result<Downloaded, EgressError> {
        let mut headers = HeaderMap::new();
        for (name, validator) in
            [(IF_NONE_MATCH, request.if_none_match), (IF_MODIFIED_SINCE, request.if_modified_since)]
        {
            if let Some(validator) = validator {
                let Ok(value) = HeaderValue::from_str(validator) else {
                    return Err(Refusal::Header(name.to_string()).into());
                };
                headers.insert(name, value);
            }
        }
        let question = Question { method: Method::GET, url: request.url.clone(), headers, body: None };
        let answer = self.follow(question).await?;
        let head = head(&answer);
        if head.status == 304 {
            return Ok(Downloaded::NotModified(head));
        }
        if !answer.response.status().is_success() {
            return Ok(Downloaded::Status(head));
        }
        let size_bytes = store(Body::new(answer.response, request.max_bytes)?, file).await?;
        Ok(Downloaded::Body { head, size_bytes })
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
}

fn head(answer: &Answer) -> Head {
    let headers = answer.response.headers();
    Head {
        status: answer.response.status().as_u16(),
        url: answer.url.to_string(),
        content_type: text(headers, &CONTENT_TYPE),
        etag: text(headers, &ETAG),
        last_modified: text(headers, &LAST_MODIFIED),
        retry_after_seconds: text(headers, &RETRY_AFTER).and_then(|value| value.trim().parse().ok()),
    }
}

async fn store(mut body: Body, file: &Path) -> Result<u64, EgressError> {
    let mut file = File::create_new(file).await?;
    while let Some(part) = body.next().await? {
        file.write_all(&part).await?;
    }
    file.flush().await?;
    Ok(body.read_bytes())
}
