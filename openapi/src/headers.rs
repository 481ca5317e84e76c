//! Headers that operations read beside If-Match. The types are what the document says of them; handlers read the headers
//! themselves.

use serde::Deserialize;
use utoipa::IntoParams;

/// By which key a request may be repeated.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyKeyHeader {
    /// 1–255 visible ASCII characters of your choice; a repeated request with the same key, parameters and body is answered with
    /// the first one's submission.
    #[serde(rename = "Idempotency-Key")]
    #[param(nullable = false, pattern = "^[!-~]{1,255}$", example = "0c8c6a5e-mail-of-monday")]
    pub key: Option<String>,
}

/// Which event a client has.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct LastEventIdHeader {
    /// Id of the last event received; goes before `after`.
    #[serde(rename = "Last-Event-ID")]
    #[param(nullable = false, minimum = 0, example = 2)]
    pub id: Option<i64>,
}
