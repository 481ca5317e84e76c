//! `traceparent`, the one line that carries a trace across a hop.

use std::fmt;
use std::str::FromStr;

/// A span somewhere else that work goes on from: the 55 characters of a `traceparent` header.
///
/// It identifies nothing but itself, and nothing is allowed or refused because of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceParent {
    pub(super) trace: u128,
    pub(super) span: u64,
    pub(super) sampled: bool,
}

/// A text that is no `traceparent`: the trace begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent, such as 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
pub struct NotATraceParent;

impl TraceParent {
    /// The trace, 32 hexadecimal digits.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }

    /// The span, 16 hexadecimal digits.
    pub fn span_id(&self) -> String {
        format!("{:016x}", self.span)
    }

    /// True when its trace is kept.
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

impl FromStr for TraceParent {
    type Err = NotATraceParent;

    fn from_str(text: &str) -> Result<Self, NotATraceParent> {
        let mut parts = text.split('-');
        let mut next = |digits| parts.next().and_then(|part| hex(part, digits)).ok_or(NotATraceParent);
        let (version, trace, span, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
        // A later version may say more after a dash; what is known of it stays where it is.
        let is_known = version == 0 && parts.next().is_none() || (1..255).contains(&version);
        let span = u64::try_from(span).ok().filter(|span| *span != 0).ok_or(NotATraceParent)?;
        if !is_known || trace == 0 {
            return Err(NotATraceParent);
        }
        Ok(Self { trace, span, sampled: flags & 1 == 1 })
    }
}

/// So many digits in lower case.
fn hex(part: &str, digits: usize) -> Option<u128> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (part.len() == digits && part.bytes().all(is_hex)).then(|| u128::from_str_radix(part, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::TraceParent;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_is_read_is_written() {
        let parent: TraceParent = GIVEN.parse().unwrap();
        assert_eq!(parent.to_string(), GIVEN);
        assert_eq!(
            (parent.trace_id().as_str(), parent.span_id().as_str(), parent.is_sampled()),
            ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true)
        );
    }

    #[test]
    fn flags_and_later_versions_are_read_as_far_as_they_are_known() {
        let sampled = |text: &str| text.parse::<TraceParent>().map(|parent| parent.is_sampled());
        assert_eq!(sampled(&GIVEN.replace("-01", "-00")), Ok(false));
        assert_eq!(sampled(&GIVEN.replace("-01", "-03")), Ok(true));
        assert_eq!(sampled(&format!("cc{}-more", &GIVEN[2..])), Ok(true));
    }

    #[test]
    fn anything_else_is_refused() {
        let zero_trace = GIVEN.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32));
        let zero_span = GIVEN.replace("00f067aa0ba902b7", &"0".repeat(16));
        for text in [
            "",
            "00",
            &GIVEN[..54],
            &format!("{GIVEN}-more"),
            &format!("{GIVEN}0"),
            &GIVEN.to_uppercase(),
            &GIVEN.replace("4bf9", "4bg9"),
            &GIVEN.replace("00-4bf9", "00-+bf9"),
            &format!("ff{}", &GIVEN[2..]),
            &zero_trace,
            &zero_span,
        ] {
            assert!(text.parse::<TraceParent>().is_err(), "{text}");
        }
    }
}
