//! FIRST EPSS: how likely a vulnerability is to be exploited within thirty days. <https://www.first.org/epss/api>

use std::time::Duration;

use aggregator_domain::{Indicator, Kind, Stance};
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;

use super::http::{self, Get};
use super::source::{Answer, Asking, Limit, Source, SourceInfo};
use crate::KindSet;

static INFO: SourceInfo = SourceInfo {
    slug: "epss",
    name: "FIRST EPSS",
    provider: ("first", "FIRST"),
    kinds: KindSet::EMPTY.with(Kind::Cve),
    active: false,
    keyless: true,
    movable: true,
    // Fair use, no number: one a second.
    limits: &[Limit { calls: 60, window: Duration::from_mins(1) }],
    concurrency: 4,
    deadline: Duration::from_secs(10),
    // Scores are published once a day.
    found_ttl: Duration::from_hours(12),
    not_found_ttl: Duration::from_hours(12),
    version: 1,
};

/// From here on exploitation is more likely than not: about one CVE in fifty. Below it the score is a fact among
/// others, and nobody has vouched that the vulnerability is harmless.
const LIKELY: f64 = 0.5;

/// Asks for the score of one CVE.
#[derive(Debug, Clone, Copy)]
pub(super) struct Epss;

#[derive(Debug, Deserialize)]
struct Page {
    status: String,
    data: Vec<Score>,
}

/// Numbers come as text.
#[derive(Debug, Deserialize)]
struct Score {
    cve: String,
    epss: String,
    percentile: String,
    date: String,
}

#[async_trait]
impl Source for Epss {
    fn info(&self) -> &SourceInfo {
        &INFO
    }

    async fn ask(&self, indicator: &Indicator, asking: &Asking<'_>) -> Answer {
        let mut url = match http::address(asking, "https://api.first.org/", &["data", "v1", "epss"]) {
            Ok(url) => url,
            Err(answer) => return answer,
        };
        url.query_pairs_mut().append_pair("cve", indicator.value());
        let get = Get {
            info: &INFO,
            url,
            accept: "application/json",
            absence: http::undocumented,
            max_bytes: 1 << 20,
        };
        http::ask(asking, get, |got| answer(indicator, &got.body)).await
    }
}

fn answer(asked: &Indicator, page: &Page) -> Answer {
    if page.status != "OK" {
        return Answer::malformed(format!("{} answered 200 with an error inside.", INFO.name));
    }
    let Some(score) = page.data.first() else {
        return Answer::not_found(format!("{} has no score for {}.", INFO.name, asked.value()));
    };
    if !score.cve.eq_ignore_ascii_case(asked.value()) {
        return Answer::malformed(format!("{} answered about another CVE.", INFO.name));
    }
    let (Some(probability), Some(percentile)) = (share(&score.epss), share(&score.percentile)) else {
        return Answer::malformed(format!("{} gave a score that is no number of 0 to 1.", INFO.name));
    };
    let summary = format!(
        "Exploited within 30 days with a probability of {:.1} %, more than {:.1} % of all CVEs ({}).",
        probability * 100.0,
        percentile * 100.0,
        score.date
    );
    let data = json!({ "probability": probability, "percentile": percentile, "date": score.date });
    let found = Answer::found(summary, data);
    if probability < LIKELY {
        return found;
    }
    // The score is a forecast and calibrated: of all CVEs at 0.9, nine in ten are exploited. So the probability is the
    // confidence; it stays a suspicion because nothing has been seen yet (what has been seen is in CISA's KEV).
    found.with_opinion(Stance::Suspicious, percent(probability))
}

/// A number of 0 to 1 written as text.
fn share(text: &str) -> Option<f64> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of 0 to 1 is 0 to 100 per cent"
)]
fn percent(share: f64) -> u8 {
    (share * 100.0).round() as u8
}
