//! An indicator: one canonical value of one kind, and its identity.

use crate::{Kind, custom};

/// One canonical value of one kind. Made only by parsing (`crate::detect`), so holding one is the proof that
/// its value is canonical.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Indicator {
    kind: Kind,
    value: Box<str>,
}

impl Indicator {
    /// Takes a value that is already canonical: from a parser of this crate or from a row one of them filled.
    pub fn from_canonical(kind: Kind, value: impl Into<Box<str>>) -> Self {
        Self { kind, value: value.into() }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The canonical value.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The canonical value, owned.
    pub fn into_value(self) -> Box<str> {
        self.value
    }

    /// The slug of its custom kind; `None` of a built-in kind.
    pub fn custom_kind(&self) -> Option<&str> {
        custom::parts(self.kind, &self.value).0
    }

    /// The value as people write it: the canonical one, of a custom kind without the slug.
    pub fn shown(&self) -> &str {
        custom::parts(self.kind, &self.value).1
    }

    /// Its identity; see [`IndicatorId::of`].
    pub fn id(&self) -> IndicatorId {
        IndicatorId::of(self.kind, &self.value)
    }
}

/// Identity of an indicator: the first 128 bits of BLAKE3 over (kind name, NUL, canonical value).
///
/// Computed, never read back: two processes that meet the same value agree without asking the database. The
/// hash is cryptographic, so nobody can craft a value that hides behind another's identity.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndicatorId(pub [u8; 16]);

impl IndicatorId {
    /// The identity of a canonical value.
    pub fn of(kind: Kind, canonical: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(kind.as_str().as_bytes());
        hasher.update(&[0]);
        hasher.update(canonical.as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(id)
    }

    /// Reads the 32 hex digits that [`Display`](std::fmt::Display) writes; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let mut id = [0; 16];
        for (byte, pair) in id.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(id))
    }
}

impl std::fmt::Display for IndicatorId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for IndicatorId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IndicatorId({self})")
    }
}
