//! What a caller is told of an accepted run: at once, or when it has ended.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use saga::Log;

use super::guests::{find, view};
use crate::ledger::Accepted;
use crate::outcome::{End, Outcome};
use crate::serve::api::Api;
use crate::serve::caller::Caller;
use crate::serve::problem::Problem;
use crate::serve::wire::{AcceptedView, VERSION};

/// Nobody is waited for longer.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// The run that serves a request.
pub(super) struct Serving {
    /// Its id.
    pub(super) run: String,
    /// Another request made, or makes, the guest.
    pub(super) existing: bool,
}

impl From<&Accepted> for Serving {
    fn from(accepted: &Accepted) -> Self {
        Self { run: accepted.run.clone(), existing: accepted.existing != 0 }
    }
}

/// What was accepted, at once.
fn told(own: &str, serving: &Serving) -> Response {
    let existing = serving.existing;
    let status = if existing { StatusCode::OK } else { StatusCode::ACCEPTED };
    let view = AcceptedView { version: VERSION, guest: own.to_owned(), run: serving.run.clone(), existing };
    (status, [(header::LOCATION, format!("/v1/guests/{own}"))], Json(view)).into_response()
}

/// `Prefer: wait=SECONDS` (RFC 7240).
pub(in crate::serve) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let preferences = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let mut waits =
        preferences.flat_map(|line| line.split([',', ';'])).filter_map(|word| word.trim().strip_prefix("wait="));
    waits.find_map(|seconds| seconds.parse().ok()).map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// The answer to an accepted request: at once, or, where the caller waits, the guest as its run left it.
pub(super) async fn answer(
    api: &Api,
    caller: &Caller,
    own: &str,
    serving: &Serving,
    patience: Option<Duration>,
) -> Result<Response, Problem> {
    let Some(patience) = patience else { return Ok(told(own, serving)) };
    let log = api.runs.ended(&serving.run, patience).await.map_err(|error| Problem::broken(&error))?;
    let Some(log) = log else { return Ok(told(own, serving)) };
    let outcome = Outcome::of(&log, serving.existing);
    match outcome.end {
        End::Unfinished => Ok(told(own, serving)),
        End::Done => {
            let guest = find(api, caller, own).await?;
            let status = if guest.state.is_live() { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, Json(view(api, &guest, own).await?)).into_response())
        }
        End::RolledBack { .. } | End::Parked { .. } => Err(unsuccessful(caller, &log, &outcome)),
    }
}

/// A run that did not succeed, as a problem. Its reason may name other tenants' guests: only operators are told.
fn unsuccessful(caller: &Caller, log: &Log, outcome: &Outcome) -> Problem {
    let is_operator = caller.tenant.is_none();
    let (status, kind, title, reason, command) = match &outcome.end {
        End::Parked { reason, command } => {
            (StatusCode::SERVICE_UNAVAILABLE, "parked", "A person must act", reason.clone(), Some(command.clone()))
        }
        End::RolledBack { reason } => {
            (StatusCode::BAD_GATEWAY, "failed", "It failed, and what it had done is undone", reason.clone(), None)
        }
        End::Done | End::Unfinished => {
            (StatusCode::INTERNAL_SERVER_ERROR, "broken", "The service failed", String::new(), None)
        }
    };
    let run = &log.header().run;
    let detail = if is_operator { reason } else { format!("the operator sees why in run {run}") };
    let next = match command.filter(|_| is_operator) {
        Some(command) => command,
        None if kind == "parked" => "wait: the operator must act".to_owned(),
        None => "try again with a fresh Idempotency-Key".to_owned(),
    };
    let problem = Problem::new(status, kind, title, detail).about(run).next(next);
    Problem { exit: outcome.exit(), ..problem }
}
