//! Offering: due rows become ids to push, as many as the window has room for.

use sea_orm::ConnectionTrait;

use super::Lane;
use crate::{Database, StoreError};

/// How an offer went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// Another process feeds this lane right now.
    NotOurTurn,
    /// These ids are offered now: push them.
    Offered(Vec<i64>),
}

/// Moves due rows `queued → offered` while fewer than `window` rows of the lane are in flight, and returns their ids to
/// push. One feeder per lane at a time.
pub async fn offer(
    database: &Database,
    lane: Lane,
    window: u32,
    offer_micros: i64,
) -> Result<Offer, StoreError> {
    let transaction = database.begin().await?;
    if database.is_postgres() {
        let ours: bool = database
            .sql("SELECT pg_try_advisory_xact_lock($1)")
            .bind(lane.lock())
            .scalar(&transaction)
            .await?;
        if !ours {
            return Ok(Offer::NotOurTurn);
        }
        // A lost offer is offered again: it need not wait for the disk.
        transaction.execute_unprepared("SET LOCAL synchronous_commit = off").await?;
    }
    let in_flight = count_in_flight(database, &transaction, lane).await?;
    let room = i64::from(window) - in_flight;
    if room <= 0 {
        transaction.commit().await?;
        return Ok(Offer::Offered(Vec::new()));
    }
    let interactive = matches!(lane, Lane::Screen { interactive: true });
    let ids: Vec<i64> = database
        .sql(lane.due())
        .bind(room)
        .bind(interactive)
        .all(&transaction, |row| Ok(row.try_get("", "id")?))
        .await?;
    if !ids.is_empty() {
        database
            .sql(&format!(
                "UPDATE {} SET state = 2, offered_until = {{now}} + $1 WHERE id {{in $2}}",
                lane.table()
            ))
            .bind(offer_micros)
            .ids(ids.iter().copied())
            .run(&transaction)
            .await?;
    }
    // Ended here even with nothing to offer: the lock of a dropped transaction goes late, and the next look would not be ours.
    transaction.commit().await?;
    Ok(Offer::Offered(ids))
}

async fn count_in_flight(
    database: &Database,
    on: &impl ConnectionTrait,
    lane: Lane,
) -> Result<i64, StoreError> {
    database
        .sql(&format!("SELECT COUNT(*) FROM {} WHERE state IN (2, 3) AND {}", lane.table(), lane.own()))
        .scalar(on)
        .await
}
