//! From the bytes of a body to items, contexts and rejects: pure, streaming, bounded.
//!
//! A [`Reader`] takes the body piece by piece, in whatever pieces the network gives; a [`Collector`] parses each value,
//! deduplicates and hands out [`Arrival`]s to commit. Nothing here knows HTTP or rows.

mod collector;
mod csv;
mod error;
mod lines;
mod ndjson;
mod printable;

pub use collector::{Collected, Collector};
pub use error::IntakeError;
pub(crate) use printable::printable;

use aggregator_entities::domain::CustomKinds;
use aggregator_entities::repositories::intake::Arrival;

/// How a streamed body is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// One value a line.
    Lines,
    /// Free text: every indicator found in it.
    Prose,
    /// CSV, tab- or semicolon-separated too; one column holds the values.
    Csv {
        /// The column; found by its header or its content when absent.
        column: Option<Column>,
    },
    /// One JSON value a line: a string, or an object with the value in a field.
    Ndjson {
        /// The field; `value` or `indicator` when absent.
        field: Option<String>,
    },
}

/// A column of a CSV body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// By its header, without regard to case.
    Name(String),
    /// By its place, from 1.
    Index(usize),
}

impl Format {
    /// The name stored with the submission.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Lines => "text",
            Self::Prose => "prose",
            Self::Csv { .. } => "csv",
            Self::Ndjson { .. } => "ndjson",
        }
    }
}

/// Reads a body of one format.
#[derive(Debug)]
pub struct Reader {
    collector: Collector,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Lines(lines::Splitter),
    Prose(lines::Splitter),
    Csv(Box<csv::CsvSource>),
    Ndjson(lines::Splitter, Option<String>),
}

impl Reader {
    /// A reader that refuses more than `max_values` values.
    pub fn new(format: Format, max_values: u64) -> Self {
        let source = match format {
            Format::Lines => Source::Lines(lines::Splitter::default()),
            Format::Prose => Source::Prose(lines::Splitter::default()),
            Format::Csv { column } => Source::Csv(Box::new(csv::CsvSource::new(column))),
            Format::Ndjson { field } => Source::Ndjson(lines::Splitter::default(), field),
        };
        Self { collector: Collector::new(max_values), source }
    }

    /// The same, reading what is of these custom kinds, too.
    #[must_use]
    pub fn knowing(self, kinds: CustomKinds) -> Self {
        Self { collector: self.collector.knowing(kinds), ..self }
    }

    /// Reads the next piece of the body.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), IntakeError> {
        let collector = &mut self.collector;
        match &mut self.source {
            Source::Lines(splitter) => {
                splitter.push(bytes, |line| collector.value(line.number, line.bytes()))
            }
            Source::Prose(splitter) => {
                splitter.push(bytes, |line| collector.prose(line.number, line.bytes()))
            }
            Source::Csv(source) => source.push(bytes, collector),
            Source::Ndjson(splitter, field) => {
                splitter.push(bytes, |line| ndjson::line(&line, field.as_deref(), collector))
            }
        }
    }

    /// Reads what the last piece left open.
    pub fn finish(&mut self) -> Result<(), IntakeError> {
        let collector = &mut self.collector;
        match &mut self.source {
            Source::Lines(splitter) => splitter.finish(|line| collector.value(line.number, line.bytes()))?,
            Source::Prose(splitter) => splitter.finish(|line| collector.prose(line.number, line.bytes()))?,
            Source::Csv(source) => source.finish(collector)?,
            Source::Ndjson(splitter, field) => {
                splitter.finish(|line| ndjson::line(&line, field.as_deref(), collector))?;
            }
        }
        Ok(())
    }

    /// What can be committed now, once enough has come together.
    pub fn take_ready(&mut self) -> Option<Arrival> {
        self.collector.take_ready()
    }

    /// The rest, and the totals; call after [`Reader::finish`].
    pub fn into_collected(self) -> Collected {
        self.collector.into_collected()
    }
}
