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
