//! The query string as a type.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use aggregator_openapi::ProblemId;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// The query parameters, read into `T`. Its types refuse unknown and repeated ones; every handler takes one.
pub(crate) struct Query<T>(pub(crate) T);

/// No parameter at all.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoParameters {}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match web::Query::<T>::from_query(request.query_string()) {
            Ok(query) => Ok(Self(query.into_inner())),
            Err(actix_web::error::QueryPayloadError::Deserialize(error)) => {
                Err(Failure::new(ProblemId::InvalidParameter, error.to_string()))
            }
            Err(error) => Err(Failure::new(ProblemId::InvalidParameter, error.to_string())),
        })
    }
}
