//! One refresh of one feed, without rows: fetch what is new, build a generation of it, or say why not.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use aggregator_domain::CustomKinds;
use aggregator_egress::{Download, Downloaded, Egress, EgressError};
use serde::{Deserialize, Serialize};
use tempfile::TempPath;
use url::Url;

use super::definition::FeedDefinition;
use super::hygiene::{FeedRejection, check_body, check_rows};
use super::parse::{ParseError, parse_feed_with};
use super::report::ParseReport;
use crate::generation::{BuildError, Built, GenerationBuilder};

/// What tells whether a feed has changed since its last copy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The publisher's `ETag`; for a file, its size and time.
    pub etag: Option<String>,
    /// The publisher's `Last-Modified`.
    pub last_modified: Option<String>,
}

/// Limits of one fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchLimits {
    /// Time for the whole exchange.
    pub deadline: Duration,
    /// Most bytes of the body, decompressed.
    pub max_bytes: u64,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self { deadline: Duration::from_mins(5), max_bytes: 1 << 30 }
    }
}

/// How a fetch ended.
#[derive(Debug)]
pub enum Fetched {
    /// Nothing new upstream.
    NotModified,
    /// A body to build from.
    Body(FeedBody),
}

/// A body on disk; removed with this value when it was downloaded.
#[derive(Debug)]
pub struct FeedBody {
    file: BodyFile,
    /// What the publisher says it is.
    pub content_type: Option<String>,
    /// What to ask with next time.
    pub validators: Validators,
}

#[derive(Debug)]
enum BodyFile {
    Downloaded(TempPath),
    Local(PathBuf),
}

impl FeedBody {
    /// A body that is a file of this machine.
    pub fn local(path: PathBuf) -> Self {
        Self { file: BodyFile::Local(path), content_type: None, validators: Validators::default() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        match &self.file {
            BodyFile::Downloaded(path) => path,
            BodyFile::Local(path) => path,
        }
    }
}

/// Why there is no new generation.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// There was an answer, and it is not fit to replace good data.
    #[error(transparent)]
    Rejected(#[from] FeedRejection),
    /// There was no answer.
    #[error(transparent)]
    Fetch(#[from] EgressError),
    /// The location is no address and no file.
    #[error("the feed's location does not work: {0}")]
    Location(String),
    /// The data folder cannot be used.
    #[error("the feed cannot be stored: {0}")]
    Store(#[from] io::Error),
}

impl From<BuildError> for RefreshError {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Write(error) => Self::Store(error),
            BuildError::TooLarge => FeedRejection::Unreadable { problem: error.to_string() }.into(),
        }
    }
}

impl From<ParseError> for RefreshError {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Read(error) => Self::Store(error),
            ParseError::Sink(error) => error.into(),
            other => FeedRejection::Unreadable { problem: other.to_string() }.into(),
        }
    }
}

/// Fetches a feed unless it is unchanged. A body goes to a temporary file in `folder`.
pub async fn fetch(
    definition: &FeedDefinition,
    known: &Validators,
    (egress, limits): (&Egress, FetchLimits),
    folder: &Path,
) -> Result<Fetched, RefreshError> {
    if definition.is_local() {
        return local(definition, known, limits);
    }
    let url = Url::parse(&definition.location).map_err(|error| RefreshError::Location(error.to_string()))?;
    let file = tempfile::Builder::new().prefix(".download-").tempfile_in(folder)?.into_temp_path();
    // The download makes the file itself; the name stays reserved by the path that removes it.
    std::fs::remove_file(&file)?;
    let request = Download {
        url: &url,
        if_none_match: known.etag.as_deref(),
        if_modified_since: known.last_modified.as_deref(),
        deadline: limits.deadline,
        max_bytes: limits.max_bytes,
    };
    match egress.download(&request, &file).await {
        Ok(Downloaded::NotModified(_)) => Ok(Fetched::NotModified),
        Ok(Downloaded::Body { head, .. }) if head.status == 200 => Ok(Fetched::Body(FeedBody {
            file: BodyFile::Downloaded(file),
            content_type: head.content_type,
            validators: Validators { etag: head.etag, last_modified: head.last_modified },
        })),
        Ok(Downloaded::Body { head, .. } | Downloaded::Status(head)) => {
            let (status, retry_after_seconds) = (head.status, head.retry_after_seconds);
            Err(FeedRejection::Status { status, retry_after_seconds }.into())
        }
        Err(EgressError::TooLarge(bytes)) => Err(FeedRejection::TooLarge { bytes }.into()),
        Err(error) => Err(error.into()),
    }
}

fn local(
    definition: &FeedDefinition,
    known: &Validators,
    limits: FetchLimits,
) -> Result<Fetched, RefreshError> {
    let path = definition.location.strip_prefix("file://").unwrap_or(&definition.location);
    let missing = |error: io::Error| RefreshError::Location(format!("{path}: {error}"));
    let about = std::fs::metadata(path).map_err(missing)?;
    if !about.is_file() {
        return Err(RefreshError::Location(format!("{path} is no file")));
    }
    if about.len() > limits.max_bytes {
        return Err(FeedRejection::TooLarge { bytes: limits.max_bytes }.into());
    }
    let changed = about.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let etag = Some(format!("{}-{}", about.len(), changed.as_nanos()));
    if known.etag == etag {
        return Ok(Fetched::NotModified);
    }
    let mut body = FeedBody::local(path.into());
    body.validators.etag = etag;
    Ok(Fetched::Body(body))
}

/// A new generation on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltFeed {
    /// Its id, entries and size.
    pub built: Built,
    /// Where its artifact is.
    pub path: PathBuf,
    /// Rows and refusals.
    pub report: ParseReport,
}

/// What a new generation is compared with, and where it goes.
#[derive(Debug, Clone, Copy)]
pub struct BuildTarget<'a> {
    /// The folder of artifacts.
    pub folder: &'a Path,
    /// Entries of the live generation, for the shrink guard; `None` also switches the guard off on purpose.
    pub live_entries: Option<u64>,
    /// Most bytes of the body, decompressed.
    pub max_bytes: u64,
    /// What rows may be beside the built-in kinds.
    pub kinds: &'a CustomKinds,
}

/// Reads a body, judges it, and writes its generation; blocking, for a thread that may block. A gzip body is
/// decompressed first. A rejected body leaves no artifact.
pub fn build_generation(
    definition: &FeedDefinition,
    body: &FeedBody,
    target: BuildTarget<'_>,
) -> Result<BuiltFeed, RefreshError> {
    let mut file = unpacked(File::open(body.path())?, target)?;
    let mut start = Vec::new();
    (&mut file).take(512).read_to_end(&mut start)?;
    file.seek(SeekFrom::Start(0))?;
    check_body(&definition.format, body.content_type.as_deref(), &start)?;
    let mut builder = GenerationBuilder::new();
    let parsed = parse_feed_with(definition, target.kinds, &mut file, &mut |entry| builder.push(&entry))?;
    let staged = builder.stage(parsed.answers, target.folder)?;
    check_rows(definition, &parsed.report, staged.built().entries.into(), target.live_entries)?;
    let (built, path) = staged.publish()?;
    Ok(BuiltFeed { built, path, report: parsed.report })
}

/// The body itself, or what is in it when it is gzip.
fn unpacked(mut file: File, target: BuildTarget<'_>) -> Result<File, RefreshError> {
    let mut magic = Vec::new();
    (&mut file).take(2).read_to_end(&mut magic)?;
    file.seek(SeekFrom::Start(0))?;
    if magic != [0x1f, 0x8b] {
        return Ok(file);
    }
    let mut packed = flate2::read::MultiGzDecoder::new(BufReader::new(file)).take(target.max_bytes + 1);
    let mut plain = tempfile::tempfile_in(target.folder)?;
    let mut buffer = vec![0; 64 << 10];
    let mut size = 0;
    loop {
        let read = packed.read(&mut buffer).map_err(|error| FeedRejection::Unreadable {
            problem: format!("the gzip body is broken: {error}"),
        })?;
        if read == 0 {
            break;
        }
        size += read as u64;
        if size > target.max_bytes {
            return Err(FeedRejection::TooLarge { bytes: target.max_bytes }.into());
        }
        plain.write_all(&buffer[..read])?;
    }
    plain.seek(SeekFrom::Start(0))?;
    Ok(plain)
}
