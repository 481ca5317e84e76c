//! Extraction through the public door: tricky cases, properties, work, and the score on the real texts.

#![expect(clippy::expect_used, reason = "a test that cannot read its data stops")]

mod bytes;
mod corpora;
mod explain;
mod html;
mod linear;
mod properties;
mod score;
mod scores;
mod vectors;
