//! The API's routes: one file per thing that they are about.

mod answer;
mod audits;
mod destroy;
mod guests;
mod health;
mod metrics;
mod recover;
mod runs;
mod wanted;

use axum::Router;
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::Api;

pub(super) use answer::wait;
pub(super) use guests::view;

#[derive(OpenApi)]
#[openapi(info(
    title = "Mintmark reset-agent",
    description = "Guests with an identity of their own: one call per customer, whatever happens in between.",
    version = "1",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
struct Document;

/// The routes and their document, out of one list.
pub(super) fn routes() -> (Router<Api>, utoipa::openapi::OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(guests::create, guests::list))
        .routes(routes!(guests::show, destroy::destroy))
        .routes(routes!(recover::recover))
        .routes(routes!(runs::show))
        .routes(routes!(runs::events))
        .routes(routes!(audits::create))
        .routes(routes!(audits::show))
        .routes(routes!(metrics::show))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .split_for_parts();
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    document.components.get_or_insert_default().add_security_scheme("token", scheme);
    document.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    (router, document)
}

/// The document as JSON, for `/openapi.json` and for `docs/reference`.
pub fn document() -> String {
    let (_, document) = routes();
    document.to_pretty_json().unwrap_or_default()
}
