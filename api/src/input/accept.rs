//! Which of our representations a client wants.

use actix_web::HttpRequest;
use actix_web::http::header::{Accept, Header, Quality};
use aggregator_openapi::ProblemId;

use crate::failure::Failure;

/// The offered media type the Accept header wants most; the first one when it does not care. An offer is a plain
/// `type/subtype`.
pub(crate) fn negotiate(request: &HttpRequest, offers: &[&'static str]) -> Result<&'static str, Failure> {
    let refuse = || {
        let detail =
            format!("nothing the Accept header asks for is offered here; ask for {}", offers.join(", "));
        Failure::new(ProblemId::NotAcceptable, detail)
    };
    if !request.headers().contains_key(actix_web::http::header::ACCEPT) {
        return offers.first().copied().ok_or_else(refuse);
    }
    let accept = Accept::parse(request).map_err(|_unreadable| refuse())?;
    // Of every offer: how much it is wanted, by the most specific range that covers it (RFC 9110, 12.5.1).
    let wanted = offers.iter().rev().filter_map(|offer| {
        let (main, sub) = offer.split_once('/')?;
        let covering = accept.iter().filter_map(|range| {
            let (of_main, of_sub) = (range.item.type_().as_str(), range.item.subtype().as_str());
            match (of_main == main, of_sub == sub) {
                (true, true) => Some((2, range.quality)),
                (true, false) if of_sub == "*" => Some((1, range.quality)),
                _ if of_main == "*" && of_sub == "*" => Some((0, range.quality)),
                _ => None,
            }
        });
        let (specific, quality) = covering.max_by_key(|(specific, _)| *specific)?;
        (quality > Quality::ZERO).then_some(((quality, specific), *offer))
    });
    wanted.max_by_key(|(rank, _)| *rank).map(|(_, offer)| offer).ok_or_else(refuse)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::negotiate;

    const OFFERS: [&str; 3] = ["application/json", "text/csv", "application/x-ndjson"];

    fn chosen(accept: &str) -> Option<&'static str> {
        let request = TestRequest::get().insert_header(("accept", accept)).to_http_request();
        negotiate(&request, &OFFERS).ok()
    }

    #[test]
    fn the_most_wanted_offer_is_chosen() {
        let absent = TestRequest::get().to_http_request();
        assert_eq!(negotiate(&absent, &OFFERS).unwrap(), "application/json");
        for (accept, offer) in [
            ("*/*", Some("application/json")),
            ("application/*", Some("application/json")),
            ("text/*", Some("text/csv")),
            ("text/csv", Some("text/csv")),
            ("TEXT/CSV; header=present", Some("text/csv")),
            ("application/x-ndjson, application/json;q=0.9", Some("application/x-ndjson")),
            ("application/json;q=0.5, text/csv;q=0.6", Some("text/csv")),
            ("text/html, application/xhtml+xml, */*;q=0.8", Some("application/json")),
            ("text/csv, */*;q=0.1", Some("text/csv")),
            ("application/json;q=0, */*", Some("text/csv")),
            ("application/xml", None),
            ("text/csv;q=0", None),
        ] {
            assert_eq!(chosen(accept), offer, "{accept}");
        }
    }
}
