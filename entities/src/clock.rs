//! Instants as rows store them: microseconds since 1970-01-01 UTC, by the database's clock.

use sea_orm::ConnectionTrait;

use crate::{Database, StoreError};

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;

/// The database's present instant.
pub async fn now(database: &Database) -> Result<i64, StoreError> {
    database.sql("SELECT {now} AS now").scalar(database.reader()).await
}

/// The same inside a transaction.
pub(crate) async fn now_on(database: &Database, on: &impl ConnectionTrait) -> Result<i64, StoreError> {
    database.sql("SELECT {now} AS now").scalar(on).await
}

/// Writes an instant as RFC 3339 in UTC with milliseconds, e.g. `2026-11-21T02:03:04.567Z`.
///
/// The civil date follows H. Hinnant's `civil_from_days`, valid for every year an `i64` of microseconds reaches.
pub fn rfc3339(micros: i64) -> String {
    let seconds = micros.div_euclid(SECOND);
    let millis = micros.rem_euclid(SECOND) / 1_000;
    let (days, second_of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn instants_read_as_civil_dates() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(951_782_400_000_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(rfc3339(1_795_226_584_567_890), "2026-11-21T02:03:04.567Z");
        assert_eq!(rfc3339(-1), "1969-12-31T23:59:59.999Z");
    }
}
