//! What stands around a candidate and makes it something else: a file, a version, a detection name, a program's word.

use super::classes::{self, DIGIT, HIGH, NAME};
use super::run::Run;
use super::scan::Scanner;
use crate::Parsed;
use crate::facts::namespace::{Namespace, namespace, registrable_domain};

/// Suffixes that are file extensions too. Extensions that name many more hosts than files in feeds (`cc`, `pl`,
/// `ai`, `in`, `me`, `com`) are not here.
const EXTENSIONS: [&str; 17] = [
    "app", "cab", "cat", "data", "dot", "inc", "java", "map", "md", "mov", "ps", "pub", "py", "rs", "sh",
    "so", "zip",
];

/// Suffixes outside the DNS that are nothing but hosts.
const HIDDEN: [&str; 4] = ["bazar", "bit", "i2p", "onion"];

/// Words in front of a number with four parts that make it a version.
const VERSION_WORDS: [&str; 14] = [
    "build", "chapter", "figure", "firmware", "release", "rev", "revision", "section", "table", "update",
    "v", "ver", "version", "versions",
];

/// Objects of a program: `this.name`, `window.open`.
const OBJECTS: [&str; 7] = ["console", "document", "module", "process", "self", "this", "window"];

/// The suffixes most hosts have; none is a word of a program.
const COMMON: [&str; 7] = ["biz", "com", "info", "net", "org", "top", "xyz"];

/// Products written like a name, exactly so.
const PRODUCTS: [&str; 8] =
    ["ADO.NET", "ASP.NET", "ML.NET", "Paint.NET", "Socket.IO", "System.IO", "System.Net", "VB.NET"];

/// True when the run has the shape of a name under a suffix somebody runs.
pub(super) fn is_name(scan: &mut Scanner<'_>, name: &Run) -> bool {
    let bytes = scan.bytes();
    if name.end <= name.last_label || name.dots == 0 || name.end - name.start > 1024 {
        return false;
    }
    let last = &scan.text[name.last_label..name.end];
    scan.count(last.len());
    if last.len() > 63 || bytes[name.start] == b'-' || name.has(HIGH) && mixes_unspaced(scan, name) {
        return false;
    }
    let ascii = last.is_ascii();
    let a_label = last.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("xn--"));
    if ascii && !a_label && !last.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    // Detection looks at the whole name; this keeps `report.docx` and its like from getting there.
    // Some countries have no suffix of two letters alone (`co.za`, never `za`).
    !ascii || a_label || last.len() == 2 || is_suffix(last, name.marked)
}

fn is_suffix(last: &str, marked: bool) -> bool {
    let mut lower = [0; 63];
    let lower = &mut lower[..last.len()];
    lower.copy_from_slice(last.as_bytes());
    lower.make_ascii_lowercase();
    let Ok(lower) = std::str::from_utf8(lower) else { return false };
    match namespace(lower) {
        Namespace::Icann | Namespace::Private => true,
        Namespace::Unknown => false,
        // `.lib`, `.test`, `.o` and their like are anything but hosts where nobody defanged them.
        Namespace::Special | Namespace::Alternative | Namespace::Retired => marked || HIDDEN.contains(&lower),
    }
}

/// A label of a script without spaces and ASCII letters together is two words: `访问example`.
fn mixes_unspaced(scan: &mut Scanner<'_>, name: &Run) -> bool {
    let text = &scan.text[name.start..name.end];
    scan.count(text.len());
    text.split('.').any(|label| {
        label.chars().any(classes::is_unspaced) && label.bytes().any(|byte| byte.is_ascii_alphanumeric())
    })
}

/// True when a name stands where a host does.
pub(super) fn is_host(scan: &mut Scanner<'_>, name: &Run) -> bool {
    if name.marked {
        return true;
    }
    let (bytes, text) = (scan.bytes(), scan.text);
    let written = &text[name.start..name.end];
    scan.count(written.len());
    if scan.in_path {
        return false;
    }
    let first = &text[name.start..name.first_label_end];
    let last = &text[name.last_label..name.end];
    if first.eq_ignore_ascii_case("www") {
        return true;
    }
    let capitals = last.bytes().any(|byte| byte.is_ascii_uppercase());
    !(capitals && PRODUCTS.contains(&written)
        || is_member(first, last, name)
        || is_file(first, last, name, has_more(bytes, name.end))
        || is_detection_name(text, name, last)
        || is_package(first, last, name)
        || is_sentence(first, last)
        || is_call(bytes, name.end, last))
}

/// True when a port or a path follows, which no file name has.
fn has_more(bytes: &[u8], end: usize) -> bool {
    match bytes.get(end) {
        Some(b'/' | b'?') => classes::is(bytes, end + 1, NAME),
        Some(b':') => classes::is(bytes, end + 1, DIGIT),
        _ => false,
    }
}

fn is_file(first: &str, last: &str, name: &Run, more: bool) -> bool {
    if more || last.len() > 4 || !EXTENSIONS.iter().any(|extension| extension.eq_ignore_ascii_case(last)) {
        return false;
    }
    // Bundles are written `Flash Player.app`; three labels under `app` are `project.web.app`.
    !last.eq_ignore_ascii_case("app") || name.dots == 1 && first.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// `Win32/Filecoder.AE`, `Trojan.Emotet.IT`: a country code in capitals behind a word that is not.
fn is_detection_name(text: &str, name: &Run, last: &str) -> bool {
    last.len() == 2
        && last.bytes().all(|byte| byte.is_ascii_uppercase())
        && text[name.start..name.last_label].bytes().any(|byte| byte.is_ascii_lowercase())
}

/// `com.example.app`: a name turned round, as Java and Android write packages.
fn is_package(first: &str, last: &str, name: &Run) -> bool {
    name.dots >= 2
        && matches!(first, "com" | "org" | "net" | "io")
        && last.len() > 2
        && !COMMON.contains(&last)
}

/// `done.It was`: the space behind a full stop is missing.
fn is_sentence(first: &str, last: &str) -> bool {
    let mut letters = last.bytes();
    letters.next().is_some_and(|byte| byte.is_ascii_uppercase())
        && letters.all(|byte| byte.is_ascii_lowercase())
        && first.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
}

/// `this.name`: a word of a program behind one of its objects.
fn is_member(first: &str, last: &str, name: &Run) -> bool {
    name.dots == 1 && OBJECTS.contains(&first) && !COMMON.contains(&last)
}

/// `request.open(url)`; reports write the address of a host in brackets behind it, so not under every suffix.
fn is_call(bytes: &[u8], end: usize, last: &str) -> bool {
    bytes.get(end) == Some(&b'(') && last.len() > 2 && !COMMON.contains(&last)
}

/// True for `www._example_.com`: nobody registers a name between underscores.
pub(super) fn is_emphasised(parsed: &Parsed) -> bool {
    let value = parsed.indicator.value();
    value.contains('_')
        && registrable_domain(value)
            .and_then(|name| name.split('.').next())
            .is_some_and(|label| label.starts_with('_') || label.ends_with('_'))
}

/// True when four numbers are an address and not a version.
pub(super) fn is_address(scan: &mut Scanner<'_>, run: &Run) -> bool {
    if run.marked {
        return true;
    }
    let bytes = scan.bytes();
    // `Chrome/91.0.4.124`, `1.2.3.4-beta`, `$1.2.3.4`.
    let product = scan.in_path && bytes[run.start - 1] == b'/';
    !product && !is_version(scan, run.start) && !scan.text[..run.start].ends_with(['$', '.', '\\'])
}

/// Looks at the word in front, sixteen bytes at most.
fn is_version(scan: &mut Scanner<'_>, start: usize) -> bool {
    let word = word_before(scan, start);
    !word.is_empty() && VERSION_WORDS.iter().any(|version| version.eq_ignore_ascii_case(word))
}

/// True when the words in front say that a run of hex digits is a serial number.
pub(super) fn is_serial(scan: &mut Scanner<'_>, start: usize) -> bool {
    scan.count(24);
    let bytes = scan.bytes();
    let window = &bytes[start.saturating_sub(24)..start];
    let window = &window[window.iter().rposition(|byte| *byte == b'\n').map_or(0, |line| line + 1)..];
    window.windows(6).any(|six| six.eq_ignore_ascii_case(b"serial"))
}

fn word_before<'t>(scan: &mut Scanner<'t>, start: usize) -> &'t str {
    scan.count(20);
    let bytes = scan.bytes();
    let gap = |byte: &u8| matches!(byte, b' ' | b'\t' | b':' | b'=' | b'.' | b'"' | b'(');
    let end = (start.saturating_sub(4)..start).rev().find(|at| !gap(&bytes[*at])).map_or(start, |at| at + 1);
    let from = (end.saturating_sub(12)..end).rev().take_while(|at| bytes[*at].is_ascii_alphabetic()).last();
    from.map_or("", |from| &scan.text[from..end])
}
