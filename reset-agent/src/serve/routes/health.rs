//! `/healthz` and `/readyz`: for whoever keeps the service running. They tell nothing and need no token.

use axum::extract::State;

use crate::ledger::Scope as Which;
use crate::serve::api::Api;
use crate::serve::problem::Problem;

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = 200, description = "Alive", body = String)))]
pub(super) async fn alive() -> &'static str {
    "alive\n"
}

/// New requests are taken: the ledger can be read, and the service is not about to stop.
#[utoipa::path(
    get, path = "/readyz", tag = "health", security(()),
    responses(
        (status = 200, description = "Ready", body = String),
        (status = 503, description = "It is about to stop", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ready(State(api): State<Api>) -> Result<&'static str, Problem> {
    if api.agent.is_stopping() {
        return Err(Problem::stopping());
    }
    api.agent.context.ledger.list(Which::Live).await.map_err(|error| Problem::broken(&error))?;
    Ok("ready\n")
}
