//! The vocabulary, pure: kinds, indicators, extraction, outcomes, opinions, verdicts, states.
//!
//! Nothing here does I/O, reads a clock or knows a database. Rows live in `aggregator-entities`.

mod classes;
mod coded;
pub mod custom;
pub mod defang;
pub mod detect;
pub mod extract;
pub mod facts;
mod ignore;
pub mod indicator;
pub mod kind;
mod kind_set;
pub mod note;
pub mod opinion;
pub mod outcome;
mod parse;
mod pattern;
pub mod playbook;
pub mod reading;
pub mod refang;
pub mod reject;
mod relation;
mod row_reject;
pub mod state;
pub mod tlp;
mod trim;
pub mod verdict;

pub use custom::{CustomKind, CustomKindDefinition, CustomKinds, KindName};
pub use defang::defang;
pub use detect::{Detection, Parsed, detect, detect_bytes, parse_as};
pub use extract::{Extract, ExtractStream, Extracted, extract, extract_bytes, extract_html};
pub use ignore::{IgnoreEffect, IgnoreEntryId, IgnoreValue};
pub use indicator::{Indicator, IndicatorId};
pub use kind::Kind;
pub use kind_set::KindSet;
pub use opinion::{Opinion, Stance};
pub use outcome::Outcome;
pub use pattern::{EntryMode, Pattern};
pub use playbook::{FollowRule, Playbook, Sources};
pub use refang::refang;
pub use reject::Reject;
pub use relation::Relation;
pub use row_reject::RowReject;
pub use tlp::Tlp;
pub use verdict::{Verdict, VerdictReason};
