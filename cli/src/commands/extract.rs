//! `aggregator extract`: the indicators in a text, each with the place where it stands.

use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use aggregator_entities::domain::CustomKinds;
use aggregator_entities::domain::extract::{ExtractStream, Extracted, extract_html_with};
use aggregator_openapi::FoundIndicator;
use aggregator_platform::{Environment, Settings};
use anyhow::Context;
use clap::Args;

use crate::{input, lists, output};

/// Text is read in blocks of this size, bytes.
const BLOCK_BYTES: usize = 64 << 10;
/// HTML is read whole: at most this much, bytes.
const MAX_HTML_BYTES: u64 = 256 << 20;

/// Find the indicators of a text, defanged or not, and where each one stands.
///
/// Prints a table on a terminal and one JSON object per line (NDJSON) into a pipe. `start` and `end` count bytes of the
/// input. Text of any size is read as a stream; bytes that are not UTF-8 separate like white space. Custom kinds of the
/// embedded database in the data folder are found, too, where there is one.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Extract {
    /// The text; stdin when absent or `-`.
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    /// The text is HTML (at most 256 MiB): entities stand for their characters, inline tags separate nothing.
    #[arg(long)]
    html: bool,
    /// Leave the embedded database alone.
    #[arg(long)]
    offline: bool,
    /// NDJSON, on a terminal too.
    #[arg(long, conflicts_with = "table")]
    json: bool,
    /// A table, in a pipe too.
    #[arg(long)]
    table: bool,
}

impl Extract {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let as_table = self.table || (!self.json && io::stdout().is_terminal());
        let kinds = if self.offline {
            CustomKinds::default()
        } else {
            lists::stored_kinds(&Settings::load(&Environment::process())?)?
        };
        let text = input::open(&self.file)?;
        output::stream(|stdout| {
            let mut found = Found { stdout, as_table, failed: Ok(()) };
            found.begin()?;
            let read = if self.html {
                from_html(text, &kinds, &mut found)
            } else {
                from_text(text, kinds, &mut found)
            };
            read.with_context(|| format!("cannot read {}", self.file.display()))?;
            found.failed
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Reads block by block; stops early when nobody takes what is found.
fn from_text(mut text: impl Read, kinds: CustomKinds, found: &mut Found<'_>) -> io::Result<()> {
    let mut stream = ExtractStream::with(kinds);
    let mut block = vec![0; BLOCK_BYTES];
    while found.failed.is_ok() {
        match text.read(&mut block) {
            Ok(0) => {
                stream.finish(|start, hit| found.take(start, hit));
                return Ok(());
            }
            Ok(length) => stream.push(&block[..length], |start, hit| found.take(start, hit)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn from_html(text: impl Read, kinds: &CustomKinds, found: &mut Found<'_>) -> io::Result<()> {
    let mut bytes = Vec::new();
    text.take(MAX_HTML_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_HTML_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "HTML of more than 256 MiB; split it"));
    }
    for hit in extract_html_with(&spaced(bytes), kinds) {
        found.take(hit.span.start as u64, hit);
    }
    Ok(())
}

/// What was found, on its way out.
struct Found<'o> {
    stdout: &'o mut dyn Write,
    as_table: bool,
    /// The first failure to write; nothing is written after it.
    failed: anyhow::Result<()>,
}

impl Found<'_> {
    fn begin(&mut self) -> io::Result<()> {
        if self.as_table {
            writeln!(self.stdout, "{:<7} {:>10} {:>10}  value", "kind", "start", "end")?;
        }
        Ok(())
    }

    /// Writes one indicator whose first byte is byte `start` of the input.
    fn take(&mut self, start: u64, hit: Extracted<'_>) {
        if self.failed.is_ok() {
            self.failed = self.write(start, hit);
        }
    }

    fn write(&mut self, start: u64, hit: Extracted<'_>) -> anyhow::Result<()> {
        let end = start + hit.span.len() as u64;
        if self.as_table {
            let indicator = &hit.parsed.indicator;
            let kind = indicator.custom_kind().unwrap_or(indicator.kind().as_str());
            let value = output::for_terminal(indicator.shown());
            let port = hit.parsed.port.map(|port| format!("  port {port}")).unwrap_or_default();
            return Ok(writeln!(self.stdout, "{kind:<7} {start:>10} {end:>10}  {value}{port}")?);
        }
        let line = FoundIndicator {
            start: usize::try_from(start)?,
            end: usize::try_from(end)?,
            raw: hit.raw.into_owned(),
            indicator: hit.parsed.into(),
        };
        output::json_line(self.stdout, &line)
    }
}

/// The bytes as text of the same length: each byte that is not UTF-8 becomes a space.
fn spaced(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let mut text = String::with_capacity(error.as_bytes().len());
        for chunk in error.as_bytes().utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|_| ' '));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::spaced;

    #[test]
    fn bytes_that_are_no_text_keep_their_places() {
        assert_eq!(spaced(b"a\xFF\xFEb\xC3".to_vec()), "a  b ");
        assert_eq!(spaced("a\u{e9}".into()), "a\u{e9}");
    }
}
