//! Guests that are on another node than they were: a cluster is one API, and its paths name the node.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use spec::ids::{NodeName, Vmid};

use crate::error::CallError;

type Found = Pin<Box<dyn Future<Output = Result<Option<NodeName>, CallError>> + Send>>;

/// Asked where a guest is, once its node says that it has none of that number. Whose guest it must be for a call to
/// follow it there, the finder decides.
#[derive(Clone)]
pub struct Finder(Arc<dyn Fn(Vmid) -> Found + Send + Sync>);

impl Finder {
    /// `find` names the node to which a guest has moved; none, where it is nowhere else.
    pub fn new<F>(find: impl Fn(Vmid) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Option<NodeName>, CallError>> + Send + 'static,
    {
        Self(Arc::new(move |vmid| Box::pin(find(vmid))))
    }

    pub(crate) async fn find(&self, vmid: Vmid) -> Result<Option<NodeName>, CallError> {
        (self.0)(vmid).await
    }
}

impl fmt::Debug for Finder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Finder(…)")
    }
}

/// Where guests have been met that are not on their client's node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Whereabouts(Arc<Mutex<BTreeMap<Vmid, NodeName>>>);

impl Whereabouts {
    pub(crate) fn of(&self, vmid: Vmid) -> Option<NodeName> {
        self.lock().get(&vmid).cloned()
    }

    pub(crate) fn met(&self, vmid: Vmid, node: NodeName) {
        self.lock().insert(vmid, node);
    }

    // Each entry is written in one call: a panic elsewhere leaves none half-made.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Vmid, NodeName>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
