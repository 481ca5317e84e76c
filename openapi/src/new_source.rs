//! Sources to be made.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::source::{SourceLimit, full_weight};
use crate::{Name, Slug};

/// A source to be made: one of the program's, asked at another place (a mirror, a service in the own network that speaks its
/// protocol). Its answers, limits and health are its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "slug": "our-rdap", "name": "Our RDAP mirror", "provider": "our-csirt", "adapter": "rdap",
    "base_url": "https://rdap.csirt.example/", "limits": [{"calls": 600, "window_seconds": 60}]
}))]
pub struct CreateSource {
    /// Its name in addresses, for good: 1–64 lower-case letters, digits and hyphens, none of these at an end.
    #[schema(value_type = Slug)]
    pub slug: String,
    /// Its name for people, at most 200 characters.
    #[schema(value_type = Name)]
    pub name: String,
    /// Slug of its provider, which must be there.
    pub provider: String,
    /// Slug of the program's source whose protocol it speaks: one that is `movable`.
    #[schema(example = "rdap")]
    pub adapter: String,
    /// Where it is asked, `http:` or `https:`, for good: answers from another place are another source's. Addresses of the own network
    /// must be allowed by `egress.allow_private`.
    #[schema(max_length = 2048, example = "https://rdap.csirt.example/")]
    pub base_url: String,
    /// False makes it known without asking it; true when absent.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// True lets its lookups wait; false when absent.
    #[serde(default)]
    pub paused: bool,
    /// Calls under way at once, 1–256; as many as of the program's source when absent.
    #[schema(minimum = 1, maximum = 256, example = 4)]
    pub concurrency: Option<i32>,
    /// What its opinions weigh, 0–100; 100 when absent.
    #[serde(default = "full_weight")]
    #[schema(minimum = 0, maximum = 100, example = 100)]
    pub weight: i16,
    /// Its limits, at most 8, each window once; those of the program's source when absent.
    #[schema(max_items = 8)]
    pub limits: Option<Vec<SourceLimit>>,
}

const fn yes() -> bool {
    true
}
