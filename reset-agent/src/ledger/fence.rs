//! Written in a run's name only while the run is this process's: an agent that was stopped, and whose run another took
//! over meanwhile, changes nothing any more, neither here nor on the node.

use std::sync::{Arc, OnceLock};

use super::error::{LedgerError, storage};
use super::lookup::Ledger;
use crate::store::{Leases, Tx, write};

/// In whose name it is written.
#[derive(Debug, Clone)]
pub(super) struct InNameOf {
    run: String,
    /// The number under which the run was held when first asked: a later claim, even of this process, is another's.
    fence: Arc<OnceLock<u64>>,
}

impl Ledger {
    /// The same ledger, written in this run's name.
    #[must_use]
    pub fn of_run(&self, run: &str) -> Self {
        let run = InNameOf { run: run.to_owned(), fence: Arc::default() };
        Self { run: Some(run), ..self.clone() }
    }

    /// Asked before anything is changed in the world outside. On a server it also moves the lease's end on: the whole
    /// span of it lies ahead of the act.
    ///
    /// # Errors
    /// [`LedgerError::TakenOver`]: the run is another agent's by now. [`LedgerError::Storage`]: nobody knows.
    pub async fn still_ours(&self) -> Result<(), LedgerError> {
        // A file's locks end with their process and no earlier: whoever runs still holds them.
        if self.run.is_none() || matches!(self.leases, Leases::Files(_)) {
            return Ok(());
        }
        let failed = storage("ask whether the run is still this agent's");
        let mut tx = crate::store::append(&self.pool).await.map_err(failed)?;
        self.must_be_held(&mut tx, failed).await?;
        tx.commit().await.map_err(failed)
    }

    /// A writing transaction; in a run's name it holds the run's place until it ends.
    pub(super) async fn write(&self, failed: impl Fn(sqlx::Error) -> LedgerError + Copy) -> Result<Tx, LedgerError> {
        let mut tx = write(&self.pool).await.map_err(failed)?;
        self.must_be_held(&mut tx, failed).await?;
        Ok(tx)
    }

    async fn must_be_held(
        &self,
        tx: &mut Tx,
        failed: impl Fn(sqlx::Error) -> LedgerError + Copy,
    ) -> Result<(), LedgerError> {
        // A run of another journal (a rehearsal's, in memory) is held there.
        let Some((run, fence)) = self.held() else { return Ok(()) };
        let number = i64::try_from(fence).unwrap_or(i64::MAX);
        let ours = match &self.leases {
            Leases::Rows(leases) => leases.renew(tx, run, number).await.map_err(failed)?,
            Leases::Files(_) => sqlx::query_scalar::<_, i64>("SELECT fence FROM runs WHERE run = $1 AND fence = $2")
                .bind(run)
                .bind(number)
                .fetch_optional(&mut **tx)
                .await
                .map_err(failed)?
                .is_some(),
        };
        if ours { Ok(()) } else { Err(LedgerError::TakenOver { run: run.to_owned(), fence }) }
    }

    pub(super) fn held(&self) -> Option<(&str, u64)> {
        let name = self.run.as_ref()?;
        if let Some(fence) = name.fence.get() {
            return Some((&name.run, *fence));
        }
        let fence = self.holds.fence_of(&name.run)?;
        Some((&name.run, *name.fence.get_or_init(|| fence)))
    }
}
