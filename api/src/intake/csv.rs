//! CSV in pieces: quotes, delimiters and line ends as RFC 4180 and real exports have them.

use aggregator_entities::domain::{CustomKinds, Detection, Reject};
use csv_core::{ReadRecordResult, ReaderBuilder};

use super::lines::KEPT_BYTES;
use super::{Collector, Column, IntakeError};

/// Headers that name the column of indicators, best first; lower case.
const KNOWN_HEADERS: [&str; 22] = [
    "indicator",
    "ioc",
    "ioc_value",
    "value",
    "observable",
    "indicator_value",
    "ip",
    "ip_address",
    "ipaddress",
    "dst_ip",
    "src_ip",
    "domain",
    "hostname",
    "host",
    "fqdn",
    "url",
    "sha256",
    "sha256_hash",
    "sha1",
    "md5",
    "hash",
    "email",
];

/// Bytes looked at to find the delimiter.
const SAMPLE_BYTES: usize = 16 * 1024;

/// Reads a CSV body.
#[derive(Debug)]
pub(super) struct CsvSource {
    column: Option<Column>,
    sample: Vec<u8>,
    reader: Option<csv_core::Reader>,
    field_bytes: Vec<u8>,
    field_ends: Vec<usize>,
    fields: usize,
    bytes: usize,
    place: Option<usize>,
    /// The second record, to tell a header from a first record that happens to hold a header's word.
    second: Vec<String>,
    /// Line feeds inside the present record that were dropped with the rest of an endless field.
    dropped_lines: u64,
}

impl CsvSource {
    pub(super) fn new(column: Option<Column>) -> Self {
        Self {
            column,
            sample: Vec::new(),
            reader: None,
            field_bytes: vec![0; 64 * 1024],
            field_ends: vec![0; 1_024],
            fields: 0,
            bytes: 0,
            place: None,
            second: Vec::new(),
            dropped_lines: 0,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], collector: &mut Collector) -> Result<(), IntakeError> {
        if bytes.is_empty() {
            // To the reader it would be the end.
            return Ok(());
        }
        if self.reader.is_some() {
            return self.read(bytes, collector);
        }
        self.sample.extend_from_slice(bytes);
        if self.sample.len() < SAMPLE_BYTES {
            return Ok(());
        }
        self.start(collector)
    }

    pub(super) fn finish(&mut self, collector: &mut Collector) -> Result<(), IntakeError> {
        if self.reader.is_none() {
            self.start(collector)?;
        }
        // An empty input tells the reader that nothing follows.
        self.read(&[], collector)
    }

    fn start(&mut self, collector: &mut Collector) -> Result<(), IntakeError> {
        let sample = std::mem::take(&mut self.sample);
        let body = sample.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&sample);
        let delimiter = delimiter(body);
        self.second = second_record(body, delimiter);
        self.reader = Some(ReaderBuilder::new().delimiter(delimiter).build());
        if body.is_empty() { Ok(()) } else { self.read(body, collector) }
    }

    fn read(&mut self, mut input: &[u8], collector: &mut Collector) -> Result<(), IntakeError> {
        loop {
            let Some(reader) = &mut self.reader else { return Ok(()) };
            let (result, read, wrote, ended) = reader.read_record(
                input,
                &mut self.field_bytes[self.bytes..],
                &mut self.field_ends[self.fields..],
            );
            let last = input[..read].last().copied();
            input = &input[read..];
            self.bytes += wrote;
            self.fields += ended;
            match result {
                // A field or a record larger than any real one: the rest of it is dropped, and the value shows as too long.
                ReadRecordResult::OutputFull => {
                    let kept = self.bytes.saturating_sub(1_024);
                    self.dropped_lines += line_feeds(&self.field_bytes[kept..self.bytes]);
                    self.bytes = kept;
                }
                ReadRecordResult::OutputEndsFull => self.fields = self.fields.saturating_sub(1),
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Ok(()),
                ReadRecordResult::Record => {
                    // The reader counts line feeds: those inside the record and the one that ended it are none before it.
                    let inside = line_feeds(&self.field_bytes[..self.bytes]) + self.dropped_lines;
                    let line = reader.line() - u64::from(last == Some(b'\n')) - inside;
                    self.record(u32::try_from(line).unwrap_or(u32::MAX), collector)?;
                    (self.bytes, self.fields, self.dropped_lines) = (0, 0, 0);
                }
            }
        }
    }

    fn record(&mut self, line: u32, collector: &mut Collector) -> Result<(), IntakeError> {
        let place = if let Some(place) = self.place {
            place
        } else {
            let (place, header) = self.choose_column(collector.kinds())?;
            self.place = Some(place);
            if header {
                return Ok(());
            }
            place
        };
        match self.field(place) {
            Some(cell) if cell.len() >= KEPT_BYTES => {
                let head = cell[..KEPT_BYTES].to_vec();
                collector.refuse(line, Reject::TooLong, &head)
            }
            Some(cell) => {
                let cell = cell.to_vec();
                collector.cell(line, None, &cell)
            }
            None => collector.refuse(line, Reject::Empty, b""),
        }
    }

    fn field(&self, place: usize) -> Option<&[u8]> {
        if place >= self.fields {
            return None;
        }
        let start = if place == 0 { 0 } else { self.field_ends[place - 1] };
        self.field_bytes.get(start..self.field_ends[place].min(self.bytes))
    }

    /// The place of the column, and whether this first record is a header.
    fn choose_column(&self, kinds: &CustomKinds) -> Result<(usize, bool), IntakeError> {
        let written: Vec<_> = (0..self.fields)
            .map(|place| String::from_utf8_lossy(self.field(place).unwrap_or_default()))
            .collect();
        let cells: Vec<String> = written.iter().map(|cell| cell.trim().to_lowercase()).collect();
        let is_one = |cell: &str| !matches!(kinds.detect(cell), Detection::None(_));
        let indicates = |place: usize| is_one(&written[place]);
        let goes_on = |place: usize| self.second.get(place).is_some_and(|cell| is_one(cell));
        match &self.column {
            Some(Column::Name(name)) => cells
                .iter()
                .position(|cell| *cell == name.to_lowercase())
                .map(|place| (place, true))
                .ok_or_else(|| IntakeError::NoSuchColumn { column: name.clone(), found: cells.join(", ") }),
            Some(Column::Index(index)) => {
                let place = index - 1;
                let cell = cells.get(place).ok_or_else(|| IntakeError::NoSuchColumn {
                    column: index.to_string(),
                    found: format!("1 to {}", cells.len()),
                })?;
                Ok((place, looks_like_header(cell) && !indicates(place)))
            }
            None => {
                let named =
                    KNOWN_HEADERS.iter().find_map(|known| cells.iter().position(|cell| cell == known));
                let filled = (0..cells.len()).find(|place| indicates(*place));
                match (named, filled) {
                    // `domain,example.com`, `ipv4,192.0.2.1`: the word is a value like those below it.
                    (Some(place), Some(_)) if !goes_on(place) => (0..cells.len())
                        .find(|place| indicates(*place) && (goes_on(*place) || self.second.is_empty()))
                        .map_or(Ok((place, true)), |place| Ok((place, false))),
                    (Some(place), _) => Ok((place, true)),
                    (None, Some(place)) => Ok((place, false)),
                    (None, None) => Err(IntakeError::ColumnNeeded),
                }
            }
        }
    }
}

fn line_feeds(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// The cells of the second record, as far as the sample holds them; none when there is none.
fn second_record(sample: &[u8], delimiter: u8) -> Vec<String> {
    let mut records =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(sample);
    match records.byte_records().nth(1) {
        Some(Ok(record)) => record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect(),
        _ => Vec::new(),
    }
}

/// A header is a word or a few: letters, spaces, `_`, `-`, `#`.
fn looks_like_header(cell: &str) -> bool {
    !cell.is_empty()
        && cell.chars().all(|char| char.is_alphanumeric() || " _-#()".contains(char))
        && cell.chars().any(char::is_alphabetic)
}

/// The delimiter of the first lines: the one of `,` `;` tab `|` that stands most often in the first line.
fn delimiter(sample: &[u8]) -> u8 {
    let first = sample.split(|byte| *byte == b'\n').find(|line| !line.is_empty()).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0_u32), (b'\t', 0), (b';', 0), (b'|', 0)];
    for byte in first {
        if *byte == b'"' {
            quoted = !quoted;
        } else if !quoted && let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| delimiter == byte)
        {
            *count += 1;
        }
    }
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(delimiter, count)| if *count == 0 { b',' } else { *delimiter })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_stands_on_the_line_it_begins_on() {
        let rows = [
            "ip,note",
            "192.0.2.1,a",
            "",
            "\"192.0.2.2\",\"two\nlines\"",
            "192.0.2.3,\"\"",
            "x,\"a",
            "b",
            "c\"",
            "192.0.2.4",
        ];
        for end in ["\n", "\r\n"] {
            let body = rows.join(end).into_bytes();
            for cut in 1..body.len() {
                let mut collector = Collector::new(100);
                let mut source = CsvSource::new(None);
                source.reader = Some(ReaderBuilder::new().build());
                source.read(&body[..cut], &mut collector).unwrap();
                source.read(&body[cut..], &mut collector).unwrap();
                source.read(&[], &mut collector).unwrap();
                let rest = collector.into_collected().rest;
                let items: Vec<u32> = rest.chunks.concat().iter().map(|item| item.line).collect();
                let rejects: Vec<u32> = rest.rejects.iter().map(|reject| reject.line).collect();
                assert_eq!((items, rejects), (vec![2, 4, 6, 10], vec![7]), "{end:?} cut at {cut}");
            }
        }
    }
}
