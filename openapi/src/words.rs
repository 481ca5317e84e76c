//! Texts with a form of their own, as bodies carry them. What a field is for, the field says.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A name in addresses: 1–64 lower-case letters, digits and hyphens, no hyphen at an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, pattern = "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$", example = "mail")]
pub struct Slug(pub String);

/// The slug of a custom kind: a lower-case letter, then 1–31 lower-case letters, digits and `_`; never the name of a built-in kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, pattern = "^[a-z][a-z0-9_]{1,31}$", example = "employee_id")]
pub struct KindSlug(pub String);

/// A kind by its name: that of a built-in kind, the slug of a custom one, or `custom` for any of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, pattern = "^[a-z][a-z0-9_]{1,31}$", example = "ipv4")]
#[serde(transparent)]
pub struct KindName(pub String);

/// A name for people: 1–200 characters, not blank, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(
    value_type = String, min_length = 1, max_length = 200, example = "Phishing mail",
    pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*[^\\s\\x00-\\x1f\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$"
)]
pub struct Name(pub String);
