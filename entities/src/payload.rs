//! The items of a chunk on their way to the screen job, as one compressed value in the chunk's row.
//!
//! Format 1: the byte `1`, then an LZ4 block (size-prefixed) of items, each: kind (1 byte), value, raw form + 1 or 0 when
//! it equals the value, line, position, port + 1 or 0. Numbers are LEB128, texts length-prefixed UTF-8. Format 2, of derived
//! items, adds the ordinal each was derived from. Versioned, because
//! an old worker may meet a newer API's chunk in a rolling deploy.

use aggregator_domain::{Indicator, Kind};

use crate::StoreError;

/// One item of a chunk before it is screened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingItem {
    /// The canonical indicator.
    pub indicator: Indicator,
    /// As it was written, when that differs from the canonical value.
    pub raw: Option<Box<str>>,
    /// Line of the body it stood on, from 1.
    pub line: u32,
    /// Byte within the line, from 0.
    pub position: u32,
    /// Port of an `ip:port` form.
    pub port: Option<u16>,
    /// Ordinal of the item whose answer led here; then line and position are 0.
    pub derived_from: Option<u32>,
}

/// Most items of one chunk.
pub const CHUNK_ITEMS: usize = 1_000;

const FORMAT: u8 = 1;
const FORMAT_DERIVED: u8 = 2;

/// Packs items in order.
pub fn encode(items: &[PendingItem]) -> Vec<u8> {
    let derived = items.iter().any(|item| item.derived_from.is_some());
    let mut plain = Vec::with_capacity(items.len() * 80);
    for item in items {
        plain.push(item.indicator.kind().code());
        put_text(&mut plain, item.indicator.value());
        match &item.raw {
            Some(raw) => {
                put_number(&mut plain, raw.len() as u64 + 1);
                plain.extend_from_slice(raw.as_bytes());
            }
            None => plain.push(0),
        }
        put_number(&mut plain, u64::from(item.line));
        put_number(&mut plain, u64::from(item.position));
        put_number(&mut plain, item.port.map_or(0, |port| u64::from(port) + 1));
        if derived {
            put_number(&mut plain, item.derived_from.map_or(0, |ordinal| u64::from(ordinal) + 1));
        }
    }
    let mut packed = vec![if derived { FORMAT_DERIVED } else { FORMAT }];
    packed.extend(lz4_flex::compress_prepend_size(&plain));
    packed
}

/// Unpacks what [`encode`] packed; `Corrupt` for anything else.
pub fn decode(packed: &[u8]) -> Result<Vec<PendingItem>, StoreError> {
    let (derived, plain) = match packed.split_first() {
        Some((format @ &(FORMAT | FORMAT_DERIVED), block)) => {
            let plain = lz4_flex::decompress_size_prepended(block);
            (*format == FORMAT_DERIVED, plain.map_err(|error| corrupt(&error.to_string()))?)
        }
        Some((format, _)) => {
            return Err(corrupt(&format!("format {format} is newer than this worker; update it")));
        }
        None => return Err(corrupt("it is empty")),
    };
    let mut rest = plain.as_slice();
    let mut items = Vec::with_capacity(1_000);
    while let Some((&kind, after)) = rest.split_first() {
        rest = after;
        let kind = Kind::from_code(kind).ok_or_else(|| corrupt("an unknown kind"))?;
        let value = take_text(&mut rest)?;
        let raw = match take_number(&mut rest)? {
            0 => None,
            length => Some(take_bytes(&mut rest, length - 1)?.into()),
        };
        let line = take_u32(&mut rest)?;
        let position = take_u32(&mut rest)?;
        let port = match take_number(&mut rest)? {
            0 => None,
            port => Some(u16::try_from(port - 1).map_err(|_error| corrupt("a port over 65,535"))?),
        };
        let derived_from = match if derived { take_number(&mut rest)? } else { 0 } {
            0 => None,
            ordinal => Some(u32::try_from(ordinal - 1).map_err(|_error| corrupt("an ordinal too large"))?),
        };
        items.push(PendingItem {
            indicator: Indicator::from_canonical(kind, value),
            raw,
            line,
            position,
            port,
            derived_from,
        });
    }
    Ok(items)
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(format!("chunk payload: {what}"))
}

fn put_number(to: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = number.to_le_bytes()[0] & 0x7f;
        number >>= 7;
        if number == 0 {
            return to.push(low);
        }
        to.push(low | 0x80);
    }
}

fn put_text(to: &mut Vec<u8>, text: &str) {
    put_number(to, text.len() as u64);
    to.extend_from_slice(text.as_bytes());
}

fn take_number(from: &mut &[u8]) -> Result<u64, StoreError> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = from.split_first().ok_or_else(|| corrupt("it ends in a number"))?;
        *from = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(corrupt("a number without end"))
}

fn take_u32(from: &mut &[u8]) -> Result<u32, StoreError> {
    u32::try_from(take_number(from)?).map_err(|_error| corrupt("a number too large"))
}

fn take_bytes<'a>(from: &mut &'a [u8], length: u64) -> Result<&'a str, StoreError> {
    let length = usize::try_from(length).map_err(|_error| corrupt("a length too large"))?;
    let (text, rest) = from.split_at_checked(length).ok_or_else(|| corrupt("it ends in a text"))?;
    *from = rest;
    std::str::from_utf8(text).map_err(|_error| corrupt("a text that is not UTF-8"))
}

fn take_text<'a>(from: &mut &'a [u8]) -> Result<&'a str, StoreError> {
    let length = take_number(from)?;
    take_bytes(from, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(value: &str, raw: Option<&str>, port: Option<u16>) -> PendingItem {
        let indicator = Indicator::from_canonical(Kind::Domain, value);
        PendingItem {
            indicator,
            raw: raw.map(Into::into),
            line: 70_000,
            position: 300,
            port,
            derived_from: None,
        }
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let items = [
            item("example.com", None, Some(0)),
            item("a.example", Some(""), Some(65_535)),
            item("é.example", Some("x"), None),
        ];
        assert_eq!(decode(&encode(&items)).unwrap(), items);
        assert_eq!(decode(&encode(&[])).unwrap(), []);
        let derived = items.map(|item| PendingItem { derived_from: Some(0), ..item });
        assert_eq!(decode(&encode(&derived)).unwrap(), derived);
    }

    #[test]
    fn a_damaged_payload_is_an_error_and_no_panic() {
        let packed = encode(&[item("example.com", Some("EXAMPLE.com"), Some(80))]);
        for cut in 0..packed.len() {
            assert!(decode(&packed[..cut]).is_err(), "cut at {cut}");
        }
        assert!(decode(&[9, 1, 2]).unwrap_err().to_string().contains("newer"));
    }
}
