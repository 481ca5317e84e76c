//! Why nothing was fetched, and how the libraries' errors become it.

use std::error::Error;
use std::io;
use std::time::Duration;

use crate::Refusal;

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
    /// The answer is no HTTP, its head is too large, or a redirect leads nowhere.
    #[error("the answer is malformed: {0}")]
    Malformed(String),
    /// The file cannot be written.
    #[error("the answer cannot be stored: {0}")]
    Store(#[from] io::Error),
}

impl EgressError {
    /// What a failed exchange means: malformed where bytes came that are not what they should be, else unavailable.
    pub(crate) fn of_exchange(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut message = error.to_string();
        let mut malformed = error.is_decode();
        let mut cause = below(&error);
        while let Some(inner) = cause {
            message = format!("{message}: {inner}");
            if let Some(http) = inner.downcast_ref::<hyper::Error>() {
                malformed = http.is_parse();
            }
            cause = below(inner);
        }
        if malformed { Self::Malformed(message) } else { Self::Unavailable(message) }
    }
}

/// The cause of an error. An [`io::Error`] that wraps another one names only that one's cause, so it is unwrapped here.
fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    match wrapped {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}
