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
