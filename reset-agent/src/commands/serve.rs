//! `serve`: the HTTP API, until SIGTERM or SIGINT.

use std::io::Write;

use spec::exit::Exit;
use tokio::signal::unix::{SignalKind, signal};

use crate::agent::Agent;
use crate::serve;
use crate::stop::Stop;

pub(super) async fn run(agent: Agent) -> Result<Exit, Stop> {
    let Some(settings) = agent.context.settings.serve.clone() else {
        return Err(Stop::bad_input(
            "the configuration has no [serve]: name a unix socket, or an address with a certificate",
        ));
    };
    let mut ends = signal(SignalKind::terminate()).map_err(Stop::failed)?;
    let mut interrupts = signal(SignalKind::interrupt()).map_err(Stop::failed)?;
    let stop = async move {
        tokio::select! {
            _ = ends.recv() => (),
            _ = interrupts.recv() => (),
        }
    };
    serve::serve(agent, settings, announce, stop).await.map_err(Stop::usage)?;
    Ok(Exit::Done)
}

/// Where it is served, on stdout: the one result there is.
fn announce(places: &[String]) {
    let mut out = std::io::stdout().lock();
    // Nobody may read it: then the log tells.
    drop(places.iter().try_for_each(|place| writeln!(out, "listening on {place}")).and_then(|()| out.flush()));
}
