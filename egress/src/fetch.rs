//! Asking a service: one request, one answer in memory.

use std::time::Duration;

use reqwest::Method;
use url::Url;

use crate::{Egress, EgressError};

/// What to ask.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// Headers beside those the client sets; see the deny-list of [`crate::policy`].
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
    /// Asks once, following redirects.
    pub async fn fetch(&self, request: &Request) -> Result<Response, EgressError> {
        let _ = (self, request);
        Err(EgressError::Unavailable("not built yet".to_owned()))
    }
}
