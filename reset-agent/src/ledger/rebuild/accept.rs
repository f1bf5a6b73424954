//! What a person accepted, in one transaction. Rows are added, values and guests retired; the reason stands in the audit
//! log, with what was there before.

use std::collections::BTreeSet;

use spec::identity::{Identity, IdentityKind};
use spec::ids::{CustomerId, Hostname, RunId};

use super::sighting::{Sighted, is_steady};
use crate::ledger::audit_log::{self, Entry};
use crate::ledger::error::{LedgerError, storage};
use crate::ledger::guest::{GuestId, GuestState};
use crate::ledger::lookup::Ledger;
use crate::ledger::record::hold;
use crate::ledger::reserve::must_be_free;
use crate::ledger::rows::{self, Kept};
use crate::store::{Tx, now};

/// A guest that the ledger does not know, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    /// The guest.
    pub sighted: Sighted,
    /// Whose it is.
    pub customer: CustomerId,
    /// What it is called.
    pub hostname: Hostname,
    /// The run in its mark.
    pub run: RunId,
    /// What it was made from, as its description says.
    pub golden: String,
}

/// What is to be written of one guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Follow {
    /// A guest gets a row. It counts as provisioned: nobody has verified it.
    Added(Newcomer),
    /// A guest that is no more: its row stays, what it held is retired.
    Retired {
        /// The guest.
        guest: GuestId,
    },
    /// A guest that is known by something else now.
    Amended {
        /// The guest.
        guest: GuestId,
        /// As it was seen.
        sighted: Sighted,
        /// What it is called.
        hostname: Hostname,
    },
}

impl Ledger {
    /// Writes what was accepted, all of it or nothing; each with an entry in the audit log, `why` telling what was seen.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`], [`LedgerError::Forbidden`]: a value belongs to somebody else;
    /// [`LedgerError::IllegalMove`].
    pub async fn accept(&self, accepted: &[(Follow, String)], who: &str) -> Result<(), LedgerError> {
        let failed = storage("write what was seen on the cluster");
        let mut tx = self.write(failed).await?;
        for (accepted, why) in accepted {
            let guest = match accepted {
                Follow::Added(newcomer) => self.add(&mut tx, newcomer, why).await?,
                Follow::Retired { guest } => {
                    let row = rows::find(&mut tx, *guest).await?;
                    rows::set_state(&mut tx, &row, GuestState::Destroyed).await?;
                    *guest
                }
                Follow::Amended { guest, sighted, hostname } => {
                    self.amend(&mut tx, *guest, sighted, hostname).await?;
                    *guest
                }
            };
            let guest = rows::find(&mut tx, guest).await?;
            let entry = Entry {
                who: who.to_owned(),
                action: "ledger.rebuild".to_owned(),
                object: guest.customer.to_string(),
                run: Some(guest.run.to_string()),
                outcome: format!("accepted: guest {} {why}", guest.vmid),
                ..Entry::default()
            };
            audit_log::append(&mut tx, &entry).await?;
        }
        tx.commit().await.map_err(failed)
    }

    async fn add(&self, tx: &mut Tx, newcomer: &Newcomer, why: &str) -> Result<GuestId, LedgerError> {
        let failed = storage("add a guest that was seen");
        let Newcomer { sighted, customer, hostname, run, golden } = newcomer;
        must_be_free(tx, sighted.vmid).await?;
        let time = now();
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO guests (customer, vmid, node, hostname, golden, run, state, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id",
        )
        .bind(customer.to_string())
        .bind(i64::from(sighted.vmid.get()))
        .bind(sighted.node.to_string())
        .bind(hostname.to_string())
        .bind(golden)
        .bind(run.to_string())
        .bind(GuestState::Provisioned.word())
        .bind(&time)
        .fetch_one(&mut **tx)
        .await
        .map_err(failed)?;
        sqlx::query("INSERT INTO rebuilt (guest, why, rebuilt_at) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(why)
            .bind(&time)
            .execute(&mut **tx)
            .await
            .map_err(failed)?;
        self.hold_seen(tx, GuestId(id), sighted, hostname).await?;
        Ok(GuestId(id))
    }

    async fn amend(
        &self,
        tx: &mut Tx,
        guest: GuestId,
        sighted: &Sighted,
        hostname: &Hostname,
    ) -> Result<(), LedgerError> {
        sqlx::query("UPDATE guests SET node = $1, hostname = $2, updated_at = $3 WHERE id = $4")
            .bind(sighted.node.to_string())
            .bind(hostname.to_string())
            .bind(now())
            .bind(guest.0)
            .execute(&mut **tx)
            .await
            .map_err(storage("change a guest's row"))?;
        let seen = self.hold_seen(tx, guest, sighted, hostname).await?;
        retire_unseen(tx, guest, &seen, sighted.looked_into).await
    }

    /// Gives a guest what was seen of it, and tells that as it is kept.
    async fn hold_seen(
        &self,
        tx: &mut Tx,
        guest: GuestId,
        sighted: &Sighted,
        hostname: &Hostname,
    ) -> Result<BTreeSet<(String, String)>, LedgerError> {
        let name = Identity::new(IdentityKind::Hostname, hostname.as_ref());
        let steady = sighted.identities.iter().filter(|identity| is_steady(&identity.kind));
        let mut kept = BTreeSet::new();
        for identity in steady.chain([&name]) {
            hold(tx, &self.key, guest, identity).await?;
            let Kept { kind, value, .. } = Kept::of(identity, &self.key);
            kept.insert((kind, value));
        }
        Ok(kept)
    }
}

/// Retires what was looked for and not seen any more.
async fn retire_unseen(
    tx: &mut Tx,
    guest: GuestId,
    seen: &BTreeSet<(String, String)>,
    looked_into: bool,
) -> Result<(), LedgerError> {
    let failed = storage("retire what a guest is no longer known by");
    let held: Vec<(i64, String, String)> =
        sqlx::query_as("SELECT id, kind, value FROM identities WHERE guest = $1 AND retired_at IS NULL ORDER BY id")
            .bind(guest.0)
            .fetch_all(&mut **tx)
            .await
            .map_err(failed)?;
    for (row, kind, value) in held {
        let looked_for = match kind.parse() {
            Ok(IdentityKind::Hostname | IdentityKind::Mac) => true,
            Ok(kind) => looked_into && is_steady(&kind),
            Err(_) => false,
        };
        if looked_for && !seen.contains(&(kind, value)) {
            sqlx::query("UPDATE identities SET retired_at = $1 WHERE id = $2")
                .bind(now())
                .bind(row)
                .execute(&mut **tx)
                .await
                .map_err(failed)?;
        }
    }
    Ok(())
}
