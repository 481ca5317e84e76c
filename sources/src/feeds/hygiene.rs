//! When an answer may replace good data: pure rules over what was fetched and what was read.
//!
//! A rejected answer changes nothing; the generation that is live stays.

use serde::{Deserialize, Serialize};

use super::definition::FeedDefinition;
use super::format::Format;
use super::report::ParseReport;

/// Why an answer does not replace the live generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum FeedRejection {
    /// Any status but 200.
    #[error("the publisher answered with status {status}, not 200")]
    Status {
        /// The status.
        status: u16,
        /// How long the publisher asks to wait, seconds.
        retry_after_seconds: Option<u64>,
    },
    /// A page for people: an error page, a login, a captcha.
    #[error("the answer is an HTML page, not a list; open the address in a browser to see what it says")]
    Html,
    /// A content type no list has.
    #[error("the answer's content type is `{content_type}`, which no list has")]
    ContentType {
        /// The content type.
        content_type: String,
    },
    /// No bytes, or no rows.
    #[error("the answer is empty")]
    Empty,
    /// The body is not what the format says.
    #[error("{problem}")]
    Unreadable {
        /// What is wrong with it.
        problem: String,
    },
    /// More rows were refused than taken.
    #[error("{rejected} of {rows} rows do not read; has the format changed?")]
    MostlyRejected {
        /// Refused rows.
        rejected: u64,
        /// All rows.
        rows: u64,
    },
    /// Fewer entries than the definition asks for.
    #[error("the answer has {entries} entries, fewer than the {minimum} the definition asks for")]
    TooFewRows {
        /// Entries found.
        entries: u64,
        /// Entries asked for.
        minimum: u64,
    },
    /// The list shrank by more than the definition allows.
    #[error(
        "the list shrank from {before} to {entries} entries, more than {percent} %; refresh by force if that is right"
    )]
    Shrunk {
        /// Entries of the live generation.
        before: u64,
        /// Entries found.
        entries: u64,
        /// The most it may shrink, percent.
        percent: u8,
    },
    /// The body is larger than allowed.
    #[error("the answer is larger than {bytes} bytes")]
    TooLarge {
        /// The limit.
        bytes: u64,
    },
}

impl FeedRejection {
    /// The short name used in rows and metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Html => "html",
            Self::ContentType { .. } => "content_type",
            Self::Empty => "empty",
            Self::Unreadable { .. } => "unreadable",
            Self::MostlyRejected { .. } => "mostly_rejected",
            Self::TooFewRows { .. } => "too_few_rows",
            Self::Shrunk { .. } => "shrunk",
            Self::TooLarge { .. } => "too_large",
        }
    }
}

/// Content types that are certainly no list.
const NO_LIST: [&str; 7] =
    ["image/", "audio/", "video/", "font/", "application/pdf", "application/javascript", "multipart/"];

/// Looks at a body before it is read: its content type, whether it is empty, whether it is a page.
pub fn check_body(format: &Format, content_type: Option<&str>, start: &[u8]) -> Result<(), FeedRejection> {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    if start.is_empty() {
        return Err(FeedRejection::Empty);
    }
    let declared = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let declared = declared.to_ascii_lowercase();
    if declared == "text/html" || declared == "application/xhtml+xml" || looks_like_html(start) {
        return Err(FeedRejection::Html);
    }
    let line_format = matches!(format, Format::Plain { .. } | Format::Scored {} | Format::Csv(_));
    let wrong_data = line_format && matches!(declared.as_str(), "application/json" | "application/xml");
    if wrong_data || NO_LIST.iter().any(|prefix| declared.starts_with(prefix)) {
        return Err(FeedRejection::ContentType { content_type: declared });
    }
    Ok(())
}

/// True for the start of a page or any XML: none of our formats begins so.
fn looks_like_html(start: &[u8]) -> bool {
    let head: Vec<u8> = start.iter().take(64).map(u8::to_ascii_lowercase).collect();
    [&b"<!doctype"[..], b"<html", b"<head", b"<body", b"<script", b"<title", b"<?xml", b"<!--"]
        .iter()
        .any(|tag| head.starts_with(tag))
}

/// Looks at what was read: refused rows, the minimum, the shrink guard. `before` is the number of entries of the live
/// generation.
pub fn check_rows(
    definition: &FeedDefinition,
    report: &ParseReport,
    entries: u64,
    before: Option<u64>,
) -> Result<(), FeedRejection> {
    if report.rows == 0 {
        return Err(FeedRejection::Empty);
    }
    let rejected = report.rejected_rows();
    if rejected > report.entries {
        return Err(FeedRejection::MostlyRejected { rejected, rows: report.rows });
    }
    if entries < definition.min_rows {
        return Err(FeedRejection::TooFewRows { entries, minimum: definition.min_rows });
    }
    let percent = definition.max_shrink_percent;
    let before = before.unwrap_or_default();
    // entries / before < 1 − percent / 100, in whole numbers.
    if u128::from(entries) * 100 < u128::from(before) * u128::from(100 - percent.min(100)) {
        return Err(FeedRejection::Shrunk { before, entries, percent });
    }
    Ok(())
}
