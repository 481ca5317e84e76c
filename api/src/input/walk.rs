//! Pages of lists that are walked by one key: every list but those of named things.

use std::fmt::Debug;

use aggregator_entities::domain::{IgnoreEntryId, IndicatorId};
use aggregator_entities::ids::{LookupId, SourceId, SubmissionId, TaskId};
use aggregator_entities::repositories::lookups::LookupPlace;
use aggregator_entities::repositories::walk::Walk;
use aggregator_openapi::page::{PagePart, Sort};

use super::page::{Cursors, page_size};
use crate::failure::Failure;

/// A place in a list, as the bytes of a cursor.
pub(crate) trait Placed: Sized {
    /// The place as bytes.
    fn bytes(&self) -> Vec<u8>;

    /// The place that these bytes are.
    fn of(bytes: &[u8]) -> Option<Self>;
}

/// One page of such a list, and the way to the next.
pub(crate) struct Walks<P> {
    cursors: Cursors,
    /// What to read.
    pub(crate) walk: Walk<P>,
}

impl<P: Placed> Walks<P> {
    /// The page asked for of the list `list` under `filter`, whose debug form says all of it.
    pub(crate) fn of<S: Sort>(
        list: &str,
        part: PagePart<'_, S>,
        filter: &impl Debug,
    ) -> Result<Self, Failure> {
        let limit = page_size(part.limit)?;
        let cursors = Cursors::of(list, &(filter, part.sort));
        let after = match part.cursor {
            Some(cursor) => Some(P::of(&cursors.open(cursor)?).ok_or_else(Cursors::refusal)?),
            None => None,
        };
        Ok(Self { cursors, walk: Walk { after, descending: part.sort.is_descending(), limit } })
    }

    /// The cursor of the page behind a place.
    pub(crate) fn next(&self, place: Option<P>) -> Option<String> {
        place.map(|place| self.cursors.seal(&place.bytes()))
    }
}

impl Placed for i32 {
    fn bytes(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

macro_rules! placed_by_id {
    ($($id:ident),+) => {$(
        impl Placed for $id {
            fn bytes(&self) -> Vec<u8> {
                self.0.to_be_bytes().to_vec()
            }

            fn of(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(i64::from_be_bytes).map(Self)
            }
        }
    )+};
}
placed_by_id!(SubmissionId, LookupId, TaskId);

macro_rules! placed_by_identity {
    ($($id:ident),+) => {$(
        impl Placed for $id {
            fn bytes(&self) -> Vec<u8> {
                self.0.to_vec()
            }

            fn of(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }
    )+};
}
placed_by_identity!(IndicatorId, IgnoreEntryId);

/// Eight bytes are a lookup, twelve an item and a source.
impl Placed for LookupPlace {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Lookup(id) => id.bytes(),
            Self::Item(ordinal, source) => [&ordinal.to_be_bytes()[..], &source.0.to_be_bytes()].concat(),
        }
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        if let Some(id) = LookupId::of(bytes) {
            return Some(Self::Lookup(id));
        }
        let (ordinal, source) = bytes.split_first_chunk()?;
        let source = SourceId(i64::from_be_bytes(source.try_into().ok()?));
        Some(Self::Item(i32::from_be_bytes(*ordinal), source))
    }
}

/// A number, and a text that decides between equals.
impl Placed for (i64, String) {
    fn bytes(&self) -> Vec<u8> {
        [&self.0.to_be_bytes()[..], self.1.as_bytes()].concat()
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        let (number, text) = bytes.split_first_chunk()?;
        Some((i64::from_be_bytes(*number), std::str::from_utf8(text).ok()?.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_its_bytes() {
        for place in [LookupPlace::Lookup(LookupId(7)), LookupPlace::Item(3, SourceId(9))] {
            assert_eq!(LookupPlace::of(&place.bytes()), Some(place));
        }
        let place = (-1, "worker-1".to_owned());
        assert_eq!(<(i64, String)>::of(&place.bytes()), Some(place));
        assert_eq!(i32::of(&5_i32.bytes()), Some(5));
        assert_eq!(TaskId::of(&[0; 7]), None);
        assert_eq!(LookupPlace::of(&[0; 9]), None);
    }
}
