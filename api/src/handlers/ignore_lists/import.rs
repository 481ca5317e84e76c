//! The values of an import: read from JSON or from lines, each checked; what is no entry is told with its place.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{HttpMessage, HttpRequest, web};
use aggregator_entities::domain::note::{is_comment, split_note};
use aggregator_entities::domain::{EntryMode, IgnoreValue, RowReject};
use aggregator_entities::repositories::ignore_lists::{MAX_PATTERNS, NewEntry};
use aggregator_openapi::ignore_entry::{MAX_ENTRIES, MAX_REJECTS};
use aggregator_openapi::{IgnoreEntries, NewIgnoreEntry, Problem, ProblemId, RejectedEntry};

use crate::failure::Failure;
use crate::input::{Body, from_json};
use crate::intake::printable;

/// The largest text, bytes.
const MAX_TEXT_BYTES: usize = 16 << 20;

/// How long one may take to arrive.
const TEXT_TIMEOUT: Duration = Duration::from_mins(2);

/// The values of a body.
#[derive(Debug, Default)]
pub(super) struct Import {
    /// Those that are entries.
    pub(super) entries: Vec<NewEntry>,
    /// The first that are none.
    pub(super) rejects: Vec<RejectedEntry>,
    /// How many are none.
    pub(super) rejected: u64,
    /// How many there were.
    pub(super) read: u64,
    /// How many of them have to be compiled, which takes its time.
    patterns: i64,
}

impl Import {
    /// Reads a body, JSON or text.
    pub(super) async fn read(request: &HttpRequest, payload: Payload) -> Result<Self, Failure> {
        let essence = request.mime_type().ok().flatten().map(|mime| mime.essence_str().to_ascii_lowercase());
        let import = if essence.as_deref() == Some("text/plain") {
            let text = Body::read_large(request, payload, &["text/plain"], (MAX_TEXT_BYTES, TEXT_TIMEOUT));
            let text = text.await?.bytes;
            web::block(move || Self::of_lines(&text)).await
        } else {
            let body = Body::read(request, payload, &["application/json", "text/plain"]).await?;
            let IgnoreEntries { entries } = from_json(&body.bytes)?;
            web::block(move || Self::of_values(entries)).await
        };
        import.map_err(Failure::internal)?
    }

    fn of_values(values: Vec<NewIgnoreEntry>) -> Result<Self, Failure> {
        let mut import = Self::default();
        for (place, NewIgnoreEntry { value, mode }) in (1..).zip(values) {
            let read = match mode {
                Some(mode) => IgnoreValue { mode: mode.into(), text: value.clone() },
                None => IgnoreValue::of_form(value.trim()),
            };
            import.take(place, &read, value.as_bytes())?;
        }
        Ok(import)
    }

    fn of_lines(text: &[u8]) -> Result<Self, Failure> {
        let mut import = Self::default();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        for (line, bytes) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            let Ok(text) = std::str::from_utf8(bytes) else {
                import.count()?;
                import.reject(line, RowReject::InvalidUtf8, bytes);
                continue;
            };
            let text = text.trim();
            if !is_comment(text) {
                import.take(line, &IgnoreValue::of_form(split_note(text).0), bytes)?;
            }
        }
        Ok(import)
    }

    fn take(&mut self, line: u64, value: &IgnoreValue, raw: &[u8]) -> Result<(), Failure> {
        self.count()?;
        if matches!(value.mode, EntryMode::Substring | EntryMode::Regex) {
            self.patterns += 1;
            if self.patterns > MAX_PATTERNS {
                let detail = "the body has more than 1,000 substrings and regular expressions";
                let problem = Problem::new(ProblemId::TooManyEntries, detail);
                return Err(problem.limit(MAX_PATTERNS.unsigned_abs()).into());
            }
        }
        match value.read() {
            Ok(pattern) => {
                self.entries.push(NewEntry { mode: pattern.mode(), text: pattern.into_text() });
            }
            Err(reason) => self.reject(line, reason, raw),
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), Failure> {
        self.read += 1;
        if self.read > MAX_ENTRIES as u64 {
            let detail = format!("the body has more than {MAX_ENTRIES} entries");
            return Err(Problem::new(ProblemId::TooManyEntries, detail).limit(MAX_ENTRIES as u64).into());
        }
        Ok(())
    }

    fn reject(&mut self, line: u64, reason: RowReject, raw: &[u8]) {
        self.rejected += 1;
        if self.rejects.len() < MAX_REJECTS {
            self.rejects.push(RejectedEntry::new(line, reason, printable(raw)));
        }
    }
}
