//! The formats a feed can have, as its definition writes them.

use serde::{Deserialize, Serialize};

/// How the body of a feed is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum Format {
    /// One value a line; `#`, `;` and `//` begin comments, and a comment after a value is kept as its note.
    Plain {
        /// True for a hosts file: the first word of a line is an address, the others are the values.
        #[serde(default)]
        hosts: bool,
    },
    /// A value, white space, a number a line.
    Scored {},
    /// Separated columns.
    Csv(CsvFormat),
    /// One JSON document with rows somewhere inside.
    Json(JsonFormat),
    /// One JSON object a line.
    Ndjson(NdjsonFormat),
    /// A MISP warninglist: `type` and `matching_attributes` decide how entries match.
    Warninglist {},
}

/// Where the names of CSV columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CsvHeader {
    /// In the first row that is no comment.
    #[default]
    First,
    /// In the last comment before the first row.
    Comment,
    /// Nowhere: columns are named by index.
    None,
}

/// A dialect of CSV and what its columns mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvFormat {
    /// What separates columns; one byte, `,` by default.
    #[serde(default = "comma")]
    pub delimiter: char,
    /// What quotes a column; one byte, `"` by default.
    #[serde(default = "quote")]
    pub quote: char,
    /// What begins a comment line; none by default.
    #[serde(default)]
    pub comment: Option<char>,
    /// Where the column names are.
    #[serde(default)]
    pub header: CsvHeader,
    /// True when blanks follow the separator (`"a", "b"`), as abuse.ch writes.
    #[serde(default)]
    pub blank_after_delimiter: bool,
    /// What the columns mean.
    pub columns: Mapping<Column>,
}

fn comma() -> char {
    ','
}

fn quote() -> char {
    '"'
}

/// A column, by name or by index (0 is the first).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// By index.
    Index(usize),
    /// By name; ASCII case and outer blanks are ignored.
    Name(String),
}

/// Rows inside a JSON document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonFormat {
    /// Dotted paths to arrays of rows; `*` is every key or element, an empty path the document itself.
    pub rows: Vec<String>,
    /// What the fields mean; dotted paths inside a row, an empty path the row itself.
    pub fields: Mapping<String>,
}

/// Rows that are lines of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NdjsonFormat {
    /// What the fields mean; dotted paths.
    pub fields: Mapping<String>,
    /// Rows that are no entries: a field that has this text.
    #[serde(default)]
    pub skip: Option<SkipRule>,
}

/// Rows to pass over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkipRule {
    /// The field looked at; a dotted path.
    pub field: String,
    /// The text it has in rows to pass over.
    pub equals: String,
}

/// What the columns or fields of a row mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "F: Deserialize<'de>"))]
pub struct Mapping<F> {
    /// Where the value is: the first of these that is there.
    pub value: Vec<F>,
    /// A number that becomes the opinion by the definition's steps.
    #[serde(default = "none")]
    pub score: Option<F>,
    /// Facts kept: their name here, and where they are.
    #[serde(default = "no_facts")]
    pub facts: std::collections::BTreeMap<String, F>,
    /// Text written before the value (`AS` for a bare number).
    #[serde(default)]
    pub value_prefix: String,
}

fn none<F>() -> Option<F> {
    None
}

fn no_facts<F>() -> std::collections::BTreeMap<String, F> {
    std::collections::BTreeMap::new()
}
