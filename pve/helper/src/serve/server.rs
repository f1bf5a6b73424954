//! The server: connections in, looks at guests out.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use pve_host::Host;
use spec::ids::Vmid;
use tokio::net::UnixListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::peers::AllowedPeers;
use crate::guest::{self, Mounts};
use crate::lanes::Lanes;
use crate::protocol::{Answer, RefusalKind, Request};

/// Looks at the same time: each mounts or walks a tree, and the node has other work.
const LOOKS: usize = 8;
/// Connections at the same time.
const CONNECTIONS: usize = 64;
/// How long one look may take, waiting for its turn included; less than the minute that the agent waits, so that it
/// hears why.
const LOOK_LIMIT: Duration = Duration::from_secs(45);

/// Looks at one guest. The helper's own is [`observer`]; a test brings its own.
pub type Observer = dyn Fn(Vmid) -> Answer + Send + Sync;

/// Looks at the guests of this node; a failure is an answer with the whole chain of reasons.
pub fn observer(host: Host, mounts: Mounts) -> Box<Observer> {
    Box::new(move |vmid| match guest::observe(&host, &mounts, vmid) {
        Ok(observed) => Answer::Observed(Box::new(observed)),
        Err(error) => Answer::refused(RefusalKind::Failed, format!("{:#}", anyhow::Error::from(error))),
    })
}

/// What all connections share.
pub struct Server {
    observer: Arc<Observer>,
    allowed: AllowedPeers,
    lanes: Lanes,
    looks: Arc<Semaphore>,
}

impl Server {
    /// A server that answers these users.
    pub fn new(observer: Box<Observer>, allowed: AllowedPeers) -> Self {
        let looks = Arc::new(Semaphore::new(LOOKS));
        Self { observer: observer.into(), allowed, lanes: Lanes::default(), looks }
    }

    pub(super) fn allowed(&self) -> &AllowedPeers {
        &self.allowed
    }

    /// Serves until `end` comes, then lets the looks that have begun finish: a guest that is mounted must be
    /// unmounted.
    pub async fn serve(self, listener: UnixListener, end: impl Future<Output = ()>) -> std::io::Result<()> {
        let server = Arc::new(self);
        let mut connections = JoinSet::new();
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = &mut end => break,
                _ = connections.join_next(), if !connections.is_empty() => {}
                accepted = listener.accept(), if connections.len() < CONNECTIONS => {
                    let (stream, _) = accepted?;
                    let server = Arc::clone(&server);
                    connections.spawn(async move {
                        if let Err(error) = server.talk(stream).await {
                            tracing::debug!(%error, "a connection ended early");
                        }
                    });
                }
            }
        }
        drop(listener);
        // All permits together: no look is under way any more.
        let all = u32::try_from(LOOKS).unwrap_or(u32::MAX);
        let _ = tokio::time::timeout(LOOK_LIMIT, server.looks.acquire_many(all)).await;
        Ok(())
    }

    /// Answers one question within [`LOOK_LIMIT`].
    pub(super) async fn answer(&self, request: Request) -> Answer {
        let Request::Observe { vmid } = request;
        tokio::time::timeout(LOOK_LIMIT, self.look(vmid)).await.unwrap_or_else(|_| {
            tracing::warn!(%vmid, "a look took too long");
            let message = format!("guest {vmid} was not read within {} s", LOOK_LIMIT.as_secs());
            Answer::refused(RefusalKind::Busy, message)
        })
    }

    /// The lane and the permit go with the look, not with the question: a look that nobody waits for any more still
    /// holds its guest.
    async fn look(&self, vmid: Vmid) -> Answer {
        let lane = self.lanes.enter(vmid).await;
        let Ok(permit) = Arc::clone(&self.looks).acquire_owned().await else {
            return Answer::refused(RefusalKind::Busy, "the helper is ending");
        };
        let observer = Arc::clone(&self.observer);
        let look = tokio::task::spawn_blocking(move || {
            let answer = observer(vmid);
            drop((permit, lane));
            answer
        });
        look.await.unwrap_or_else(|error| Answer::refused(RefusalKind::Failed, format!("the look broke off: {error}")))
    }
}
