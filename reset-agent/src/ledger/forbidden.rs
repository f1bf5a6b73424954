//! Values that belong to a golden. They stand in its manifest, so they are no secret and are kept as they are.

use std::collections::{BTreeMap, BTreeSet};

use spec::identity::{ForbiddenSet, Identity, UnknownKind};
use spec::ids::Sha256Hex;

use super::error::{LedgerError, storage};
use super::lookup::Ledger;

impl Ledger {
    /// Adds a golden's values to those that no guest may hold. `golden` is the digest of its archive.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn forbid(&self, golden: &Sha256Hex, set: &ForbiddenSet) -> Result<(), LedgerError> {
        let failed = storage("write down a golden's values");
        let mut tx = self.write(failed).await?;
        for identity in &set.identities {
            sqlx::query(
                "INSERT INTO forbidden (golden, name, kind, value) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (golden, kind, value) DO UPDATE SET name = excluded.name",
            )
            .bind(golden.to_string())
            .bind(&set.golden)
            .bind(identity.kind.to_string())
            .bind(&identity.value)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        }
        tx.commit().await.map_err(failed)
    }

    /// All values that belong to goldens, a set for each golden.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn forbidden(&self) -> Result<Vec<ForbiddenSet>, LedgerError> {
        let rows: Vec<(String, String, String, String)> =
            sqlx::query_as("SELECT golden, name, kind, value FROM forbidden ORDER BY name, golden, kind, value")
                .fetch_all(&self.pool)
                .await
                .map_err(storage("read the goldens' values"))?;
        let mut sets: BTreeMap<(String, String), BTreeSet<Identity>> = BTreeMap::new();
        for (golden, name, kind, value) in rows {
            let bad = |error: UnknownKind| LedgerError::BadRow {
                what: format!("a value of golden {name}"),
                why: error.to_string(),
            };
            let identity = Identity { kind: kind.parse().map_err(bad)?, value };
            sets.entry((name, golden)).or_default().insert(identity);
        }
        let sets = sets.into_iter().map(|((golden, _), identities)| ForbiddenSet { golden, identities });
        Ok(sets.collect())
    }
}
