//! A service of a bench, on a unix socket: its plan goes as far as no real guest is needed.

use std::path::PathBuf;

use reset_agent::agent::{Agent, Tells};
use reset_agent::config::{Fragment, ServeSettings, Settings};
use reset_agent::context::Context;
use reset_agent::ledger::TokenRow;
use reset_agent::sagas::{destroy, recover};
use reset_agent::serve::token::{self, Grant};
use reset_agent::serve::{ListenError, Scope};
use saga::Plan;
use serde_json::{Value, json};
use tokio::net::UnixStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use super::http::{Answer, Ask};
use crate::bench::{Bench, plan};

pub(crate) struct Service {
    pub(crate) socket: PathBuf,
    pub(crate) places: Vec<String>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<Result<(), ListenError>>,
}

pub(crate) const ALL: [Scope; 6] =
    [Scope::Read, Scope::Provision, Scope::Destroy, Scope::Recover, Scope::Audit, Scope::Metrics];

/// The section as written, with the socket beside the configuration.
pub(crate) fn settings(bench: &Bench, more: &str) -> ServeSettings {
    let socket = bench.config.with_file_name("agent.sock");
    let written = std::fs::read_to_string(&bench.config).unwrap();
    let written = format!("{written}[serve]\nsocket = \"{}\"\n{more}", socket.display());
    Settings::try_from(toml::from_str::<Fragment>(&written).unwrap()).unwrap().serve.unwrap()
}

impl Service {
    pub(crate) async fn start(bench: &Bench) -> Self {
        // 50 requests at once are one caller's burst.
        Self::of_plan(bench, plan(), "requests_per_second = 100\n").await
    }

    pub(crate) async fn of_plan(bench: &Bench, plan: Plan<Context>, more: &str) -> Self {
        let settings = settings(bench, more);
        let socket = settings.socket.clone().unwrap();
        let agent = Agent::assembled(
            bench.context.clone(),
            &bench.store,
            vec![plan, recover(), destroy()].into(),
            Tells::Nobody,
        );
        let ((stop, stopped), (telling, ready)) = (oneshot::channel::<()>(), oneshot::channel());
        let serving = tokio::spawn(reset_agent::serve::serve(
            agent,
            settings,
            move |places| drop(telling.send(places.to_vec())),
            async { drop(stopped.await) },
        ));
        let places = ready.await.unwrap();
        Self { socket, places, stop: Some(stop), serving }
    }

    /// As SIGTERM does.
    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        self.serving.await.unwrap().unwrap();
    }

    pub(crate) fn tell_to_stop(&mut self) {
        drop(self.stop.take());
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        ask.over(UnixStream::connect(&self.socket).await.unwrap()).await
    }

    /// Waits until a run has ended or rests, by its stream of events.
    pub(crate) async fn ended(&self, token: &str, run: &str) -> Value {
        let stream =
            self.ask(Ask::new("GET", format!("/v1/runs/{run}/events")).with("authorization", bearer(token))).await;
        let (_, end) = stream.body.split_once("event: end\ndata: ").unwrap_or_else(|| panic!("{stream:?}"));
        serde_json::from_str(end.lines().next().unwrap()).unwrap()
    }
}

/// A token of these scopes.
pub(crate) async fn token(bench: &Bench, tenant: Option<&str>, scopes: &[Scope]) -> (TokenRow, Zeroizing<String>) {
    let tenant = tenant.map(|tenant| tenant.parse().unwrap());
    let (row, text) = token::make(&Grant { name: "test".into(), tenant, scopes: scopes.to_vec(), days: 1 }).unwrap();
    bench.context.ledger.add_token(&row).await.unwrap();
    (row, text)
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// The least that makes a guest.
pub(crate) fn wanted(customer: &str) -> Value {
    json!({"customer": customer, "golden": "debian13", "size": "10G"})
}

pub(crate) fn create(token: &str, key: &str, body: &Value) -> Ask {
    Ask::new("POST", "/v1/guests").with("authorization", bearer(token)).with("idempotency-key", key).json(body)
}

pub(crate) fn get(token: &str, path: impl Into<String>) -> Ask {
    Ask::new("GET", path).with("authorization", bearer(token))
}
