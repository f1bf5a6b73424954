//! A lease as a row with an end, by the server's clock: agents' own clocks decide nothing.
//!
//! Every act renews it: a record, a change that is about to be sent, and a heartbeat in between. What was renewed has
//! the whole span ahead, and what was not, because its agent is stopped or cut off, ends by itself. An agent that wakes
//! after another took its run over finds its fence out of date before it can write or call again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::{AnyConnection, AnyPool};
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinHandle};

/// Leases of a server.
#[derive(Debug, Clone)]
pub(crate) struct RowLeases {
    pool: AnyPool,
    span: Duration,
    given: Given,
}

/// The leases of this store that were not given back yet, by run and fence, with what keeps each alive. A dropped lease
/// stays here until the server was told: a process that ends in between tells it when it closes the store.
#[derive(Debug, Clone, Default)]
struct Given(Arc<Mutex<BTreeMap<(String, i64), AbortHandle>>>);

/// A lease kept alive; dropped with its run's claim.
#[derive(Debug)]
pub(in crate::store) struct RowLease {
    pool: AnyPool,
    given: Given,
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

/// A lease that was ended stays so: a beat on its way may arrive after the end.
const BEAT: &str = "UPDATE runs SET
        lease_until = CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) + $1
    WHERE run = $2 AND fence = $3 AND lease_until > 0";
const HELD: &str = "SELECT fence FROM runs WHERE run = $1 AND fence = $2
        AND lease_until > CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

const END: &str = "UPDATE runs SET lease_until = 0 WHERE run = $1 AND fence = $2";

impl RowLeases {
    pub(in crate::store) fn new(pool: AnyPool, span: Duration) -> Self {
        Self { pool, span, given: Given::default() }
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
        touch(connection, RENEW, self.millis(), run, fence).await
    }

    /// Whether the run is still held under this fence.
    pub(crate) async fn is_held(
        &self,
        connection: &mut AnyConnection,
        run: &str,
        fence: i64,
    ) -> Result<bool, sqlx::Error> {
        let held: Option<i64> = sqlx::query_scalar(HELD).bind(run).bind(fence).fetch_optional(connection).await?;
        Ok(held.is_some())
    }

    /// Keeps the lease alive until the returned value is dropped.
    pub(in crate::store) fn keep(&self, run: &str, fence: i64) -> RowLease {
        let (pool, run) = (self.pool.clone(), run.to_owned());
        let heart = tokio::spawn(beat(pool.clone(), self.span, self.millis(), run.clone(), fence));
        self.given.lock().insert((run.clone(), fence), heart.abort_handle());
        RowLease { pool, given: self.given.clone(), run, fence, heart }
    }

    /// Ends all that were not given back yet, so that others need not wait for their ends.
    pub(in crate::store) async fn end_all(&self) -> Result<(), sqlx::Error> {
        let given = std::mem::take(&mut *self.given.lock());
        given.values().for_each(AbortHandle::abort);
        let mut connection = None;
        for (run, fence) in given.keys() {
            let connection = match &mut connection {
                Some(connection) => connection,
                none => none.insert(self.pool.acquire().await?),
            };
            end(connection, run, *fence).await?;
        }
        Ok(())
    }
}

impl Given {
    // A panic elsewhere cannot leave a half-made entry: each is written in one call.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, i64), AbortHandle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn touch(
    connection: &mut AnyConnection,
    sql: &'static str,
    millis: i64,
    run: &str,
    fence: i64,
) -> Result<bool, sqlx::Error> {
    let touched = sqlx::query(sql).bind(millis).bind(run).bind(fence).execute(connection).await?;
    Ok(touched.rows_affected() > 0)
}

/// Ends a lease at once: its run may be taken up without waiting.
pub(in crate::store) async fn end(connection: &mut AnyConnection, run: &str, fence: i64) -> Result<(), sqlx::Error> {
    sqlx::query(END).bind(run).bind(fence).execute(connection).await.map(drop)
}

async fn beat(pool: AnyPool, span: Duration, millis: i64, run: String, fence: i64) {
    loop {
        tokio::time::sleep(span / 3).await;
        let renewed = async { touch(&mut *pool.acquire().await?, BEAT, millis, &run, fence).await };
        match renewed.await {
            Ok(true) => {}
            Ok(false) => {
                tracing::debug!(run, fence, "the lease was ended, or the run taken over: it is kept no longer");
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
            let (pool, given) = (self.pool.clone(), self.given.clone());
            let (run, fence) = (std::mem::take(&mut self.run), self.fence);
            runtime.spawn(async move {
                let ended = async { end(&mut *pool.acquire().await?, &run, fence).await };
                match ended.await {
                    Ok(()) => drop(given.lock().remove(&(run, fence))),
                    Err(error) => tracing::debug!(run, %error, "the lease of a run was not given back yet"),
                }
            });
        }
    }
}
