//! What is known about an indicator without asking anybody: names, suffixes, hosts, special ranges.

pub mod host;
pub mod namespace;
pub mod special;

pub use host::{address_of, host_of, name_of};
pub use namespace::{Namespace, namespace, public_suffix, registrable_domain, suffix_key};
pub use special::{SpecialRange, special_purpose, special_range_of};
