//! `/v1/runs`

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use saga::{JournalError, Log};
use serde::Deserialize;

use crate::serve::Scope;
use crate::serve::api::Api;
use crate::serve::caller::Caller;
use crate::serve::problem::Problem;
use crate::serve::runs::is_settled;
use crate::serve::wire::{RunEvent, RunView};

/// How often the journal is looked at for new records.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// One run: where it stands.
#[utoipa::path(
    get, path = "/v1/runs/{run}", tag = "runs",
    params(("run" = String, Path, description = "The run")),
    responses(
        (status = 200, description = "The run", body = RunView),
        (status = 404, description = "There is none, or it is another tenant's", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Path(run): Path<String>,
) -> Result<Json<RunView>, Problem> {
    caller.must(Scope::Read)?;
    let seen = find(&api, &caller, &run).await?;
    Ok(Json(match seen.log {
        Some(log) => RunView::of(&log, seen.guest, caller.tenant.is_none()),
        None => RunView::accepted(&run, &seen.plan, seen.guest),
    }))
}

/// A run that the caller may see.
struct Seen {
    log: Option<Log>,
    plan: String,
    guest: Option<String>,
}

/// A tenant sees the runs that it asked for, and those that made its guests.
async fn find(api: &Api, caller: &Caller, run: &str) -> Result<Seen, Problem> {
    let absent = || Problem::not_found("run of this id");
    let ledger = &api.agent.context.ledger;
    let accepted = ledger.accepted_run(run).await.map_err(|error| Problem::broken(&error))?;
    let log = match api.agent.journal.log(run).await {
        Ok(log) => Some(log),
        Err(JournalError::Unknown { .. }) => None,
        Err(error) => return Err(Problem::broken(&error)),
    };
    let input = log.as_ref().and_then(|log| log.header().input.get("customer")?.as_str().map(ToOwned::to_owned));
    let customer = accepted.as_ref().map(|accepted| accepted.customer.clone()).or(input);
    let guest = customer.as_deref().and_then(|customer| caller.own(customer)).map(ToOwned::to_owned);
    let plan = accepted.map(|accepted| accepted.plan).or_else(|| log.as_ref().map(|log| log.header().plan.clone()));
    if caller.tenant.is_some() && guest.is_none() {
        return Err(absent());
    }
    Ok(Seen { log, plan: plan.ok_or_else(absent)?, guest })
}

/// From where on a stream tells.
#[derive(Debug, Deserialize)]
pub(super) struct From {
    after: Option<u64>,
}

/// The progress of a run, as server-sent events: one for each record of its journal, until it ends or rests.
///
/// A stream that was cut off is taken up with `Last-Event-ID`.
#[utoipa::path(
    get, path = "/v1/runs/{run}/events", tag = "runs",
    params(
        ("run" = String, Path, description = "The run"),
        ("Last-Event-ID" = Option<u64>, Header, description = "Only records after this one"),
        ("after" = Option<u64>, Query, description = "The same, for who cannot set headers"),
    ),
    responses(
        (status = 200, description = "Events named as the record's kind; the last is named `end` and holds the run", body = RunEvent, content_type = "text/event-stream"),
        (status = 404, description = "There is none, or it is another tenant's", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn events(
    State(api): State<Api>,
    caller: Caller,
    Path(run): Path<String>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    caller.must(Scope::Read)?;
    let seen = find(&api, &caller, &run).await?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok()).or(from.after);
    let watch = Watch {
        api,
        run,
        guest: seen.guest,
        tells_why: caller.tenant.is_none(),
        next: last.map_or(0, |seq: u64| seq.saturating_add(1)),
    };
    let stream = stream::unfold(Some(watch), |watch| async move { watch?.wait().await });
    Ok(Sse::new(futures_util::StreamExt::flat_map(stream, stream::iter)).keep_alive(KeepAlive::default()))
}

/// A reader of a run's journal.
struct Watch {
    api: Api,
    run: String,
    guest: Option<String>,
    tells_why: bool,
    next: u64,
}

type Events = Vec<Result<Event, Infallible>>;

impl Watch {
    /// Waits for new records; with the last of them comes how the run stands.
    async fn wait(mut self) -> Option<(Events, Option<Self>)> {
        loop {
            let log = match self.api.agent.journal.log(&self.run).await {
                Ok(log) => Some(log),
                Err(JournalError::Unknown { .. }) => None,
                Err(_) => return None,
            };
            if let Some(log) = log {
                let new = log.records().iter().filter(|record| record.seq >= self.next);
                let mut events: Events = new.map(|record| Ok(event(&RunEvent::of(record)))).collect();
                self.next = self.next.max(log.next_seq());
                if is_settled(&log) {
                    let view = RunView::of(&log, self.guest, self.tells_why);
                    events
                        .push(Ok(Event::default().event("end").data(serde_json::to_string(&view).unwrap_or_default())));
                    return Some((events, None));
                }
                if !events.is_empty() {
                    return Some((events, Some(self)));
                }
            }
            if self.api.agent.is_stopping() {
                return None;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

fn event(told: &RunEvent) -> Event {
    let data = serde_json::to_string(told).unwrap_or_default();
    Event::default().id(told.seq.to_string()).event(told.kind.as_str()).data(data)
}
