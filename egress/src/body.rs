//! Reading a body part by part, counting bytes after decompression.

use bytes::Bytes;

use crate::EgressError;

/// A body that ends with [`EgressError::TooLarge`] once it is longer than allowed.
#[derive(Debug)]
pub(crate) struct Body {
    response: reqwest::Response,
    read: u64,
    max_bytes: u64,
}

impl Body {
    /// The body of an answer. Err where the answer says at once that it is too large.
    pub(crate) fn new(response: reqwest::Response, max_bytes: u64) -> Result<Self, EgressError> {
        match response.content_length() {
            Some(announced) if announced > max_bytes => Err(EgressError::TooLarge(max_bytes)),
            _ => Ok(Self { response, read: 0, max_bytes }),
        }
    }

    /// The next part; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, EgressError> {
        let part = self.response.chunk().await.map_err(EgressError::of_exchange)?;
        self.read += part.as_ref().map_or(0, |part| part.len() as u64);
        if self.read > self.max_bytes { Err(EgressError::TooLarge(self.max_bytes)) } else { Ok(part) }
    }

    /// Bytes given so far.
    pub(crate) fn read_bytes(&self) -> u64 {
        self.read
    }
}
