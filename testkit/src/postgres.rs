//! PostgreSQL: a template database per run, `CREATE DATABASE … TEMPLATE` per test.

use aggregator_entities::Database;
use aggregator_migration::{Migrator, MigratorTrait};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use crate::background;
use crate::services::{HOW_TO_START, postgres_url, run_id};

/// Databases of runs older than this, seconds, are dropped by the next run that makes a template.
const STALE_SECONDS: i64 = 2 * 3600;
/// The advisory lock under which a template is made: "agte" as a number.
const TEMPLATE_LOCK: i64 = 0x6167_7465;

/// One test's database, dropped on drop.
#[derive(Debug)]
pub(crate) struct Copy {
    url: String,
    name: String,
}

impl Copy {
    pub(crate) async fn make() -> Self {
        let mut server = connect(&postgres_url()).await;
        let template = template(&mut server).await;
        let name = format!("aggregator_test_{}_{}", uuid::Uuid::new_v4().simple(), now(&mut server).await);
        run(&mut server, format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        // A connection that does not say goodbye is closed by the server all the same.
        let _ = server.close().await;
        Self { url: url_of(&name), name }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        background::finish(async move {
            if let Ok(mut server) = PgConnection::connect(&postgres_url()).await {
                let _ = sqlx::query(AssertSqlSafe(statement)).execute(&mut server).await;
            }
        });
    }
}

/// The server's URL with another database in it.
fn url_of(name: &str) -> String {
    let options: PgConnectOptions =
        postgres_url().parse().expect("AGGREGATOR_TEST_POSTGRES_URL is a PostgreSQL URL");
    options.database(name).to_url_lossy().to_string()
}

async fn connect(url: &str) -> PgConnection {
    match PgConnection::connect(url).await {
        Ok(connection) => connection,
        Err(error) => panic!("PostgreSQL does not answer at {url} ({error}): {HOW_TO_START}"),
    }
}

/// This run's migrated database; the first test to come makes it while the others wait for its lock.
async fn template(server: &mut PgConnection) -> String {
    run(server, format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
    let prefix = format!("aggregator_template_{}_", run_id());
    let names = names(server).await;
    let template = if let Some(name) = names.iter().find(|name| name.starts_with(&prefix)) {
        name.clone()
    } else {
        drop_stale(server, &names).await;
        let unfinished = format!("aggregator_unfinished_{}", run_id());
        run(server, format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await;
        run(server, format!("CREATE DATABASE {unfinished}")).await;
        migrate(&url_of(&unfinished)).await;
        let name = format!("{prefix}{}", now(server).await);
        run(server, format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await;
        name
    };
    run(server, format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})")).await;
    template
}

async fn migrate(url: &str) {
    let database = Database::connect(url, 1).await.expect("a database just made can be connected to");
    Migrator::up(database.migrations(), None).await.expect("every migration goes up on PostgreSQL");
    database.close().await.expect("PostgreSQL closes");
}

/// Drops what earlier runs left behind; their names end with the second they were made in.
async fn drop_stale(server: &mut PgConnection, names: &[String]) {
    let oldest = now(server).await - STALE_SECONDS;
    for name in names {
        let made = name.rsplit('_').next().and_then(|second| second.parse::<i64>().ok());
        if made.is_some_and(|made| made < oldest) {
            run(server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

async fn names(server: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT datname::text FROM pg_database WHERE datname ~ '^aggregator_(test|template)_[a-z0-9_]+$'",
    )
    .fetch_all(server)
    .await
    .expect("PostgreSQL lists its databases")
}

/// The server's clock, seconds since 1970.
async fn now(server: &mut PgConnection) -> i64 {
    sqlx::query_scalar("SELECT extract(epoch FROM clock_timestamp())::bigint")
        .fetch_one(server)
        .await
        .expect("PostgreSQL tells the time")
}

async fn run(server: &mut PgConnection, statement: String) {
    if let Err(error) = sqlx::query(AssertSqlSafe(statement.clone())).execute(server).await {
        panic!("`{statement}` failed: {error}");
    }
}
