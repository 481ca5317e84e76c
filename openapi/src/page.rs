//! Which part of a list or a stream is asked for.

use serde::Deserialize;
use utoipa::IntoParams;

/// Which part of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParameters {
    /// Entries at most, 1–1,000; 100 when absent.
    #[param(minimum = 1, maximum = 1000, example = 100)]
    pub limit: Option<u32>,
    /// Where to go on: the `next` of the page before.
    pub cursor: Option<String>,
}

/// From where on to tell events.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsParameters {
    /// Only what happened after this event; everything when absent.
    #[param(minimum = 0, example = 0)]
    pub after: Option<i64>,
}
