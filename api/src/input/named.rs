//! What named things have in common on their way in: slugs, names, and the pages of their lists.

use std::fmt::Debug;

use aggregator_entities::repositories::listing::{Head, Listing, Place};
use aggregator_openapi::ProblemId;
use aggregator_openapi::listing::ListPage;

use super::page::{Cursors, page_size};
use super::text::plain;
use crate::failure::Failure;

/// The longest slug, bytes.
const MAX_SLUG_BYTES: usize = 64;

/// The longest name, characters.
const MAX_NAME_CHARS: usize = 200;

/// A field of a body that is wrong.
pub(crate) fn wrong(field: &str, what: &str) -> Failure {
    Failure::new(ProblemId::InvalidBody, format!("`{field}` {what}"))
}

/// A slug for something new.
pub(crate) fn slug(field: &str, text: &str) -> Result<(), Failure> {
    let bytes = text.as_bytes();
    let fits = (1..=MAX_SLUG_BYTES).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
        && bytes.first() != Some(&b'-')
        && bytes.last() != Some(&b'-');
    if fits {
        return Ok(());
    }
    Err(wrong(field, "must be 1 to 64 lower-case letters, digits and hyphens, none of these at an end"))
}

/// A name for people: trimmed, not empty, printable.
pub(crate) fn name(text: &str) -> Result<String, Failure> {
    match text {
        _ if text.chars().any(char::is_control) => Err(wrong("name", "holds a control character")),
        _ if text.chars().count() > MAX_NAME_CHARS => Err(wrong("name", "is longer than 200 characters")),
        _ if text.trim().is_empty() => Err(wrong("name", "is empty")),
        _ => Ok(text.trim().to_owned()),
    }
}

/// The longest description, characters.
const MAX_DESCRIPTION_CHARS: usize = 2_000;

/// A description for people: not too long, no NUL.
pub(crate) fn description(text: &str) -> Result<(), Failure> {
    if text.chars().count() > MAX_DESCRIPTION_CHARS || text.contains('\0') {
        return Err(wrong("description", "is longer than 2,000 characters or holds a NUL"));
    }
    Ok(())
}

/// The longest search, characters.
const MAX_SEARCH_CHARS: usize = 200;

/// A text to look for in slugs and names.
pub(crate) fn search(text: &str) -> Result<String, Failure> {
    if text.chars().count() > MAX_SEARCH_CHARS {
        return Err(Failure::new(ProblemId::InvalidParameter, "`search` is longer than 200 characters"));
    }
    plain("search", text)
}

/// One page of a list of named things, and the way to the next.
pub(crate) struct Pages {
    cursors: Cursors,
    limit: u32,
    /// What to read: one entry more than the page has.
    pub(crate) listing: Listing,
}

impl Pages {
    /// The page asked for of the list `list` under `filter`, whose debug form says all of it.
    pub(crate) fn of(list: &str, page: ListPage<'_>, filter: &impl Debug) -> Result<Self, Failure> {
        let limit = page_size(page.part.limit)?;
        let search = page.search.map(search).transpose()?;
        let (by, descending) = page.part.sort.parts();
        let cursors = Cursors::of(list, &(filter, &search, by, descending));
        let after = match page.part.cursor {
            Some(cursor) => Some(read(&cursors.open(cursor)?).ok_or_else(Cursors::refusal)?),
            None => None,
        };
        Ok(Self { cursors, limit, listing: Listing { search, by, descending, after, limit: limit + 1 } })
    }

    /// Cuts what was read to the page; the cursor of the next one.
    pub(crate) fn cut<T>(&self, rows: &mut Vec<T>, head: impl Fn(&T) -> &Head) -> Option<String> {
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        let last = rows.last().filter(|_| more)?;
        Some(self.cursors.seal(&written(&self.listing.place(head(last)))))
    }
}

/// A place as bytes: the id, then the key.
fn written(place: &Place) -> Vec<u8> {
    match place {
        Place::Text(text, id) => [&id.to_be_bytes()[..], b"t", text.as_bytes()].concat(),
        Place::Time(time, id) => [&id.to_be_bytes()[..], b"n", &time.to_be_bytes()].concat(),
    }
}

fn read(bytes: &[u8]) -> Option<Place> {
    let (id, rest) = bytes.split_first_chunk()?;
    let (form, key) = rest.split_first()?;
    let id = i64::from_be_bytes(*id);
    match form {
        b't' => Some(Place::Text(std::str::from_utf8(key).ok()?.to_owned(), id)),
        b'n' => Some(Place::Time(i64::from_be_bytes(key.try_into().ok()?), id)),
        _ => None,
    }
}
