//! What travels through a queue: ids of rows, and where their trace goes on.

use aggregator_platform::TraceParent;
use serde::Deserialize;

/// One message: the ids of the rows to work on, and the span that pushed them where they are traced. No indicator, secret or user
/// is ever in it.
///
/// On the wire it is a JSON object, `{"ids":[1,2]}` or `{"ids":[1],"trace":"00-…-01"}`; unknown fields are ignored so that an
/// older worker reads a newer feeder's messages during a rolling deploy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Envelope {
    /// Ids of rows; [`Queue::push`](crate::Queue::push) puts exactly one into each envelope.
    pub ids: Vec<i64>,
    /// The push, in a trace; what is no `traceparent` counts as none.
    #[serde(default, deserialize_with = "trace")]
    pub trace: Option<TraceParent>,
}

/// A payload that is no envelope: it is counted, logged and skipped, never retried.
#[derive(Debug, thiserror::Error)]
#[error("a payload in the queue is not an envelope of ids: {0}")]
pub struct EnvelopeError(#[from] serde_json::Error);

impl Envelope {
    /// An envelope of one id, in no trace.
    pub fn of(id: i64) -> Self {
        Self { ids: vec![id], trace: None }
    }

    /// Reads a payload as found in a queue.
    pub fn decode(payload: &[u8]) -> Result<Self, EnvelopeError> {
        Ok(serde_json::from_slice(payload)?)
    }

    /// Writes the payload. By hand, because a list of integers cannot fail to be JSON and serde's signature can.
    pub fn encode(&self) -> Vec<u8> {
        let ids = self.ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        // A trace is digits and dashes.
        let trace = self.trace.map(|trace| format!(",\"trace\":\"{trace}\"")).unwrap_or_default();
        format!("{{\"ids\":[{ids}]{trace}}}").into_bytes()
    }
}

/// Any value: ids are worked on whatever stands beside them.
fn trace<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<TraceParent>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(value.as_str().and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::Envelope;

    const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_wire_form_is_stable() {
        assert_eq!(Envelope { ids: vec![7, -1], trace: None }.encode(), br#"{"ids":[7,-1]}"#);
        let traced = Envelope { trace: TRACE.parse().ok(), ..Envelope::of(7) };
        assert_eq!(traced.encode(), format!(r#"{{"ids":[7],"trace":"{TRACE}"}}"#).as_bytes());
    }

    #[test]
    fn what_is_written_is_read() {
        for (ids, trace) in [(vec![], None), (vec![i64::MIN, 0, i64::MAX], TRACE.parse().ok())] {
            let envelope = Envelope { ids, trace };
            assert_eq!(Envelope::decode(&envelope.encode()).unwrap(), envelope);
        }
    }

    #[test]
    fn a_newer_feeder_may_add_fields() {
        assert_eq!(Envelope::decode(br#"{"ids":[7],"more":"00-ab"}"#).unwrap(), Envelope::of(7));
    }

    #[test]
    fn a_trace_that_is_none_keeps_no_id_from_being_worked_on() {
        for trace in [r#""00-ab""#, "7", "null", r#"{"a":["b"]}"#] {
            let payload = format!(r#"{{"ids":[7],"trace":{trace}}}"#);
            assert_eq!(Envelope::decode(payload.as_bytes()).unwrap(), Envelope::of(7), "{payload}");
        }
    }

    #[test]
    fn rubbish_is_an_error() {
        for payload in
            [&b"\xff\x00"[..], b"", b"7", b"{}", br#"{"ids":["x"]}"#, br#"{"ids":[9223372036854775808]}"#]
        {
            assert!(Envelope::decode(payload).is_err(), "{payload:?}");
        }
    }
}
