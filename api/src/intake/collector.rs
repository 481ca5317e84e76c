//! Parses values, keeps one item per indicator, and batches what is to be committed.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use aggregator_entities::domain::extract::{Extract, Extracted};
use aggregator_entities::domain::{CustomKinds, Detection, IndicatorId, KindName, Parsed, Reject};
use aggregator_entities::payload::{CHUNK_ITEMS, PendingItem};
use aggregator_entities::repositories::intake::{Arrival, INTERACTIVE_ITEMS, NewContext, NewReject, Totals};

use super::IntakeError;
use super::printable::printable;

/// Chunks in one commit.
const CHUNKS_PER_COMMIT: usize = 8;

/// Contexts and rejects after which a commit is due though no chunk is full.
const LOOSE_ROWS_PER_COMMIT: usize = 8_000;

/// Collects the values of one submission.
#[derive(Debug)]
pub struct Collector {
    seen: HashMap<IndicatorId, u32, BuildHasherDefault<IdentityHasher>>,
    open: Vec<PendingItem>,
    ready: Arrival,
    totals: Totals,
    values: u64,
    max_values: u64,
    kinds: CustomKinds,
}

/// What is left when the body ends.
#[derive(Debug)]
pub struct Collected {
    /// To be committed before the seal.
    pub rest: Arrival,
    /// Totals of the whole body.
    pub totals: Totals,
}

impl Collector {
    /// A collector that refuses more than `max_values` values.
    pub fn new(max_values: u64) -> Self {
        Self {
            seen: HashMap::default(),
            open: Vec::with_capacity(CHUNK_ITEMS),
            ready: Arrival::default(),
            totals: Totals::default(),
            values: 0,
            max_values,
            kinds: CustomKinds::default(),
        }
    }

    /// The same, reading what is of these custom kinds, too.
    #[must_use]
    pub fn knowing(self, kinds: CustomKinds) -> Self {
        Self { kinds, ..self }
    }

    /// The custom kinds it reads.
    pub fn kinds(&self) -> &CustomKinds {
        &self.kinds
    }

    /// A line that is one value. Blank lines count as lines and nothing else.
    pub fn value(&mut self, line: u32, bytes: &[u8]) -> Result<(), IntakeError> {
        self.totals.lines = self.totals.lines.max(u64::from(line));
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        self.cell(line, None, bytes)
    }

    /// A value of a known line, with the kind its sender gave it.
    pub fn cell(&mut self, line: u32, kind: Option<&KindName>, bytes: &[u8]) -> Result<(), IntakeError> {
        self.totals.lines = self.totals.lines.max(u64::from(line));
        self.count_value()?;
        let detection = match kind {
            None => self.kinds.detect_bytes(bytes),
            Some(kind) => match std::str::from_utf8(bytes) {
                Ok(text) => self.kinds.parse_as(kind, text).map_or_else(Detection::None, Detection::One),
                Err(_) => self.kinds.detect_bytes(bytes),
            },
        };
        match detection {
            Detection::One(parsed) => {
                // What was parsed was UTF-8.
                let raw = std::str::from_utf8(bytes).unwrap_or_default();
                self.add(parsed, raw.trim(), (line, 0));
            }
            Detection::Ambiguous(_) => self.reject(line, Reject::Ambiguous, bytes),
            Detection::None(reason) => self.reject(line, reason, bytes),
        }
        Ok(())
    }

    /// A line of free text: every indicator in it.
    pub fn prose(&mut self, line: u32, bytes: &[u8]) -> Result<(), IntakeError> {
        self.totals.lines = self.totals.lines.max(u64::from(line));
        let text = String::from_utf8_lossy(bytes);
        for Extracted { span, parsed, .. } in Extract::with(&text, &self.kinds) {
            self.count_value()?;
            let position = u32::try_from(span.start).unwrap_or(u32::MAX);
            let raw = text.get(span).unwrap_or_default();
            self.add(parsed, raw, (line, position));
        }
        Ok(())
    }

    /// A value that is refused before it is parsed.
    pub fn refuse(&mut self, line: u32, reason: Reject, bytes: &[u8]) -> Result<(), IntakeError> {
        self.totals.lines = self.totals.lines.max(u64::from(line));
        self.count_value()?;
        self.reject(line, reason, bytes);
        Ok(())
    }

    /// Repeats an item of an earlier submission; its indicator is new to this one.
    pub fn repeat(&mut self, item: PendingItem) {
        self.values += 1;
        let raw = item.raw.clone();
        let value = item.indicator.shown().to_owned();
        let place = (item.line, item.position);
        self.totals.lines = self.totals.lines.max(u64::from(item.line));
        self.add(
            Parsed { indicator: item.indicator, port: item.port },
            raw.as_deref().unwrap_or(&value),
            place,
        );
    }

    /// Repeats a further context of an item that was repeated before it, by the same ordinal.
    pub fn repeat_context(&mut self, context: NewContext) {
        self.values += 1;
        self.totals.lines = self.totals.lines.max(u64::from(context.line));
        self.totals.contexts += 1;
        self.ready.contexts.push(context);
    }

    fn count_value(&mut self) -> Result<(), IntakeError> {
        self.values += 1;
        if self.values > self.max_values {
            Err(IntakeError::TooMany { limit: self.max_values })
        } else {
            Ok(())
        }
    }

    fn add(&mut self, parsed: Parsed, raw: &str, (line, position): (u32, u32)) {
        let Parsed { indicator, port } = parsed;
        let raw = (raw != indicator.shown()).then(|| raw.replace('\0', "\u{fffd}").into_boxed_str());
        let next = u32::try_from(self.totals.items).unwrap_or(u32::MAX);
        let ordinal = *self.seen.entry(indicator.id()).or_insert(next);
        if ordinal == next {
            self.totals.items += 1;
            self.open.push(PendingItem { indicator, raw, line, position, port, derived_from: None });
            if self.open.len() == CHUNK_ITEMS {
                self.close_chunk();
            }
        } else {
            self.totals.contexts += 1;
            self.ready.contexts.push(NewContext { ordinal, line, position, port, raw });
        }
    }

    fn reject(&mut self, line: u32, reason: Reject, bytes: &[u8]) {
        self.totals.rejected += 1;
        self.ready.rejects.push(NewReject { line, reason, raw: printable(bytes) });
    }

    fn close_chunk(&mut self) {
        let items = std::mem::replace(&mut self.open, Vec::with_capacity(CHUNK_ITEMS));
        self.ready.chunks.push(items);
        self.totals.chunks += 1;
    }

    /// What can be committed now, once enough has come together.
    pub fn take_ready(&mut self) -> Option<Arrival> {
        let loose = self.ready.contexts.len() + self.ready.rejects.len();
        let due = self.ready.chunks.len() >= CHUNKS_PER_COMMIT || loose >= LOOSE_ROWS_PER_COMMIT;
        due.then(|| std::mem::take(&mut self.ready))
    }

    /// Ends the collection.
    pub fn into_collected(mut self) -> Collected {
        if !self.open.is_empty() {
            self.close_chunk();
        }
        self.totals.interactive = self.totals.chunks <= 1 && self.totals.items <= INTERACTIVE_ITEMS as u64;
        Collected { rest: self.ready, totals: self.totals }
    }
}

/// An identity is a hash already: its first eight bytes serve as they are.
#[derive(Debug, Default)]
struct IdentityHasher(u64);

impl Hasher for IdentityHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 ^= u64::from_le_bytes(word);
        }
    }

    fn write_usize(&mut self, _length: usize) {
        // The length prefix of an array says nothing.
    }
}
