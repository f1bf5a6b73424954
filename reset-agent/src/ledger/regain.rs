//! A customer's guest that was lost comes back under its own row: what was recorded of it stays its own.

use serde::{Deserialize, Serialize};
use spec::identity::{Identity, IdentityKind};
use spec::ids::{CustomerId, RunId};

use super::error::{LedgerError, storage};
use super::guest::{Guest, GuestId, GuestState};
use super::lookup::Ledger;
use super::record::hold;
use super::reserve::{Reservation, must_be_free, must_differ};
use super::rows::{self, Tx};
use crate::store::now;

/// A row as it was before a run took it over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before(pub Guest);

impl Ledger {
    /// The row under which a customer's lost guest would come back: the live one, else the last that lived.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn lost_guest(&self, customer: &CustomerId) -> Result<Option<Guest>, LedgerError> {
        let row = sqlx::query(
            "SELECT * FROM guests WHERE customer = $1 AND state <> 'released'
             ORDER BY CASE WHEN state = 'destroyed' THEN 1 ELSE 0 END, id DESC LIMIT 1",
        )
        .bind(customer.to_string())
        .fetch_optional(&self.pool)
        .await
        .map_err(storage("look for a customer's lost guest"))?;
        row.as_ref().map(rows::guest).transpose()
    }

    /// Gives a lost guest's row to the run that brings it back, with the new number and its names; nothing where the row
    /// has changed since it was looked at. Only for a guest that was proven to be gone.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] names the first value that is another's, [`LedgerError::Forbidden`] the first that
    /// belongs to a golden; [`LedgerError::NotOurs`] where another run was faster.
    pub async fn regain(&self, before: &Before, ask: &Reservation) -> Result<Guest, LedgerError> {
        let failed = storage("give a lost guest's row to its recovery");
        must_differ(&ask.macs)?;
        let mut tx = self.write(failed).await?;
        let guest = rows::find(&mut tx, before.0.id).await?;
        if guest.run != ask.run {
            if guest.run != before.0.run || guest.state != before.0.state {
                return Err(not_ours(&guest, &ask.run));
            }
            if !guest.state.is_live() || guest.vmid != ask.vmid {
                must_be_free(&mut tx, ask.vmid).await?;
            }
            let taken_over = Guest {
                vmid: ask.vmid,
                node: ask.node.clone(),
                hostname: ask.hostname.clone(),
                golden: ask.golden.clone(),
                run: ask.run.clone(),
                state: GuestState::Reserved,
                ..guest
            };
            put(&mut tx, &taken_over).await?;
        }
        hold(&mut tx, &self.key, before.0.id, &Identity::new(IdentityKind::Hostname, ask.hostname.as_ref())).await?;
        for mac in &ask.macs {
            hold(&mut tx, &self.key, before.0.id, &Identity::new(IdentityKind::Mac, &mac.to_string())).await?;
        }
        let guest = rows::find(&mut tx, before.0.id).await?;
        tx.commit().await.map_err(failed)?;
        Ok(guest)
    }

    /// Puts a row back as it was before this run took it over; nothing where the run does not have it. Addresses that
    /// were issued meanwhile stay the guest's for ever.
    ///
    /// # Errors
    /// [`LedgerError::Storage`]; [`LedgerError::Conflict`] where the old number is another's by now.
    pub async fn give_back(&self, before: &Before, run: &RunId) -> Result<(), LedgerError> {
        let failed = storage("put a lost guest's row back");
        let Before(before) = before;
        let mut tx = self.write(failed).await?;
        let now_there = rows::find(&mut tx, before.id).await?;
        if now_there.run != *run {
            return Ok(());
        }
        if before.state.is_live() && before.vmid != now_there.vmid {
            must_be_free(&mut tx, before.vmid).await?;
        }
        put(&mut tx, before).await?;
        if !before.state.is_live() {
            retire_all(&mut tx, before.id).await?;
        }
        tx.commit().await.map_err(failed)
    }
}

fn not_ours(guest: &Guest, run: &RunId) -> LedgerError {
    LedgerError::NotOurs { guest: guest.id, owner: guest.run.to_string(), run: run.to_string() }
}

async fn put(tx: &mut Tx, guest: &Guest) -> Result<(), LedgerError> {
    sqlx::query(
        "UPDATE guests SET vmid = $1, node = $2, hostname = $3, golden = $4, run = $5, state = $6, updated_at = $7
         WHERE id = $8",
    )
    .bind(i64::from(guest.vmid.get()))
    .bind(guest.node.to_string())
    .bind(guest.hostname.to_string())
    .bind(&guest.golden)
    .bind(guest.run.to_string())
    .bind(guest.state.word())
    .bind(now())
    .bind(guest.id.0)
    .execute(&mut **tx)
    .await
    .map(|_| ())
    .map_err(storage("change a lost guest's row"))
}

async fn retire_all(tx: &mut Tx, guest: GuestId) -> Result<(), LedgerError> {
    sqlx::query("UPDATE identities SET retired_at = $1 WHERE guest = $2 AND retired_at IS NULL")
        .bind(now())
        .bind(guest.0)
        .execute(&mut **tx)
        .await
        .map(|_| ())
        .map_err(storage("retire a lost guest's identities"))
}
