//! The problems an operation can answer with, as responses of the document.

use std::collections::BTreeMap;

use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::{MEDIA_TYPE, Problem, ProblemId};

/// Declares the problems of an operation; name it in `responses(…)` of its `#[utoipa::path]`.
///
/// Every operation also has what the gate before it and its own failure can answer: `host_not_allowed`, `internal` and
/// `invalid_parameter` (an unknown query parameter).
///
/// ```
/// aggregator_openapi::problems! {
///     /// What can go wrong with a detection.
///     pub DetectProblems: InvalidBody, BodyTooLarge
/// }
/// assert!(<DetectProblems as utoipa::IntoResponses>::responses().contains_key("413"));
/// ```
#[macro_export]
macro_rules! problems {
    ($(#[$doc:meta])* $visibility:vis $name:ident: $($id:ident),* $(,)?) => {
        $(#[$doc])*
        $visibility struct $name;

        impl ::utoipa::IntoResponses for $name {
            fn responses() -> ::std::collections::BTreeMap<
                ::std::string::String,
                ::utoipa::openapi::RefOr<::utoipa::openapi::Response>,
            > {
                use $crate::problem::ProblemId;
                $crate::problem::responses(&[
                    ProblemId::InvalidParameter, ProblemId::HostNotAllowed, ProblemId::Internal, $(ProblemId::$id),*
                ])
            }
        }
    };
}

/// One response for each status, with an example for each problem.
pub fn responses(ids: &[ProblemId]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status = BTreeMap::<u16, Vec<ProblemId>>::new();
    for &id in ids {
        by_status.entry(id.status()).or_default().push(id);
    }
    by_status.into_iter().map(|(status, ids)| (status.to_string(), response(&ids).into())).collect()
}

fn response(ids: &[ProblemId]) -> Response {
    let description = ids.iter().map(|id| format!("`{id}`: {}.", id.title())).collect::<Vec<_>>().join(" ");
    let examples = ids.iter().map(|&id| {
        let value = serde_json::to_value(Problem::example(id)).ok();
        (id.id(), ExampleBuilder::new().summary(id.title()).value(value).build())
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .examples_from_iter(examples)
        .build();
    ResponseBuilder::new().description(description).content(MEDIA_TYPE, content).build()
}
