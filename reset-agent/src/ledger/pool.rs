//! Guests provisioned ahead of their customers: never one guest to two customers, never two guests to one.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::identity::{Identity, IdentityKind};
use spec::ids::{CustomerId, Hostname, MacAddr, RunId};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::error::{LedgerError, storage};
use super::guest::{Guest, GuestId, GuestState};
use super::lookup::Ledger;
use super::record::hold;
use super::reserve::macs_of;
use super::rows::{self, Tx};
use crate::store::now;

/// A guest of the pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pooled {
    /// The guest as it is now.
    pub guest: Guest,
    /// What it was asked to be made from.
    pub golden: String,
    /// The release that it was made from, as its run resolved it.
    #[serde(skip)]
    pub release: Value,
    /// The run that made it: its mark stands in the description until the guest is handed over.
    pub made_by: RunId,
    /// Where it is on its way to a customer.
    pub state: PoolState,
}

/// Where a pool guest is on its way to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PoolState {
    /// It is being made, or was and could not be verified.
    Filling,
    /// It waits.
    Ready,
    /// A customer has it, or is about to.
    Claimed,
    /// Nobody gets it any more: its claim failed, or its release was withdrawn.
    Spoiled,
}

impl PoolState {
    fn word(self) -> &'static str {
        match self {
            Self::Filling => "filling",
            Self::Ready => "ready",
            Self::Claimed => "claimed",
            Self::Spoiled => "spoiled",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Filling, Self::Ready, Self::Claimed, Self::Spoiled].into_iter().find(|state| state.word() == word)
    }
}

impl std::fmt::Display for PoolState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

/// What a claim asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who gets the guest.
    pub customer: CustomerId,
    /// What it must have been made from, as the pool names it.
    pub golden: String,
    /// The name that it gets.
    pub hostname: Hostname,
    /// The run that hands it over.
    pub run: RunId,
}

/// What a claim got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// This guest, with its MAC addresses in the order of its interfaces.
    Guest(Pooled, Vec<MacAddr>),
    /// The customer has a live guest of another run.
    HasOne(Guest),
    /// No guest waits.
    Empty,
}

/// A statement that reads pool guests, with its condition.
macro_rules! pooled {
    ($condition:literal) => {
        concat!(
            "SELECT g.*, p.golden AS pool_golden, p.release, p.made_by, p.state AS pool_state
             FROM pool p JOIN guests g ON g.id = p.guest WHERE ",
            $condition
        )
    };
}

impl Ledger {
    /// Enters a guest that is made for the pool; one that is verified waits from now on.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn enter_pool(&self, guest: &Guest, golden: &str, release: &Value) -> Result<(), LedgerError> {
        let failed = storage("enter a pool guest");
        let state = if guest.state == GuestState::Active { PoolState::Ready } else { PoolState::Filling };
        let mut tx = self.write(failed).await?;
        sqlx::query(
            "INSERT INTO pool (guest, golden, release, made_by, state, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (guest) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at
             WHERE pool.state = 'filling'",
        )
        .bind(guest.id.0)
        .bind(golden)
        .bind(release.to_string())
        .bind(guest.run.to_string())
        .bind(state.word())
        .bind(now())
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        tx.commit().await.map_err(failed)
    }

    /// The pool's guests that no customer has and that are not gone, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn pool(&self) -> Result<Vec<Pooled>, LedgerError> {
        let sql = pooled!("g.state NOT IN ('released', 'destroyed') AND p.state <> 'claimed' ORDER BY g.id");
        let rows = sqlx::query(sql).fetch_all(&self.pool).await.map_err(storage("list the pool"))?;
        rows.iter().map(read).collect()
    }

    /// Hands the guest that waited longest to a customer, under a new name, in one transaction. Asked again by the same
    /// run, it gives the same guest.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`]: the hostname is taken; nothing was claimed.
    pub async fn claim(&self, ask: &Claim) -> Result<Claimed, LedgerError> {
        let failed = storage("claim a guest");
        let mut tx = self.write(failed).await?;
        if let Some(guest) = rows::live_of(&mut tx, &ask.customer).await? {
            if guest.run != ask.run {
                return Ok(Claimed::HasOne(guest));
            }
            let pooled = one(&mut tx, guest.id).await?;
            let macs = macs_of(&mut tx, guest.id).await?;
            return Ok(Claimed::Guest(pooled, macs));
        }
        let Some(id) = take(&mut tx, ask).await? else { return Ok(Claimed::Empty) };
        sqlx::query("UPDATE guests SET customer = $1, hostname = $2, run = $3, updated_at = $4 WHERE id = $5")
            .bind(ask.customer.to_string())
            .bind(ask.hostname.to_string())
            .bind(ask.run.to_string())
            .bind(now())
            .bind(id.0)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        hold(&mut tx, &self.key, id, &Identity::new(IdentityKind::Hostname, ask.hostname.as_ref())).await?;
        let pooled = one(&mut tx, id).await?;
        let macs = macs_of(&mut tx, id).await?;
        tx.commit().await.map_err(failed)?;
        Ok(Claimed::Guest(pooled, macs))
    }

    /// Takes a guest whose claim failed out of the pool: it is gone from the node, and its customer may claim another.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::IllegalMove`].
    pub async fn spoil(&self, run: &RunId) -> Result<(), LedgerError> {
        let failed = storage("take a guest out of the pool");
        let mut tx = self.write(failed).await?;
        if let Some(pooled) = by_claim(&mut tx, run).await? {
            sqlx::query("UPDATE pool SET state = 'spoiled', updated_at = $1 WHERE guest = $2")
                .bind(now())
                .bind(pooled.guest.id.0)
                .execute(&mut *tx)
                .await
                .map_err(failed)?;
            rows::set_state(&mut tx, &pooled.guest, GuestState::Destroyed).await?;
        }
        tx.commit().await.map_err(failed)
    }

    /// Takes a guest that waits out of the pool, because nobody may have it any more; `false` where it waits no more.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn spoil_waiting(&self, guest: GuestId) -> Result<bool, LedgerError> {
        let failed = storage("take a guest out of the pool");
        let mut tx = self.write(failed).await?;
        let taken =
            sqlx::query("UPDATE pool SET state = 'spoiled', updated_at = $1 WHERE guest = $2 AND state = 'ready'")
                .bind(now())
                .bind(guest.0)
                .execute(&mut *tx)
                .await
                .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(taken.rows_affected() == 1)
    }

    /// The guest that this run claimed, whatever became of it: for an undo that has no output to go by.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn claimed_by(&self, run: &RunId) -> Result<Option<Pooled>, LedgerError> {
        let mut conn = self.pool.acquire().await.map_err(storage("look for a claim"))?;
        by_claim(&mut conn, run).await
    }
}

/// Marks the guest that waited longest as claimed. Whoever comes second finds the row changed and tries the next.
async fn take(tx: &mut Tx, ask: &Claim) -> Result<Option<GuestId>, LedgerError> {
    let failed = storage("claim a guest");
    let waiting: Vec<i64> = sqlx::query_scalar(
        "SELECT p.guest FROM pool p JOIN guests g ON g.id = p.guest
         WHERE p.golden = $1 AND p.state = 'ready' AND g.state = 'active' ORDER BY p.guest",
    )
    .bind(&ask.golden)
    .fetch_all(&mut **tx)
    .await
    .map_err(failed)?;
    for guest in waiting {
        let taken = sqlx::query(
            "UPDATE pool SET state = 'claimed', claim = $1, updated_at = $2 WHERE guest = $3 AND state = 'ready'",
        )
        .bind(ask.run.to_string())
        .bind(now())
        .bind(guest)
        .execute(&mut **tx)
        .await
        .map_err(failed)?;
        if taken.rows_affected() == 1 {
            return Ok(Some(GuestId(guest)));
        }
    }
    Ok(None)
}

async fn one(tx: &mut Tx, guest: GuestId) -> Result<Pooled, LedgerError> {
    let row = sqlx::query(pooled!("p.guest = $1")).bind(guest.0).fetch_optional(&mut **tx).await;
    let row = row.map_err(storage("read a pool guest"))?;
    row.as_ref().map(read).transpose()?.ok_or(LedgerError::UnknownGuest(guest))
}

async fn by_claim(conn: &mut sqlx::AnyConnection, run: &RunId) -> Result<Option<Pooled>, LedgerError> {
    let row = sqlx::query(pooled!("p.claim = $1")).bind(run.to_string()).fetch_optional(conn).await;
    row.map_err(storage("look for a claim"))?.as_ref().map(read).transpose()
}

fn read(row: &AnyRow) -> Result<Pooled, LedgerError> {
    let guest = rows::guest(row)?;
    let text = |column: &'static str| row.try_get::<String, _>(column).map_err(storage("read a pool guest"));
    let bad = |why: String| LedgerError::BadRow { what: format!("pool guest {}", guest.id), why };
    let state = text("pool_state")?;
    Ok(Pooled {
        golden: text("pool_golden")?,
        release: text("release")?.parse().map_err(|error: serde_json::Error| bad(format!("release: {error}")))?,
        made_by: text("made_by")?.parse().map_err(|error| bad(format!("made_by: {error}")))?,
        state: PoolState::from_word(&state).ok_or_else(|| bad(format!("state: unknown `{state}`")))?,
        guest,
    })
}
