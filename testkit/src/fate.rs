//! What a service is told to do about an indicator, so that a test can tell how its lookup must end and what it costs.

use std::time::Duration;

use aggregator_entities::domain::Outcome;

use crate::upstream::Reply;

/// The fate of a lookup at a service that answers as Shodan's `InternetDB` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Known.
    Found,
    /// Not known.
    NotFound,
    /// 429 with Retry-After once, then known.
    LimitedOnce,
    /// 500 once, then known.
    BrokenOnce,
    /// 500, whenever asked.
    Broken,
    /// The connection ends without an answer, whenever asked.
    Reset,
    /// No answer within the deadline, whenever asked.
    Hang,
    /// 401.
    Unauthorised,
    /// A web page with status 200.
    Page,
}

impl Fate {
    /// The fate of a value at a source: the same whoever asks. Of a hundred, 60 are found, 22 not, and 18 go wrong.
    pub fn of(source: &str, value: &str) -> Self {
        // FNV-1a: spreads neighbours, is the same everywhere.
        let hash = source.bytes().chain(value.bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        match (hash >> 20) % 100 {
            0..60 => Self::Found,
            60..82 => Self::NotFound,
            82..84 => Self::LimitedOnce,
            84..88 => Self::BrokenOnce,
            88..91 => Self::Broken,
            91..93 => Self::Reset,
            93..95 => Self::Hang,
            95 => Self::Unauthorised,
            _ => Self::Page,
        }
    }

    /// How the lookup ends.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Found | Self::LimitedOnce | Self::BrokenOnce => Outcome::Found,
            Self::NotFound => Outcome::NotFound,
            Self::Broken | Self::Reset => Outcome::Unavailable,
            Self::Hang => Outcome::Timeout,
            Self::Unauthorised => Outcome::Unauthorised,
            Self::Page => Outcome::Malformed,
        }
    }

    /// How many calls that takes: failures are tried three times.
    pub fn calls(self) -> u32 {
        match self {
            Self::LimitedOnce | Self::BrokenOnce => 2,
            Self::Broken | Self::Reset | Self::Hang => 3,
            _ => 1,
        }
    }

    /// What the service does with the call after `before` others about this address.
    pub fn reply(self, address: &str, before: u32) -> Reply {
        let known = || {
            let body = format!(
                r#"{{"cpes":[],"hostnames":[],"ip":"{address}","ports":[22,443],"tags":[],"vulns":[]}}"#
            );
            Reply::json(200, body)
        };
        match self {
            Self::LimitedOnce if before == 0 => Reply::json(429, "{}").with("retry-after", "1"),
            Self::BrokenOnce if before == 0 => Reply::json(500, "{}"),
            Self::Found | Self::LimitedOnce | Self::BrokenOnce => known(),
            Self::NotFound => Reply::json(404, r#"{"detail":"No information available"}"#),
            Self::Broken => Reply::json(500, "{}"),
            Self::Reset => Reply::Reset,
            Self::Hang => Reply::json(200, "{}").after(Duration::from_mins(5)),
            Self::Unauthorised => Reply::json(401, "{}"),
            Self::Page => Reply::json(200, "<html><body>Please log in</body></html>"),
        }
    }
}
