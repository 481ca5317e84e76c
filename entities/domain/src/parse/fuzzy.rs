//! Fuzzy hashes: ssdeep and TLSH.

use super::{Naming, plain};
use crate::detect::Parsed;
use crate::{Kind, Reject};

/// The most characters a part of an ssdeep hash has (`SPAMSUM_LENGTH` of ssdeep).
const MAX_PART: usize = 64;
/// The fewest characters the first part has when the block size is not the smallest: ssdeep halves the block size
/// until the part is half of the most.
const MIN_LONG_PART: usize = 32;

/// The ssdeep hash of an empty file, which is written like the IPv6 address `3::`.
pub(crate) const EMPTY_FILE: &str = "3::";

/// Reads `blocksize:part:part`, with ssdeep's own `,"file name"` behind it or not. `None` where it does not look
/// like one: three numbers or a host and a port are never ssdeep.
pub(crate) fn ssdeep(text: &str, naming: Naming) -> Option<Result<Parsed, Reject>> {
    if !text.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    let text = text.split_once(',').map_or(text, |(hash, _file_name)| hash);
    let mut parts = text.split(':');
    let (size, first, second) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !is_block_size(size) || !is_part(first) || !is_part(second) {
        return None;
    }
    let long_enough = match size {
        "3" => {
            first.is_empty() == second.is_empty() && !first.bytes().all(|b| b.is_ascii_digit())
                || text == "3::"
        }
        _ => first.len() >= MIN_LONG_PART,
    };
    (naming == Naming::Named || long_enough).then(|| Ok(plain(Kind::Ssdeep, text)))
}

/// 3 · 2^n, as ssdeep counts.
fn is_block_size(text: &str) -> bool {
    let Ok(size) = text.parse::<u32>() else { return false };
    !text.starts_with('0') && size % 3 == 0 && (size / 3).is_power_of_two()
}

fn is_part(text: &str) -> bool {
    text.len() <= MAX_PART && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

/// Reads 70 hex digits with or without the version `T1` in front. `None` where it does not look like one.
pub(crate) fn tlsh(text: &str) -> Option<Result<Parsed, Reject>> {
    let digits = match text.len() {
        70 => text,
        72 if text.as_bytes()[0].eq_ignore_ascii_case(&b'T') && text.as_bytes()[1] == b'1' => {
            text.get(2..)?
        }
        _ => return None,
    };
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Some(Ok(plain(Kind::Tlsh, format!("T1{}", digits.to_ascii_uppercase()))))
}
