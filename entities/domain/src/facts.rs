//! What is known about an indicator without asking anybody: names, suffixes, hosts, special ranges,
//! what is private.

pub mod host;
pub mod namespace;
pub mod private;
pub mod special;

pub use host::{address_of, host_of, name_of};
pub use namespace::{Namespace, namespace, public_suffix, registrable_domain, suffix_key};
pub use private::is_private;
pub use special::{SpecialRange, special_purpose, special_range_of};
