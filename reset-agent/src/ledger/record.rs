//! All identities of a verified guest, with its state, in one transaction.

use std::collections::BTreeSet;

use spec::identity::Identity;

use super::error::{Conflict, LedgerError, storage};
use super::guest::{Guest, GuestId, GuestState};
use super::lookup::Ledger;
use super::rows::{self, Kept, shown};
use super::tenure::Tenure;
use crate::store::{FleetKey, Tx, now};

impl Ledger {
    /// Writes down everything a verified guest is known by and makes it active, or does nothing.
    /// What it was known by before, of the same kinds, is retired.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] if a value is, or ever was, another guest's; [`LedgerError::Forbidden`] if it is a
    /// golden's; [`LedgerError::IllegalMove`] for a guest that is gone.
    pub async fn record(&self, id: GuestId, identities: &[Identity]) -> Result<Guest, LedgerError> {
        let failed = storage("record a guest's identities");
        let mut tx = self.write(failed).await?;
        let guest = rows::find(&mut tx, id).await?;
        rows::set_state(&mut tx, &guest, GuestState::Active).await?;
        retire_others(&mut tx, &self.key, id, identities).await?;
        for identity in identities {
            hold(&mut tx, &self.key, id, identity).await?;
        }
        let guest = rows::find(&mut tx, id).await?;
        tx.commit().await.map_err(failed)?;
        Ok(guest)
    }
}

/// Gives one value to a guest, if nobody else has a right to it.
pub(super) async fn hold(tx: &mut Tx, key: &FleetKey, guest: GuestId, identity: &Identity) -> Result<(), LedgerError> {
    let kept = Kept::of(identity, key);
    refuse_forbidden(tx, identity).await?;
    match kept.tenure {
        Tenure::Moving => retire_elsewhere(tx, guest, &kept).await?,
        Tenure::ForEver | Tenure::WhileLive => refuse_taken(tx, guest, identity, &kept).await?,
    }
    insert(tx, guest, &kept).await
}

async fn refuse_forbidden(tx: &mut Tx, identity: &Identity) -> Result<(), LedgerError> {
    let golden: Option<String> =
        sqlx::query_scalar("SELECT name FROM forbidden WHERE kind = $1 AND value = $2 ORDER BY name LIMIT 1")
            .bind(identity.kind.to_string())
            .bind(&identity.value)
            .fetch_optional(&mut **tx)
            .await
            .map_err(storage("look for a golden's value"))?;
    match golden {
        Some(golden) => Err(LedgerError::Forbidden { what: shown(identity), golden }),
        None => Ok(()),
    }
}

async fn refuse_taken(tx: &mut Tx, guest: GuestId, identity: &Identity, kept: &Kept) -> Result<(), LedgerError> {
    let row = sqlx::query(
        "SELECT g.* FROM identities i JOIN guests g ON g.id = i.guest
         WHERE i.kind = $1 AND i.value = $2 AND i.guest <> $3 AND (i.for_ever = 1 OR i.retired_at IS NULL)",
    )
    .bind(&kept.kind)
    .bind(&kept.value)
    .bind(guest.0)
    .fetch_optional(&mut **tx)
    .await
    .map_err(storage("look for a value's holder"))?;
    let Some(row) = row else { return Ok(()) };
    let conflict = Conflict {
        kind: identity.kind.title(),
        what: shown(identity),
        holder: rows::holder(&row)?,
        for_ever: kept.tenure == Tenure::ForEver,
    };
    Err(conflict.into())
}

async fn retire_elsewhere(tx: &mut Tx, guest: GuestId, kept: &Kept) -> Result<(), LedgerError> {
    sqlx::query(
        "UPDATE identities SET retired_at = $1 WHERE kind = $2 AND value = $3 AND guest <> $4 AND retired_at IS NULL",
    )
    .bind(now())
    .bind(&kept.kind)
    .bind(&kept.value)
    .bind(guest.0)
    .execute(&mut **tx)
    .await
    .map(|_| ())
    .map_err(storage("move an address to its new holder"))
}

async fn insert(tx: &mut Tx, guest: GuestId, kept: &Kept) -> Result<(), LedgerError> {
    let failed = storage("record an identity");
    let known = sqlx::query("UPDATE identities SET retired_at = NULL WHERE kind = $1 AND value = $2 AND guest = $3")
        .bind(&kept.kind)
        .bind(&kept.value)
        .bind(guest.0)
        .execute(&mut **tx)
        .await
        .map_err(failed)?;
    if known.rows_affected() > 0 {
        return Ok(());
    }
    sqlx::query("INSERT INTO identities (kind, value, guest, for_ever, recorded_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(&kept.kind)
        .bind(&kept.value)
        .bind(guest.0)
        .bind(i64::from(kept.tenure == Tenure::ForEver))
        .bind(now())
        .execute(&mut **tx)
        .await
        .map(|_| ())
        .map_err(failed)
}

/// Values of the kinds now recorded that the guest no longer has. They stay its own where their tenure is for ever.
async fn retire_others(
    tx: &mut Tx,
    key: &FleetKey,
    guest: GuestId,
    identities: &[Identity],
) -> Result<(), LedgerError> {
    let kept: BTreeSet<(String, String)> =
        identities.iter().map(|identity| Kept::of(identity, key)).map(|kept| (kept.kind, kept.value)).collect();
    let failed = storage("retire a guest's old identities");
    let held: Vec<(i64, String, String)> =
        sqlx::query_as("SELECT id, kind, value FROM identities WHERE guest = $1 AND retired_at IS NULL")
            .bind(guest.0)
            .fetch_all(&mut **tx)
            .await
            .map_err(failed)?;
    for (row, kind, value) in held {
        let kind_recorded = kept.iter().any(|(recorded, _)| *recorded == kind);
        if kind_recorded && !kept.contains(&(kind, value)) {
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
