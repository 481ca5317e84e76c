//! Settings and shutdown, as an operator meets them.

mod settings;
mod shutdown;
