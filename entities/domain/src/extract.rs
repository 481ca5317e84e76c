//! Indicators out of prose, lists, mail, logs and HTML, with the bytes each one stands at.
//!
//! [`extract`] finds candidates, [`crate::detect()`] decides what each is: a candidate that detection refuses is not
//! found. What a candidate is depends on what stands around it, which detection of one value cannot know:
//!
//! - a name under a suffix that is a file extension too (`setup.sh`, `invoice.zip`) is a file unless something says
//!   host: a defanged dot, a scheme, `www.`, a port or a path;
//! - a name or an address inside a file path or behind `version` is none;
//! - digits are a hash when they are a whole word of 32, 40, 64 or 128, never a part of a longer one, and not a serial
//!   number; a hash broken over two lines is one hash;
//! - the domain of a URL or of an e-mail address is part of it and not found again;
//! - custom kinds are looked for in what is left between the others ([`Extract::with`]).
//!
//! One pass, no backtracking: the work is linear in the length of the text ([`Extract::work`] counts it).

use std::borrow::Cow;
use std::ops::Range;

use crate::{CustomKinds, Parsed};
use candidate::Hit;
use custom::Words;
use scan::Scanner;

mod bytes;
mod candidate;
mod classes;
mod context;
mod custom;
mod html;
mod marks;
mod network;
mod run;
mod scan;
mod stream;
mod url;
mod word;

pub use bytes::{ExtractBytes, extract_bytes};
pub use html::{extract_html, extract_html_with};
pub use stream::ExtractStream;

/// An indicator and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted<'t> {
    /// The bytes of the input it stands at; both ends are character boundaries.
    pub span: Range<usize>,
    /// What is written there. In HTML, with character references decoded and tags left out.
    pub raw: Cow<'t, str>,
    /// What it is.
    pub parsed: Parsed,
}

/// Finds every indicator of a text, in order. Spans never overlap.
///
/// ```
/// let found = aggregator_domain::extract("C2: hxxps://evil[.]example[.]com/gate.php (seen 2024-01-02)");
/// assert_eq!(found[0].parsed.indicator.value(), "https://evil.example.com/gate.php");
/// assert_eq!(found[0].span, 4..41);
/// ```
pub fn extract(text: &str) -> Vec<Extracted<'_>> {
    Extract::new(text).collect()
}

/// [`extract`] one indicator at a time, without a list of all of them.
#[derive(Debug, Clone)]
pub struct Extract<'t> {
    scanner: Scanner<'t>,
    custom: Option<Custom>,
}

/// Custom kinds beside the built-in ones.
#[derive(Debug, Clone)]
struct Custom {
    words: Words,
    /// The next indicator of a built-in kind: it comes after those of custom kinds that stand before it.
    ahead: Option<Hit>,
    /// True when no indicator of a built-in kind follows.
    is_last: bool,
}

impl<'t> Extract<'t> {
    /// Begins at the first byte of `text`.
    pub fn new(text: &'t str) -> Self {
        Self { scanner: Scanner::new(text), custom: None }
    }

    /// The same, with the custom kinds that are looked for in text.
    pub fn with(text: &'t str, kinds: &CustomKinds) -> Self {
        let custom = Words::of(kinds).map(|words| Custom { words, ahead: None, is_last: false });
        Self { scanner: Scanner::new(text), custom }
    }

    /// Bytes looked at so far, each as often as it was looked at: by the scan itself, by the readers of candidates and
    /// by detection; not by custom kinds. Bounded by a small multiple of the length of the text, whatever the text.
    pub fn work(&self) -> u64 {
        self.scanner.work
    }
}

impl<'t> Iterator for Extract<'t> {
    type Item = Extracted<'t>;

    fn next(&mut self) -> Option<Extracted<'t>> {
        let Hit { span, parsed } = match &mut self.custom {
            None => self.scanner.next_hit()?,
            Some(custom) => custom.next_hit(&mut self.scanner)?,
        };
        Some(Extracted { raw: Cow::Borrowed(&self.scanner.text[span.clone()]), span, parsed })
    }
}

impl Custom {
    fn next_hit(&mut self, scanner: &mut Scanner<'_>) -> Option<Hit> {
        let text = scanner.text;
        if self.ahead.is_none() && !self.is_last {
            self.ahead = scanner.next_hit();
            self.is_last = self.ahead.is_none();
        }
        let until = self.ahead.as_ref().map_or(text.len(), |hit| hit.span.start);
        if let Some(hit) = self.words.next_before(text, until) {
            return Some(hit);
        }
        let hit = self.ahead.take()?;
        self.words.skip_to(hit.span.end);
        Some(hit)
    }
}
