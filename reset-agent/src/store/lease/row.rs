//! A lease as a row with an end, by the server's clock: agents' own clocks decide nothing.
//!
//! Every act renews it: a record, a change that is about to be sent, and a heartbeat in between. What was renewed has
//! the whole span ahead, and what was not, because its agent is stopped or cut off, ends by itself. An agent that wakes
//! after another took its run over finds its fence out of date before it can write or call again.

use std::time::Duration;

use sqlx::{AnyConnection, AnyPool};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Leases of a server.
#[derive(Debug, Clone)]
pub(crate) struct RowLeases {
    pool: AnyPool,
    span: Duration,
}

/// A lease kept alive; dropped with its run's claim.
#[derive(Debug)]
pub(in crate::store) struct RowLease {
    pool: AnyPool,
    run: String,
    fence: i64,
    heart: JoinHandle<()>,
}

const CLAIM: &str = "UPDATE runs SET fence = fence + 1, holder = $1,
        lease_until = CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) + $2
    WHERE run = $3 AND lease_until <= CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) RETURNING fence";

const RENEW: &str = "UPDATE runs SET
        lease_until = CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) + $1
    WHERE run = $2 AND fence = $3";

const END: &str = "UPDATE runs SET lease_until = 0 WHERE run = $1 AND fence = $2";

impl RowLeases {
    pub(in crate::store) fn new(pool: AnyPool, span: Duration) -> Self {
        Self { pool, span }
    }

    fn millis(&self) -> i64 {
        i64::try_from(self.span.as_millis()).unwrap_or(i64::MAX)
    }

    /// The new fence; `None` while someone else's lease lasts.
    pub(in crate::store) async fn claim(&self, run: &str, holder: &str) -> Result<Option<i64>, sqlx::Error> {
        let claimed = sqlx::query_scalar(CLAIM).bind(holder).bind(self.millis()).bind(run);
        claimed.fetch_optional(&self.pool).await
    }

    /// Moves the end on, from now. False: the run is somebody else's.
    pub(crate) async fn renew(
        &self,
        connection: &mut AnyConnection,
        run: &str,
        fence: i64,
    ) -> Result<bool, sqlx::Error> {
        renew(connection, self.millis(), run, fence).await
    }

    /// Keeps the lease alive until the returned value is dropped.
    pub(in crate::store) fn keep(&self, run: &str, fence: i64) -> RowLease {
        let (pool, run) = (self.pool.clone(), run.to_owned());
        let heart = tokio::spawn(beat(pool.clone(), self.span, self.millis(), run.clone(), fence));
        RowLease { pool, run, fence, heart }
    }
}

async fn renew(connection: &mut AnyConnection, millis: i64, run: &str, fence: i64) -> Result<bool, sqlx::Error> {
    let renewed = sqlx::query(RENEW).bind(millis).bind(run).bind(fence).execute(connection).await?;
    Ok(renewed.rows_affected() > 0)
}

/// Ends a lease at once: its run may be taken up without waiting.
pub(in crate::store) async fn end(connection: &mut AnyConnection, run: &str, fence: i64) -> Result<(), sqlx::Error> {
    sqlx::query(END).bind(run).bind(fence).execute(connection).await.map(drop)
}

async fn beat(pool: AnyPool, span: Duration, millis: i64, run: String, fence: i64) {
    loop {
        tokio::time::sleep(span / 3).await;
        let renewed = async { renew(&mut *pool.acquire().await?, millis, &run, fence).await };
        match renewed.await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(run, fence, "the run was taken over: this agent does no more for it");
                return;
            }
            Err(error) => tracing::warn!(run, %error, "cannot renew the lease of a run"),
        }
    }
}

impl Drop for RowLease {
    /// As soon as can be. Where that fails, the lease ends by itself.
    fn drop(&mut self) {
        self.heart.abort();
        if let Ok(runtime) = Handle::try_current() {
            let (pool, run, fence) = (self.pool.clone(), std::mem::take(&mut self.run), self.fence);
            runtime.spawn(async move {
                let ended = async { end(&mut *pool.acquire().await?, &run, fence).await };
                if let Err(error) = ended.await {
                    tracing::debug!(run, %error, "the lease of a run was not given back: it ends by itself");
                }
            });
        }
    }
}
