//! The safeties a build can lack on purpose: the negative controls.

use crate::checker::{Promise, Verdict};

/// A safety of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Safety {
    /// Claims are exclusive, and a finish is refused unless its claim still stands.
    Fencing,
    /// Expired offers and leases are taken back.
    Sweep,
}

impl Safety {
    /// The one this build was made without: cargo feature `chaos-without-fencing` or `chaos-without-sweep`.
    pub(crate) fn switched_off() -> Option<Self> {
        if cfg!(feature = "chaos-without-fencing") {
            Some(Self::Fencing)
        } else if cfg!(feature = "chaos-without-sweep") {
            Some(Self::Sweep)
        } else {
            None
        }
    }

    /// Its name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fencing => "fencing",
            Self::Sweep => "sweep",
        }
    }

    /// True when the verdict is red for the reason the lack of this safety gives.
    pub(crate) fn is_missed_by(self, verdict: &Verdict) -> bool {
        match self {
            Self::Fencing => verdict.count(Promise::NothingTwice) + verdict.count(Promise::CountsTrue) > 0,
            Self::Sweep => verdict.count(Promise::NothingLost) > 0,
        }
    }
}
