//! Settings that rows change while a process runs.

use std::convert::Infallible;
use std::sync::Arc;

use aggregator_platform::settings::{Origin, Row};
use aggregator_platform::{Environment, LiveSettings, Settings};

fn live(variables: &[(&str, &str)]) -> LiveSettings {
    Settings::load(&Environment::of(variables.iter().copied())).unwrap().into()
}

fn rows(rows: &[(&str, &str)]) -> Vec<Row> {
    rows.iter().map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned()))).collect()
}

async fn lay(settings: &LiveSettings, laid: &[(&str, &str)]) {
    let laid = rows(laid);
    settings.reload(async { Ok::<_, Infallible>(laid) }).await.unwrap();
}

#[tokio::test]
async fn a_row_wins_over_the_environment_until_it_is_gone() {
    let settings = live(&[("AGGREGATOR_INTAKE_MAX_INDICATORS", "500")]);
    let origin = || settings.now().find("intake.max_indicators").unwrap().origin;
    assert_eq!((settings.settings().intake.max_indicators, origin()), (500, Origin::Environment));
    let kept = settings.settings();
    lay(&settings, &[("intake.max_indicators", "7"), ("egress.deny_hosts", "[\"A.example\"]")]).await;
    assert_eq!((settings.settings().intake.max_indicators, origin()), (7, Origin::Database));
    assert_eq!(settings.settings().egress.deny_hosts[0].as_str(), "a.example");
    assert_eq!(kept.intake.max_indicators, 500, "who holds what was in force before holds it whole");
    lay(&settings, &[]).await;
    assert_eq!((settings.settings().intake.max_indicators, origin()), (500, Origin::Environment));
}

#[tokio::test]
async fn what_cannot_be_read_changes_nothing() {
    let settings = live(&[]);
    lay(&settings, &[("intake.max_indicators", "7")]).await;
    assert!(settings.reload(async { Err("the database is away") }).await.is_err());
    assert_eq!(settings.settings().intake.max_indicators, 7);
    lay(&settings, &[("intake.max_indicators", "0"), ("intake.seal_seconds", "9"), ("x\u{0}", "1")]).await;
    let now = settings.now();
    assert_eq!((now.settings.intake.max_indicators, now.settings.intake.seal_seconds), (1_000_000, 9));
    let faults = now.faults();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].starts_with("intake.max_indicators: the row holds `0`"), "{faults:?}");
    assert!(faults[1].starts_with("x\\0: no setting"), "{faults:?}");
}

#[tokio::test]
async fn the_same_rows_again_are_no_change() {
    let settings = live(&[]);
    lay(&settings, &[("intake.max_indicators", "7")]).await;
    let before = settings.now();
    lay(&settings, &[("intake.max_indicators", "7")]).await;
    assert!(Arc::ptr_eq(&before, &settings.now()));
}
