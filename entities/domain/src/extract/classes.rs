//! What each byte can be a part of: one look per byte decides where candidates begin and end.

/// `0`–`9`.
pub(super) const DIGIT: u8 = 1;
/// `a`–`f` and `A`–`F`.
pub(super) const HEX: u8 = 1 << 1;
/// The other ASCII letters.
pub(super) const ALPHA: u8 = 1 << 2;
/// `-` and `_`, which join words inside a name.
pub(super) const JOIN: u8 = 1 << 3;
/// Part of a character outside ASCII.
pub(super) const HIGH: u8 = 1 << 4;
/// Ends whatever stood before it: white space, control characters, quotes, brackets, list separators.
pub(super) const BREAK: u8 = 1 << 5;

/// ASCII letters and digits.
pub(super) const ALNUM: u8 = DIGIT | HEX | ALPHA;
/// What the labels of a name are made of.
pub(super) const NAME: u8 = ALNUM | JOIN;

static TABLE: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop ends at 256")]
        let class = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => HEX,
            b'g'..=b'z' | b'G'..=b'Z' => ALPHA,
            b'-' | b'_' => JOIN,
            0x80.. => HIGH,
            0..=b' '
            | 0x7f
            | b'"'
            | b'\''
            | b'`'
            | b'<'
            | b'>'
            | b'|'
            | b','
            | b';'
            | b'('
            | b')'
            | b'['
            | b']'
            | b'{'
            | b'}' => BREAK,
            _ => 0,
        };
        table[byte] = class;
        byte += 1;
    }
    table
};

/// The class of a byte.
pub(super) fn class(byte: u8) -> u8 {
    TABLE[usize::from(byte)]
}

/// True when the byte at `at` exists and has one of the classes.
pub(super) fn is(bytes: &[u8], at: usize, classes: u8) -> bool {
    bytes.get(at).is_some_and(|byte| class(*byte) & classes != 0)
}

/// True when the byte before `at` exists and has one of the classes.
pub(super) fn was(bytes: &[u8], at: usize, classes: u8) -> bool {
    at.checked_sub(1).is_some_and(|before| is(bytes, before, classes))
}

/// The end of the run of these classes that begins at `from`.
pub(super) fn run_end(bytes: &[u8], from: usize, classes: u8) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| class(*byte) & classes == 0).unwrap_or(rest.len())
}

/// The character outside ASCII that begins at `at`, when it can be part of a name or a path; else `Err` with its length.
///
/// Spaces, punctuation and full-width forms separate: reports put curly quotes, dashes and CJK stops next to values.
pub(super) fn high_char(text: &str, at: usize) -> Result<(char, usize), usize> {
    let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { return Err(1) };
    let separates = matches!(c,
        '\u{80}'..='\u{bf}' | '\u{d7}' | '\u{f7}' | '\u{1680}' | '\u{2000}'..='\u{206f}' | '\u{2e00}'..='\u{2e7f}'
        | '\u{3000}'..='\u{303f}' | '\u{fe00}'..='\u{fe6f}' | '\u{feff}' | '\u{ff00}'..='\u{ffef}' | '\u{fff0}'..='\u{ffff}');
    if separates { Err(c.len_utf8()) } else { Ok((c, c.len_utf8())) }
}

/// True for scripts written without spaces, where a name follows the word before it directly.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
