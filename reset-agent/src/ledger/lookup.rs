//! Who is there, and who holds what.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use spec::identity::Identity;
use spec::ids::{CustomerId, Vmid};
use sqlx::AnyPool;

use super::error::{Holder, LedgerError, storage};
use super::fence::InNameOf;
use super::guest::{Guest, GuestId};
use super::rows::{self, Kept};
use super::tenure::Tenure;
use crate::store::{FleetKey, Holds, Leases};

/// The ledger in the store's database. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub(super) pool: AnyPool,
    pub(super) key: Arc<FleetKey>,
    pub(super) holds: Holds,
    pub(super) leases: Leases,
    /// In whose name it is written; nobody's, where no run is asked for.
    pub(super) run: Option<InNameOf>,
}

/// Which guests a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those that occupy a customer, a VMID and a hostname.
    Live,
    /// Those that are gone, too.
    All,
}

/// One identity as the ledger holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Owned {
    /// Kind and value; machine-ids by their keyed digest.
    pub identity: Identity,
    /// When it was first recorded, RFC 3339.
    pub recorded_at: String,
    /// When its holder lost it, RFC 3339; none: it holds it.
    pub retired_at: Option<String>,
}

impl Ledger {
    pub(crate) fn new(pool: AnyPool, key: Arc<FleetKey>, holds: Holds, leases: Leases) -> Self {
        Self { pool, key, holds, leases, run: None }
    }

    /// The guests, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn list(&self, scope: Scope) -> Result<Vec<Guest>, LedgerError> {
        let sql = match scope {
            Scope::Live => "SELECT * FROM guests WHERE state NOT IN ('released', 'destroyed') ORDER BY id",
            Scope::All => "SELECT * FROM guests ORDER BY id",
        };
        let rows = sqlx::query(sql).fetch_all(&self.pool).await.map_err(storage("list the guests"))?;
        rows.iter().map(rows::guest).collect()
    }

    /// The guest of this number.
    ///
    /// # Errors
    /// [`LedgerError::UnknownGuest`].
    pub async fn guest(&self, id: GuestId) -> Result<Guest, LedgerError> {
        let mut conn = self.pool.acquire().await.map_err(storage("look for a guest"))?;
        rows::find(&mut conn, id).await
    }

    /// The customer's live guest.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn by_customer(&self, customer: &CustomerId) -> Result<Option<Guest>, LedgerError> {
        let mut conn = self.pool.acquire().await.map_err(storage("look for a customer's guest"))?;
        rows::live_of(&mut conn, customer).await
    }

    /// All guests that a customer has or had, newest first; the live one, if there is one, comes first.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn all_of(&self, customer: &CustomerId) -> Result<Vec<Guest>, LedgerError> {
        let rows = sqlx::query("SELECT * FROM guests WHERE customer = $1 ORDER BY id DESC")
            .bind(customer.to_string())
            .fetch_all(&self.pool)
            .await
            .map_err(storage("list a customer's guests"))?;
        let guests: Result<Vec<Guest>, _> = rows.iter().map(rows::guest).collect();
        guests.map(|mut guests| {
            guests.sort_by_key(|guest| !guest.state.is_live());
            guests
        })
    }

    /// The live guest that has this VMID.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn by_vmid(&self, vmid: Vmid) -> Result<Option<Guest>, LedgerError> {
        let row = sqlx::query("SELECT * FROM guests WHERE vmid = $1 AND state NOT IN ('released', 'destroyed')")
            .bind(i64::from(vmid.get()))
            .fetch_optional(&self.pool)
            .await
            .map_err(storage("look for a VMID"))?;
        row.as_ref().map(rows::guest).transpose()
    }

    /// What a guest is, and was, known by.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn identities(&self, guest: GuestId) -> Result<Vec<Owned>, LedgerError> {
        let rows: Vec<(String, String, String, Option<String>)> =
            sqlx::query_as("SELECT kind, value, recorded_at, retired_at FROM identities WHERE guest = $1 ORDER BY id")
                .bind(guest.0)
                .fetch_all(&self.pool)
                .await
                .map_err(storage("read a guest's identities"))?;
        let owned = rows.into_iter().map(|(kind, value, recorded_at, retired_at)| {
            let kind = kind.parse().map_err(|error: spec::identity::UnknownKind| LedgerError::BadRow {
                what: format!("an identity of guest {guest}"),
                why: error.to_string(),
            })?;
            Ok(Owned { identity: Identity { kind, value }, recorded_at, retired_at })
        });
        owned.collect()
    }

    /// Who has a right to this value: its holder, or, where tenure is for ever, whoever held it.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn owner(&self, identity: &Identity) -> Result<Option<Holder>, LedgerError> {
        let kept = Kept::of(identity, &self.key);
        let row = sqlx::query(
            "SELECT g.* FROM identities i JOIN guests g ON g.id = i.guest
             WHERE i.kind = $1 AND i.value = $2 AND (i.for_ever = 1 OR i.retired_at IS NULL)",
        )
        .bind(&kept.kind)
        .bind(&kept.value)
        .fetch_optional(&self.pool)
        .await
        .map_err(storage("look for a value's holder"))?;
        row.as_ref().map(rows::holder).transpose()
    }

    /// Those of the values that another guest has a right to, with that guest in words: what the judge calls *taken*.
    /// Addresses that move by themselves are nobody's by right.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn taken(
        &self,
        identities: &[Identity],
        except: GuestId,
    ) -> Result<BTreeMap<Identity, String>, LedgerError> {
        let mut taken = BTreeMap::new();
        for identity in identities.iter().filter(|identity| Tenure::of(&identity.kind) != Tenure::Moving) {
            if let Some(holder) = self.owner(identity).await?.filter(|holder| holder.guest != except) {
                taken.insert(identity.clone(), holder.to_string());
            }
        }
        Ok(taken)
    }
}
