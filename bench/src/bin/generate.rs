//! Writes the input of benchmark B1 to stdout, one value a line.
//!
//! ```text
//! generate DATA list N [FIRST]    lines FIRST..FIRST+N (from 0) of the list, for `Content-Type: text/plain`
//! generate DATA feed [N]          the synthetic feed of N (1,000,000) entries
//! generate DATA definition        its definition, TOML
//! ```

use std::io::{self, BufWriter, Write};
use std::path::Path;

use aggregator_bench::generate::{FEED_DEFINITION, FEED_ENTRIES, Generator};
use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    match words[..] {
        [data, "list", count] => {
            Generator::open(Path::new(data))?.write_list(0..count.parse()?, &mut out)?;
        }
        [data, "list", count, first] => {
            let (first, count): (u64, u64) = (first.parse()?, count.parse()?);
            Generator::open(Path::new(data))?.write_list(first..first + count, &mut out)?;
        }
        [data, "feed"] => Generator::open(Path::new(data))?.write_feed(FEED_ENTRIES, &mut out)?,
        [data, "feed", count] => Generator::open(Path::new(data))?.write_feed(count.parse()?, &mut out)?,
        [_, "definition"] => out.write_all(FEED_DEFINITION.as_bytes())?,
        _ => bail!("usage: generate DATA list N [FIRST] | generate DATA feed [N] | generate DATA definition"),
    }
    out.flush()?;
    Ok(())
}
