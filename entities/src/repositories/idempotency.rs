//! Idempotency keys: a client that repeats a request after a lost answer gets the first one's submission.

use crate::ids::SubmissionId;
use crate::repositories::intake::{self, NewSubmission};
use crate::{Database, StoreError};

/// What a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// It was new, and now stands for this submission, whose body is to arrive.
    Ours(SubmissionId),
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

/// Opens a submission under a key, or says what the key stands for already.
///
/// A first request of which nothing was heard for `silent_micros` ([`intake::touch`]) is dead: what it left is removed, and
/// the key is free. Should it live after all, it finds its submission gone at its next commit.
pub async fn begin(
    database: &Database,
    key: &str,
    new: NewSubmission,
    silent_micros: i64,
) -> Result<Key, StoreError> {
    if let Some(submission) = take(database, key, new.clone()).await? {
        return Ok(Key::Ours(submission));
    }
    let Some(held) = find(database, key, silent_micros).await? else { return Ok(Key::InProgress) };
    match held {
        Held { submission, body_hash: Some(body_hash), sealed: true, .. } => {
            return Ok(Key::Made { submission, body_hash });
        }
        Held { submission, silent: true, sealed: false, .. } => {
            intake::abandon_silent(database, submission, silent_micros).await?;
        }
        Held { .. } => return Ok(Key::InProgress),
    }
    Ok(take(database, key, new).await?.map_or(Key::InProgress, Key::Ours))
}

/// Key and submission in one transaction: neither is ever there without the other.
async fn take(
    database: &Database,
    key: &str,
    new: NewSubmission,
) -> Result<Option<SubmissionId>, StoreError> {
    let transaction = database.begin().await?;
    let taken = database
        .sql("INSERT INTO idempotency_keys (key, created_at) VALUES ($1, {now}) ON CONFLICT DO NOTHING")
        .bind(key)
        .run(&transaction)
        .await?;
    if taken == 0 {
        transaction.rollback().await?;
        return Ok(None);
    }
    let submission = intake::begin_on(database, &transaction, new).await?;
    database
        .sql("UPDATE idempotency_keys SET submission_id = $2 WHERE key = $1")
        .bind(key)
        .bind(submission.0)
        .run(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(Some(submission))
}

/// A key that is taken.
struct Held {
    submission: SubmissionId,
    body_hash: Option<Vec<u8>>,
    sealed: bool,
    silent: bool,
}

async fn find(database: &Database, key: &str, silent_micros: i64) -> Result<Option<Held>, StoreError> {
    database
        .sql(
            "SELECT s.id, k.body_hash, CAST(s.state AS BIGINT) AS state, s.touched_at, {now} - $2 AS heard
             FROM idempotency_keys k JOIN submissions s ON s.id = k.submission_id WHERE k.key = $1",
        )
        .bind(key)
        .bind(silent_micros)
        .one(database.writer(), |row| {
            Ok(Held {
                submission: SubmissionId(row.try_get("", "id")?),
                body_hash: row.try_get("", "body_hash")?,
                sealed: row.try_get::<i64>("", "state")? != 1,
                silent: row.try_get::<i64>("", "touched_at")? < row.try_get::<i64>("", "heard")?,
            })
        })
        .await
}

/// Records the hash of a body that arrived whole, before the seal.
pub async fn record(
    database: &Database,
    key: &str,
    (submission, body_hash): (SubmissionId, &[u8]),
) -> Result<(), StoreError> {
    database
        .sql("UPDATE idempotency_keys SET body_hash = $3 WHERE key = $1 AND submission_id = $2")
        .bind(key)
        .bind(submission.0)
        .bind(body_hash.to_vec())
        .run(database.writer())
        .await?;
    Ok(())
}

/// Forgets keys older than `age_micros`.
pub async fn prune(database: &Database, age_micros: i64) -> Result<u64, StoreError> {
    database
        .sql("DELETE FROM idempotency_keys WHERE created_at < {now} - $1")
        .bind(age_micros)
        .run(database.writer())
        .await
}
