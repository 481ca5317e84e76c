//! Why a body is refused as a whole.

/// A body that makes no submission; nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// More values than one submission may have.
    #[error("the body has more than {limit} values; split it into several submissions")]
    TooMany {
        /// The limit.
        limit: u64,
    },
    /// The CSV has no such column.
    #[error("the CSV has no column `{column}`; its columns are {found}")]
    NoSuchColumn {
        /// What was asked for.
        column: String,
        /// The header.
        found: String,
    },
    /// No column of the CSV looks like indicators.
    #[error(
        "no column of the CSV looks like indicators; name it with `column=`, by header or by number from 1"
    )]
    ColumnNeeded,
    /// A JSON line is neither a string nor an object with the field.
    #[error("line {line} is not JSON ({reason}); send one JSON string or object a line")]
    NotJson {
        /// The line, from 1.
        line: u32,
        /// What is wrong with it.
        reason: String,
    },
}
