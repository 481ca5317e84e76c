//! Words of the vocabulary that have a number in rows and a name in documents.

/// Declares an enum of `Variant = number "name"`, with `ALL`, `code`, `from_code` and `as_str`.
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant = $code),+ }

        impl $name {
            /// Every one, in the order of their codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The number stored in rows.
            pub const fn code(self) -> u8 {
                self as u8
            }

            /// The one of a stored number.
            pub fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The name used in the API and in documents.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

pub(crate) use coded;
