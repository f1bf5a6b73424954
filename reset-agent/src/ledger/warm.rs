//! Which goldens are turned into templates, and where.

use serde::{Deserialize, Serialize};
use spec::ids::{GoldenName, NodeName, RunId, Sha256Hex, StorageId, Vmid};
use spec::pct::DiskSize;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::error::{LedgerError, storage};
use super::guest::GuestId;
use super::lookup::Ledger;
use crate::store::now;

/// A golden turned into a template: a guest of ours that never runs and that others are cloned from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarmGolden {
    /// The template's number in the ledger.
    pub guest: GuestId,
    /// Its number on the cluster.
    pub vmid: Vmid,
    /// The run that made it; its mark stands in the template's description.
    pub run: RunId,
    /// SHA-256 of the release's manifest.
    pub manifest: Sha256Hex,
    /// The golden.
    pub golden: GoldenName,
    /// Its name and release, for people.
    pub title: String,
    /// Where it is.
    pub node: NodeName,
    /// Where its disk is.
    pub storage: StorageId,
    /// The size of its root disk: no clone is smaller.
    pub size: DiskSize,
    /// SHA-256 of its configuration when it was made.
    pub fingerprint: String,
    /// Whether guests are still cloned from it.
    pub state: WarmState,
}

/// Where a template is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WarmState {
    /// Guests are cloned from it.
    Ready,
    /// No guest is cloned from it any more; it may be there as long as its clones need its disk.
    Retired,
    /// It is gone.
    Removed,
}

impl WarmState {
    fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Retired => "retired",
            Self::Removed => "removed",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Ready, Self::Retired, Self::Removed].into_iter().find(|state| state.word() == word)
    }
}

impl std::fmt::Display for WarmState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

impl Ledger {
    /// Enters a template that is ready. A second one for the same release, node and storage retires the first; entering
    /// the same again changes nothing.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn enter_warm(&self, warm: &WarmGolden) -> Result<(), LedgerError> {
        let failed = storage("enter a warm golden");
        let mut tx = self.write(failed).await?;
        sqlx::query(
            "UPDATE warm SET state = 'retired', updated_at = $1
             WHERE manifest = $2 AND node = $3 AND storage = $4 AND guest <> $5 AND state = 'ready'",
        )
        .bind(now())
        .bind(warm.manifest.to_string())
        .bind(warm.node.to_string())
        .bind(warm.storage.to_string())
        .bind(warm.guest.0)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        sqlx::query(
            "INSERT INTO warm (guest, manifest, golden, title, node, storage, size, fingerprint, state, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'ready', $9) ON CONFLICT (guest) DO NOTHING",
        )
        .bind(warm.guest.0)
        .bind(warm.manifest.to_string())
        .bind(warm.golden.to_string())
        .bind(&warm.title)
        .bind(warm.node.to_string())
        .bind(warm.storage.to_string())
        .bind(warm.size.to_string())
        .bind(&warm.fingerprint)
        .bind(now())
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        tx.commit().await.map_err(failed)
    }

    /// The template that is ready for this release there.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn warm_for(
        &self,
        manifest: &Sha256Hex,
        node: &NodeName,
        on: &StorageId,
    ) -> Result<Option<WarmGolden>, LedgerError> {
        let all = self.warm().await?;
        Ok(all.into_iter().find(|warm| {
            warm.state == WarmState::Ready && warm.manifest == *manifest && warm.node == *node && warm.storage == *on
        }))
    }

    /// All templates that are not gone, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn warm(&self) -> Result<Vec<WarmGolden>, LedgerError> {
        let rows = sqlx::query(
            "SELECT w.guest, w.manifest, w.golden, w.title, w.node, w.storage, w.size, w.fingerprint, w.state,
                    g.vmid, g.run
             FROM warm w JOIN guests g ON g.id = w.guest
             WHERE w.state <> 'removed' AND g.state NOT IN ('released', 'destroyed') ORDER BY w.guest",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(storage("list the warm goldens"))?;
        rows.iter().map(read).collect()
    }

    /// Moves a template on: from ready to retired, from either to removed.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn mark_warm(&self, guest: GuestId, to: WarmState) -> Result<(), LedgerError> {
        let failed = storage("change a warm golden's state");
        let mut tx = self.write(failed).await?;
        sqlx::query("UPDATE warm SET state = $1, updated_at = $2 WHERE guest = $3 AND state <> 'removed'")
            .bind(to.word())
            .bind(now())
            .bind(guest.0)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)
    }
}

fn read(row: &AnyRow) -> Result<WarmGolden, LedgerError> {
    let guest = GuestId(row.try_get("guest").map_err(storage("read a warm golden"))?);
    let vmid: i64 = row.try_get("vmid").map_err(storage("read a warm golden"))?;
    let bad = |column: &str, why: String| LedgerError::BadRow {
        what: format!("the warm golden of guest {guest}"),
        why: format!("{column}: {why}"),
    };
    let text = |column: &'static str| row.try_get::<String, _>(column).map_err(storage("read a warm golden"));
    let state = text("state")?;
    Ok(WarmGolden {
        guest,
        vmid: vmid.to_string().parse().map_err(|error| bad("vmid", format!("{error}")))?,
        run: text("run")?.parse().map_err(|error| bad("run", format!("{error}")))?,
        manifest: text("manifest")?.parse().map_err(|error| bad("manifest", format!("{error}")))?,
        golden: text("golden")?.parse().map_err(|error| bad("golden", format!("{error}")))?,
        title: text("title")?,
        node: text("node")?.parse().map_err(|error| bad("node", format!("{error}")))?,
        storage: text("storage")?.parse().map_err(|error| bad("storage", format!("{error}")))?,
        size: text("size")?.parse().map_err(|error| bad("size", format!("{error}")))?,
        fingerprint: text("fingerprint")?,
        state: WarmState::from_word(&state).ok_or_else(|| bad("state", format!("unknown `{state}`")))?,
    })
}
