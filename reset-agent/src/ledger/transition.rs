//! One state to the next.

use spec::ids::RunId;

use super::error::{LedgerError, storage};
use super::guest::{Guest, GuestId, GuestState};
use super::lookup::Ledger;
use super::rows;

impl Ledger {
    /// Moves a guest to a state. A guest that is gone keeps its rows; its identities are retired.
    ///
    /// # Errors
    /// [`LedgerError::IllegalMove`] if the table of [`GuestState::may_become`] does not allow it.
    pub async fn mark(&self, id: GuestId, state: GuestState) -> Result<Guest, LedgerError> {
        let failed = storage("change a guest's state");
        let mut tx = self.write(failed).await?;
        let guest = rows::find(&mut tx, id).await?;
        rows::set_state(&mut tx, &guest, state).await?;
        let guest = rows::find(&mut tx, id).await?;
        tx.commit().await.map_err(failed)?;
        Ok(guest)
    }

    /// Writes down that the guest which this run made is destroyed. A row that a recovery has taken over is another
    /// guest's by now: it stays as it is.
    ///
    /// # Errors
    /// As [`Ledger::mark`].
    pub async fn strike(&self, id: GuestId, made_by: &RunId) -> Result<Guest, LedgerError> {
        let failed = storage("write down a guest's end");
        let mut tx = self.write(failed).await?;
        let guest = rows::find(&mut tx, id).await?;
        if guest.run != *made_by {
            return Ok(guest);
        }
        rows::set_state(&mut tx, &guest, GuestState::Destroyed).await?;
        let guest = rows::find(&mut tx, id).await?;
        tx.commit().await.map_err(failed)?;
        Ok(guest)
    }
}
