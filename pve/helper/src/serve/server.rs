//! The server: connections in, work on guests out.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UnixListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::peers::AllowedPeers;
use crate::attend::Attendant;
use crate::lanes::Lanes;
use crate::protocol::{Answer, RefusalKind, Request};

/// Looks at the same time: each mounts or walks a tree, and the node has other work.
const LOOKS: usize = 8;
/// Connections at the same time.
const CONNECTIONS: usize = 64;
/// How long one look may take, waiting for its turn included; less than the minute that the agent waits, so that it
/// hears why.
const LOOK_LIMIT: Duration = Duration::from_secs(45);

/// What all connections share.
pub struct Server {
    attendant: Arc<Attendant>,
    allowed: AllowedPeers,
    lanes: Lanes,
    looks: Arc<Semaphore>,
}

impl Server {
    /// A server that answers these users.
    pub fn new(attendant: Box<Attendant>, allowed: AllowedPeers) -> Self {
        let looks = Arc::new(Semaphore::new(LOOKS));
        Self { attendant: attendant.into(), allowed, lanes: Lanes::default(), looks }
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
        let vmid = request.vmid();
        tokio::time::timeout(LOOK_LIMIT, self.attend(request)).await.unwrap_or_else(|_| {
            tracing::warn!(%vmid, "a request took too long");
            let message = format!("guest {vmid} was not through within {} s", LOOK_LIMIT.as_secs());
            Answer::refused(RefusalKind::Busy, message)
        })
    }

    /// The lane and the permit go with the work, not with the question: work that nobody waits for any more still
    /// holds its guest.
    async fn attend(&self, request: Request) -> Answer {
        let lane = self.lanes.enter(request.vmid()).await;
        let Ok(permit) = Arc::clone(&self.looks).acquire_owned().await else {
            return Answer::refused(RefusalKind::Busy, "the helper is ending");
        };
        let attendant = Arc::clone(&self.attendant);
        let work = tokio::task::spawn_blocking(move || {
            let answer = attendant(request);
            drop((permit, lane));
            answer
        });
        work.await.unwrap_or_else(|error| Answer::refused(RefusalKind::Failed, format!("the work broke off: {error}")))
    }
}
