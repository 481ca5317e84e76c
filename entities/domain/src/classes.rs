//! The byte classes of a value, collected in one pass so that its kind can be told without trying every parser.

/// A set of byte classes, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Classes(u16);

impl Classes {
    /// `0`–`9`.
    pub(crate) const DIGIT: Self = Self(1);
    /// `a`–`f`.
    pub(crate) const HEX_LOWER: Self = Self(1 << 1);
    /// `A`–`F`.
    pub(crate) const HEX_UPPER: Self = Self(1 << 2);
    /// `g`–`z`.
    pub(crate) const LOWER: Self = Self(1 << 3);
    /// `G`–`Z`.
    pub(crate) const UPPER: Self = Self(1 << 4);
    /// `.`.
    pub(crate) const DOT: Self = Self(1 << 5);
    /// `-`.
    pub(crate) const HYPHEN: Self = Self(1 << 6);
    /// `_`.
    pub(crate) const UNDERSCORE: Self = Self(1 << 7);
    /// `:`.
    pub(crate) const COLON: Self = Self(1 << 8);
    /// Brackets of any kind and the backslash: what defanging adds.
    pub(crate) const FANG: Self = Self(1 << 9);
    /// Any other byte below 0x80.
    pub(crate) const OTHER: Self = Self(1 << 10);
    /// Part of a character outside ASCII.
    pub(crate) const NON_ASCII: Self = Self(1 << 11);

    /// Hex digits of either case.
    pub(crate) const HEX: Self = Self::DIGIT.and(Self::HEX_LOWER).and(Self::HEX_UPPER);
    /// What a dotted quad is made of.
    pub(crate) const QUAD: Self = Self::DIGIT.and(Self::DOT);
    /// What a canonical DNS name is made of.
    pub(crate) const NAME: Self =
        Self::QUAD.and(Self::HEX_LOWER).and(Self::LOWER).and(Self::HYPHEN).and(Self::UNDERSCORE);

    /// The classes of `text`.
    pub(crate) fn of(text: &[u8]) -> Self {
        Self(text.iter().fold(0, |set, byte| set | TABLE[usize::from(*byte)]))
    }

    /// Both sets together.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True when every class met is one of `allowed`.
    pub(crate) const fn within(self, allowed: Self) -> bool {
        self.0 & !allowed.0 == 0
    }

    /// True when a class of `some` was met.
    pub(crate) const fn has(self, some: Self) -> bool {
        self.0 & some.0 != 0
    }
}

static TABLE: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop ends at 256")]
        let class = match byte as u8 {
            b'0'..=b'9' => Classes::DIGIT,
            b'a'..=b'f' => Classes::HEX_LOWER,
            b'A'..=b'F' => Classes::HEX_UPPER,
            b'g'..=b'z' => Classes::LOWER,
            b'G'..=b'Z' => Classes::UPPER,
            b'.' => Classes::DOT,
            b'-' => Classes::HYPHEN,
            b'_' => Classes::UNDERSCORE,
            b':' => Classes::COLON,
            b'[' | b']' | b'(' | b')' | b'{' | b'}' | b'<' | b'>' | b'\\' => Classes::FANG,
            0x80.. => Classes::NON_ASCII,
            _ => Classes::OTHER,
        };
        table[byte] = class.0;
        byte += 1;
    }
    table
};
