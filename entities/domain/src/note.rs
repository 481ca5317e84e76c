//! Comments and notes in lists of one value a line.

/// True for an empty line and for one that is a comment as a whole.
pub fn is_comment(text: &str) -> bool {
    text.is_empty() || text.starts_with(['#', ';']) || text.starts_with("//")
}

/// The value and the comment after it. A comment needs a blank before it: `#` and `;` also occur inside URLs.
pub fn split_note(text: &str) -> (&str, Option<&str>) {
    for (at, _) in text.match_indices([' ', '\t']) {
        let rest = text[at..].trim_start();
        if let Some(note) = rest.strip_prefix(['#', ';']).or_else(|| rest.strip_prefix("//")) {
            let note = note.trim();
            return (text[..at].trim_end(), Some(note).filter(|note| !note.is_empty()));
        }
    }
    (text, None)
}
