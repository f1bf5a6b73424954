//! What the page shows, read for its reader: a tenant's is its own runs and guests.

use spec::report::AuditReport;

use crate::golden::shelf;
use crate::ledger::{AuditRow, ChannelSeen, Scope as Which};
use crate::serve::api::Api;
use crate::serve::caller::Caller;
use crate::serve::problem::Problem;
use crate::serve::routes::view;
use crate::serve::wire::{GuestView, RunView};

/// So many runs are shown, and so many guests, the newest.
const MOST_RUNS: u32 = 25;
const MOST_GUESTS: usize = 200;

/// Everything on the page.
pub(super) struct Overview {
    /// Whose page it is.
    pub(super) reader: String,
    /// The latest runs, newest first, each with the time it was accepted.
    pub(super) runs: Vec<(RunView, String)>,
    /// The newest live guests, newest first.
    pub(super) guests: Vec<GuestView>,
    /// What concerns the whole fleet; none for a tenant.
    pub(super) fleet: Option<Fleet>,
}

/// What operators see.
pub(super) struct Fleet {
    /// Name and release of each golden whose manifest is within sight.
    pub(super) goldens: Vec<(String, String)>,
    /// Manifests or folders that could not be read.
    pub(super) unread: usize,
    /// The channels, as they were last resolved.
    pub(super) channels: Vec<ChannelSeen>,
    /// The last audit, and its report.
    pub(super) audit: Option<(AuditRow, Option<AuditReport>)>,
}

/// Reads it.
pub(super) async fn of(api: &Api, caller: &Caller) -> Result<Overview, Problem> {
    let ledger = &api.agent.context.ledger;
    let mut guests = Vec::new();
    let live = ledger.list(Which::Live).await.map_err(|error| Problem::broken(&error))?;
    let of_caller = live.iter().rev().filter_map(|guest| Some((guest, caller.own(guest.customer.as_str())?)));
    for (guest, own) in of_caller.take(MOST_GUESTS) {
        guests.push(view(api, guest, own).await?);
    }
    let reader = caller.tenant.as_ref().map_or_else(|| "operator".to_owned(), |tenant| format!("tenant {tenant}"));
    let fleet = if caller.tenant.is_none() { Some(fleet(api).await?) } else { None };
    Ok(Overview { reader, runs: runs(api, caller).await?, guests, fleet })
}

async fn runs(api: &Api, caller: &Caller) -> Result<Vec<(RunView, String)>, Problem> {
    let journal = &api.agent.journal;
    let mut runs = Vec::new();
    for summary in journal.runs(MOST_RUNS).await.map_err(|error| Problem::broken(&error))? {
        let customer = summary.header.input.get("customer").and_then(|value| value.as_str());
        let guest = customer.and_then(|customer| caller.own(customer)).map(ToOwned::to_owned);
        if caller.tenant.is_some() && guest.is_none() {
            continue;
        }
        let log = journal.log(&summary.header.run).await.map_err(|error| Problem::broken(&error))?;
        runs.push((RunView::of(&log, guest, caller.tenant.is_none()), summary.opened_at));
    }
    Ok(runs)
}

async fn fleet(api: &Api) -> Result<Fleet, Problem> {
    let ledger = &api.agent.context.ledger;
    let folders = api.agent.context.settings.manifests.clone();
    let survey = tokio::task::spawn_blocking(move || shelf::survey(&folders)).await;
    let survey = survey.map_err(|error| Problem::broken(&error))?;
    let title = |shelved: shelf::Shelved| (shelved.manifest.golden.to_string(), shelved.manifest.release.clone());
    let mut goldens: Vec<_> = survey.shelf.into_iter().map(title).collect();
    goldens.sort();
    let audit = ledger.last_audit().await.map_err(|error| Problem::broken(&error))?;
    let audit = audit.map(|row| {
        let report = row.report.as_deref().and_then(|text| serde_json::from_str(text).ok());
        (row, report)
    });
    let channels = ledger.channels_seen().await.map_err(|error| Problem::broken(&error))?;
    Ok(Fleet { goldens, unread: survey.unread.len(), channels, audit })
}
