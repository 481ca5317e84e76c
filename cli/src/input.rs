//! What a command looks at: values from the command line, and lines of files and of stdin.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use aggregator_entities::domain::detect::MAX_INPUT_BYTES;
use anyhow::Context;

/// One value as it was given; not necessarily UTF-8. At most one byte longer than the product looks at, so that what
/// was too long is still seen to be.
pub(crate) type Input = Vec<u8>;

/// A stream of inputs.
type Inputs = Box<dyn Iterator<Item = anyhow::Result<Input>>>;

/// The byte order mark that some editors put first.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The values in order, then the lines of each file in order. `-` stands for stdin in both places.
pub(crate) fn inputs(
    values: Vec<OsString>,
    files: Vec<PathBuf>,
) -> impl Iterator<Item = anyhow::Result<Input>> {
    let values = values.into_iter().flat_map(|value| {
        if value == "-" { lines_of(Path::new("-")) } else { one(Ok(value.into_encoded_bytes())) }
    });
    values.chain(files.into_iter().flat_map(|file| lines_of(&file)))
}

/// Opens a file, or stdin for `-`.
pub(crate) fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
}

fn one(item: anyhow::Result<Input>) -> Inputs {
    Box::new(std::iter::once(item))
}

fn lines_of(path: &Path) -> Inputs {
    let name = path.display().to_string();
    match open(path) {
        Ok(reader) => {
            Box::new(Lines::new(reader).map(move |line| line.with_context(|| format!("cannot read {name}"))))
        }
        Err(error) => one(Err(error)),
    }
}

/// The lines that say something: blank ones and comments (`#` first) are passed over. Memory stays bounded whatever the
/// length of a line.
struct Lines<R> {
    reader: R,
    at_start: bool,
    failed: bool,
}

impl<R: BufRead> Lines<R> {
    fn new(reader: R) -> Self {
        Self { reader, at_start: true, failed: false }
    }

    /// The next line without its end, cut after [`MAX_INPUT_BYTES`] + 1 bytes; `None` at the end.
    fn next_line(&mut self) -> io::Result<Option<Input>> {
        let mut line = Vec::new();
        // Room for what makes it too long, and for its end.
        let most = MAX_INPUT_BYTES as u64 + 2;
        if self.reader.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.pop_if(|last| *last == b'\n').is_some() {
            line.pop_if(|last| *last == b'\r');
        } else if line.len() > MAX_INPUT_BYTES {
            self.reader.skip_until(b'\n')?;
        }
        if std::mem::take(&mut self.at_start) && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(Some(line))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Input>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        loop {
            match self.next_line() {
                Ok(Some(line)) if line.trim_ascii().is_empty() || line.starts_with(b"#") => {}
                Ok(line) => return line.map(Ok),
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
        Lines::new(bytes).map(Result::unwrap).collect()
    }

    #[test]
    fn ends_comments_and_the_mark_are_no_part_of_a_line() {
        assert_eq!(
            lines(b"\xEF\xBB\xBF192.0.2.1\r\n\n# a list\n  \nexample.com"),
            [&b"192.0.2.1"[..], b"example.com"]
        );
    }

    #[test]
    fn a_line_of_any_length_costs_bounded_memory_and_is_one_line() {
        let mut bytes = vec![b'a'; 10 * MAX_INPUT_BYTES];
        bytes.extend_from_slice(b"\nnext\n");
        let lines = lines(&bytes);
        assert_eq!(lines.len(), 2);
        assert!((MAX_INPUT_BYTES + 1..=MAX_INPUT_BYTES + 2).contains(&lines[0].len()));
        assert_eq!(lines[1], b"next");
    }

    #[test]
    fn the_longest_line_looked_at_arrives_whole() {
        for end in ["\n", "\r\n", ""] {
            let longest = vec![b'a'; MAX_INPUT_BYTES];
            let bytes = [&longest[..], end.as_bytes()].concat();
            assert_eq!(lines(&bytes), [&longest[..]], "{end:?}");
        }
    }
}
