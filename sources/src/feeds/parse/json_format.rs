//! One JSON document with rows somewhere inside, read without holding the document.

use std::cell::RefCell;
use std::io::BufReader;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::fields::map_row;
use super::room::{Bounded, Room};
use super::{Body, ParseError, Rows};
use crate::feeds::format::JsonFormat;

pub(super) fn parse(
    format: &JsonFormat,
    body: &mut dyn Body,
    rows: &mut Rows<'_, '_>,
) -> Result<(), ParseError> {
    let mut ordinal = 0;
    let mut each = |row: Value| {
        ordinal += 1;
        map_row(&format.fields, ordinal, &row, rows)
    };
    let paths: Vec<Vec<&str>> = format.rows.iter().map(|path| segments(path)).collect();
    walk(paths, body, &mut each)
}

/// The segments of a dotted path; none for the empty path.
pub(super) fn segments(path: &str) -> Vec<&str> {
    path.split('.').filter(|segment| !segment.is_empty()).collect()
}

/// Calls `each` for every element of the arrays at `paths`, in the order of the document.
pub(super) fn walk(
    paths: Vec<Vec<&str>>,
    body: &mut dyn Body,
    each: &mut dyn FnMut(Value) -> Result<(), ParseError>,
) -> Result<(), ParseError> {
    let room = Room::default();
    let walk = RefCell::new(Walk { each, failed: None });
    let reader = BufReader::with_capacity(64 << 10, Bounded::new(body, &room));
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let read = Place { paths, walk: &walk, room: &room }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    if let Some(failed) = walk.into_inner().failed {
        return Err(failed);
    }
    read.map_err(|error| ParseError::Document(error.to_string()))
}

struct Walk<'e> {
    each: &'e mut dyn FnMut(Value) -> Result<(), ParseError>,
    failed: Option<ParseError>,
}

/// A place in the document and the paths that lead on from it.
struct Place<'p, 'w, 'e> {
    paths: Vec<Vec<&'p str>>,
    walk: &'w RefCell<Walk<'e>>,
    /// For what is held: a key, a row. What is passed over may be of any size.
    room: &'w Room,
}

impl<'p, 'w, 'e> Place<'p, 'w, 'e> {
    /// What leads on through `key`; `None` when nothing does.
    fn through(&self, key: &str) -> Option<Place<'p, 'w, 'e>> {
        let paths: Vec<_> = self
            .paths
            .iter()
            .filter(|path| path.first().is_some_and(|head| *head == "*" || *head == key))
            .map(|path| path[1..].to_vec())
            .collect();
        if paths.is_empty() { None } else { Some(Place { paths, walk: self.walk, room: self.room }) }
    }

    fn rows_here(&self) -> bool {
        self.paths.iter().any(Vec::is_empty)
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of rows, or an object on the way to one")
    }

    /// `null` where rows could be: no rows.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        loop {
            self.room.open();
            let Some(key) = map.next_key::<String>()? else { return Ok(()) };
            self.room.lift();
            match self.through(&key) {
                Some(place) => map.next_value_seed(place)?,
                None => map.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if self.rows_here() {
            loop {
                self.room.open();
                let Some(row) = seq.next_element::<Value>()? else { break };
                let mut walk = self.walk.borrow_mut();
                if let Err(failed) = (walk.each)(row) {
                    walk.failed = Some(failed);
                    return Err(A::Error::custom("stopped"));
                }
            }
            self.room.lift();
            return Ok(());
        }
        let mut index = 0_usize;
        loop {
            let more = match self.through(&index.to_string()) {
                Some(place) => seq.next_element_seed(place)?.is_some(),
                None => seq.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                return Ok(());
            }
            index += 1;
        }
    }
}
