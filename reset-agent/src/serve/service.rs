//! The service's life: doors open, unfinished runs taken up, requests served; told to stop, it begins nothing new and
//! ends when every run has stopped after its step.

use std::time::Duration;

use tokio::sync::watch;

use super::api::Api;
use super::listen::{Doors, ListenError};
use super::notify;
use super::router::router;
use crate::agent::Agent;
use crate::config::ServeSettings;
use crate::node::failure::chain;
use crate::orphans::{Attempt, Found, attempt};
use crate::sagas::ORPHAN;
use crate::verbs::orphans;

/// How often runs are looked for that nobody works on any more, because another agent died.
const SWEEP: Duration = Duration::from_secs(30);

/// Serves until `stop` is told. `ready` is told where, once requests are taken.
///
/// # Errors
/// [`ListenError`]: a door does not open.
pub async fn serve(
    agent: Agent,
    settings: ServeSettings,
    ready: impl FnOnce(&[String]),
    stop: impl Future<Output = ()>,
) -> Result<(), ListenError> {
    let doors = Doors::open(&settings).await?;
    let api = Api::new(agent, settings);
    let (telling, told) = watch::channel(false);
    let places = doors.places();
    tracing::info!(places = places.join(" "), "serving");
    let serving = doors.serve(router(api.clone()), told);
    let stopping = async {
        ready(&places);
        notify::tell("READY=1");
        tokio::select! {
            () = stop => (),
            () = keep_taking_up(&api) => (),
            () = keep_looking_for_orphans(&api) => (),
        }
        tracing::info!(runs = api.runs.count(), "stopping: runs under way end their step");
        notify::tell("STOPPING=1");
        api.agent.stop();
        telling.send_replace(true);
    };
    tokio::join!(serving, stopping);
    api.runs.none_left().await;
    tracing::info!("stopped");
    Ok(())
}

/// Takes up what nobody works on, now and again.
async fn keep_taking_up(api: &Api) {
    let mut again = tokio::time::interval(SWEEP);
    loop {
        again.tick().await;
        if let Err(error) = api.runs.take_up().await {
            tracing::error!(error = chain(&error), "unfinished runs were not taken up");
        }
    }
}

/// Looks at once, and now and again, for guests that came to be after their run was undone. Told, and removed where the
/// configuration says so.
async fn keep_looking_for_orphans(api: &Api) {
    let Some(every) = api.settings.orphans_every else { return std::future::pending().await };
    let mut again = tokio::time::interval(every);
    loop {
        again.tick().await;
        match orphans::survey(&api.agent).await {
            Ok(all) => tend(api, all).await,
            Err(stop) => tracing::error!(error = %stop.error, "guests without a run were not looked for"),
        }
    }
}

async fn tend(api: &Api, all: Vec<Found>) {
    for found in all {
        let (vmid, run) = (found.vmid, &found.run);
        if !found.standing.is_removable() || !api.settings.remove_orphans {
            tracing::warn!(%vmid, %run, standing = ?found.standing, "a guest bears the mark of a run that is over: reset-agent orphans");
            continue;
        }
        tracing::warn!(%vmid, %run, "a guest came to be after its run was undone: it is removed");
        match attempt(&api.agent.journal, &found).await {
            Ok(Attempt::New(run)) => api.runs.carry(ORPHAN, &run, orphans::input(&found)),
            // It is taken up, or rests for a person.
            Ok(Attempt::Begun(_)) => {}
            Err(error) => tracing::error!(error = chain(&error), "it was not removed"),
        }
    }
}
