//! The HTTP surface: routes, handlers, problem mapping.

pub mod document;
