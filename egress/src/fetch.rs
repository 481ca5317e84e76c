//! Asking a service: one request, one answer in memory.

use std::fmt;
use std::time::Duration;

use reqwest::Method;
use url::Url;

use crate::body::Body;
use crate::client::within;
use crate::headers::request_headers;
use crate::hops::{Answer, Question};
use crate::{Egress, EgressError, Refusal};

/// What to ask. Its `Debug` shows neither header values, nor the URL behind its origin, nor the body.
#[derive(Clone)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// Headers beside those the client sets; the ones that frame a message or open a metadata service are refused
    /// with [`Refusal::Header`].
    pub headers: Vec<(String, String)>,
    /// Headers that hold a credential: stripped when a redirect leads to another origin, never logged.
    pub secret_headers: Vec<(String, String)>,
    /// The body of a `POST`.
    pub body: Option<Vec<u8>>,
    /// Time for everything: resolving, connecting, redirects, the whole body.
    pub deadline: Duration,
    /// Most bytes of the body after decompression.
    pub max_bytes: u64,
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |headers: &[(String, String)]| -> Vec<_> {
            headers.iter().map(|(name, _)| name.clone()).collect()
        };
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .field("origin", &self.url.origin().ascii_serialization())
            .field("headers", &names(&self.headers))
            .field("secret_headers", &names(&self.secret_headers))
            .field("body_bytes", &self.body.as_ref().map(Vec::len))
            .field("deadline", &self.deadline)
            .field("max_bytes", &self.max_bytes)
            .finish()
    }
}

/// What came back, whatever the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The address that answered, after redirects.
    pub url: Url,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }
}

impl Egress {
    /// Asks once, following at most three redirects; a redirected `POST` becomes a `GET` without a body.
    ///
    /// Any status is an answer. Err [`EgressError::Refused`] before anything is sent where the URL, an address it leads
    /// to, the method or a header is not allowed; [`EgressError::Timeout`] at the deadline; [`EgressError::TooLarge`]
    /// past `max_bytes`; [`EgressError::Malformed`] for what is no HTTP, or has more than 100 headers or 64 KiB of them.
    pub async fn fetch(&self, request: &Request) -> Result<Response, EgressError> {
        within(request.deadline, Box::pin(self.exchange(request))).await
    }

    async fn exchange(&self, request: &Request) -> Result<Response, EgressError> {
        if !matches!(request.method, Method::GET | Method::POST) {
            return Err(Refusal::Method(request.method.to_string()).into());
        }
        let body = request.body.clone().filter(|_| request.method == Method::POST);
        let question = Question {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: request_headers(&request.headers, &request.secret_headers)?,
            body: body.map(Into::into),
        };
        let Answer { url, response } = self.follow(question).await?;
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
        let mut parts = Body::new(response, request.max_bytes)?;
        let mut body = Vec::new();
        while let Some(part) = parts.next().await? {
            body.extend_from_slice(&part);
        }
        Ok(Response { status, url, headers, body })
    }
}
