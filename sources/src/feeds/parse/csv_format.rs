//! Separated columns in the dialects feeds use: comments, headers in comments, quotes, blanks after separators.

use std::io::{BufRead, BufReader, Read};

use csv::ByteRecord;
use serde_json::Value;

use super::fields::cut;
use super::room::{Bounded, Room};
use super::{Body, ParseError, Row, Rows};
use crate::feeds::format::{Column, CsvFormat, CsvHeader, Mapping};
use crate::feeds::report::RowReject;

/// Comment lines looked at before the first row.
const MAX_PREAMBLE_LINES: u64 = 10_000;

pub(super) fn parse(
    format: &CsvFormat,
    body: &mut dyn Body,
    rows: &mut Rows<'_, '_>,
) -> Result<(), ParseError> {
    let mut reader = BufReader::with_capacity(64 << 10, body);
    if reader.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        reader.consume(3);
    }
    let (preamble_lines, last_comment) = preamble(format, &mut reader)?;
    if format.blank_after_delimiter {
        let reader = BlankFilter { inner: reader, delimiter: byte(format.delimiter), state: State::Start };
        return records(format, last_comment, reader, &mut |line, record, columns| {
            row(&format.columns, columns, (preamble_lines + line, record), rows)
        });
    }
    records(format, last_comment, reader, &mut |line, record, columns| {
        row(&format.columns, columns, (preamble_lines + line, record), rows)
    })
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be ASCII with the definition")]
fn byte(character: char) -> u8 {
    character as u32 as u8
}

/// Reads the comment lines before the first row: how many, and the last that says something.
fn preamble(format: &CsvFormat, reader: &mut impl BufRead) -> Result<(u64, Option<String>), ParseError> {
    let Some(comment) = format.comment else { return Ok((0, None)) };
    let (mut lines, mut last) = (0, None);
    while lines < MAX_PREAMBLE_LINES && reader.fill_buf()?.first() == Some(&byte(comment)) {
        let mut line = Vec::new();
        reader.by_ref().take(64 << 10).read_until(b'\n', &mut line)?;
        lines += 1;
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_matches(|c: char| c == comment || c.is_whitespace());
        if !text.is_empty() {
            last = Some(text.to_owned());
        }
    }
    Ok((lines, last))
}

/// Where the mapped columns are.
struct Columns {
    value: Vec<usize>,
    score: Option<usize>,
    facts: Vec<(String, usize)>,
}

type EachRecord<'a> = dyn FnMut(u64, &ByteRecord, &Columns) -> Result<(), ParseError> + 'a;

fn records(
    format: &CsvFormat,
    last_comment: Option<String>,
    reader: impl Read,
    each: &mut EachRecord<'_>,
) -> Result<(), ParseError> {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).trim(csv::Trim::All);
    builder.delimiter(byte(format.delimiter)).quote(byte(format.quote)).comment(format.comment.map(byte));
    let room = Room::default();
    let mut reader = builder.from_reader(Bounded::new(reader, &room));
    let mut columns = match format.header {
        CsvHeader::None => Some(resolve(&format.columns, &[])?),
        CsvHeader::Comment => {
            let header = last_comment.unwrap_or_default();
            let names: Vec<&str> = header.split(format.delimiter).map(str::trim).collect();
            Some(resolve(&format.columns, &names)?)
        }
        CsvHeader::First => None,
    };
    let mut record = ByteRecord::new();
    loop {
        room.open();
        if !reader.read_byte_record(&mut record).map_err(broken)? {
            return Ok(());
        }
        let line = record.position().map_or(0, csv::Position::line);
        if let Some(columns) = &columns {
            each(line, &record, columns)?;
            continue;
        }
        let names: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        columns = Some(resolve(&format.columns, &names)?);
    }
}

fn broken(error: csv::Error) -> ParseError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => ParseError::Read(error),
        other => ParseError::Document(format!("{other:?}")),
    }
}

fn resolve(mapping: &Mapping<Column>, names: &[&str]) -> Result<Columns, ParseError> {
    let find = |column: &Column| match column {
        Column::Index(index) => Ok(*index),
        Column::Name(name) => names
            .iter()
            .position(|present| present.trim().eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| {
                let present = cut(&names.join(", "));
                ParseError::NoSuchColumn { column: name.clone(), present }
            }),
    };
    Ok(Columns {
        value: mapping.value.iter().map(find).collect::<Result<_, _>>()?,
        score: mapping.score.as_ref().map(find).transpose()?,
        facts: mapping
            .facts
            .iter()
            .map(|(name, column)| Ok((name.clone(), find(column)?)))
            .collect::<Result<_, ParseError>>()?,
    })
}

fn row(
    mapping: &Mapping<Column>,
    columns: &Columns,
    (line, record): (u64, &ByteRecord),
    rows: &mut Rows<'_, '_>,
) -> Result<(), ParseError> {
    let lossy =
        |record: &ByteRecord| record.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(",");
    let cell = |index: usize| record.get(index).map(<[u8]>::trim_ascii).filter(|cell| !cell.is_empty());
    let Some(value) = columns.value.iter().find_map(|index| cell(*index)) else {
        rows.reject(line, RowReject::MissingValue, &lossy(record));
        return Ok(());
    };
    let Ok(value) = std::str::from_utf8(value) else {
        rows.reject(line, RowReject::InvalidUtf8, &lossy(record));
        return Ok(());
    };
    let as_text = |index: usize| cell(index).map(String::from_utf8_lossy);
    let score = columns.score.and_then(as_text).and_then(|text| text.parse::<f64>().ok());
    let facts = columns
        .facts
        .iter()
        .filter_map(|(name, index)| Some((name.clone(), Value::from(cut(&as_text(*index)?)))))
        .collect();
    let value = format!("{}{value}", mapping.value_prefix);
    rows.row(line, Row { value: &value, score, facts })
}

/// Drops the blanks between a separator and an opening quote.
struct BlankFilter<R> {
    inner: R,
    delimiter: u8,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the start of a field: blanks are dropped.
    Start,
    /// In a field without quotes.
    Bare,
    /// Between quotes.
    Quoted,
}

impl<R: BufRead> Read for BlankFilter<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let available = self.inner.fill_buf()?;
            if available.is_empty() || out.is_empty() {
                return Ok(0);
            }
            let taken = available.len().min(out.len());
            let mut written = 0;
            for &byte in &available[..taken] {
                if self.state == State::Start && (byte == b' ' || byte == b'\t') {
                    continue;
                }
                self.state = match (self.state, byte) {
                    (State::Quoted, b'"') => State::Bare,
                    (State::Quoted, _) | (_, b'"') => State::Quoted,
                    (_, b'\n') => State::Start,
                    (_, byte) if byte == self.delimiter => State::Start,
                    _ => State::Bare,
                };
                out[written] = byte;
                written += 1;
            }
            self.inner.consume(taken);
            if written > 0 {
                return Ok(written);
            }
        }
    }
}
