//! crt.sh, as recorded.

use aggregator_domain::{Opinion, Outcome, Relation};
use serde_json::json;
use wiremock::ResponseTemplate;

use super::support::{ask, items, links, ok, recorded};

const EXAMPLE: (&str, &[(&str, &str)]) = ("/", &[("q", "example.com"), ("output", "json")]);

#[tokio::test]
async fn the_names_of_one_domain() {
    for file in ["example.com.json", "example.com_wildcard.json"] {
        let Some(answer) = recorded(&format!("providers/crtsh/{file}")) else { return };
        let answer = ask("crtsh", "example.com", EXAMPLE, answer).await;
        assert_eq!(answer.outcome, Outcome::Found);
        assert_eq!(answer.opinion, Opinion::default());
        // Not `m.testexample.com`, the mail addresses, or the name of a test authority; `*.` stripped.
        let names = ["dev", "m", "products", "support", "www"].map(|name| format!("{name}.example.com"));
        let mut all = names.to_vec();
        all.insert(1, "example.com".to_owned());
        assert_eq!(items(&answer.data["names"]), all, "{file}");
        let expected: Vec<_> = names.into_iter().map(|name| (Relation::SharesCertificate, name)).collect();
        assert_eq!(links(&answer), expected, "{file}");
        assert_eq!(answer.data["first_not_before"], "2010-09-02T16:36:49Z");
    }
}

#[tokio::test]
async fn certificates_are_counted_once() {
    let Some(answer) = recorded("providers/crtsh/example.com_expired.json") else { return };
    let answer = ask("crtsh", "example.com", EXAMPLE, answer).await;
    assert_eq!(
        answer.data,
        json!({
            // A certificate, its pre-certificate and two others.
            "certificates": 3,
            "log_entries": 4,
            "first_not_before": "2021-08-31T15:55:23Z",
            "last_not_after": "2033-01-24T01:21:18Z",
            "issuers": {"total": 3, "items": [
                "C=GB, ST=Cymru, O=AS207960 Cyfyngedig, OU=AS207960 Department of Random Numbers, CN=AS207960 Test CA",
                "C=US, O=DigiCert Inc, CN=DigiCert TLS RSA SHA256 2020 CA1",
                "Issuer Not Found",
            ]},
            "names": {"total": 2, "items": ["example.com", "www.example.com"]},
        })
    );
    assert_eq!(
        answer.summary,
        "Named by 3 certificates, the first of 2021-08-31; together they name 2 names of its domain."
    );
}

#[tokio::test]
async fn an_old_answer_without_serial_numbers() {
    let Some(answer) = recorded("providers/crtsh/identity_crt.sh.body.json") else { return };
    let answer = ask("crtsh", "crt.sh", ("/", &[("q", "crt.sh"), ("output", "json")]), answer).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(answer.data["certificates"], 12);
    assert_eq!(answer.data["last_not_after"], "2021-07-30T23:59:59Z");
    assert_eq!(answer.data["issuers"]["total"], 5);
    assert_eq!(links(&answer), [(Relation::SharesCertificate, "www.crt.sh".to_owned())]);
}

#[tokio::test]
async fn an_empty_list_is_not_found_and_a_404_is_not() {
    let answer = ask("crtsh", "example.com", EXAMPLE, ok("[]")).await;
    assert_eq!(answer.outcome, Outcome::NotFound);
    let gone = ResponseTemplate::new(404).set_body_raw("[]", "application/json");
    assert_eq!(ask("crtsh", "example.com", EXAMPLE, gone).await.outcome, Outcome::Unavailable);
}

#[tokio::test]
async fn a_thousand_names_are_a_hundred_links() {
    let names: Vec<_> = (0..1_000).map(|number| format!("host{number}.example.com")).collect();
    let entry = json!({
        "issuer_name": "CN=Test", "name_value": names.join("\n"), "serial_number": "01",
        "not_before": "2024-01-01T00:00:00", "not_after": "2025-01-01T00:00:00",
    });
    let answer =
        ask("crtsh", "www.example.com", ("/", &[("q", "www.example.com")]), ok(json!([entry]).to_string()));
    let answer = answer.await;
    assert_eq!(answer.data["names"]["total"], 1_000);
    assert_eq!(answer.data["names"]["items"].as_array().unwrap().len(), 100);
    assert_eq!(answer.links.len(), 100);
    assert!(
        answer.summary.starts_with("Named by 1 certificate, the first of 2024-01-01; "),
        "{}",
        answer.summary
    );
}
