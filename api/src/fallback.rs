//! What is answered where no route matches: 405 with Allow where the path exists, the web app's files and pages, 404
//! elsewhere.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use aggregator_openapi::ProblemId;
use utoipa::openapi::{OpenApi, PathItem};

use crate::failure::Failure;
use crate::handlers::docs;
use crate::site::Site;

/// The methods each path has, from the document of the router.
#[derive(Debug)]
pub(crate) struct Methods(BTreeMap<String, String>);

impl Methods {
    pub(crate) fn of(document: &OpenApi) -> Self {
        let mut methods: BTreeMap<_, _> =
            document.paths.paths.iter().map(|(path, item)| (path.clone(), allow(item))).collect();
        methods.extend(docs::PATHS.map(|path| (path.to_owned(), "GET, HEAD".to_owned())));
        Self(methods)
    }

    fn allowed(&self, path: &str) -> Option<&str> {
        // An exact path wins over one with a placeholder, as in the router.
        let exact = self.0.get(path);
        let matching = || self.0.iter().find(|(template, _)| matches(template, path)).map(|(_, allow)| allow);
        exact.or_else(matching).map(String::as_str)
    }
}

fn matches(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(segment)) if part == segment => {}
            (Some(part), Some(segment)) if part.starts_with('{') && !segment.is_empty() => {}
            _ => return false,
        }
    }
}

fn allow(item: &PathItem) -> String {
    let present = [
        ("GET, HEAD", item.get.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
    ];
    present.iter().filter(|(_, present)| *present).map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// The answer for everything no route took.
pub(crate) async fn answer(request: HttpRequest, methods: Data<Methods>, site: Data<Site>) -> HttpResponse {
    if let Some(allow) = methods.allowed(request.path()) {
        return Failure::method_not_allowed(request.method().as_str(), allow.to_owned()).error_response();
    }
    // HEAD is routed as GET.
    let found = if request.method() == Method::GET { site.answer(&request) } else { None };
    found.unwrap_or_else(|| Failure::new(ProblemId::NotFound, "no route matches the path").error_response())
}
