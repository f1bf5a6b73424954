//! Taking customer, VMID, hostname and MACs in one transaction; and giving them back.

use serde::Serialize;
use spec::identity::{Identity, IdentityKind};
use spec::ids::{CustomerId, Hostname, MacAddr, NodeName, RunId, Vmid};

use super::error::{Conflict, LedgerError, storage};
use super::guest::{Guest, GuestId, GuestState};
use super::lookup::Ledger;
use super::record::hold;
use super::rows;
use crate::store::{Tx, now};

/// What a run wants to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Whom the guest is for.
    pub customer: CustomerId,
    /// Its number on the cluster.
    pub vmid: Vmid,
    /// The node it will be made on.
    pub node: NodeName,
    /// Its hostname.
    pub hostname: Hostname,
    /// The golden it will come from, as people know it.
    pub golden: String,
    /// The run that asks.
    pub run: RunId,
    /// One MAC for each NIC, in the order of the NICs.
    pub macs: Vec<MacAddr>,
}

/// What the customer has now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reserved {
    /// The guest, new or as it was.
    pub guest: Guest,
    /// Its MACs, in the order of its NICs.
    pub macs: Vec<MacAddr>,
    /// True if the asking run reserved it, now or before; false: the customer had a live guest of another run.
    pub ours: bool,
}

impl Ledger {
    /// Takes everything a guest needs to be born, or nothing. A customer who has a live guest gets that one back.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] names the first value that is taken and its holder;
    /// [`LedgerError::Forbidden`] the first that belongs to a golden.
    pub async fn reserve(&self, ask: &Reservation) -> Result<Reserved, LedgerError> {
        let failed = storage("reserve a guest");
        let mut tx = self.write(failed).await?;
        let guest = match rows::live_of(&mut tx, &ask.customer).await? {
            Some(guest) => guest,
            None => self.take(&mut tx, ask).await?,
        };
        let macs = macs_of(&mut tx, guest.id).await?;
        tx.commit().await.map_err(failed)?;
        let ours = guest.run == ask.run;
        Ok(Reserved { guest, macs, ours })
    }

    /// Moves a reservation of this run to another VMID, because a stranger's guest has the first one.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] if that VMID is taken too; [`LedgerError::NotOurs`]; [`LedgerError::IllegalMove`]
    /// once the guest is more than reserved.
    pub async fn rebook(&self, id: GuestId, run: &RunId, vmid: Vmid) -> Result<Guest, LedgerError> {
        let failed = storage("change a reservation");
        let mut tx = self.write(failed).await?;
        let guest = rows::find(&mut tx, id).await?;
        must_be_ours(&guest, run)?;
        if guest.state != GuestState::Reserved {
            return Err(LedgerError::IllegalMove { guest: id, from: guest.state, to: GuestState::Reserved });
        }
        if guest.vmid != vmid {
            must_be_free(&mut tx, vmid).await?;
        }
        sqlx::query("UPDATE guests SET vmid = $1, updated_at = $2 WHERE id = $3")
            .bind(i64::from(vmid.get()))
            .bind(now())
            .bind(id.0)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        let guest = rows::find(&mut tx, id).await?;
        tx.commit().await.map_err(failed)?;
        Ok(guest)
    }

    /// Gives a reservation back: customer, VMID and hostname are free again, the MACs stay retired for ever.
    /// Only the run that reserved may do this, and only after it has made sure that nothing is left on the node.
    ///
    /// # Errors
    /// [`LedgerError::NotOurs`]; [`LedgerError::IllegalMove`] for a guest that was handed over.
    pub async fn release(&self, id: GuestId, run: &RunId) -> Result<(), LedgerError> {
        let failed = storage("release a reservation");
        let mut tx = self.write(failed).await?;
        let guest = rows::find(&mut tx, id).await?;
        must_be_ours(&guest, run)?;
        rows::set_state(&mut tx, &guest, GuestState::Released).await?;
        tx.commit().await.map_err(failed)
    }

    /// The guest that this run reserved, whatever became of it: for an undo that has no output to go by.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn reserved_by(&self, run: &RunId) -> Result<Option<Guest>, LedgerError> {
        let row = sqlx::query("SELECT * FROM guests WHERE run = $1 ORDER BY id DESC LIMIT 1")
            .bind(run.to_string())
            .fetch_optional(&self.pool)
            .await
            .map_err(storage("look for a run's guest"))?;
        row.as_ref().map(rows::guest).transpose()
    }

    async fn take(&self, tx: &mut Tx, ask: &Reservation) -> Result<Guest, LedgerError> {
        must_differ(&ask.macs)?;
        must_be_free(tx, ask.vmid).await?;
        let time = now();
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO guests (customer, vmid, node, hostname, golden, run, state, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id",
        )
        .bind(ask.customer.to_string())
        .bind(i64::from(ask.vmid.get()))
        .bind(ask.node.to_string())
        .bind(ask.hostname.to_string())
        .bind(&ask.golden)
        .bind(ask.run.to_string())
        .bind(GuestState::Reserved.word())
        .bind(time)
        .fetch_one(&mut **tx)
        .await
        .map_err(storage("reserve a guest"))?;
        let guest = GuestId(id);
        hold(tx, &self.key, guest, &Identity::new(IdentityKind::Hostname, ask.hostname.as_ref())).await?;
        for mac in &ask.macs {
            hold(tx, &self.key, guest, &Identity::new(IdentityKind::Mac, &mac.to_string())).await?;
        }
        rows::find(tx, guest).await
    }
}

pub(super) fn must_differ(macs: &[MacAddr]) -> Result<(), LedgerError> {
    let twice = macs.iter().enumerate().find(|(i, mac)| macs[..*i].contains(mac));
    twice.map_or(Ok(()), |(_, mac)| Err(LedgerError::MacTwice { mac: *mac }))
}

fn must_be_ours(guest: &Guest, run: &RunId) -> Result<(), LedgerError> {
    if guest.run == *run {
        return Ok(());
    }
    Err(LedgerError::NotOurs { guest: guest.id, owner: guest.run.to_string(), run: run.to_string() })
}

pub(super) async fn must_be_free(tx: &mut Tx, vmid: Vmid) -> Result<(), LedgerError> {
    let row = sqlx::query("SELECT * FROM guests WHERE vmid = $1 AND state NOT IN ('released', 'destroyed')")
        .bind(i64::from(vmid.get()))
        .fetch_optional(&mut **tx)
        .await
        .map_err(storage("look for a VMID"))?;
    let Some(row) = row else { return Ok(()) };
    let conflict =
        Conflict { kind: "VMID".into(), what: format!("VMID {vmid}"), holder: rows::holder(&row)?, for_ever: false };
    Err(conflict.into())
}

pub(super) async fn macs_of(tx: &mut Tx, guest: GuestId) -> Result<Vec<MacAddr>, LedgerError> {
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT value FROM identities WHERE guest = $1 AND kind = $2 AND retired_at IS NULL ORDER BY id",
    )
    .bind(guest.0)
    .bind(IdentityKind::Mac.to_string())
    .fetch_all(&mut **tx)
    .await
    .map_err(storage("read a guest's MAC addresses"))?;
    let parsed = rows.iter().map(|text| {
        text.parse().map_err(|error: spec::ids::InvalidId| LedgerError::BadRow {
            what: format!("the MAC addresses of guest {guest}"),
            why: error.to_string(),
        })
    });
    parsed.collect()
}
