//! Pages: how many entries, and cursors that are opaque to clients and bound to their list, its filter and its order.

use std::fmt::{Debug, Write};

use aggregator_openapi::ProblemId;

use crate::failure::Failure;

/// The most entries of a page.
const MOST: u32 = 1_000;

/// The entries of a page when nothing is said.
const USUAL: u32 = 100;

/// The entries a page may have: `limit`, where it is given.
pub(crate) fn page_size(limit: Option<u32>) -> Result<u32, Failure> {
    match limit.unwrap_or(USUAL) {
        limit if (1..=MOST).contains(&limit) => Ok(limit),
        limit => Err(Failure::new(
            ProblemId::InvalidParameter,
            format!("`limit` is {limit}; it may be 1 to {MOST}"),
        )),
    }
}

/// Seals places of one list under one filter and in one order into cursors, and opens no others.
///
/// A cursor is the place and a keyed checksum over list, filter and place, in hex: a client that alters one or brings it
/// to another list is told so instead of getting a page that means nothing. It guards no secret.
pub(crate) struct Cursors {
    scope: blake3::Hasher,
}

/// Bytes of the checksum.
const CHECK_BYTES: usize = 8;

impl Cursors {
    /// Cursors of the list `list` under `filter`, whose debug form says all of it: the order, too.
    pub(crate) fn of(list: &str, filter: &impl Debug) -> Self {
        let mut scope = blake3::Hasher::new_derive_key("indicator-aggregator 2026-11 page cursors");
        scope.update(list.as_bytes());
        scope.update(&[0]);
        scope.update(format!("{filter:?}").as_bytes());
        scope.update(&[0]);
        Self { scope }
    }

    /// The cursor of a place.
    pub(crate) fn seal(&self, place: &[u8]) -> String {
        let mut hasher = self.scope.clone();
        let check = hasher.update(place).finalize();
        place.iter().chain(&check.as_bytes()[..CHECK_BYTES]).fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// The place of a cursor that [`Cursors::seal`] of the same list, filter and order made.
    pub(crate) fn open(&self, cursor: &str) -> Result<Vec<u8>, Failure> {
        place(cursor).filter(|place| self.seal(place) == cursor).ok_or_else(Self::refusal)
    }

    /// What is said of a cursor that does not open.
    pub(crate) fn refusal() -> Failure {
        Failure::new(
            ProblemId::CursorInvalid,
            "the cursor was altered, or made for another list, filter or order",
        )
    }
}

/// The bytes before the checksum.
fn place(cursor: &str) -> Option<Vec<u8>> {
    let (digits, []) = cursor.as_bytes().as_chunks::<2>() else { return None };
    let places = digits.get(..digits.len().checked_sub(CHECK_BYTES)?)?;
    places.iter().map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::Cursors;

    #[test]
    fn a_cursor_opens_where_it_was_made_and_nowhere_else() {
        let cursors = Cursors::of("items", &("filter", 1));
        let sealed = cursors.seal(&[0, 17]);
        assert_eq!(cursors.open(&sealed).unwrap(), [0, 17]);
        for other in [Cursors::of("items", &("filter", 2)), Cursors::of("rejects", &("filter", 1))] {
            assert!(other.open(&sealed).is_err());
        }
        for at in 0..sealed.len() {
            let mut altered = sealed.clone().into_bytes();
            altered[at] = if altered[at] == b'0' { b'1' } else { b'0' };
            assert!(cursors.open(&String::from_utf8(altered).unwrap()).is_err(), "{at}");
            assert!(cursors.open(&sealed[..at]).is_err(), "{at}");
        }
        for nonsense in ["", "é", "ééééééééé", &sealed.to_uppercase(), &format!("{sealed}00")] {
            assert!(cursors.open(nonsense).is_err() || nonsense == sealed, "{nonsense}");
        }
    }
}
