//! What the person who waits is told.

/// Tells what begins now, on stderr.
#[expect(clippy::print_stderr, reason = "progress is for the person who waits")]
pub fn say(what: &str) {
    eprintln!("bench: {what}");
}
