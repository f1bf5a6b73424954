//! `DELETE /v1/guests/{guest}`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use saga::JournalError;
use uuid::Uuid;

use super::answer::{Serving, answer, wait};
use super::guests::{find, log, view};
use crate::ledger::{Acceptance, Asked, Guest};
use crate::outcome::{End, Outcome};
use crate::sagas::DESTROY;
use crate::serve::Scope;
use crate::serve::api::Api;
use crate::serve::caller::Caller;
use crate::serve::problem::Problem;
use crate::serve::wire::{AcceptedView, GuestView};
use crate::verbs::destroy::request;

/// Destroy a guest; harmless when repeated. With `Prefer: wait=SECONDS` the answer is the guest that is no more.
#[utoipa::path(
    delete, path = "/v1/guests/{guest}", tag = "guests",
    params(
        ("guest" = String, Path, description = "The customer's name"),
        ("Prefer" = Option<String>, Header, description = "`wait=SECONDS`: answer when it is gone, up to 600 seconds"),
    ),
    responses(
        (status = 202, description = "Accepted: the run destroys it", body = AcceptedView),
        (status = 200, description = "It is gone", body = GuestView),
        (status = 404, description = "There never was one, or it is another tenant's", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is being made right now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn destroy(
    State(api): State<Api>,
    caller: Caller,
    Path(own): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.must(Scope::Destroy)?;
    let guest = find(&api, &caller, &own).await?;
    if !guest.state.is_live() {
        return Ok((StatusCode::OK, Json(view(&api, &guest, &own).await?)).into_response());
    }
    if api.agent.is_stopping() {
        return Err(Problem::stopping());
    }
    // In a task of its own: a caller who hangs up half-way changes nothing.
    let task = tokio::spawn(accept(api.clone(), caller.clone(), guest));
    let run = task.await.map_err(|error| Problem::broken(&error))??;
    answer(&api, &caller, &own, &Serving { run, existing: false }, wait(&headers)).await
}

async fn accept(api: Api, caller: Caller, guest: Guest) -> Result<String, Problem> {
    let run = guest.run.as_str();
    if api.runs.is_working_on(run) {
        return Err(being_made(run));
    }
    let closed = api.agent.close_if_done(run).await;
    closed.map_err(|stop| Problem::of(&stop))?;
    let is_made = !api.agent.is_unfinished(run).await.map_err(|stop| Problem::of(&stop))?;
    let (run, outcome) = if is_made {
        dismantle(&api, &guest).await?
    } else {
        // A guest whose run is unfinished goes with its run.
        api.runs.abandon(run);
        (run.to_owned(), "accepted: its unfinished run is given up")
    };
    log(&api, &caller, "guest.destroy", guest.customer.as_str(), Some(run.clone()), outcome).await?;
    Ok(run)
}

fn being_made(run: &str) -> Problem {
    let detail = "the guest is being made right now";
    Problem::new(StatusCode::CONFLICT, "busy", "A run works on it", detail)
        .about(run)
        .next("ask again when the run has ended")
        .retry_after(5)
}

/// One destruction of a guest at a time, whoever asks: the next attempt has its key only when this one has failed.
async fn dismantle(api: &Api, guest: &Guest) -> Result<(String, &'static str), Problem> {
    let request = request(&api.agent, guest).await.map_err(|stop| Problem::of(&stop))?;
    let input = serde_json::to_string(&request).map_err(|error| Problem::broken(&error))?;
    // No caller's key has a blank.
    let mut key = format!("destroy {}", guest.id);
    loop {
        let asked = Asked {
            tenant: String::new(),
            key,
            body: String::new(),
            customer: guest.customer.clone(),
            run: Uuid::now_v7().to_string(),
            plan: DESTROY.to_owned(),
            input: input.clone(),
        };
        let accepted = api.agent.context.ledger.accept_run(&asked).await.map_err(|error| Problem::broken(&error))?;
        let known = match accepted {
            Acceptance::New(accepted) => {
                let run = accepted.run.clone();
                api.runs.begin(accepted);
                return Ok((run, "accepted"));
            }
            Acceptance::Known(known) => known,
            Acceptance::Mismatch => return Err(Problem::not_found("such destruction")),
        };
        match stands(api, &known.run).await? {
            // Whoever asks again says that it is mended.
            Some(End::Parked { .. }) => {
                api.runs.resume(&known.run);
                return Ok((known.run, "resumed"));
            }
            Some(End::RolledBack { .. } | End::Done) => key = format!("destroy {} after {}", guest.id, known.run),
            Some(End::Unfinished) | None => return Ok((known.run, "known")),
        }
    }
}

async fn stands(api: &Api, run: &str) -> Result<Option<End>, Problem> {
    match api.agent.journal.log(run).await {
        Ok(log) => Ok(Some(Outcome::of(&log, false).end)),
        Err(JournalError::Unknown { .. }) => Ok(None),
        Err(error) => Err(Problem::broken(&error)),
    }
}
