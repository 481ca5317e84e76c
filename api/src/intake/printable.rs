//! A refused line, made fit to be stored and shown.

/// Characters kept of a refused line.
const KEPT_CHARS: usize = 256;

/// The beginning of a line as text: invalid UTF-8 and control characters become U+FFFD, so that no database refuses it and
/// no terminal obeys it.
pub(crate) fn printable(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(KEPT_CHARS * 4)];
    String::from_utf8_lossy(head)
        .chars()
        .take(KEPT_CHARS)
        .map(|char| if char.is_control() && char != '\t' { char::REPLACEMENT_CHARACTER } else { char })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn nothing_unprintable_passes() {
        assert_eq!(printable(b"a\0b\x1b[31m\xff"), "a\u{fffd}b\u{fffd}[31m\u{fffd}");
        assert_eq!(printable(&[b'x'; 10_000]).len(), 256);
    }
}
