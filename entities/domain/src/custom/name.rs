//! Naming a kind: a built-in one, or a custom one by its slug.

use crate::Kind;
use crate::kind::UnknownKind;

/// The longest slug, bytes.
const MAX_SLUG_BYTES: usize = 32;

/// True for what can be the slug of a custom kind: a lower-case letter, then 1 to 31 lower-case letters, digits and `_`. No built-in
/// kind has such a name.
pub fn is_slug(text: &str) -> bool {
    let bytes = text.as_bytes();
    (2..=MAX_SLUG_BYTES).contains(&bytes.len())
        && bytes[0].is_ascii_lowercase()
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_')
        && text.parse::<Kind>().is_err()
}

/// How a caller names a kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KindName {
    /// A built-in kind; [`Kind::Custom`] stands for any custom one.
    Kind(Kind),
    /// A custom kind.
    Slug(Box<str>),
}

impl KindName {
    /// The kind an indicator so named has.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Kind(kind) => *kind,
            Self::Slug(_) => Kind::Custom,
        }
    }

    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Kind(kind) => kind.as_str(),
            Self::Slug(slug) => slug,
        }
    }
}

impl From<Kind> for KindName {
    fn from(kind: Kind) -> Self {
        Self::Kind(kind)
    }
}

impl std::str::FromStr for KindName {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        match name.parse() {
            Ok(kind) => Ok(Self::Kind(kind)),
            Err(_) if is_slug(name) => Ok(Self::Slug(name.into())),
            Err(unknown) => Err(unknown),
        }
    }
}

impl std::fmt::Display for KindName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
