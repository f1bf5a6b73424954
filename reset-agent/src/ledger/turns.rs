//! Whose turn it is to burden a node: restores, clones and destructions of all runs stand in one queue.
//!
//! A run that waits stands where it came; it goes once so few are before it on its node, and on its storage there, that
//! the budgets allow it. Those that work keep their places, so counting who is before counts work and queue together:
//! nobody is overtaken, and the first always goes. A place is its run's as long as the run is held: one whose agent died
//! is cleared away by those who wait behind it.

use spec::ids::{NodeName, StorageId};
use sqlx::Row;

use super::error::{LedgerError, storage};
use super::lookup::Ledger;
use super::rows::Tx;
use crate::config::Budgets;
use crate::store::{Leases, now};

/// What a run is about to burden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Burden {
    /// The node.
    pub node: NodeName,
    /// The storage there.
    pub storage: StorageId,
}

/// How a run stands in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It may go.
    Now,
    /// So many are before it on its node, working or waiting.
    After(u64),
}

impl Ledger {
    /// Takes a place in the queue, or keeps the one that the run has, and tells whether it may go. A run that nobody
    /// holds here (of another journal, in memory) never waits.
    ///
    /// # Errors
    /// [`LedgerError::Storage`]; [`LedgerError::TakenOver`].
    pub async fn turn(&self, burden: &Burden, budgets: Budgets) -> Result<Turn, LedgerError> {
        let failed = storage("take a turn");
        let mut tx = self.write(failed).await?;
        let Some((run, fence)) = self.held() else { return Ok(Turn::Now) };
        let place = self.stand(&mut tx, burden, run, i64::try_from(fence).unwrap_or(i64::MAX)).await?;
        let mut on_node = before(&mut tx, burden, place).await?;
        if !may_go(&on_node, burden, budgets) {
            self.clear(&mut tx, &mut on_node).await?;
        }
        tx.commit().await.map_err(failed)?;
        Ok(if may_go(&on_node, burden, budgets) { Turn::Now } else { Turn::After(on_node.len() as u64) })
    }

    /// Leaves the queue.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn end_turn(&self) -> Result<(), LedgerError> {
        let failed = storage("end a turn");
        let mut tx = self.write(failed).await?;
        let Some((run, _)) = self.held() else { return Ok(()) };
        sqlx::query("DELETE FROM turns WHERE run = $1").bind(run).execute(&mut *tx).await.map_err(failed)?;
        tx.commit().await.map_err(failed)
    }

    async fn stand(&self, tx: &mut Tx, burden: &Burden, run: &str, fence: i64) -> Result<i64, LedgerError> {
        sqlx::query_scalar(
            "INSERT INTO turns (run, fence, node, storage, place, since)
             VALUES ($1, $2, $3, $4, (SELECT COALESCE(MAX(place), 0) + 1 FROM turns), $5)
             ON CONFLICT (run) DO UPDATE SET fence = excluded.fence, node = excluded.node, storage = excluded.storage
             RETURNING place",
        )
        .bind(run)
        .bind(fence)
        .bind(burden.node.to_string())
        .bind(burden.storage.to_string())
        .bind(now())
        .fetch_one(&mut **tx)
        .await
        .map_err(storage("take a place in the queue of a node"))
    }

    /// Takes the places of those away whose run nobody holds any more.
    async fn clear(&self, tx: &mut Tx, places: &mut Vec<Place>) -> Result<(), LedgerError> {
        let mut left = Vec::new();
        for place in places.drain(..) {
            if self.is_held(tx, &place).await? {
                left.push(place);
                continue;
            }
            tracing::info!(run = place.run, "its agent is gone: it is no longer waited for");
            sqlx::query("DELETE FROM turns WHERE run = $1 AND fence = $2")
                .bind(&place.run)
                .bind(place.fence)
                .execute(&mut **tx)
                .await
                .map_err(storage("clear a place in the queue of a node"))?;
        }
        *places = left;
        Ok(())
    }

    async fn is_held(&self, tx: &mut Tx, place: &Place) -> Result<bool, LedgerError> {
        let failed = storage("ask who holds a run");
        match &self.leases {
            Leases::Files(files) => Ok(files.is_held(&place.run).unwrap_or(true)),
            Leases::Rows(rows) => rows.is_held(tx, &place.run, place.fence).await.map_err(failed),
        }
    }
}

/// A place before ours.
#[derive(Debug)]
struct Place {
    run: String,
    fence: i64,
    storage: String,
}

async fn before(tx: &mut Tx, burden: &Burden, place: i64) -> Result<Vec<Place>, LedgerError> {
    let failed = storage("look at the queue of a node");
    let rows = sqlx::query("SELECT run, fence, storage FROM turns WHERE node = $1 AND place < $2 ORDER BY place")
        .bind(burden.node.to_string())
        .bind(place)
        .fetch_all(&mut **tx)
        .await
        .map_err(failed)?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok(Place { run: row.try_get("run")?, fence: row.try_get("fence")?, storage: row.try_get("storage")? })
    };
    rows.iter().map(read).collect::<Result<_, _>>().map_err(failed)
}

fn may_go(before: &[Place], burden: &Burden, budgets: Budgets) -> bool {
    let fits = |count: usize, limit: Option<u32>| limit.is_none_or(|limit| (count as u64) < u64::from(limit));
    let on_storage = before.iter().filter(|place| place.storage == burden.storage.as_str()).count();
    fits(before.len(), budgets.per_node) && fits(on_storage, budgets.per_storage)
}
