//! The body of a submission on its way into rows: parsed on a blocking thread, committed as it arrives, sealed at its end,
//! abandoned when it does not arrive whole.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use aggregator_entities::Database;
use aggregator_entities::clock::SECOND;
use aggregator_entities::domain::CustomKinds;
use aggregator_entities::ids::SubmissionId;
use aggregator_entities::repositories::idempotency::{self, Key};
use aggregator_entities::repositories::intake::{self, Arrival, NewSubmission, Totals};
use aggregator_entities::tables::submission as row;
use aggregator_openapi::{Problem, ProblemId};
use aggregator_platform::Settings;
use futures::StreamExt;
use tokio::sync::mpsc;

use crate::State;
use crate::failure::Failure;
use crate::intake::{Collected, Format, IntakeError, Reader};

/// A body may pause for so long between two pieces.
const IDLE: Duration = Duration::from_mins(1);

/// How often a request that receives a body says that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// A request silent for so long, microseconds, is dead: the next one with its key takes over.
const SILENT_MICROS: i64 = 10 * SECOND;

/// Pieces between the network and the parser.
const PIECES: usize = 16;

/// Parsed batches between the parser and the rows.
const BATCHES: usize = 2;

/// A submission that was sealed.
pub(super) struct Received {
    pub(super) id: SubmissionId,
    pub(super) totals: Totals,
}

/// A submission in state `receiving`. Dropped before its seal, it is abandoned with all its rows.
pub(super) struct Receiving {
    database: Database,
    id: SubmissionId,
    key: Option<(String, blake3::Hash)>,
    settings: Arc<Settings>,
    sealed: bool,
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if !self.sealed {
            let (database, id) = (self.database.clone(), self.id);
            tokio::spawn(async move { abandon(&database, id).await });
        }
    }
}

/// A request's submission, before its body is read.
pub(super) enum Opened {
    /// It is new.
    Receiving(Box<Receiving>),
    /// An earlier request with its key made it.
    Made(Made),
}

/// What an earlier request with the same key made.
pub(super) struct Made {
    submission: SubmissionId,
    hash: Vec<u8>,
}

impl Made {
    /// The submission, when a request of this shape with this body made it.
    pub(super) fn by(self, shape: blake3::Hash, body: &[u8]) -> Result<SubmissionId, Failure> {
        if keyed(shape, body) == self.hash {
            return Ok(self.submission);
        }
        let detail = "this Idempotency-Key came with another body or other parameters before";
        Err(Failure::new(ProblemId::IdempotencyConflict, detail))
    }
}

/// Opens a submission, or finds the one that its key stands for.
pub(super) async fn open(
    state: &State,
    new: NewSubmission,
    key: Option<(&str, blake3::Hash)>,
) -> Result<Opened, Failure> {
    let Some((name, _)) = key else {
        let id = intake::begin(state.database(), new).await?;
        return Ok(Opened::Receiving(Box::new(Receiving::of(state, id, None))));
    };
    match idempotency::begin(state.database(), name, new, SILENT_MICROS).await? {
        Key::Ours(id) => Ok(Opened::Receiving(Box::new(Receiving::of(state, id, key)))),
        Key::Made { submission, body_hash } => Ok(Opened::Made(Made { submission, hash: body_hash })),
        Key::InProgress => {
            let detail = "a request with this Idempotency-Key has not finished";
            Err(Problem::new(ProblemId::IdempotencyInProgress, detail).retry_after(2).into())
        }
    }
}

/// Frees the key with the submission, and only with it: a seal whose answer was lost must keep both.
async fn abandon(database: &Database, id: SubmissionId) {
    if let Err(error) = intake::abandon(database, id).await {
        tracing::warn!(submission.id = id.0, %error, "not abandoned now; the sweep of stalled bodies does it");
    }
}

impl Receiving {
    fn of(state: &State, id: SubmissionId, key: Option<(&str, blake3::Hash)>) -> Self {
        Self {
            database: state.database().clone(),
            id,
            key: key.map(|(key, shape)| (key.to_owned(), shape)),
            settings: state.settings(),
            sealed: false,
        }
    }

    /// Says again and again that this request lives; never ends.
    async fn live(&self) -> Infallible {
        loop {
            tokio::time::sleep(SIGN_OF_LIFE).await;
            if let Err(error) = intake::touch(&self.database, self.id).await {
                tracing::debug!(submission.id = self.id.0, %error, "no sign of life was written");
            }
        }
    }

    /// Streams a body into rows.
    pub(super) async fn stream(
        self,
        format: Format,
        kinds: CustomKinds,
        payload: Payload,
    ) -> Result<Received, Failure> {
        let (pieces, to_parse) = mpsc::channel::<Bytes>(PIECES);
        let (to_commit, mut batches) = mpsc::channel::<Arrival>(BATCHES);
        let reader = Reader::new(format, self.settings.intake.max_indicators).knowing(kinds);
        let parser = tokio::task::spawn_blocking(move || parse(reader, to_parse, &to_commit));
        let commits = async {
            let mut ordinal = 0;
            while let Some(arrival) = batches.recv().await {
                let next = intake::append(&self.database, self.id, ordinal, arrival).await?;
                ordinal = next.ok_or_else(abandoned)?;
            }
            Ok::<u32, Failure>(ordinal)
        };
        let whole = Duration::from_secs(self.settings.intake.seal_seconds);
        let both = async { tokio::try_join!(pump(payload, Some(pieces), &self.settings), commits) };
        let both = tokio::select! {
            both = tokio::time::timeout(whole, both) => both.unwrap_or_else(|_elapsed| Err(too_slow(whole))),
            never = self.live() => match never {},
        };
        // Closed, so that a parser with batches left does not wait for us.
        drop(batches);
        let parsed = parser.await.map_err(Failure::internal)?;
        match (both, parsed) {
            // What the parser refused says more than the pump, which then found nobody to hand pieces to.
            (_, Err(refusal)) => Err(refused(&refusal)),
            (Err(failure), Ok(_)) => Err(failure),
            (Ok((hash, ordinal)), Ok(collected)) => self.finish(collected, ordinal, hash).await,
        }
    }

    /// Commits a body that is in memory already.
    pub(super) async fn commit(self, collected: Collected, hash: Vec<u8>) -> Result<Received, Failure> {
        self.finish(collected, 0, hash).await
    }

    /// Repeats an earlier submission.
    pub(super) async fn repeat(self, original: &row::Submission) -> Result<Received, Failure> {
        let (collected, ordinal) = super::rerun::copy(&self.database, self.id, original).await?;
        self.finish(collected, ordinal, Vec::new()).await
    }

    async fn finish(
        mut self,
        collected: Collected,
        ordinal: u32,
        hash: Vec<u8>,
    ) -> Result<Received, Failure> {
        let Collected { rest, totals } = collected;
        intake::append(&self.database, self.id, ordinal, rest).await?.ok_or_else(abandoned)?;
        if let Some((key, shape)) = &self.key {
            idempotency::record(&self.database, key, (self.id, &keyed(*shape, &hash))).await?;
        }
        if !intake::seal(&self.database, self.id, totals).await? {
            return Err(abandoned());
        }
        self.sealed = true;
        Ok(Received { id: self.id, totals })
    }
}

/// What a key stands for: the shape of the request and the hash of its body, in one.
fn keyed(shape: blake3::Hash, body: &[u8]) -> Vec<u8> {
    blake3::Hasher::new().update(shape.as_bytes()).update(body).finalize().as_bytes().to_vec()
}

/// Reads the body to its end; its BLAKE3. Hands the pieces on when somebody parses them; its end ends the parser.
async fn pump(
    mut payload: Payload,
    pieces: Option<mpsc::Sender<Bytes>>,
    settings: &Settings,
) -> Result<Vec<u8>, Failure> {
    let mut hasher = blake3::Hasher::new();
    let mut length = 0_u64;
    loop {
        let next = tokio::time::timeout(IDLE, payload.next()).await.map_err(|_elapsed| too_slow(IDLE))?;
        let Some(piece) = next else { return Ok(hasher.finalize().as_bytes().to_vec()) };
        let piece = piece.map_err(|error| {
            Failure::new(ProblemId::InvalidBody, format!("the body did not arrive whole: {error}"))
        })?;
        length += piece.len() as u64;
        if length > settings.intake.max_body_bytes {
            return Err(too_large(settings.intake.max_body_bytes));
        }
        hasher.update(&piece);
        if let Some(pieces) = &pieces
            && pieces.send(piece).await.is_err()
        {
            // The parser refused the body and says why.
            return Err(Failure::new(ProblemId::InvalidBody, "the body was refused"));
        }
    }
}

fn parse(
    mut reader: Reader,
    mut pieces: mpsc::Receiver<Bytes>,
    batches: &mpsc::Sender<Arrival>,
) -> Result<Collected, IntakeError> {
    while let Some(piece) = pieces.blocking_recv() {
        reader.push(&piece)?;
        if let Some(arrival) = reader.take_ready()
            && batches.blocking_send(arrival).is_err()
        {
            // The rows cannot be written; whoever waits for us says so.
            break;
        }
    }
    reader.finish()?;
    Ok(reader.into_collected())
}

/// The BLAKE3 of a body nobody parses.
pub(super) async fn hash(payload: Payload, settings: &Settings) -> Result<Vec<u8>, Failure> {
    pump(payload, None, settings).await
}

/// A body that is refused as a whole.
pub(super) fn refused(error: &IntakeError) -> Failure {
    match error {
        IntakeError::TooMany { limit } => {
            Problem::new(ProblemId::TooManyIndicators, error.to_string()).limit(*limit).into()
        }
        IntakeError::NoSuchColumn { .. } | IntakeError::ColumnNeeded => {
            Failure::new(ProblemId::InvalidParameter, error.to_string())
        }
        IntakeError::NotJson { .. } => Failure::new(ProblemId::InvalidBody, error.to_string()),
    }
}

pub(super) fn too_large(limit: u64) -> Failure {
    Problem::new(ProblemId::BodyTooLarge, format!("the body is larger than {limit} bytes"))
        .limit(limit)
        .into()
}

/// Somebody else took this request for dead: it was silent, most likely because its database was away.
pub(super) fn abandoned() -> Failure {
    Failure::new(
        ProblemId::BodyTimeout,
        "the request was silent for too long and nothing of it is kept; send it again",
    )
}

fn too_slow(limit: Duration) -> Failure {
    Failure::new(
        ProblemId::BodyTimeout,
        format!("the body did not arrive within {} seconds", limit.as_secs()),
    )
}
