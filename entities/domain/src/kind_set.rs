//! A set of indicator kinds in sixteen bits.

use crate::Kind;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A set of kinds. In TOML and JSON it is a list of kind names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KindSet(u16);

impl KindSet {
    /// No kind.
    pub const EMPTY: Self = Self(0);
    /// Every kind, including those a later version may add.
    pub const ALL: Self = Self(u16::MAX);

    /// The set of the kinds given.
    pub fn of(kinds: &[Kind]) -> Self {
        kinds.iter().fold(Self::EMPTY, |set, kind| set.with(*kind))
    }

    /// This set and one kind more.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        Self(self.0 | (1 << kind.code()))
    }

    /// The kinds of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True when `kind` is in the set.
    pub const fn contains(self, kind: Kind) -> bool {
        self.0 & (1 << kind.code()) != 0
    }

    /// True when the set has no kind.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds, in the order of their codes.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }

    /// The only kind of a set of one.
    pub fn single(self) -> Option<Kind> {
        let mut kinds = self.iter();
        kinds.next().filter(|_| kinds.next().is_none())
    }

    /// The bits stored in artifacts: bit n is the kind of code n.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The set of stored bits.
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
}

impl Serialize for KindSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for KindSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Kind>::deserialize(deserializer).map(|kinds| Self::of(&kinds))
    }
}
