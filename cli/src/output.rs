//! The only place that writes to stdout and stderr. A closed pipe (`aggregator … | head`) ends quietly.

use std::io::{self, Write};
use std::process::ExitCode;

/// Writes text and a final line break to stdout.
pub(crate) fn text(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    quiet_on_closed_pipe(writeln!(stdout, "{}", text.trim_end_matches('\n')).and_then(|()| stdout.flush()))
}

/// Writes an error with its causes to stderr, and answers the exit code 1.
pub(crate) fn fail(error: &anyhow::Error) -> ExitCode {
    // Nobody is left to tell when stderr itself is closed.
    let _ = writeln!(io::stderr().lock(), "aggregator: {error:#}");
    ExitCode::FAILURE
}

fn quiet_on_closed_pipe(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Hands a buffered stdout to a writer and flushes it, also before an error. A closed pipe ends the writing quietly.
pub(crate) fn stream(write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut stdout = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let written = write(&mut stdout);
    let flushed = stdout.flush().map_err(anyhow::Error::from);
    // What could not be flushed must not be tried again on drop.
    let _ = stdout.into_parts();
    written.and(flushed).or_else(|error| if is_closed_pipe(&error) { Ok(()) } else { Err(error) })
}

/// Writes one line of NDJSON.
pub(crate) fn json_line(stdout: &mut dyn Write, value: &impl serde::Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *stdout, value).map_err(io::Error::from)?;
    Ok(stdout.write_all(b"\n")?)
}

/// Text of strangers made safe for a terminal: control characters and those that turn the writing direction are
/// shown as escapes.
pub(crate) fn for_terminal(text: &str) -> String {
    let unsafe_character = |character: char| {
        character.is_control()
            || matches!(character, '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().fold(String::with_capacity(text.len()), |mut safe, character| {
        if unsafe_character(character) {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
        safe
    })
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
