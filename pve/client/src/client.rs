//! The client itself; its calls stand in `calls`, a resource per file.

use std::num::NonZeroUsize;
use std::sync::Arc;

use pve_wire::api::{Method, Verb};
use serde::de::{DeserializeOwned, IgnoredAny};
use spec::ids::{NodeName, RunId, Vmid};

use crate::answer::Meaning;
use crate::doors::Doors;
use crate::endpoint::Endpoint;
use crate::error::{CallError, Failure};
use crate::gate::Gate;
use crate::lanes::{CHANGES_AT_ONCE, HeldLane, Lanes};
use crate::law::rule_of;
use crate::request::{Params, Ready};
use crate::tls::TlsSetupError;
use crate::transport::{Page, SetupError, Transport};
use crate::whereabouts::{Finder, Whereabouts};

/// Speaks to one node of a cluster. Cheap to clone; all clones share their connections, the lanes of the guests and
/// the nodes' budgets.
#[derive(Debug, Clone)]
pub struct Client {
    doors: Doors,
    /// The node whose guests are meant, unless one was met elsewhere.
    node: NodeName,
    whereabouts: Whereabouts,
    finder: Option<Finder>,
    lanes: Lanes,
    /// Lanes that this client holds, so that its own changes need not wait for them.
    held: Vec<Arc<HeldLane>>,
    run: Option<RunId>,
    gate: Option<Gate>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Whom to trust is not clear.
    #[error("the trust in the node cannot be set up")]
    Tls(#[source] TlsSetupError),
    /// The HTTP library refuses.
    #[error("the HTTP client cannot be set up")]
    Http(#[source] reqwest::Error),
}

impl Client {
    /// A client for an endpoint. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError`]: the trust cannot be set up.
    pub fn new(endpoint: Endpoint) -> Result<Self, ClientError> {
        let node = endpoint.node().clone();
        Ok(Self {
            doors: Doors::one(transport(endpoint)?),
            node,
            whereabouts: Whereabouts::default(),
            finder: None,
            lanes: Lanes::new(CHANGES_AT_ONCE),
            held: Vec::new(),
            run: None,
            gate: None,
        })
    }

    /// The same client, with another way into the same cluster: taken while the first cannot be reached.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn or_through(self, endpoint: Endpoint) -> Result<Self, ClientError> {
        Ok(Self { doors: self.doors.or(transport(endpoint)?), ..self })
    }

    /// The same client for the guests of another node of the cluster.
    #[must_use]
    pub fn at(&self, node: &NodeName) -> Self {
        Self { node: node.clone(), whereabouts: Whereabouts::default(), ..self.clone() }
    }

    /// The same client, whose calls follow a guest that has moved: the finder is asked where the node says that it has
    /// no such guest, and where the node is not reached. A change is sent again only after the first, for then nothing
    /// was done.
    #[must_use]
    pub fn following(&self, finder: Finder) -> Self {
        Self { finder: Some(finder), ..self.clone() }
    }

    /// The same client, whose calls follow nobody.
    #[must_use]
    pub fn staying(&self) -> Self {
        Self { finder: None, ..self.clone() }
    }

    /// The same client with another budget: how many changes a node is asked for at once.
    #[must_use]
    pub fn with_changes_at_once(self, changes: NonZeroUsize) -> Self {
        Self { lanes: Lanes::new(changes.get()), ..self }
    }

    /// A client whose calls are traced as this run's.
    #[must_use]
    pub fn for_run(&self, run: &RunId) -> Self {
        Self { run: Some(run.clone()), ..self.clone() }
    }

    /// The same client, whose changes are sent only where the gate lets them: it is asked before each, last of all.
    #[must_use]
    pub fn behind(&self, gate: Gate) -> Self {
        Self { gate: Some(gate), ..self.clone() }
    }

    /// Waits until nobody else changes the guest, and keeps it so as long as the returned client, or a clone of it,
    /// lives: over several calls, and over the tasks between them. Every change takes its lane for itself otherwise,
    /// and lets it go with the answer.
    ///
    /// Whoever holds two lanes takes the lower number first, or two of them wait for each other.
    pub async fn in_lane(&self, vmid: Vmid) -> Self {
        let mut client = self.clone();
        if !self.holds(vmid) {
            client.held.push(Arc::new(self.lanes.hold(vmid).await));
        }
        client
    }

    /// The node whose guests are meant.
    pub fn node(&self) -> &NodeName {
        &self.node
    }

    /// The node on which a guest was met last.
    pub fn node_of(&self, vmid: Vmid) -> NodeName {
        self.whereabouts.of(vmid).unwrap_or_else(|| self.node.clone())
    }

    /// `user@realm!name` of the token that asks.
    pub fn token_id(&self) -> &str {
        self.doors.endpoint().token_id()
    }

    /// Makes a call of the table; the node's name is filled in where the path has one and nothing else is said.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        method: &'static Method,
        params: Params,
    ) -> Result<T, CallError> {
        self.page(method, params).await.map(|page| page.data)
    }

    /// A call whose answer is null.
    pub(crate) async fn call_quietly(&self, method: &'static Method, params: Params) -> Result<(), CallError> {
        self.call::<Option<IgnoredAny>>(method, params).await.map(drop)
    }

    /// The same call as [`Client::call`], with how many rows there are in all.
    pub(crate) async fn page<T: DeserializeOwned>(
        &self,
        method: &'static Method,
        params: Params,
    ) -> Result<Page<T>, CallError> {
        if !method.is_on_node() {
            return self.page_on(&self.node, method, params).await;
        }
        let guest = params.guest().filter(|_| !params.names("node"));
        let node = guest.map_or_else(|| self.node.clone(), |vmid| self.node_of(vmid));
        let again = guest.zip(self.finder.as_ref()).map(|guest| (guest, params.clone()));
        match (self.page_on(&node, method, params.or_with("node", node.as_str())).await, again) {
            (Err(error), Some(((vmid, finder), params))) if may_be_elsewhere(method, &error) => {
                let Some(there) = finder.find(vmid).await?.filter(|there| *there != node) else { return Err(error) };
                tracing::info!(%vmid, from = %node, to = %there, "the guest has moved, following it");
                self.whereabouts.met(vmid, there.clone());
                self.page_on(&there, method, params.or_with("node", there.as_str())).await
            }
            (answer, _) => answer,
        }
    }

    async fn page_on<T: DeserializeOwned>(
        &self,
        node: &NodeName,
        method: &'static Method,
        params: Params,
    ) -> Result<Page<T>, CallError> {
        let call = Ready::of(method, params).map_err(|(path, errors)| {
            let (rule, method) = (rule_of(method), method.verb.as_str());
            tracing::debug!(method, path, ?errors, "not sent");
            CallError { method, path, rule, failure: Failure::Invalid { errors } }
        })?;
        let _turn = if call.changes_something() {
            let others = call.guests.iter().copied().filter(|vmid| !self.holds(*vmid)).collect();
            Some(self.lanes.turn(node, &others).await)
        } else {
            None
        };
        if let Some(gate) = self.gate.as_ref().filter(|_| call.changes_something()) {
            let withheld = |why| CallError {
                method: call.verb.as_str(),
                path: call.path.clone(),
                rule: call.rule,
                failure: Failure::Withheld { why },
            };
            gate.ask(&call).await.map_err(withheld)?;
        }
        self.doors.send(&call, self.run.as_ref()).await
    }

    fn holds(&self, vmid: Vmid) -> bool {
        self.held.iter().any(|lane| lane.vmid() == vmid)
    }
}

fn transport(endpoint: Endpoint) -> Result<Transport, ClientError> {
    Transport::new(endpoint).map_err(|error| match error {
        SetupError::Tls(source) => ClientError::Tls(source),
        SetupError::Http(source) => ClientError::Http(source),
    })
}

/// The door could not connect to the guest's node: nothing was asked there.
const NODE_NOT_REACHED: u16 = 595;

fn may_be_elsewhere(method: &Method, error: &CallError) -> bool {
    error.refusal().is_some_and(|refusal| {
        refusal.meaning() == Meaning::GuestMissing || (method.verb == Verb::Get && refusal.status == NODE_NOT_REACHED)
    })
}
