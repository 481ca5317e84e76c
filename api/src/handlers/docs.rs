//! Swagger UI over the served document, from files inside the binary.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use aggregator_openapi::ProblemId;
use utoipa_swagger_ui::Config;

use crate::failure::Failure;

/// The paths served here, as the document would write them. They are pages for people and no part of the contract.
pub(crate) const PATHS: [&str; 3] = ["/api/docs", "/api/docs/", "/api/docs/{file}"];

/// Scripts and styles from this server alone. Swagger UI writes style attributes, hence the inline styles.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Adds the pages to an app.
pub(crate) fn mount(app: &mut ServiceConfig) {
    // `none`: the default asks validator.swagger.io about the document.
    let config =
        Arc::new(Config::from("/api/v1/openapi.json").validator_url("none").display_operation_id(true));
    app.app_data(web::Data::from(config))
        .route("/api/docs", web::get().to(redirect))
        .route("/api/docs/{file:[^/]*}", web::get().to(page));
}

async fn redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/api/docs/")).finish()
}

async fn page(request: HttpRequest, config: web::Data<Config<'static>>) -> Result<HttpResponse, Failure> {
    let file = utoipa_swagger_ui::serve(request.match_info().query("file"), config.into_inner())
        .map_err(Failure::internal)?
        .ok_or_else(|| Failure::new(ProblemId::NotFound, "the documentation has no such file"))?;
    let mut response = HttpResponse::Ok();
    response
        .content_type(file.content_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600"));
    Ok(response.body(file.bytes.into_owned()))
}
