//! What can go wrong with a queue, as decisions the caller can take.

/// Why a queue, a lock or the connection did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// Redis cannot be reached, is loading its data, or did not answer in time: try again later, the rows keep the work.
    #[error("Redis is not available now: {0}")]
    Unavailable(#[source] redis::RedisError),
    /// Redis has reached its `maxmemory` and takes nothing more: push later, the rows keep the work.
    #[error("Redis is full: raise maxmemory or free memory ({0})")]
    Full(#[source] redis::RedisError),
    /// The address or the credentials are wrong: nobody but the operator can help.
    #[error("Redis refuses the settings: check REDIS_URL, user and password ({0})")]
    Misconfigured(#[source] redis::RedisError),
}

impl From<redis::RedisError> for QueueError {
    fn from(error: redis::RedisError) -> Self {
        use redis::{ErrorKind, ServerErrorKind};
        if says(&error, "OOM") {
            return Self::Full(error);
        }
        let refused = matches!(
            error.kind(),
            ErrorKind::InvalidClientConfig
                | ErrorKind::AuthenticationFailed
                | ErrorKind::Server(ServerErrorKind::NoPerm)
        );
        if refused || says(&error, "NOAUTH") || says(&error, "WRONGPASS") {
            return Self::Misconfigured(error);
        }
        Self::Unavailable(error)
    }
}

/// Whether Redis answered with that code: to the command, to one of a pipeline, or inside a script, where the
/// code stands in the text of an `ERR`.
fn says(error: &redis::RedisError, code: &str) -> bool {
    let answers = error.clone().into_server_errors().unwrap_or_default();
    answers.iter().any(|(_, answer)| {
        answer.code() == code
            || answer.details().is_some_and(|details| details.split(' ').any(|word| word == code))
    })
}
