//! The whole router: routes, document, caps, counters and one log line for each request.

use std::time::Instant;

use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use uuid::Uuid;

use super::api::Api;
use super::problem::Problem;
use super::{page, routes};

/// No body of ours is longer.
const LONGEST_BODY: usize = 64 << 10;

/// The router of an API.
pub fn router(api: Api) -> Router {
    let (router, document) = routes::routes();
    router
        .merge(page::routes())
        .route("/openapi.json", get(|| async move { Json(document) }))
        .fallback(async || Problem::not_found("route of this name; /openapi.json lists them"))
        .method_not_allowed_fallback(not_allowed)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(from_fn_with_state(api.clone(), within_the_time))
        .layer(from_fn_with_state(api.clone(), told))
        .with_state(api)
}

async fn not_allowed() -> Problem {
    let detail = "this route has no such method; /openapi.json lists them";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "No such method", detail)
}

/// A request that takes too long is given up; what it began goes on. A wait that the caller asked for is added; a
/// stream begins with its answer.
async fn within_the_time(State(api): State<Api>, request: Request, next: Next) -> Response {
    let limit = api.settings.answer_within + routes::wait(request.headers()).unwrap_or_default();
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
        let detail = format!("no answer within {} s", limit.as_secs());
        Problem::new(StatusCode::GATEWAY_TIMEOUT, "slow", "It takes too long", detail)
            .next("ask again, with the same Idempotency-Key where there is one")
            .into_response()
    })
}

/// Counts and logs a request. No body, no query and no header is logged: secrets come in them.
async fn told(State(api): State<Api>, request: Request, next: Next) -> Response {
    let (began, id) = (Instant::now(), Uuid::now_v7().to_string());
    let method = request.method().to_string();
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = matched.unwrap_or_else(|| "(none)".to_owned());
    let mut response = next.run(request).await;
    let (status, seconds) = (response.status().as_u16(), began.elapsed().as_secs_f64());
    api.counters.count(&method, &route, status, seconds);
    tracing::info!(request = id, method, route, status, seconds, "answered");
    seal(&mut response, &id);
    response
}

/// What every answer says.
fn seal(response: &mut Response, id: &str) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
