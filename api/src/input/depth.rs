//! How deep a JSON text goes, before a parser follows it.

/// The deepest JSON read (security.md: JSON depth 64).
const MAX_DEPTH: usize = 64;

/// True when arrays and objects nest deeper than [`MAX_DEPTH`]. Looks at brackets outside strings only: whether the
/// text is JSON at all is the parser's to say.
pub(super) fn is_too_deep(json: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{MAX_DEPTH, is_too_deep};

    #[test]
    fn the_limit_is_exact_and_strings_do_not_count() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!is_too_deep(nested(MAX_DEPTH).as_bytes()));
        assert!(is_too_deep(nested(MAX_DEPTH + 1).as_bytes()));
        assert!(!is_too_deep(format!(r#"["{}\"{}"]"#, "[".repeat(99), "{".repeat(99)).as_bytes()));
        assert!(!is_too_deep("[] ".repeat(99).as_bytes()));
    }
}
