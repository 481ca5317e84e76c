//! Who may ask, until people can sign in: our own host names only, and no page of another site.

mod host;
mod origin;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, ResponseError};
use aggregator_openapi::ProblemId;

use crate::State;
use crate::failure::Failure;

/// Refuses before anything is routed or read.
pub(crate) async fn check<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match decide(&request) {
        Ok(()) => Ok(next.call(request).await?.map_into_left_body()),
        Err(failure) => Ok(request.into_response(failure.error_response()).map_into_right_body()),
    }
}

fn decide(request: &ServiceRequest) -> Result<(), Failure> {
    let Some(state) = request.app_data::<Data<State>>() else {
        return Err(Failure::internal("the app has no state"));
    };
    let host = asked_host(request)
        .filter(|host| host::is_ours(host, &state.settings().http.allowed_hosts))
        .ok_or_else(|| {
        let detail =
            "the Host header is missing, given twice, or names a host this server does not answer to";
        Failure::new(ProblemId::HostNotAllowed, detail)
    })?;
    if request.method().is_safe() {
        return Ok(());
    }
    origin::check(request.headers(), host).map_err(|detail| Failure::new(ProblemId::OriginNotAllowed, detail))
}

/// The one host a request is for: Host and the target's authority, when it has one, must agree.
fn asked_host(request: &ServiceRequest) -> Option<&str> {
    let header = single(request.headers(), &header::HOST);
    let authority = request.uri().authority().map(actix_web::http::uri::Authority::as_str);
    match (header, authority) {
        (Ok(Some(host)), None) | (Ok(None), Some(host)) => Some(host),
        (Ok(Some(host)), Some(authority)) if host.eq_ignore_ascii_case(authority) => Some(host),
        _ => None,
    }
}

/// A header that may stand once: its text, `None` when absent, an error when repeated or not text.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_not_text| ()),
        (Some(_), Some(_)) => Err(()),
    }
}
