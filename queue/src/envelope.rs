//! What travels through a queue: ids of rows and nothing else.

use serde::Deserialize;

/// One message: the ids of the rows to work on. No indicator, secret or user is ever in it.
///
/// On the wire it is a JSON object, `{"ids":[1,2]}`; unknown fields are ignored so that an older worker reads a
/// newer feeder's messages during a rolling deploy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Envelope {
    /// Ids of rows; [`Queue::push`](crate::Queue::push) puts exactly one into each envelope.
    pub ids: Vec<i64>,
}

/// A payload that is no envelope: it is counted, logged and skipped, never retried.
#[derive(Debug, thiserror::Error)]
#[error("a payload in the queue is not an envelope of ids: {0}")]
pub struct EnvelopeError(#[from] serde_json::Error);

impl Envelope {
    /// An envelope of one id.
    pub fn of(id: i64) -> Self {
        Self { ids: vec![id] }
    }

    /// Reads a payload as found in a queue.
    pub fn decode(payload: &[u8]) -> Result<Self, EnvelopeError> {
        Ok(serde_json::from_slice(payload)?)
    }

    /// Writes the payload. By hand, because a list of integers cannot fail to be JSON and serde's signature can.
    pub fn encode(&self) -> Vec<u8> {
        let ids = self.ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        format!("{{\"ids\":[{ids}]}}").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::Envelope;

    #[test]
    fn the_wire_form_is_stable() {
        assert_eq!(Envelope { ids: vec![7, -1] }.encode(), br#"{"ids":[7,-1]}"#);
    }

    #[test]
    fn what_is_written_is_read() {
        for ids in [vec![], vec![i64::MIN, 0, i64::MAX]] {
            let envelope = Envelope { ids };
            assert_eq!(Envelope::decode(&envelope.encode()).unwrap(), envelope);
        }
    }

    #[test]
    fn a_newer_feeder_may_add_fields() {
        assert_eq!(Envelope::decode(br#"{"ids":[7],"trace":"00-ab"}"#).unwrap(), Envelope::of(7));
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
