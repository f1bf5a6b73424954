//! The ledger on a PostgreSQL server, which several agents share.

use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool};

use super::lease::{Leases, RowLeases};
use super::open::OpenError;
use crate::config::LedgerServer;

/// For every connection. An agent that is stopped in the middle of a write (a suspended machine, a debugger) must not
/// keep the whole fleet waiting: the server ends its transaction, and it holds nothing any more.
const SESSION: &str = "SET idle_in_transaction_session_timeout = '5s'; SET lock_timeout = '20s'; \
    SET statement_timeout = '30s'; SET TIME ZONE 'UTC'; \
    SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' \
    ELSE current_setting('synchronous_commit') END, false);";

/// A reached server.
pub(super) struct Opened {
    pub(super) pool: AnyPool,
    pub(super) leases: Leases,
}

/// Reaches the server and asks whether it keeps what it acknowledges.
pub(super) async fn open(server: &LedgerServer) -> Result<Opened, OpenError> {
    sqlx::any::install_default_drivers();
    let place = || server.to_string();
    let options = server.options().map_err(|source| OpenError::Password { place: place(), source })?;
    let pool = AnyPoolOptions::new()
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(30))
        .after_connect(|connection: &mut AnyConnection, _| {
            Box::pin(async move { sqlx::raw_sql(SESSION).execute(connection).await.map(drop) })
        })
        .connect_with(options)
        .await
        .map_err(|source| OpenError::Connect { place: place(), source })?;
    match check(&pool, server).await {
        Ok(()) => Ok(Opened { leases: Leases::Rows(RowLeases::new(pool.clone(), server.lease)), pool }),
        Err(error) => {
            pool.close().await;
            Err(error)
        }
    }
}

async fn check(pool: &AnyPool, server: &LedgerServer) -> Result<(), OpenError> {
    let connect = |source| OpenError::Connect { place: server.to_string(), source };
    let (fsync, pages, standby): (String, String, String) = sqlx::query_as(
        "SELECT current_setting('fsync'), current_setting('full_page_writes'),
                CASE WHEN pg_is_in_recovery() THEN 'yes' ELSE 'no' END",
    )
    .fetch_one(pool)
    .await
    .map_err(connect)?;
    let why = if standby == "yes" {
        "it is a standby that takes no writes: name the primary"
    } else if fsync == "off" || pages == "off" {
        "it runs with fsync or full_page_writes off and would lose what it acknowledged: turn both on"
    } else {
        return Ok(());
    };
    Err(OpenError::Unfit { place: server.to_string(), why: why.to_owned() })
}
