//! `/metrics`

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::serve::Scope;
use crate::serve::api::Api;
use crate::serve::caller::Caller;
use crate::serve::metrics;
use crate::serve::problem::Problem;

/// Counters and states, as OpenMetrics text.
#[utoipa::path(
    get, path = "/metrics", tag = "metrics",
    responses((status = 200, description = "The metrics", body = String, content_type = "application/openmetrics-text"))
)]
pub(super) async fn show(State(api): State<Api>, caller: Caller) -> Result<Response, Problem> {
    caller.must(Scope::Metrics)?;
    caller.must_be_operator()?;
    let text = metrics::text(&api).await?;
    Ok(([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response())
}
