//! From the body of a feed to its entries: one file per format, one collector for all.

mod csv_format;
mod fields;
mod json_format;
mod lines;
mod ndjson_format;
mod plain;
mod room;
mod scored;
mod warninglist;

use std::io::{Read, Seek};

use aggregator_domain::CustomKinds;
use serde_json::{Map, Value};

use super::definition::FeedDefinition;
use super::entry::{Facts, FeedEntry, Pattern};
use super::format::Format;
use super::report::{ParseReport, RowReject};
use crate::KindSet;
use crate::generation::BuildError;

/// The body of a feed: a file, or bytes behind a cursor. A warninglist is read twice, so it can seek.
pub trait Body: Read + Seek {}

impl<B: Read + Seek> Body for B {}

/// Where entries go as they are read.
pub type EntrySink<'a> = dyn FnMut(FeedEntry) -> Result<(), BuildError> + 'a;

/// Why a body could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// Reading failed.
    #[error("the feed's body cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The body as a whole is not what the format says.
    #[error("the feed's body is not what its format says: {0}")]
    Document(String),
    /// A column the definition names is not in the header.
    #[error("the feed has no column `{column}`; its columns are: {present}")]
    NoSuchColumn {
        /// The column looked for.
        column: String,
        /// The columns there are.
        present: String,
    },
    /// The entries cannot be stored.
    #[error(transparent)]
    Sink(#[from] BuildError),
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedFeed {
    /// Rows, entries and refusals.
    pub report: ParseReport,
    /// The kinds of indicators the list is asked about.
    pub answers: KindSet,
}

/// Reads a body row by row; each entry goes to `sink`, refused rows to the report. The whole is never held.
pub fn parse_feed(
    definition: &FeedDefinition,
    body: &mut dyn Body,
    sink: &mut EntrySink<'_>,
) -> Result<ParsedFeed, ParseError> {
    parse_feed_with(definition, &CustomKinds::default(), body, sink)
}

/// [`parse_feed`], where rows may be values of these custom kinds, too. A warninglist holds none: it says itself what it is about.
pub fn parse_feed_with(
    definition: &FeedDefinition,
    kinds: &CustomKinds,
    body: &mut dyn Body,
    sink: &mut EntrySink<'_>,
) -> Result<ParsedFeed, ParseError> {
    let mut rows = Rows { definition, kinds, sink, report: ParseReport::default() };
    let mut answers = definition.answers;
    match &definition.format {
        Format::Plain { hosts } => plain::parse(*hosts, body, &mut rows)?,
        Format::Scored {} => scored::parse(body, &mut rows)?,
        Format::Csv(format) => csv_format::parse(format, body, &mut rows)?,
        Format::Json(format) => json_format::parse(format, body, &mut rows)?,
        Format::Ndjson(format) => ndjson_format::parse(format, body, &mut rows)?,
        Format::Warninglist {} => answers = warninglist::parse(body, &mut rows)?,
    }
    Ok(ParsedFeed { report: rows.report, answers })
}

/// Calls `each` with the number and the value of every line that is no comment, notes cut off.
pub(crate) fn each_plain_line(
    body: &mut dyn Body,
    each: &mut dyn FnMut(u64, Result<&str, RowReject>),
) -> std::io::Result<()> {
    plain::each_value(body, &mut |line, text| {
        each(line, text.map(|(value, _)| value));
        Ok(())
    })
}

/// One row before its value is read.
#[derive(Debug, Default)]
pub(crate) struct Row<'a> {
    /// The value as written.
    pub(crate) value: &'a str,
    /// The number the opinion depends on.
    pub(crate) score: Option<f64>,
    /// What else the row says.
    pub(crate) facts: Map<String, Value>,
}

/// Turns rows into entries and counts.
pub(crate) struct Rows<'a, 's> {
    definition: &'a FeedDefinition,
    kinds: &'a CustomKinds,
    sink: &'a mut EntrySink<'s>,
    report: ParseReport,
}

impl Rows<'_, '_> {
    /// Reads one row's value and passes the entry on.
    pub(crate) fn row(&mut self, line: u64, mut row: Row<'_>) -> Result<(), ParseError> {
        match self.definition.reading.read_with(row.value, self.kinds) {
            Ok((pattern, port)) => {
                if let Some(port) = port {
                    row.facts.insert("port".to_owned(), Value::from(port));
                }
                self.entry(pattern, row.score, &row.facts)
            }
            Err(reason) => {
                self.report.reject(line, reason, row.value);
                Ok(())
            }
        }
    }

    /// Passes on a pattern that is read already.
    pub(crate) fn pattern(
        &mut self,
        line: u64,
        text: &str,
        pattern: Result<Pattern, RowReject>,
    ) -> Result<(), ParseError> {
        match pattern {
            Ok(pattern) => self.entry(pattern, None, &Map::new()),
            Err(reason) => {
                self.report.reject(line, reason, text);
                Ok(())
            }
        }
    }

    /// Counts a row that has no value to read.
    pub(crate) fn reject(&mut self, line: u64, reason: RowReject, text: &str) {
        self.report.reject(line, reason, text);
    }

    fn entry(
        &mut self,
        pattern: Pattern,
        score: Option<f64>,
        facts: &Map<String, Value>,
    ) -> Result<(), ParseError> {
        let opinion = self.definition.opinion.of(score);
        self.report.accept();
        (self.sink)(FeedEntry { pattern, opinion, facts: Facts::from_object(facts) })?;
        Ok(())
    }
}
