//! Values that the ledger gives to a guest that is being made.

use spec::identity::Identity;

use super::error::{LedgerError, storage};
use super::guest::GuestId;
use super::lookup::Ledger;
use super::record::hold;

impl Ledger {
    /// Gives a drawn value to a guest, if nobody has or had it. Giving it again changes nothing.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`]: draw another; [`LedgerError::Forbidden`]: it is a golden's.
    pub async fn issue(&self, guest: GuestId, identity: &Identity) -> Result<(), LedgerError> {
        let failed = storage("issue an identity");
        let mut tx = self.write(failed).await?;
        hold(&mut tx, &self.key, guest, identity).await?;
        tx.commit().await.map_err(failed)
    }
}
