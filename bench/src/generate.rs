//! The input of B1: 353,172 real indicators, extended deterministically with new ones of the same mix.
//!
//! Line `n` of every list is the same value, whatever the list's length: the real ones first, in their order, then values
//! derived from a real line each (see `derive`), so kinds, lengths and suffixes keep their shares. Every sixteenth derived
//! value is listed in the synthetic feed. Suffix lists and networks of the real feeds match derived values too, so about
//! one value in ten is a hit.

mod derive;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, bail};

/// Lines that can be asked for: decoys of the synthetic feed begin behind them.
pub const MAX_LINES: u64 = 6_000_000;

/// Entries of the synthetic feed.
pub const FEED_ENTRIES: u64 = 1_000_000;

/// One derived value in so many is listed in the synthetic feed.
const LISTED_EVERY: u64 = 16;

/// Slug of the synthetic feed.
pub const FEED_SLUG: &str = "bench-million";

/// The synthetic feed's definition, as `aggregator feeds` takes it.
pub const FEED_DEFINITION: &str = r#"slug = "bench-million"
name = "Benchmark: one million entries"
provider = "bench"
location = "https://feeds.example/bench-million.txt"
licence = "none"
role = "intel"
refresh_seconds = 86400
min_rows = 1

[format]
type = "plain"

[opinion]
stance = "malicious"
confidence = 80
"#;

/// Makes a file and fills it.
pub fn write(
    path: &Path,
    fill_with: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> anyhow::Result<()> {
    let made = File::create(path).with_context(|| format!("cannot make {}", path.display()))?;
    let mut out = BufWriter::with_capacity(1 << 20, made);
    fill_with(&mut out)?;
    Ok(out.flush()?)
}

/// Makes lists and the feed. Holds the real list (12 MB) and nothing that grows with what is made.
#[derive(Debug)]
pub struct Generator {
    text: String,
    /// Where each line's label ends and where its value ends.
    lines: Vec<(u32, u32, u32)>,
}

impl Generator {
    /// Reads the real list of the data folder.
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        let path = data.join("bulk/mixed-shared.tsv");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut lines = Vec::with_capacity(400_000);
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let end = start + line.trim_end().len();
            let Some(tab) = line.find('\t') else { bail!("{}: a line without a tab", path.display()) };
            lines.push((u32::try_from(start)?, u32::try_from(start + tab)?, u32::try_from(end)?));
            start += line.len();
        }
        if lines.is_empty() {
            bail!("{} is empty", path.display());
        }
        Ok(Self { text, lines })
    }

    /// How many lines are real.
    pub fn real(&self) -> u64 {
        self.lines.len() as u64
    }

    fn template(&self, number: u64) -> (&str, &str) {
        let at = usize::try_from(number).unwrap_or(usize::MAX) % self.lines.len();
        let (start, tab, end) = self.lines[at];
        (&self.text[start as usize..tab as usize], &self.text[tab as usize + 1..end as usize])
    }

    /// Line `number` of every list, from 0.
    pub fn value(&self, number: u64) -> String {
        if number < self.real() {
            return self.template(number).1.to_owned();
        }
        let (label, value) = self.template(derive::scatter(number));
        derive::derive(label, value, number)
    }

    /// Writes lines of the list, one value a line.
    pub fn write_list(&self, range: Range<u64>, out: &mut impl Write) -> io::Result<()> {
        range.into_iter().try_for_each(|number| writeln!(out, "{}", self.value(number)))
    }

    /// Writes the synthetic feed: the listed values of the longest list, then decoys no list holds.
    pub fn write_feed(&self, entries: u64, out: &mut impl Write) -> io::Result<()> {
        let listed = (self.real()..MAX_LINES).filter(|number| number % LISTED_EVERY == 0);
        let decoys = MAX_LINES..;
        for number in listed
            .take(usize::try_from(entries / 2).unwrap_or(usize::MAX))
            .chain(decoys)
            .take(usize::try_from(entries).unwrap_or(usize::MAX))
        {
            let value = self.value(number);
            writeln!(out, "{}", without_port(&value))?;
        }
        Ok(())
    }
}

/// The address of an `address:port` form; anything else as it is.
fn without_port(value: &str) -> &str {
    match value.split_once(':') {
        Some((address, port))
            if address.parse::<std::net::Ipv4Addr>().is_ok() && port.parse::<u16>().is_ok() =>
        {
            address
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn generator() -> Generator {
        let text = "domain\tevil.example.com\nipv4:port\t8.8.8.8:53\nurl\thttp://a.example.net/x?y=1\n\
                    sha256\t9f0af3a2a78a6ec701e2d6b4a2e4179d900256f73cdbcdf9a6e0784dedfeedaf\n";
        let folder = std::env::temp_dir().join(format!("aggregator-bench-test-{}", std::process::id()));
        fs::create_dir_all(folder.join("bulk")).unwrap();
        fs::write(folder.join("bulk/mixed-shared.tsv"), text).unwrap();
        let generator = Generator::open(&folder).unwrap();
        fs::remove_dir_all(folder).unwrap();
        generator
    }

    #[test]
    fn real_lines_come_first_and_derived_ones_are_new() {
        let generator = generator();
        assert_eq!(generator.value(0), "evil.example.com");
        assert_eq!(generator.value(1), "8.8.8.8:53");
        let values: HashSet<String> = (0..50_000).map(|number| generator.value(number)).collect();
        assert_eq!(values.len(), 50_000);
    }

    #[test]
    fn a_line_is_the_same_in_every_list() {
        let generator = generator();
        let (mut short, mut tail) = (Vec::new(), Vec::new());
        generator.write_list(0..100, &mut short).unwrap();
        generator.write_list(90..100, &mut tail).unwrap();
        assert!(short.ends_with(&tail));
    }

    #[test]
    fn the_feed_has_its_size_and_lists_every_sixteenth_derived_value() {
        let generator = generator();
        let mut feed = Vec::new();
        generator.write_feed(1_000, &mut feed).unwrap();
        let feed = String::from_utf8(feed).unwrap();
        let entries: HashSet<&str> = feed.lines().collect();
        assert_eq!(entries.len(), 1_000);
        let listed =
            (4..4_000).filter(|number| entries.contains(without_port(&generator.value(*number)))).count();
        assert_eq!(listed, 249);
    }
}
