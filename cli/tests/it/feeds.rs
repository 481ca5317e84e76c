//! `aggregator feeds`: it works on a database that has its shape, and gives none.

use std::fs;
use std::process::{Command, Output};

use aggregator_testkit::TestDatabase;

use crate::{code, lines, stderr};

fn feeds(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aggregator"));
    command.arg("feeds").args(arguments).env_clear().envs(variables.iter().copied());
    command.output().unwrap()
}

#[test]
fn looking_at_feeds_migrates_nothing() {
    let data = tempfile::tempdir().unwrap();
    let own = [("AGGREGATOR_DATA_DIR", data.path().to_str().unwrap())];
    for _ in 0..2 {
        let listed = feeds(&own, &["list"]);
        assert_eq!(code(&listed), 1, "{listed:?}");
        assert!(stderr(&listed).contains("run `aggregator migrate` first"), "{listed:?}");
    }
    let mut migrate = Command::new(env!("CARGO_BIN_EXE_aggregator"));
    assert!(migrate.arg("migrate").env_clear().envs(own).status().unwrap().success());
    assert_eq!(code(&feeds(&own, &["list"])), 0);
}

#[tokio::test]
async fn an_import_takes_nobody_elses_slug_and_no_name_back() {
    let data = tempfile::tempdir().unwrap();
    let (definition, list) = (data.path().join("own.toml"), data.path().join("own.txt"));
    let define = |slug: &str, name: &str| {
        let text = format!(
            "slug = '{slug}'\nname = '{name}'\nprovider = 'tests'\nlocation = 'https://lists.invalid/own.txt'\n\
             licence = 'none'\nrole = 'intel'\nrefresh_seconds = 3600\nmin_rows = 1\n[format]\ntype = 'plain'\n\
             [opinion]\nstance = 'malicious'\nconfidence = 80\n"
        );
        fs::write(&definition, text).unwrap();
    };
    fs::write(&list, "a.example.com\n").unwrap();
    for database in TestDatabase::both().await {
        let own = [("AGGREGATOR_DATA_DIR", data.path().to_str().unwrap()), ("DATABASE_URL", database.url())];
        let import = || {
            let (definition, list) = (definition.to_str().unwrap(), list.to_str().unwrap());
            feeds(&own, &["import", "--definition", definition, "--file", list])
        };
        let shown = || lines(&feeds(&own, &["list", "--json"]))[0].clone();
        for row in [
            "INSERT INTO providers (id, slug, name, enabled, created_at, updated_at) VALUES (900, 'r', 'R', true, 1, 1)",
            "INSERT INTO sources (id, slug, name, provider_id, kind, enabled, created_at, updated_at)
             VALUES (900, 'rdap', 'RDAP', 900, 'native', true, 1, 1)",
        ] {
            database.execute(row).await;
        }
        define("rdap", "Mine");
        let taken = import();
        assert_eq!(code(&taken), 1, "{taken:?}");
        assert!(stderr(&taken).contains("`rdap` is the slug of a source that is no feed"), "{taken:?}");
        assert_eq!(database.count("feeds").await, 0);

        define("own", "Own");
        assert_eq!(code(&import()), 0);
        define("own", "Own, renamed by its publisher");
        assert_eq!(code(&import()), 0);
        assert_eq!(shown()["name"], "Own, renamed by its publisher");
        // What an operator called it stays.
        database.execute("UPDATE sources SET name = 'Ours' WHERE slug = 'own'").await;
        assert_eq!(code(&import()), 0);
        let shown = shown();
        assert_eq!(shown["name"], "Ours");
        assert!(shown["accepted_at"].is_string() && shown["failing_since"].is_null(), "{shown}");
    }
}
