//! The ways into a cluster: every node answers for all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::de::DeserializeOwned;
use spec::ids::RunId;

use crate::endpoint::Endpoint;
use crate::error::{CallError, Failure};
use crate::request::Ready;
use crate::transport::{Page, Transport};

/// One or more ways, in the order in which they are tried.
#[derive(Debug, Clone)]
pub(crate) struct Doors {
    first: Transport,
    others: Vec<Transport>,
    /// Which one was open last; shared by all clones.
    open: Arc<AtomicUsize>,
}

impl Doors {
    pub(crate) fn one(first: Transport) -> Self {
        Self { first, others: Vec::new(), open: Arc::default() }
    }

    pub(crate) fn or(mut self, other: Transport) -> Self {
        self.others.push(other);
        self
    }

    /// The first one's: all lead to the same cluster, with the same token.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        self.first.endpoint()
    }

    /// Sends a call through the door that was open last, or, where nothing could be sent through it, through the next.
    /// What may have been sent is never sent again.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        call: &Ready,
        run: Option<&RunId>,
    ) -> Result<Page<T>, CallError> {
        let count = self.others.len() + 1;
        let first = self.open.load(Ordering::Relaxed);
        let mut tried = 0;
        loop {
            let at = (first + tried) % count;
            match self.door(at).send(call, run).await {
                Err(error) if matches!(error.failure, Failure::NeverSent(_)) && tried + 1 < count => {
                    let (closed, next) = (self.door(at).endpoint(), self.door((at + 1) % count).endpoint());
                    tracing::warn!(door = %closed.node, next = %next.node, %error, "not reached, asking another node");
                    tried += 1;
                }
                answer => {
                    self.open.store(at, Ordering::Relaxed);
                    return answer;
                }
            }
        }
    }

    fn door(&self, at: usize) -> &Transport {
        at.checked_sub(1).and_then(|other| self.others.get(other)).unwrap_or(&self.first)
    }
}
