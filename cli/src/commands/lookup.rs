//! `aggregator lookup`: what can be said about indicators without asking anybody.

mod answer;
mod table;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use aggregator_entities::domain::KindName;
use aggregator_entities::domain::kind::UnknownKind;
use aggregator_platform::{Environment, Settings};
use clap::error::ErrorKind;
use clap::{ArgGroup, Args};

use crate::lists::{self, Reading};
use crate::{input, output};
use answer::{Answer, Worst};

/// Rows of one table; a longer answer is several tables, so that the first ones are seen at once.
const TABLE_ROWS: usize = 500;

/// Tell what each value is and what is known about it, without asking anybody: no network, no server.
///
/// Matches the small lists shipped in the binary, the feeds named with --feed and, where there is one, the feeds and ignore
/// lists of the embedded database in the data folder, whose custom kinds are read, too. It is the engine that screens
/// submissions.
///
/// Prints a table on a terminal and one JSON object per line (NDJSON) into a pipe.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("what").args(["values", "files"]).required(true).multiple(true),
    after_help = "\
Exit code: the worst answer decides.
   0  every value is benign or unknown (unknown is not benign: nobody was asked)
   1  something failed: a file that cannot be read, say
   2  wrong usage
   3  a value was not recognised, or could be of more than one kind
  10  a value is suspicious
  20  a value is malicious

In files and on stdin: one value per line; blank lines and lines that start with # are passed over."
)]
pub(crate) struct Lookup {
    /// What to look at, defanged or not; `-` reads stdin, one value per line.
    #[arg(value_name = "VALUE")]
    values: Vec<OsString>,
    /// Read values from a file, one per line (repeatable; `-` is stdin).
    #[arg(long = "file", short = 'f', value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read every value as this kind and no other: a built-in one, or a custom one of the embedded database by its slug.
    #[arg(long, value_name = "KIND")]
    kind: Option<KindName>,
    /// Match a feed's file too, read as the shipped definition SLUG says (repeatable): --feed ipsum=ipsum.txt.
    #[arg(long = "feed", value_name = "SLUG=FILE", value_parser = feed_file)]
    feeds: Vec<(String, PathBuf)>,
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

impl Lookup {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let as_table = self.table || (!self.json && io::stdout().is_terminal());
        let mut reading = Reading::shipped()?;
        for (slug, file) in &self.feeds {
            reading.add_file(slug, file)?;
        }
        let stored =
            if self.offline { None } else { lists::stored(&Settings::load(&Environment::process())?)? };
        let lists = reading.finish(stored)?;
        if let Some(kind) = self.kind.as_ref().filter(|kind| !lists.kinds.has(kind)) {
            let why = UnknownKind(kind.to_string());
            let where_from = "those of the embedded database are read, where they are enabled";
            clap::Error::raw(ErrorKind::InvalidValue, format!("{why}: {where_from}\n")).exit();
        }
        let mut worst = Worst::default();
        let answers = input::inputs(self.values, self.files).map(|input| {
            let answer = Answer::new(&input?, self.kind.as_ref(), &lists);
            worst.meet(&answer);
            Ok(answer)
        });
        output::stream(
            |stdout| if as_table { write_tables(stdout, answers) } else { write_lines(stdout, answers) },
        )?;
        Ok(ExitCode::from(worst.exit_code()))
    }
}

/// Splits `SLUG=FILE`.
fn feed_file(argument: &str) -> Result<(String, PathBuf), &'static str> {
    match argument.split_once('=') {
        Some((slug, file)) if !slug.is_empty() && !file.is_empty() => Ok((slug.to_owned(), file.into())),
        _ => Err("give a feed's slug and its file: ipsum=ipsum.txt"),
    }
}

fn write_lines(
    stdout: &mut dyn Write,
    answers: impl Iterator<Item = anyhow::Result<Answer>>,
) -> anyhow::Result<()> {
    for answer in answers {
        output::json_line(stdout, &answer?)?;
    }
    Ok(())
}

fn write_tables(
    stdout: &mut dyn Write,
    answers: impl Iterator<Item = anyhow::Result<Answer>>,
) -> anyhow::Result<()> {
    let mut block = Vec::new();
    for answer in answers {
        match answer {
            Ok(answer) => block.push(answer),
            Err(error) => {
                write_table(stdout, &mut block)?;
                return Err(error);
            }
        }
        if block.len() == TABLE_ROWS {
            write_table(stdout, &mut block)?;
        }
    }
    write_table(stdout, &mut block)
}

fn write_table(stdout: &mut dyn Write, block: &mut Vec<Answer>) -> anyhow::Result<()> {
    if !block.is_empty() {
        writeln!(stdout, "{}", table::of(block))?;
        block.clear();
    }
    Ok(())
}
