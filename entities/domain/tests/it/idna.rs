//! Unicode's IDNA conformance file (`reference/idna/IdnaTestV2.txt`) through domain parsing.
//!
//! A name is mapped as UTS-46 says or refused; where UTS-46 is content and we refuse, one of our own rules says why.

use std::collections::BTreeMap;

use aggregator_domain::{Kind, parse_as};

/// How many cases of the file are answered how.
const EXPECTED: [(&str, usize); 12] = [
    ("an invisible mark at an end is trimmed", 50),
    ("as UTS-46 says", 464),
    ("punctuation at an end is trimmed", 17),
    ("refused as UTS-46 says", 5500),
    ("refused: a character no name has", 32),
    ("refused: a hyphen at an end", 36),
    ("refused: a last label of digits", 1),
    ("refused: an empty label", 62),
    ("refused: one label", 185),
    ("refused: too long", 39),
    ("the idna crate takes an encoded `xn--`", 1),
    ("the idna crate takes what is unassigned in plane 3", 4),
];

/// Checks we switch off as browsers do (hyphens, STD3) or make ourselves (lengths).
const IGNORED: [&str; 5] = ["V2", "V3", "U1", "A4_1", "A4_2"];

#[test]
fn names_are_mapped_as_uts_46_says() {
    let Some(text) = crate::data::read("reference/idna/IdnaTestV2.txt") else { return };
    let mut counts = BTreeMap::<&str, usize>::new();
    let mut wrong = Vec::new();
    for case in text.lines().filter_map(Case::read) {
        let actual = parse_as(Kind::Domain, &case.source).ok().map(|parsed| parsed.indicator.into_value());
        match case.rule(actual.as_deref()) {
            Some(rule) => *counts.entry(rule).or_default() += 1,
            None => {
                wrong.push(format!("{:?}: {actual:?}, not {:?} {:?}", case.source, case.ascii, case.valid));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(counts, BTreeMap::from(EXPECTED));
}

/// One line of the file: what goes in, and what non-transitional `toASCII` gives.
struct Case {
    source: String,
    unicode: String,
    ascii: String,
    valid: bool,
}

impl Case {
    fn read(line: &str) -> Option<Self> {
        let line = line.split('#').next()?;
        let columns: Vec<&str> = line.split(';').map(str::trim).collect();
        let [source, unicode, unicode_status, ascii, ascii_status, ..] = columns[..] else { return None };
        let or =
            |value: &str, default: &str| if value.is_empty() { default.to_owned() } else { unescape(value) };
        let source = unescape(source);
        let unicode = or(unicode, &source);
        let status = if ascii_status.is_empty() { unicode_status } else { ascii_status };
        let mut codes = status.trim_matches(['[', ']']).split(',').map(str::trim);
        let valid = codes.all(|code| code.is_empty() || IGNORED.contains(&code));
        Some(Self { source, ascii: or(ascii, &unicode), unicode, valid })
    }

    fn rule(&self, actual: Option<&str>) -> Option<&'static str> {
        let ascii = self.ascii.strip_suffix('.').unwrap_or(&self.ascii);
        match actual {
            Some(actual) if self.valid && actual == ascii => Some("as UTS-46 says"),
            None if !self.valid => Some("refused as UTS-46 says"),
            _ if self.source.starts_with(is_joiner) || self.source.ends_with(is_joiner) => {
                Some("an invisible mark at an end is trimmed")
            }
            _ if self.source.starts_with('<') || self.source.ends_with('?') => {
                Some("punctuation at an end is trimmed")
            }
            None => our_rule(ascii),
            Some(_) if self.unicode.contains(|c| ('\u{323b0}'..='\u{3ffff}').contains(&c)) => {
                Some("the idna crate takes what is unassigned in plane 3")
            }
            Some(_) if self.unicode.starts_with("xn--") => Some("the idna crate takes an encoded `xn--`"),
            Some(_) => None,
        }
    }
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Our rule that refuses a name UTS-46 takes.
fn our_rule(ascii: &str) -> Option<&'static str> {
    let labels: Vec<&str> = ascii.split('.').collect();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if labels.len() < 2 {
        Some("refused: one label")
    } else if labels.iter().any(|label| label.is_empty()) {
        Some("refused: an empty label")
    } else if !labels.iter().all(|label| label.bytes().all(plain)) {
        Some("refused: a character no name has")
    } else if labels.iter().any(|label| label.starts_with('-') || label.ends_with('-')) {
        Some("refused: a hyphen at an end")
    } else if ascii.len() > 253 || labels.iter().any(|label| label.len() > 63) {
        Some("refused: too long")
    } else if labels.last()?.bytes().all(|b| b.is_ascii_digit()) {
        Some("refused: a last label of digits")
    } else {
        None
    }
}

/// Undoes `\uXXXX` and `\x{XXXX}`; `""` is the empty string.
fn unescape(text: &str) -> String {
    if text == "\"\"" {
        return String::new();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let (hex, tail) = match after.strip_prefix("x{") {
            Some(after) => after.split_once('}').unwrap(),
            None => after[1..].split_at(4),
        };
        // An unpaired surrogate cannot be in a Rust string; the file has it as an error anyway.
        out.push(char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap_or('\u{fffd}'));
        rest = tail;
    }
    out + rest
}
