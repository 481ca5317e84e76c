//! Indicators out of HTML: of the text a reader sees and of the addresses behind links.

use std::borrow::Cow;

use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};

use super::{Extract, Extracted};
use crate::CustomKinds;
use text::MappedText;

mod text;

/// Attributes whose value is an address.
const ADDRESSES: [&[u8]; 8] =
    [b"action", b"background", b"cite", b"data", b"formaction", b"href", b"poster", b"src"];

/// Elements inside a line: their tags separate nothing, `evil<b>.example</b>` is one name.
const INLINE: [&[u8]; 22] = [
    b"a", b"abbr", b"acronym", b"b", b"big", b"code", b"del", b"dfn", b"em", b"font", b"i", b"ins", b"kbd",
    b"mark", b"s", b"small", b"span", b"strong", b"tt", b"u", b"var", b"wbr",
];

/// Finds every indicator in the text and the link attributes of a document, in the order of the document.
///
/// Spans are bytes of `html`: from the first to the last byte that contributes, with character references (`&#46;`) as
/// long as they are written and inline tags between included. Comments, scripts and styles are not read; a relative
/// address is no indicator.
pub fn extract_html(html: &str) -> Vec<Extracted<'_>> {
    extract_html_with(html, &CustomKinds::default())
}

/// [`extract_html`] with the custom kinds that are looked for in text.
pub fn extract_html_with<'t>(html: &'t str, kinds: &CustomKinds) -> Vec<Extracted<'t>> {
    let (text, found) = (MappedText::default(), Vec::new());
    let mut document = Document { html, kinds, text, found, hidden: false, is_address: false };
    let mut emitter =
        CallbackEmitter::new(|event: CallbackEvent<'_>, span: html5gum::Span<usize>| -> Option<()> {
            document.event(&event, span.start..span.end);
            None
        });
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(()) = token;
    }
    document.flush();
    document.found
}

struct Document<'t, 'k> {
    html: &'t str,
    kinds: &'k CustomKinds,
    text: MappedText,
    found: Vec<Extracted<'t>>,
    /// Inside a script or a style.
    hidden: bool,
    /// The last attribute name was one of [`ADDRESSES`].
    is_address: bool,
}

impl Document<'_, '_> {
    fn event(&mut self, event: &CallbackEvent<'_>, span: std::ops::Range<usize>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.separate(name);
                self.hidden = matches!(*name, b"script" | b"style");
            }
            CallbackEvent::EndTag { name } => {
                self.separate(name);
                self.hidden = false;
            }
            CallbackEvent::AttributeName { name } => self.is_address = ADDRESSES.contains(name),
            CallbackEvent::AttributeValue { .. } if self.is_address => self.address(span),
            CallbackEvent::String { .. } if !self.hidden => self.text.push(self.html, span, false),
            _ => {}
        }
    }

    fn separate(&mut self, tag: &[u8]) {
        if INLINE.binary_search(&tag).is_err() {
            self.flush();
        }
    }

    fn address(&mut self, span: std::ops::Range<usize>) {
        self.flush();
        let written = self.html.get(span.clone()).unwrap_or_default().trim_start();
        let absolute = written.starts_with("//") || written.contains(':');
        if absolute && !written.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")) {
            self.text.push(self.html, span, true);
            self.flush();
        }
    }

    /// Reads the text collected so far, which nothing joins to what follows.
    fn flush(&mut self) {
        for Extracted { span, raw, parsed } in Extract::with(self.text.decoded(), self.kinds) {
            let source = self.text.source(&span);
            let raw = match self.html.get(source.clone()) {
                Some(written) if written == raw => Cow::Borrowed(written),
                _ => Cow::Owned(raw.into_owned()),
            };
            self.found.push(Extracted { span: source, raw, parsed });
        }
        self.text.clear();
    }
}
