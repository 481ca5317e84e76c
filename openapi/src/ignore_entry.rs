//! Entries of ignore lists on the wire, and what an import of them tells.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::domain;
use aggregator_entities::repositories::ignore_lists as row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::indicator::mirror;
use crate::page::{page_parameters, sorts};

/// The most entries one request takes.
pub const MAX_ENTRIES: usize = 200_000;

/// The most rejects an answer tells one by one.
pub const MAX_REJECTS: usize = 1_000;

mirror! {
    /// How an entry matches.
    EntryMode of domain::EntryMode {
        /// The indicator itself.
        Exact = "exact",
        /// A domain and everything below it.
        Suffix = "suffix",
        /// A URL and everything below it.
        UrlPrefix = "url_prefix",
        /// Every address and every smaller network of a block.
        Network = "cidr",
        /// Text found in the canonical value; an address or a domain is only found whole.
        Substring = "substring",
        /// A regular expression over the canonical value.
        Regex = "regex",
    }
}

mirror! {
    /// Why a line or a value is no entry.
    EntryReject of domain::RowReject {
        /// There is no value.
        MissingValue = "missing_value",
        /// The line is not what the format says.
        Malformed = "malformed",
        /// Longer than 8,192 bytes.
        TooLong = "too_long",
        /// Is not UTF-8.
        InvalidUtf8 = "invalid_utf8",
        /// Looks like no known kind.
        Unrecognised = "unrecognised",
        /// Breaks the rules of its kind.
        Invalid = "invalid",
        /// Could be of more than one kind.
        Ambiguous = "ambiguous",
        /// Is of a kind its mode does not take.
        KindNotWanted = "kind_not_wanted",
        /// Is too short, no regular expression, or too large a one.
        BadPattern = "bad_pattern",
    }
}

impl EntryReject {
    /// Why and what to do, for people.
    const fn message(self) -> &'static str {
        match self {
            Self::MissingValue => "there is no value; give one",
            Self::Malformed => "the line is not what the format says; write one value a line",
            Self::TooLong => "the value is longer than 8,192 bytes; shorten it",
            Self::InvalidUtf8 => "the value is not UTF-8; convert the file to UTF-8",
            Self::Unrecognised => {
                "this looks like no known indicator kind; check the spelling, or give its mode"
            }
            Self::Invalid => "the value is not valid for its mode; check the spelling",
            Self::Ambiguous => "the value could be of more than one kind; give a regular expression instead",
            Self::KindNotWanted => "the mode takes no value of this kind; give another mode",
            Self::BadPattern => {
                "this is no regular expression of an acceptable size, or a substring of fewer than 3 bytes"
            }
        }
    }
}

sorts! {
    /// The order of entries; with `-` from the last to the first.
    EntrySort {
        /// By id.
        #[default]
        Id = "id",
        /// By id, backwards.
        IdDescending = "-id",
    }
}

page_parameters! {
    /// Which entries to list.
    ListEntriesParameters {
        /// Only those that match so.
        mode: EntryMode,
        /// Only those that contain this; upper and lower case are the same.
        #[param(max_length = 8192, pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
        search: String,
    }
    /// The order; by id when absent.
    sort: EntrySort
}

/// A value to be put on an ignore list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIgnoreEntry {
    /// The value, defanged or not.
    #[schema(example = ".example.com")]
    pub value: String,
    /// How it matches. When absent its form tells: `.example.com` suffix, `192.0.2.0/24` cidr, `/…/` regular expression,
    /// else exact.
    pub mode: Option<EntryMode>,
}

/// Values to be put on an ignore list (at most 1 MiB; send more as text, one a line).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"entries": [{"value": "192.0.2.0/24"}, {"value": "example.com", "mode": "suffix"}]}))]
pub struct IgnoreEntries {
    /// The values, at most 200,000.
    #[schema(max_items = 200_000)]
    pub entries: Vec<NewIgnoreEntry>,
}

/// An entry of an ignore list. It never changes: another value is another entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(IgnoreEntry::example()))]
pub struct IgnoreEntry {
    /// Its identity within the list: 32 hex digits, made of mode and value.
    #[schema(pattern = "^[0-9a-f]{32}$", example = json!(IgnoreEntry::example().id))]
    pub id: String,
    /// How it matches.
    pub mode: EntryMode,
    /// Its canonical value.
    #[schema(example = "example.com")]
    pub value: String,
    /// When it was added.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub created_at: String,
}

/// Entries, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"entries": [IgnoreEntry::example()], "next": null}))]
pub struct IgnoreEntryPage {
    /// The entries.
    pub entries: Vec<IgnoreEntry>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

/// A line or a value that is no entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(RejectedEntry::example()))]
pub struct RejectedEntry {
    /// The line of the text, from 1; for a JSON list the place of the value.
    #[schema(example = 7)]
    pub line: u64,
    /// Why, for programs.
    pub reason: EntryReject,
    /// Why and what to do, for people.
    #[schema(example = json!(RejectedEntry::example().message))]
    pub message: String,
    /// Its beginning: at most 256 characters, what cannot be printed replaced by U+FFFD.
    #[schema(example = "10.0.0.0/99")]
    pub raw: String,
}

/// What became of the values sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"read": 4, "added": 2, "known": 1, "rejected": 1, "rejects": [RejectedEntry::example()]}))]
pub struct ImportedEntries {
    /// Values read; comments and empty lines do not count.
    #[schema(example = 4)]
    pub read: u64,
    /// Entries the list did not have.
    #[schema(example = 2)]
    pub added: u64,
    /// Values it had already, or that were sent twice.
    #[schema(example = 1)]
    pub known: u64,
    /// Values that are no entries.
    #[schema(example = 1)]
    pub rejected: u64,
    /// The first 1,000 of them, with line and reason.
    pub rejects: Vec<RejectedEntry>,
}

impl From<row::Entry> for IgnoreEntry {
    fn from(row: row::Entry) -> Self {
        Self {
            id: row.id.to_string(),
            mode: row.mode.into(),
            value: row.text,
            created_at: rfc3339(row.created_at),
        }
    }
}

impl IgnoreEntry {
    /// An entry for the document's examples.
    pub fn example() -> Self {
        Self {
            id: domain::IgnoreEntryId::of(domain::EntryMode::Suffix, "example.com").to_string(),
            mode: EntryMode::Suffix,
            value: "example.com".to_owned(),
            created_at: "2026-11-21T02:03:04.567Z".to_owned(),
        }
    }
}

impl RejectedEntry {
    /// A reject with its reason in words.
    pub fn new(line: u64, reason: domain::RowReject, raw: String) -> Self {
        let reason = EntryReject::from(reason);
        Self { line, reason, message: reason.message().to_owned(), raw }
    }

    /// A reject for the document's examples.
    pub fn example() -> Self {
        Self::new(7, domain::RowReject::Invalid, "10.0.0.0/99".to_owned())
    }
}
