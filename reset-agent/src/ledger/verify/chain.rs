//! The audit log's chain, from its first entry to its last.

use sqlx::AnyConnection;

use super::verification::{Checked, failed};
use crate::ledger::audit_log::{Chained, Walk};
use crate::ledger::error::LedgerError;

/// Entries read at once.
const PIECE: i64 = 1000;

pub(super) async fn check(conn: &mut AnyConnection) -> Result<Checked, LedgerError> {
    let mut walk = Walk::begin(None);
    let (mut after, mut looked) = (i64::MIN, 0);
    loop {
        let piece: Vec<Chained> = sqlx::query_as("SELECT * FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(after)
            .bind(PIECE)
            .fetch_all(&mut *conn)
            .await
            .map_err(failed)?;
        let Some(last) = piece.last() else { break };
        after = last.seq;
        looked += i64::try_from(piece.len()).unwrap_or(PIECE);
        // Behind a break nothing can be said of what follows.
        if let Err(broken) = piece.iter().try_for_each(|next| walk.take(next)) {
            return Ok(Checked { check: CHECK, looked, broken: vec![broken.to_string()] });
        }
    }
    Ok(Checked { check: CHECK, looked, broken: Vec::new() })
}

const CHECK: &str = "the audit log's chain";
