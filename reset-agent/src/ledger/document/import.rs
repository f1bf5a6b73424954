//! All of a document's rows, or none.

use serde::Serialize;
use sqlx::AnyConnection;
use thiserror::Error;

use super::compare::{Compared, Difference, compare};
use super::row::{Row, insert, read_all};
use super::tables::TABLES;
use super::text::Document;
use crate::ledger::error::{LedgerError, storage};
use crate::ledger::lookup::Ledger;
use crate::ledger::verify::{Verification, examine};
use crate::store::{FleetKey, Kind};

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Rows that the ledger did not have.
    pub added: usize,
    /// Rows that it had, as they are in the document.
    pub same: usize,
    /// Whether the ledger, which was empty, has the document's fleet key now.
    pub key_taken_over: bool,
}

/// Why nothing was imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The keyed digests of document and ledger say nothing about each other.
    #[error("the document's machine-ids are kept under another fleet key than this ledger's: {advice}")]
    OtherKey {
        /// What to do.
        advice: &'static str,
    },
    /// Rows do not fit.
    #[error("{} rows of the document do not fit this ledger", .0.len())]
    Differs(Vec<Difference>),
    /// With the document's rows, the ledger would not be whole.
    #[error("with the document's rows the ledger would not be whole")]
    Unsound(Verification),
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Ledger {
    /// Adds a document's rows in one transaction. Rows that are there already are no change. `key` is the fleet key of
    /// the ledger that the document is from; an empty ledger takes it over, and must be opened anew then.
    ///
    /// # Errors
    /// [`ImportError`]; nothing was written.
    pub async fn import(&self, document: &Document, key: Option<&FleetKey>) -> Result<Imported, ImportError> {
        let failed = storage("import into the ledger");
        let mut tx = self.write(failed).await?;
        let mut imported = Imported { added: 0, same: 0, key_taken_over: false };
        let mut differences = Vec::new();
        let mut new: Vec<Vec<&Row>> = Vec::new();
        let mut empty = true;
        for table in TABLES {
            let there = read_all(&mut tx, table).await.map_err(failed)?;
            empty &= there.is_empty();
            let rows: Vec<&Row> =
                document.rows.iter().filter(|(of, _)| of.name == table.name).map(|(_, row)| row).collect();
            let compared: Compared<'_> = compare(table, &there, &rows);
            imported.same += compared.same;
            differences.extend(compared.differences);
            new.push(compared.new);
        }
        let taken_over = key_of(&self.key, document, key, empty)?;
        if !differences.is_empty() {
            return Err(ImportError::Differs(differences));
        }
        for (table, rows) in TABLES.iter().zip(&new) {
            for row in rows {
                insert(&mut tx, table, row).await.map_err(failed)?;
                imported.added += 1;
            }
        }
        if Kind::of(&self.pool) == Kind::Postgres {
            number_on(&mut tx).await.map_err(failed)?;
        }
        if let Some(key) = taken_over {
            sqlx::query("UPDATE meta SET value = $1 WHERE key = 'fleet_key'")
                .bind(key.to_hex())
                .execute(&mut *tx)
                .await
                .map_err(failed)?;
            imported.key_taken_over = true;
        }
        let verification = examine(&mut tx, Kind::of(&self.pool), taken_over.unwrap_or(&self.key)).await?;
        if !verification.is_sound() {
            return Err(ImportError::Unsound(verification));
        }
        tx.commit().await.map_err(failed)?;
        Ok(imported)
    }
}

/// The key that the ledger takes over, if it has to.
fn key_of<'a>(
    own: &FleetKey,
    document: &Document,
    given: Option<&'a FleetKey>,
    empty: bool,
) -> Result<Option<&'a FleetKey>, ImportError> {
    let refused = |advice| Err(ImportError::OtherKey { advice });
    match given {
        Some(given) if given.mark() != document.fleet_key => refused("the key that was given is not the document's"),
        _ if own.mark() == document.fleet_key => Ok(None),
        _ if !empty => refused("digests under two keys cannot be compared, import it into an empty ledger"),
        Some(given) => Ok(Some(given)),
        None => refused("export that key too (`--key-to`), and give it with `--key-from`"),
    }
}

/// The server numbers on behind the rows that came with their numbers. SQLite does so by itself.
async fn number_on(conn: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for sql in [
        "SELECT setval(pg_get_serial_sequence('guests', 'id'), MAX(id)) FROM guests HAVING COUNT(*) > 0",
        "SELECT setval(pg_get_serial_sequence('identities', 'id'), MAX(id)) FROM identities HAVING COUNT(*) > 0",
    ] {
        sqlx::query(sql).execute(&mut *conn).await?;
    }
    Ok(())
}
