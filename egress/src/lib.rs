//! The one outbound HTTP client: everything the platform fetches from elsewhere goes through [`Egress`], into a file
//! ([`Egress::download`]) or into memory ([`Egress::fetch`]).
//!
//! What it guarantees, whoever wrote the address: only `http` and `https`, and no port of another protocol; **every**
//! address a name resolves to is looked at on every call and one bad one refuses all ([`policy`]); the connection goes
//! to an address that was looked at, so a name that changes its mind in between gains nothing; redirects are followed
//! by hand, at most three, each looked at anew, never from `https` to `http`, credentials staying with their origin;
//! proxies of the environment are ignored; one deadline covers the whole exchange, one limit the bytes after
//! decompression and another the head. Connections are kept for a minute and used again for the same name, port and
//! set of addresses only.

mod body;
mod client;
mod clients;
mod config;
mod download;
mod error;
mod fetch;
mod headers;
mod hops;
pub mod policy;
mod resolve;

pub use client::Egress;
pub use config::{AllowedNetwork, EgressConfig, OwnService};
pub use download::{Download, Downloaded, Head};
pub use error::EgressError;
pub use fetch::{Request, Response};
pub use policy::Refusal;
pub use reqwest::Method;
pub use resolve::{Resolve, Resolving};
