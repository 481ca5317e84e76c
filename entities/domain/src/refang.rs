//! Defanged notation back to the value it stands for.
//!
//! Square-bracket marks are undone everywhere, paths included, because reports defang whole URLs. The other marks
//! are undone only before the path: brackets and backslashes are lawful in a path.

use std::borrow::Cow;

/// Undoes the defanging of one trimmed value; borrows when there is nothing to undo.
///
/// `[.] [dot] [:] [/] [//] [://] [@] [at]` anywhere; `(.) {.} <.> (dot) {dot} (:) {:} (@) {@} (at) {at} \. [. .]`
/// before the path; `hxxp hxxps htxp htxxp hxtp h**p h__p` and `fxp` as scheme, any case. White space around a mark
/// goes with it. The answer holds no mark any more: refanging twice changes nothing.
pub fn refang(text: &str) -> Cow<'_, str> {
    let squared =
        if text.bytes().any(is_mark) { Cow::Owned(undo_square_marks(text)) } else { Cow::Borrowed(text) };
    let squared = match undo_scheme(&squared) {
        Some(with_scheme) => Cow::Owned(with_scheme),
        None => squared,
    };
    let end = authority_end(&squared);
    if !squared[..end].bytes().any(is_mark) {
        return squared;
    }
    let (authority, rest) = squared.split_at(end);
    let mut whole = undo_authority_marks(authority);
    whole.push_str(rest);
    Cow::Owned(whole)
}

/// True for a byte every mark but a scheme's has one of.
fn is_mark(byte: u8) -> bool {
    matches!(byte, b'[' | b']' | b'(' | b'{' | b'<' | b'\\')
}

/// Undoes a defanged scheme name in front of `:`; `None` when the scheme is not defanged.
fn undo_scheme(text: &str) -> Option<String> {
    if !matches!(text.as_bytes().first(), Some(b'h' | b'H' | b'f' | b'F')) {
        return None;
    }
    let (scheme, rest) = text.split_once(':')?;
    if scheme.len() > 6 || !rest.starts_with(['/', '\\']) {
        return None;
    }
    let real = match scheme.to_ascii_lowercase().as_str() {
        "hxxp" | "htxp" | "hxtp" | "htxxp" | "h**p" | "h__p" => "http",
        "hxxps" | "htxps" | "hxtps" | "htxxps" | "h**ps" | "h__ps" => "https",
        "fxp" => "ftp",
        _ => return None,
    };
    Some(format!("{real}:{rest}"))
}

/// Where the path, query or fragment begins.
fn authority_end(text: &str) -> usize {
    let scheme = text.find("://").filter(|at| !text[..*at].contains(['/', '?', '#']));
    let start = scheme.map_or(0, |at| at + 3);
    text[start..].find(['/', '?', '#']).map_or(text.len(), |at| start + at)
}

/// Marks that end in `]`, undone the moment their last byte is written: what is left can hold none.
fn undo_square_marks(text: &str) -> String {
    undo_closed(text, &[('[', ']')])
}

/// The marks that are undone only before the path.
fn undo_authority_marks(authority: &str) -> String {
    let closed = undo_closed(authority, &[('(', ')'), ('{', '}'), ('<', '>')]);
    let mut out = String::with_capacity(closed.len());
    for c in closed.chars() {
        if c == '.' {
            out.truncate(out.trim_end_matches('\\').len());
        }
        out.push(c);
    }
    if out.contains("[.") || out.contains(".]") {
        return out.replace("[.", ".").replace(".]", ".");
    }
    out
}

/// What a bracketed word stands for. The last three only occur in square brackets.
const WORDS: [(&str, &str); 8] =
    [(".", "."), ("dot", "."), (":", ":"), ("@", "@"), ("at", "@"), ("/", "/"), ("//", "//"), ("://", "://")];

fn undo_closed(text: &str, pairs: &[(char, char)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c| pairs.iter().any(|(_, close)| *close == c)) {
        let (before, from_close) = rest.split_at(at);
        out.push_str(before);
        let (close, after) = from_close.split_at(1);
        let open = pairs.iter().find(|(_, end)| close.starts_with(*end)).map(|(open, _)| *open);
        if let Some((start, meaning)) = open.and_then(|open| mark_before(&out, open)) {
            out.truncate(start);
            out.truncate(out.trim_end_matches(' ').len());
            out.push_str(meaning);
            rest = after.trim_start_matches(' ');
        } else {
            out.push_str(close);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// The mark opened by `open` that ends where `out` ends: where it starts and what it stands for.
fn mark_before(out: &str, open: char) -> Option<(usize, &'static str)> {
    // The longest word is `://` or `dot`, with a space on either side, after the bracket.
    let tail_start = out.len().saturating_sub(6);
    let at = tail_start + out.as_bytes()[tail_start..].iter().rposition(|b| char::from(*b) == open)?;
    let word = out[at + 1..].trim_matches(' ');
    let (_, meaning) = WORDS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name))?;
    Some((at, meaning))
}

#[cfg(test)]
mod tests {
    use super::refang;

    #[test]
    fn undoes_every_mark_of_the_list() {
        for (input, expected) in [
            ("example.com", "example.com"),
            ("example[.]com", "example.com"),
            ("example [.] com", "example.com"),
            ("example[ . ]com", "example.com"),
            ("example(.)com", "example.com"),
            ("example{.}com", "example.com"),
            ("example[dot]com", "example.com"),
            ("example(DOT)com", "example.com"),
            ("example\\.com", "example.com"),
            ("example[.com", "example.com"),
            ("example.]com", "example.com"),
            ("hxxp://example[.]com/a[.]php", "http://example.com/a.php"),
            ("hXXps[:]//example.com", "https://example.com"),
            ("hxxps[://]example.com", "https://example.com"),
            ("htxxp://example.com", "http://example.com"),
            ("fxp://example.com", "ftp://example.com"),
            ("hxxp[:][/][/]example[.]com[/]a", "http://example.com/a"),
            ("user[at]example[.]com", "user@example.com"),
            ("user[@]example.com", "user@example.com"),
            ("user (at) example (dot) com", "user@example.com"),
            ("192.0.2.1[:]80", "192.0.2.1:80"),
            ("http://example.com/a(.)b\\.c", "http://example.com/a(.)b\\.c"),
            ("[2001:db8::1]:443", "[2001:db8::1]:443"),
            ("2001[:]db8[:][:]1", "2001:db8::1"),
            ("a[[dot]]b", "a.b"),
        ] {
            assert_eq!(refang(input), expected, "{input:?}");
            assert_eq!(refang(&refang(input)), expected, "{input:?} twice");
        }
    }
}
