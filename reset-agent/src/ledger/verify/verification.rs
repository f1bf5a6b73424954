//! All checks, one after the other, and what each found.

use serde::Serialize;
use spec::exit::Exit;
use sqlx::AnyConnection;

use super::{chain, database, identities, journal, laws};
use crate::ledger::error::{LedgerError, storage};
use crate::ledger::lookup::Ledger;
use crate::store::{FleetKey, Kind, snapshot};

/// One check and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// What was checked, in a few words.
    pub check: &'static str,
    /// How many rows (entries, indexes) were looked at.
    pub looked: i64,
    /// What is not as it must be, a sentence each.
    pub broken: Vec<String>,
}

/// What all checks found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// The checks, in a fixed order.
    pub checks: Vec<Checked>,
}

impl Verification {
    /// Whether no check found anything.
    pub fn is_sound(&self) -> bool {
        self.checks.iter().all(|checked| checked.broken.is_empty())
    }

    /// Done where it is sound, failed where it is not.
    pub fn exit(&self) -> Exit {
        if self.is_sound() { Exit::Done } else { Exit::Failed }
    }
}

impl Ledger {
    /// Checks every row, all as of one instant. Nothing is changed.
    ///
    /// # Errors
    /// [`LedgerError::Storage`]: the database cannot be read. What is wrong in it is part of the result.
    pub async fn verify(&self) -> Result<Verification, LedgerError> {
        let mut tx = snapshot(&self.pool).await.map_err(failed)?;
        examine(&mut tx, Kind::of(&self.pool), &self.key).await
    }
}

/// The same within a transaction: an import looks at what it is about to make.
pub(in crate::ledger) async fn examine(
    conn: &mut AnyConnection,
    kind: Kind,
    key: &FleetKey,
) -> Result<Verification, LedgerError> {
    let mut checks = database::check(conn, kind).await?;
    for law in laws::LAWS {
        checks.push(law.check(conn).await?);
    }
    checks.push(identities::understood(conn).await?);
    checks.push(identities::of_no_golden(conn, key).await?);
    checks.push(journal::check(conn).await?);
    checks.push(chain::check(conn).await?);
    Ok(Verification { checks })
}

pub(super) fn failed(source: sqlx::Error) -> LedgerError {
    storage("check the ledger")(source)
}
