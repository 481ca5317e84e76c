//! Which state of a thing a client knows: the ETag it was given, and the If-Match it sends back.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder};
use aggregator_entities::repositories::listing::Revision;
use aggregator_openapi::ProblemId;
use serde::Serialize;

use crate::failure::Failure;

/// An answer with the ETag of what it shows.
pub(crate) fn tagged(
    mut response: HttpResponseBuilder,
    revision: Revision,
    body: impl Serialize,
) -> HttpResponse {
    response.insert_header((header::ETAG, format!("\"{revision}\""))).json(body)
}

/// The states of a thing that a change is meant for: the If-Match header, without which nothing is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// `*`: whatever it is now.
    Any,
    /// The opaque parts of the strong ETags given; weak ones match nothing.
    These(Vec<String>),
}

impl IfMatch {
    /// Refuses a change that is meant for another state.
    pub(crate) fn admits(&self, current: Revision) -> Result<(), Failure> {
        match self {
            Self::Any => Ok(()),
            Self::These(tags) if tags.contains(&current.to_string()) => Ok(()),
            Self::These(_) => Err(stale()),
        }
    }

    fn read(request: &HttpRequest) -> Result<Self, Failure> {
        let mut values = request.headers().get_all(header::IF_MATCH).peekable();
        if values.peek().is_none() {
            return Err(Failure::new(ProblemId::PreconditionRequired, "If-Match is missing"));
        }
        let mut tags = Vec::new();
        for value in values {
            let text = value.to_str().map_err(|_not_text| malformed())?;
            match text.trim() {
                "*" => return Ok(Self::Any),
                text => tags.extend(strong_tags(text).ok_or_else(malformed)?),
            }
        }
        Ok(Self::These(tags))
    }
}

/// The thing is not what the client took it for.
pub(crate) fn stale() -> Failure {
    Failure::new(ProblemId::PreconditionFailed, "If-Match names an older version")
}

fn malformed() -> Failure {
    Failure::new(ProblemId::InvalidParameter, "If-Match is no list of quoted ETags, such as \"7.3\"")
}

/// The strong ones of a list of ETags (RFC 9110, 8.8.3), without their quotes.
fn strong_tags(mut text: &str) -> Option<Vec<String>> {
    let mut tags = Vec::new();
    loop {
        let (weak, rest) = text.strip_prefix("W/").map_or((false, text), |rest| (true, rest));
        let (tag, rest) = rest.strip_prefix('"')?.split_once('"')?;
        if !weak {
            tags.push(tag.to_owned());
        }
        match rest.trim_start() {
            "" => return Some(tags),
            rest => text = rest.strip_prefix(',')?.trim_start(),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use aggregator_entities::repositories::listing::Revision;

    use super::IfMatch;

    #[test]
    fn only_the_strong_tag_of_the_present_state_is_admitted() {
        for (header, admitted) in [
            ("\"7.3\"", Some(true)),
            ("*", Some(true)),
            ("\"7.2\", \"7.3\"", Some(true)),
            ("W/\"1.1\" ,\"7.3\"", Some(true)),
            ("\"7.2\"", Some(false)),
            ("W/\"7.3\"", Some(false)),
            ("\"\"", Some(false)),
            ("7.3", None),
            ("\"7.3", None),
            ("\"7.3\" \"7.4\"", None),
            ("\"7.3\",", None),
            ("", None),
        ] {
            let request = TestRequest::get().insert_header(("if-match", header)).to_http_request();
            let read = IfMatch::read(&request).ok();
            let decided = read.map(|tags| tags.admits(Revision { row: 7, number: 3 }).is_ok());
            assert_eq!(decided, admitted, "{header}");
        }
        assert!(IfMatch::read(&TestRequest::get().to_http_request()).is_err());
    }
}
