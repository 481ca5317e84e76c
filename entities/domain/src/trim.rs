//! What surrounds a value in a list and is no part of it: white space, bullets, quotes, brackets, punctuation.
//!
//! Trimming runs before every parse, named or not, so a canonical value never begins or ends with any of it.

/// Cuts what surrounds the value. Nothing inside is changed; the answer is a part of `input`.
pub(crate) fn trim(input: &str) -> &str {
    let bytes = input.as_bytes();
    if let (Some(first), Some(last)) = (bytes.first(), bytes.last())
        && first.is_ascii_alphanumeric()
        && (last.is_ascii_alphanumeric() || *last == b'/')
    {
        return input;
    }
    let mut text = input;
    loop {
        let before = text.len();
        text = text.trim_matches(is_blank);
        text = strip_bullet(text);
        text = strip_pair(text);
        text = strip_end(text);
        text = strip_half_pair(text);
        if text.len() == before {
            return text;
        }
    }
}

/// White space, control characters, and the invisible marks editors leave.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
}

fn strip_bullet(text: &str) -> &str {
    let Some(rest) = text.strip_prefix(['-', '*', '\u{2022}', '\u{b7}']) else { return text };
    if rest.starts_with(is_blank) { rest } else { text }
}

const PAIRS: [(char, char); 10] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('(', ')'),
    ('[', ']'),
    ('{', '}'),
    ('<', '>'),
    ('\u{201c}', '\u{201d}'),
    ('\u{2018}', '\u{2019}'),
    ('\u{ab}', '\u{bb}'),
];

fn strip_pair(text: &str) -> &str {
    PAIRS
        .iter()
        .find_map(|(open, close)| {
            let inner = text.strip_prefix(*open)?.strip_suffix(*close)?;
            (open == close || belong_together(inner, *open, *close)).then_some(inner)
        })
        .unwrap_or(text)
}

/// False for `[.]example[.]` without its ends: the outer brackets belong to two marks.
fn belong_together(inner: &str, open: char, close: char) -> bool {
    let mut depth = 0_usize;
    for c in inner.chars() {
        if c == open {
            depth += 1;
        } else if c == close {
            match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            }
        }
    }
    true
}

/// Separators go from any value. A full stop, `!` or `?` can end a URL and goes only where there is no path.
fn strip_end(text: &str) -> &str {
    let text = text.trim_end_matches([',', ';']);
    if text.contains(['/', '\\']) { text } else { text.trim_end_matches(['.', '!', '?']) }
}

/// One half of a pair, left by a line cut out of prose; never from a URL, where it can be part of the path.
fn strip_half_pair(text: &str) -> &str {
    if text.contains('/') {
        return text;
    }
    for (open, close) in PAIRS {
        let (opened, closed) = (text.matches(open).count(), text.matches(close).count());
        if open == close {
            if opened == 1
                && let Some(rest) = text.strip_prefix(open).or_else(|| text.strip_suffix(close))
            {
                return rest;
            }
        } else if opened > closed
            && let Some(rest) = text.strip_prefix(open)
        {
            return rest;
        } else if closed > opened
            && let Some(rest) = text.strip_suffix(close)
        {
            return rest;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::trim;

    #[test]
    fn cuts_what_surrounds_and_nothing_else() {
        for (input, expected) in [
            ("example.com", "example.com"),
            ("  example.com\r\n", "example.com"),
            ("\u{feff}example.com", "example.com"),
            ("\"example.com\",", "example.com"),
            ("<http://example.com/a>;", "http://example.com/a"),
            ("- example.com", "example.com"),
            ("\u{2022} example.com.", "example.com"),
            ("-example.com", "-example.com"),
            ("(example.com).", "example.com"),
            ("example.com)", "example.com"),
            ("(http://example.com/a_(b))", "http://example.com/a_(b)"),
            ("http://example.com/a_(b)", "http://example.com/a_(b)"),
            ("http://example.com/a.", "http://example.com/a."),
            ("http://example.com/a,", "http://example.com/a"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "[2001:db8::1]:443"),
            ("2001:db8::", "2001:db8::"),
            ("\u{201c}example.com\u{201d}", "example.com"),
            ("example[.]com", "example[.]com"),
            ("[:][:]", "[:][:]"),
            ("[[:][:]]", "[:][:]"),
            (" \"' '\" ", ""),
        ] {
            assert_eq!(trim(input), expected, "{input:?}");
        }
    }
}
