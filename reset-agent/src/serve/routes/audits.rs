//! `/v1/audits`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use spec::exit::Exit;
use spec::report::AuditReport;
use tracing::Instrument;
use uuid::Uuid;

use super::guests::log;
use crate::agent::Agent;
use crate::serve::Scope;
use crate::serve::api::Api;
use crate::serve::caller::Caller;
use crate::serve::problem::Problem;
use crate::serve::wire::AuditView;
use crate::stop::Stop;

/// Begin an audit of the fleet: which guests share an identity, with each other or with a golden.
#[utoipa::path(
    post, path = "/v1/audits", tag = "audits",
    responses((status = 202, description = "It has begun", body = AuditView))
)]
pub(super) async fn create(State(api): State<Api>, caller: Caller) -> Result<Response, Problem> {
    caller.must(Scope::Audit)?;
    caller.must_be_operator()?;
    if api.agent.is_stopping() {
        return Err(Problem::stopping());
    }
    let id = Uuid::now_v7().to_string();
    log(&api, &caller, "audit.create", &id, None, "accepted").await?;
    api.agent.context.ledger.begin_audit(&id).await.map_err(|error| Problem::broken(&error))?;
    let span = tracing::info_span!("audit", audit = id);
    let (agent, of) = (api.clone(), id.clone());
    tokio::spawn(async move { carry_out(&agent.agent, &of).await }.instrument(span));
    let location = [(header::LOCATION, format!("/v1/audits/{id}"))];
    Ok((StatusCode::ACCEPTED, location, Json(find(&api, &id).await?)).into_response())
}

async fn carry_out(agent: &Agent, id: &str) {
    let (exit, report) = match audited(agent).await {
        Ok((exit, report)) => (exit, serde_json::to_string(&report).ok()),
        Err(stop) => {
            tracing::warn!(error = format!("{:#}", stop.error), "the audit failed");
            (stop.exit, None)
        }
    };
    if let Err(error) = agent.context.ledger.end_audit(id, exit.word(), report).await {
        tracing::error!(error = crate::node::failure::chain(&error), "the audit's end was not written down");
    }
}

async fn audited(agent: &Agent) -> Result<(Exit, AuditReport), Stop> {
    let report = crate::audit::of_fleet(&agent.context).await.map_err(Stop::failed)?;
    Ok((report.exit(), report))
}

/// One audit, and what it found.
#[utoipa::path(
    get, path = "/v1/audits/{audit}", tag = "audits",
    params(("audit" = String, Path, description = "The audit")),
    responses(
        (status = 200, description = "The audit", body = AuditView),
        (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<AuditView>, Problem> {
    caller.must(Scope::Audit)?;
    caller.must_be_operator()?;
    Ok(Json(find(&api, &id).await?))
}

async fn find(api: &Api, id: &str) -> Result<AuditView, Problem> {
    let row = api.agent.context.ledger.audit(id).await.map_err(|error| Problem::broken(&error))?;
    row.map(AuditView::of).ok_or_else(|| Problem::not_found("audit of this id"))
}
