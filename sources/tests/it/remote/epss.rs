//! FIRST EPSS, as its documentation shows it.

use aggregator_domain::{Opinion, Outcome, Stance};
use serde_json::json;

use super::support::{ask, ok};

const PATH: (&str, &[(&str, &str)]) = ("/data/v1/epss", &[("cve", "CVE-2022-27225")]);

fn page(scores: &serde_json::Value) -> String {
    json!({
        "status": "OK", "status-code": 200, "version": "1.0", "access": "public",
        "total": scores.as_array().unwrap().len(), "offset": 0, "limit": 100, "data": scores,
    })
    .to_string()
}

fn score(cve: &str, epss: &str) -> String {
    page(&json!([{"cve": cve, "epss": epss, "percentile": "0.355440000", "date": "2022-03-24"}]))
}

#[tokio::test]
async fn a_low_score_is_a_fact() {
    let answer = ask("epss", "CVE-2022-27225", PATH, ok(score("CVE-2022-27225", "0.001370000"))).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(answer.opinion, Opinion::default());
    assert_eq!(answer.data, json!({"probability": 0.00137, "percentile": 0.35544, "date": "2022-03-24"}));
    assert_eq!(
        answer.summary,
        "Exploited within 30 days with a probability of 0.1 %, more than 35.5 % of all CVEs (2022-03-24)."
    );
    assert!(answer.links.is_empty());
}

#[tokio::test]
async fn a_likely_one_is_a_suspicion_as_sure_as_it_is_likely() {
    for (epss, stance, confidence) in [
        ("0.499990000", Stance::Unknown, 0),
        ("0.500000000", Stance::Suspicious, 50),
        ("0.974550000", Stance::Suspicious, 97),
        ("1.000000000", Stance::Suspicious, 100),
    ] {
        let answer = ask("epss", "CVE-2022-27225", PATH, ok(score("CVE-2022-27225", epss))).await;
        assert_eq!(answer.opinion, Opinion { stance, confidence }, "{epss}");
    }
}

#[tokio::test]
async fn no_score_is_not_found_and_nonsense_is_malformed() {
    for (body, outcome) in [
        (page(&json!([])), Outcome::NotFound),
        (score("CVE-2022-27226", "0.1"), Outcome::Malformed),
        (score("CVE-2022-27225", "much"), Outcome::Malformed),
        (score("CVE-2022-27225", "1.5"), Outcome::Malformed),
        (score("CVE-2022-27225", "NaN"), Outcome::Malformed),
        (page(&json!([])).replace("OK", "ERROR"), Outcome::Malformed),
        (r#"{"status":"OK"}"#.to_owned(), Outcome::Malformed),
    ] {
        let answer = ask("epss", "CVE-2022-27225", PATH, ok(body.clone())).await;
        assert_eq!(answer.outcome, outcome, "{body}");
        assert_eq!(answer.opinion, Opinion::default());
    }
}
