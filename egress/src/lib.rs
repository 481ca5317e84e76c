//! The one outbound HTTP client: everything the platform fetches from elsewhere goes through [`Egress`].
//!
//! What it guarantees, whoever wrote the address: only `http` and `https`; **every** address a name resolves to is
//! looked at and one bad one refuses all ([`policy`]); the connection goes to an address that was looked at, so a name
//! that changes its mind in between gains nothing; redirects are followed by hand, at most three, each looked at anew,
//! never from `https` to `http`; proxies of the environment are ignored; one deadline covers the whole exchange and
//! one limit the bytes after decompression.

mod config;
mod download;
mod fetch;
pub mod policy;

pub use config::{AllowedNetwork, EgressConfig};
pub use download::{Download, Downloaded, Egress, EgressError, Head};
pub use fetch::{Request, Response};
pub use policy::Refusal;
pub use reqwest::Method;
