//! The binary, as its users start it.

#[cfg(test)]
mod serving;
