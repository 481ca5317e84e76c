//! A small body in memory, bounded in size and time. (Submissions stream theirs.)

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, web};
use aggregator_openapi::{Problem, ProblemId};
use futures::StreamExt;

use crate::failure::Failure;

/// The largest body kept in memory, bytes (product.md: other JSON ≤ 1 MiB).
pub(crate) const MAX_BODY_BYTES: usize = 1 << 20;

/// How long one may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// A body and what it says it is.
pub(crate) struct Body {
    /// The media type without parameters, in lower case.
    pub(crate) media_type: String,
    /// The bytes, at most [`MAX_BODY_BYTES`] or what was said.
    pub(crate) bytes: web::BytesMut,
}

impl Body {
    /// Reads the body when its media type is one of `accepted`.
    pub(crate) async fn read(
        request: &HttpRequest,
        payload: Payload,
        accepted: &[&str],
    ) -> Result<Self, Failure> {
        Self::read_large(request, payload, accepted, (MAX_BODY_BYTES, BODY_TIMEOUT)).await
    }

    /// The same with other limits: bytes, and time.
    pub(crate) async fn read_large(
        request: &HttpRequest,
        payload: Payload,
        accepted: &[&str],
        (limit, within): (usize, Duration),
    ) -> Result<Self, Failure> {
        let media_type = media_type(request, accepted)?;
        let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        if announced.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > limit as u64)
        {
            return Err(too_large(limit));
        }
        match tokio::time::timeout(within, collect(payload, limit)).await {
            Ok(bytes) => Ok(Self { media_type, bytes: bytes? }),
            Err(_elapsed) => {
                let detail = format!("the body did not arrive within {} seconds", within.as_secs());
                Err(Failure::new(ProblemId::BodyTimeout, detail))
            }
        }
    }

    /// Checks what a streamed body says it is, without reading it.
    pub(crate) fn check_head(request: &HttpRequest, accepted: &[&str]) -> Result<(), Failure> {
        media_type(request, accepted).map(drop)
    }

    /// The body as text.
    pub(crate) fn text(&self) -> Result<&str, Failure> {
        std::str::from_utf8(&self.bytes).map_err(|error| {
            let detail =
                format!("the body is not UTF-8 at byte {}; convert it to UTF-8", error.valid_up_to());
            Failure::new(ProblemId::InvalidBody, detail)
        })
    }
}

async fn collect(mut payload: Payload, limit: usize) -> Result<web::BytesMut, Failure> {
    let mut bytes = web::BytesMut::new();
    while let Some(part) = payload.next().await {
        let part = part.map_err(|error| {
            Failure::new(ProblemId::InvalidBody, format!("the body did not arrive whole: {error}"))
        })?;
        if bytes.len() + part.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

fn too_large(limit: usize) -> Failure {
    Problem::new(ProblemId::BodyTooLarge, format!("the body is larger than {limit} bytes"))
        .limit(limit as u64)
        .into()
}

fn media_type(request: &HttpRequest, accepted: &[&str]) -> Result<String, Failure> {
    let refuse = |what: &str| {
        let detail = format!("{what} is not read here; send {}", accepted.join(", "));
        Err(Failure::new(ProblemId::UnsupportedMediaType, detail))
    };
    let encoding = request.headers().get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding.as_bytes() != b"identity") {
        return refuse("a Content-Encoding");
    }
    let Ok(Some(mime)) = request.mime_type() else { return refuse("a body without a valid Content-Type") };
    let essence = mime.essence_str().to_ascii_lowercase();
    if !accepted.contains(&essence.as_str()) {
        return refuse(&essence);
    }
    match mime.get_param("charset") {
        Some(charset) if !charset.as_str().eq_ignore_ascii_case("utf-8") => {
            refuse("a charset other than utf-8")
        }
        _ => Ok(essence),
    }
}
