//! What the database says of itself.

use sqlx::AnyConnection;

use super::verification::{Checked, failed};
use crate::ledger::error::LedgerError;
use crate::store::Kind;

/// The indexes that keep two holders apart: without one, the database takes a second holder in without a word.
const GUARDS: [&str; 6] =
    ["guests_live_customer", "guests_live_vmid", "identities_for_ever", "identities_live", "pool_claim", "warm_ready"];

const SQLITE_INDEXES: &str = "SELECT name FROM sqlite_schema WHERE type = 'index'";
/// One that is being built, or whose building failed, guards nothing.
const POSTGRES_INDEXES: &str = "SELECT CAST(c.relname AS TEXT) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND i.indisvalid";
const POSTGRES_INVALID: &str = "SELECT 'index ' || c.relname || ' is not valid: REINDEX it' FROM pg_index i
     JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND NOT i.indisvalid ORDER BY 1";

pub(super) async fn check(conn: &mut AnyConnection, kind: Kind) -> Result<Vec<Checked>, LedgerError> {
    let (itself, indexes) = match kind {
        Kind::Sqlite => ("PRAGMA integrity_check", SQLITE_INDEXES),
        Kind::Postgres => (POSTGRES_INVALID, POSTGRES_INDEXES),
    };
    let mut found: Vec<String> = sqlx::query_scalar(itself).fetch_all(&mut *conn).await.map_err(failed)?;
    found.retain(|line| line != "ok");
    let there: Vec<String> = sqlx::query_scalar(indexes).fetch_all(conn).await.map_err(failed)?;
    let missing = GUARDS.iter().filter(|guard| !there.iter().any(|index| index == *guard));
    let missing = missing.map(|guard| format!("index {guard} is missing: nothing keeps two holders apart"));
    let looked = i64::try_from(there.len()).unwrap_or(i64::MAX);
    Ok(vec![
        Checked { check: "the database itself", looked, broken: found },
        Checked { check: "indexes that keep holders apart", looked: 6, broken: missing.collect() },
    ])
}
