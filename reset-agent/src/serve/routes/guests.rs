//! `/v1/guests`

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use super::answer::{answer, wait};
use super::wanted;
use crate::golden::admitting::admission;
use crate::ledger::{Acceptance, Accepted, Asked, Entry, Guest, Scope as Which};
use crate::outcome::Outcome;
use crate::request::ProvisionRequest;
use crate::sagas::PROVISION;
use crate::serve::api::Api;
use crate::serve::caller::Caller;
use crate::serve::problem::Problem;
use crate::serve::wire::{AcceptedView, GuestRequest, GuestView, Guests, VERSION};
use crate::serve::{Scope, idempotency};
use crate::stop::Stop;

/// Make a guest for a customer; a customer who has one gets it back.
///
/// The answer comes at once; the run is carried out whatever happens to the service. With `Prefer: wait=SECONDS` the
/// answer is the guest, if it is done within the time. The same key with the same body always means the same run.
#[utoipa::path(
    post, path = "/v1/guests", tag = "guests", request_body = GuestRequest,
    params(
        ("Idempotency-Key" = String, Header, description = "The same for every attempt at the same guest: 1 to 64 visible ASCII characters"),
        ("Prefer" = Option<String>, Header, description = "`wait=SECONDS`: answer with the guest, up to 600 seconds"),
    ),
    responses(
        (status = 202, description = "Accepted", body = AcceptedView),
        (status = 200, description = "The customer had a guest, or was about to have one", body = AcceptedView),
        (status = 201, description = "Waited for: the guest", body = GuestView),
        (status = 409, description = "The key was used with another body, or the hostname is taken", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A value is not accepted; nothing was touched", body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "Waited for: it failed, and is undone", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    caller.must(Scope::Provision)?;
    let key = idempotency::key(&headers)?;
    let asked: GuestRequest = wanted::body(&headers, &body)?;
    let digest = idempotency::digest("guest.create", &asked)?;
    let own = asked.customer.clone();
    let request = wanted::accepted(&api.agent, &caller, asked)?;
    // In a task of its own: a caller who hangs up half-way changes nothing.
    let task = tokio::spawn(accept(api.clone(), caller.clone(), key, digest, request));
    let accepted = task.await.map_err(|error| Problem::broken(&error))??;
    answer(&api, &caller, &own, &(&accepted).into(), wait(&headers)).await
}

async fn accept(
    api: Api,
    caller: Caller,
    key: String,
    body: String,
    request: ProvisionRequest,
) -> Result<Accepted, Problem> {
    let ledger = &api.agent.context.ledger;
    let customer = request.customer.clone();
    let known = ledger.accepted(caller.tenant_word(), &key).await.map_err(|error| Problem::broken(&error))?;
    if known.is_none() {
        if api.agent.is_stopping() {
            return Err(Problem::stopping());
        }
        // A golden that is not there, or does not count, is bad input: no run is opened for it.
        admission(&api.agent.context, &request.golden).await.map_err(|error| Problem::of(&Stop::unusable(error)))?;
        wanted::hostname_is_free(&api.agent, &request).await?;
    }
    let asked = Asked {
        tenant: caller.tenant_word().to_owned(),
        key: key.clone(),
        body,
        customer: customer.clone(),
        run: Uuid::now_v7().to_string(),
        plan: PROVISION.to_owned(),
        input: serde_json::to_string(&request).map_err(|error| Problem::broken(&error))?,
    };
    let acceptance = ledger.accept_guest(&asked).await.map_err(|error| Problem::broken(&error))?;
    let (run, outcome) = match &acceptance {
        Acceptance::New(accepted) => (Some(accepted.run.clone()), "accepted"),
        Acceptance::Known(accepted) => (Some(accepted.run.clone()), "known"),
        Acceptance::Mismatch => (None, "refused: the key was used with another body"),
    };
    if known.is_none() || acceptance == Acceptance::Mismatch {
        log(&api, &caller, "guest.create", customer.as_str(), run, outcome).await?;
    }
    match acceptance {
        Acceptance::Mismatch => Err(idempotency::mismatch(&key)),
        Acceptance::Known(accepted) => Ok(accepted),
        Acceptance::New(accepted) => {
            api.runs.begin(accepted.clone());
            Ok(accepted)
        }
    }
}

pub(super) async fn log(
    api: &Api,
    caller: &Caller,
    action: &str,
    object: &str,
    run: Option<String>,
    outcome: &str,
) -> Result<(), Problem> {
    let entry = Entry {
        who: format!("token {}", caller.id),
        tenant: caller.tenant.as_ref().map(ToString::to_string),
        action: action.to_owned(),
        object: object.to_owned(),
        run,
        outcome: outcome.to_owned(),
        ..Entry::default()
    };
    api.agent.context.ledger.log_action(&entry).await.map_err(|error| Problem::broken(&error))
}

/// Which guests a list shows.
#[derive(Debug, Deserialize)]
pub(super) struct Listing {
    #[serde(default)]
    all: bool,
    /// The run of the last guest that was seen: ids of runs tell nothing of other tenants' guests.
    after: Option<String>,
    limit: Option<usize>,
}

/// Guests in one answer.
const MOST_GUESTS: usize = 500;

/// The caller's guests, oldest first, a page at a time.
#[utoipa::path(
    get, path = "/v1/guests", tag = "guests",
    params(
        ("all" = Option<bool>, Query, description = "Those that are gone, too"),
        ("limit" = Option<usize>, Query, description = "At most so many; 100, and never more than 500"),
        ("after" = Option<String>, Query, description = "Only those after this one: `next` of the answer before"),
    ),
    responses((status = 200, description = "The guests", body = Guests))
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Json<Guests>, Problem> {
    caller.must(Scope::Read)?;
    let which = if listing.all { Which::All } else { Which::Live };
    let all = api.agent.context.ledger.list(which).await.map_err(|error| Problem::broken(&error))?;
    let of_caller = all.iter().filter_map(|guest| Some((guest, caller.own(guest.customer.as_str())?)));
    let mut rest: Vec<_> = of_caller.collect();
    if let Some(after) = &listing.after {
        let place = rest.iter().position(|(guest, _)| guest.run.as_str() == after);
        let place = place.ok_or_else(|| Problem::unacceptable(format!("after {after:?}: no guest of this list")))?;
        rest.drain(..=place);
    }
    let limit = listing.limit.unwrap_or(100).clamp(1, MOST_GUESTS);
    let next = if rest.len() > limit { Some(rest[limit - 1].0.run.to_string()) } else { None };
    let mut guests = Vec::new();
    for (guest, own) in rest.into_iter().take(limit) {
        guests.push(view(&api, guest, own).await?);
    }
    Ok(Json(Guests { version: VERSION, guests, next }))
}

/// One guest: the customer's live one, else the last one.
#[utoipa::path(
    get, path = "/v1/guests/{guest}", tag = "guests",
    params(("guest" = String, Path, description = "The customer's name")),
    responses(
        (status = 200, description = "The guest", body = GuestView),
        (status = 404, description = "There is none, or it is another tenant's", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Path(own): Path<String>,
) -> Result<Json<GuestView>, Problem> {
    caller.must(Scope::Read)?;
    let guest = find(&api, &caller, &own).await?;
    Ok(Json(view(&api, &guest, &own).await?))
}

/// The guest that a caller means.
pub(super) async fn find(api: &Api, caller: &Caller, own: &str) -> Result<Guest, Problem> {
    let absent = || Problem::not_found("guest of this name");
    let customer = own.parse().ok().and_then(|own| caller.customer(&own).ok()).ok_or_else(absent)?;
    let guests = api.agent.context.ledger.all_of(&customer).await.map_err(|error| Problem::broken(&error))?;
    guests.into_iter().next().ok_or_else(absent)
}

pub(in crate::serve) async fn view(api: &Api, guest: &Guest, own: &str) -> Result<GuestView, Problem> {
    let ledger = &api.agent.context.ledger;
    let identities = ledger.identities(guest.id).await.map_err(|error| Problem::broken(&error))?;
    let log = api.agent.journal.log(guest.run.as_str()).await.ok();
    let outcome = log.map(|log| Outcome::of(&log, true));
    Ok(GuestView::of(guest, own, &identities, outcome.as_ref()))
}
