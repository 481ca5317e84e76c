//! Idempotency keys: a client that repeats a request after a lost answer gets the first one's submission.

use crate::ids::SubmissionId;
use crate::{Database, StoreError};

/// What a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// It was new and is now ours.
    Ours,
    /// The first request with it is still arriving.
    InProgress,
    /// The first request with it made this submission from a body with this hash.
    Made {
        /// The submission.
        submission: SubmissionId,
        /// BLAKE3 over the body and the parameters that shape it.
        body_hash: Vec<u8>,
    },
}

/// Takes a key, or says what it stands for.
pub async fn take(database: &Database, key: &str) -> Result<Key, StoreError> {
    let taken = database
        .sql("INSERT INTO idempotency_keys (key, created_at) VALUES ($1, {now}) ON CONFLICT DO NOTHING")
        .bind(key)
        .run(database.writer())
        .await?;
    if taken == 1 {
        return Ok(Key::Ours);
    }
    let stored = database
        .sql(
            "SELECT k.submission_id, k.body_hash FROM idempotency_keys k JOIN submissions s ON s.id = k.submission_id
             WHERE k.key = $1 AND s.state <> 1",
        )
        .bind(key)
        .one(database.writer(), |row| {
            Ok((row.try_get::<Option<i64>>("", "submission_id")?, row.try_get::<Option<Vec<u8>>>("", "body_hash")?))
        })
        .await?;
    Ok(match stored {
        Some((Some(submission), Some(body_hash))) => {
            Key::Made { submission: SubmissionId(submission), body_hash }
        }
        _ => Key::InProgress,
    })
}

/// Ties a taken key to the submission whose body begins to arrive, so that abandoning the one frees the other.
pub async fn bind(database: &Database, key: &str, submission: SubmissionId) -> Result<(), StoreError> {
    database
        .sql("UPDATE idempotency_keys SET submission_id = $2 WHERE key = $1")
        .bind(key)
        .bind(submission.0)
        .run(database.writer())
        .await?;
    Ok(())
}

/// Records the hash of a body that arrived whole, before the seal.
pub async fn record(database: &Database, key: &str, body_hash: &[u8]) -> Result<(), StoreError> {
    database
        .sql("UPDATE idempotency_keys SET body_hash = $2 WHERE key = $1")
        .bind(key)
        .bind(body_hash.to_vec())
        .run(database.writer())
        .await?;
    Ok(())
}

/// Frees a key whose request made nothing.
pub async fn free(database: &Database, key: &str) -> Result<(), StoreError> {
    database.sql("DELETE FROM idempotency_keys WHERE key = $1").bind(key).run(database.writer()).await?;
    Ok(())
}

/// Forgets keys older than `age_micros` that made something, and orphans of a crash between take and bind.
pub async fn prune(database: &Database, age_micros: i64, orphan_micros: i64) -> Result<u64, StoreError> {
    database
        .sql(
            "DELETE FROM idempotency_keys WHERE created_at < {now} - $1
                OR (submission_id IS NULL AND created_at < {now} - $2)",
        )
        .bind(age_micros)
        .bind(orphan_micros)
        .run(database.writer())
        .await
}
