//! A JSON body as a type.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use aggregator_openapi::ProblemId;
use serde::de::DeserializeOwned;

use super::{Body, depth};
use crate::failure::Failure;

/// The body, read as JSON into `T`. Its types refuse unknown and repeated fields.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = Body::read(&request, payload, &["application/json"]).await?;
            from_json(&body.bytes).map(Self)
        })
    }
}

/// Reads JSON; what is wrong is told with line and column.
pub(crate) fn from_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, Failure> {
    if depth::is_too_deep(json) {
        return Err(Failure::new(ProblemId::InvalidBody, "the JSON nests deeper than 64 levels"));
    }
    serde_json::from_slice(json).map_err(|error| Failure::new(ProblemId::InvalidBody, error.to_string()))
}
