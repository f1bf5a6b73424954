//! `POST /v1/guests/{guest}/recover`

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use saga::StepError;
use uuid::Uuid;

use super::answer::{Serving, answer, wait};
use super::guests::{find, log};
use super::wanted;
use crate::ledger::{Asked, Guest, Recovery};
use crate::node::{Found, look};
use crate::request::RecoverRequest;
use crate::sagas::RECOVER;
use crate::serve::api::Api;
use crate::serve::caller::Caller;
use crate::serve::problem::Problem;
use crate::serve::wire::{AcceptedView, GuestView, RecoveryRequest};
use crate::serve::{Scope, idempotency};
use crate::steps::asks::examine;
use crate::verbs::backups::{latest, must_be_listed};
use crate::verbs::recover::{Wish, accept, begun};

/// Bring a lost guest back out of the customer's own backup.
///
/// A tenant's guest comes back out of the latest backup that bears the customer's mark; an operator may name another.
/// The answer comes at once; the same key with the same body always means the same run. A guest that is still there is
/// not recovered: destroy it first.
#[utoipa::path(
    post, path = "/v1/guests/{guest}/recover", tag = "guests", request_body = RecoveryRequest,
    params(
        ("guest" = String, Path, description = "The customer's name"),
        ("Idempotency-Key" = String, Header, description = "The same for every attempt at the same recovery: 1 to 64 visible ASCII characters"),
        ("Prefer" = Option<String>, Header, description = "`wait=SECONDS`: answer with the guest, up to 600 seconds"),
    ),
    responses(
        (status = 202, description = "Accepted", body = AcceptedView),
        (status = 200, description = "It is being recovered already", body = AcceptedView),
        (status = 201, description = "Waited for: the guest", body = GuestView),
        (status = 403, description = "Backups are named by operators only", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There never was such a guest, or it is another tenant's; or there is no backup of it", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The key was used with another body, the guest is still there, or another run works on it", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A value, or the backup, is not accepted; nothing was touched", body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "Waited for: it failed, and is undone", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn recover(
    State(api): State<Api>,
    caller: Caller,
    Path(own): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    caller.must(Scope::Recover)?;
    let key = idempotency::key(&headers)?;
    let asked: RecoveryRequest = wanted::body(&headers, &body)?;
    if asked.archive.is_some() || asked.adopt {
        caller.must_be_operator()?;
    }
    let digest = idempotency::digest("guest.recover", &(&own, &asked))?;
    let wish = wanted::recovery(&api.agent, &caller, &own, asked)?;
    // In a task of its own: a caller who hangs up half-way changes nothing.
    let task = tokio::spawn(accepted(api.clone(), caller.clone(), own.clone(), (key, digest), wish));
    let serving = task.await.map_err(|error| Problem::broken(&error))??;
    answer(&api, &caller, &own, &serving, wait(&headers)).await
}

async fn accepted(
    api: Api,
    caller: Caller,
    own: String,
    (key, body): (String, String),
    wish: wanted::Recovery,
) -> Result<Serving, Problem> {
    let ledger = &api.agent.context.ledger;
    let customer = wish.customer.clone();
    let known = ledger.accepted(caller.tenant_word(), &key).await.map_err(|error| Problem::broken(&error))?;
    if let Some(known) = known {
        if known.body == body {
            return Ok((&known).into());
        }
        let outcome = "refused: the key was used with another body";
        log(&api, &caller, "guest.recover", customer.as_str(), None, outcome).await?;
        return Err(idempotency::mismatch(&key));
    }
    if api.agent.is_stopping() {
        return Err(Problem::stopping());
    }
    let look = || begun(&api.agent, &customer);
    let mut under_way = look().await.map_err(|stop| Problem::of(&stop))?;
    let mut request = None;
    if under_way.is_none() {
        match admitted(&api, &caller, &own, wish).await {
            Ok(admitted) => request = Some(admitted),
            Err(problem) => {
                // What stands in the way may be another's recovery of the same guest, begun this instant.
                under_way = look().await.map_err(|stop| Problem::of(&stop))?;
                under_way.as_ref().ok_or(problem)?;
            }
        }
    }
    let asked = Asked {
        tenant: caller.tenant_word().to_owned(),
        key: key.clone(),
        body,
        customer: customer.clone(),
        run: Uuid::now_v7().to_string(),
        plan: RECOVER.to_owned(),
        input: serde_json::to_string(&request).map_err(|error| Problem::broken(&error))?,
    };
    let recovery = ledger.accept_recovery(&asked, under_way.as_deref()).await;
    let recovery = recovery.map_err(|error| Problem::broken(&error))?;
    let (run, outcome) = match &recovery {
        Recovery::New(accepted) => (Some(accepted.run.clone()), "accepted"),
        Recovery::Known(accepted) => (Some(accepted.run.clone()), "known"),
        Recovery::Busy { run } => (Some(run.clone()), "refused: another run works on the guest"),
        Recovery::Mismatch => (None, "refused: the key was used with another body"),
    };
    log(&api, &caller, "guest.recover", customer.as_str(), run, outcome).await?;
    match recovery {
        Recovery::Mismatch => Err(idempotency::mismatch(&key)),
        Recovery::Busy { run } => Err(busy(&run)),
        Recovery::Known(accepted) => Ok((&accepted).into()),
        Recovery::New(accepted) => {
            let serving = (&accepted).into();
            api.runs.begin(accepted);
            Ok(serving)
        }
    }
}

/// The whole request: the guest is lost and nobody works on it, and its backup may be restored. Nothing is changed.
async fn admitted(api: &Api, caller: &Caller, own: &str, wish: wanted::Recovery) -> Result<RecoverRequest, Problem> {
    let agent = &api.agent;
    let archive = if let Some(archive) = wish.archive {
        // The ledger may never have known the guest that an operator vouches for.
        let guest = agent.context.ledger.by_customer(&wish.customer).await.map_err(|error| Problem::broken(&error))?;
        if let Some(guest) = guest {
            must_be_lost(api, &guest).await?;
        }
        must_be_listed(agent, &archive).await.map_err(|stop| Problem::of(&stop))?;
        archive
    } else {
        let guest = find(api, caller, own).await?;
        must_be_lost(api, &guest).await?;
        let latest = latest(agent, &guest).await.map_err(|stop| Problem::of(&stop))?;
        latest.ok_or_else(|| Problem::not_found("backup that bears this guest's mark"))?
    };
    let wish = Wish {
        customer: wish.customer,
        archive,
        hostname: wish.hostname,
        size: wish.size,
        on_collision: wish.on_collision,
        adopt: wish.adopt,
        checks: wish.checks,
        hold_after: None,
    };
    let request = accept(agent, wish).await.map_err(|stop| Problem::of(&stop))?;
    examine(&agent.context, &request).await.map_err(|error| not_restorable(caller, &error))?;
    Ok(request)
}

/// Refuses a guest that is there, or that a run makes or takes away.
async fn must_be_lost(api: &Api, guest: &Guest) -> Result<(), Problem> {
    let agent = &api.agent;
    if !guest.state.is_live() {
        return Ok(());
    }
    if agent.is_unfinished(guest.run.as_str()).await.map_err(|stop| Problem::of(&stop))? {
        return Err(busy(guest.run.as_str()));
    }
    match look(&agent.context.pve, guest.vmid, &guest.run).await.map_err(|error| Problem::broken(&error))? {
        Found::Ours(_) => Err(Problem::new(
            StatusCode::CONFLICT,
            "guest-there",
            "The guest is there",
            "the guest is not lost: only a guest that is gone is recovered",
        )
        .next("to replace it by its backup, destroy it first: DELETE /v1/guests/{guest}")),
        // Whether it is gone from every node is the run's to prove.
        Found::Absent | Found::InCreation | Found::Foreign => Ok(()),
    }
}

fn busy(run: &str) -> Problem {
    let detail = "another run works on the guest, or rests in the middle of it";
    Problem::new(StatusCode::CONFLICT, "busy", "A run works on it", detail)
        .about(run)
        .next("ask again when the run has ended")
        .retry_after(5)
}

/// A backup that must not be restored. The reason may name goldens and other tenants' guests.
fn not_restorable(caller: &Caller, error: &StepError) -> Problem {
    tracing::warn!(error = %error, "a backup is not accepted");
    let for_tenants = "the latest backup must not be restored; the operator's log tells why";
    Problem::unacceptable(if caller.tenant.is_none() { error.to_string() } else { for_tenants.to_owned() })
}
