//! Runs that the API accepted: written down before they begin, so that one key means one run over every restart.

use super::error::{LedgerError, storage};
use super::lookup::Ledger;
use super::rows;
use crate::store::{Tx, now};
use spec::ids::CustomerId;

/// What a caller asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The caller's tenant; empty for an operator.
    pub tenant: String,
    /// The caller's Idempotency-Key.
    pub key: String,
    /// SHA-256 of what is asked, as hex digits.
    pub body: String,
    /// Whose guest it is about.
    pub customer: CustomerId,
    /// A fresh run's id, used if the request is new.
    pub run: String,
    /// The plan that run follows.
    pub plan: String,
    /// The run's input as JSON.
    pub input: String,
}

/// What was accepted under a key: now, or whenever it was first asked.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Accepted {
    /// The caller's tenant; empty for an operator.
    pub tenant: String,
    /// The caller's Idempotency-Key.
    pub key: String,
    /// SHA-256 of what was asked.
    pub body: String,
    /// Whose guest it is about.
    pub customer: String,
    /// The run that serves the request.
    pub run: String,
    /// The plan it follows.
    pub plan: String,
    /// Its input as JSON.
    pub input: String,
    /// 1: another request made, or makes, the guest.
    pub existing: i64,
    /// When it was accepted, RFC 3339.
    pub accepted_at: String,
}

/// How a request stands to those before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// It is new: the caller of this function carries the run out.
    New(Accepted),
    /// It was asked before, or the customer has a guest already: nothing is to be done.
    Known(Accepted),
    /// Its key was used for something else.
    Mismatch,
}

/// How a request for a recovery stands to those before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// It is new: the caller of this function carries the run out.
    New(Accepted),
    /// It was asked before, or the guest is being recovered already: nothing is to be done.
    Known(Accepted),
    /// A run of another plan works on the customer's guest.
    Busy {
        /// That run.
        run: String,
    },
    /// Its key was used for something else.
    Mismatch,
}

impl Ledger {
    /// Accepts a request for a new guest, or finds what was accepted before, in one transaction. A customer has one
    /// guest: while one lives, or is being made, other requests for the customer are answered by it.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn accept_guest(&self, asked: &Asked) -> Result<Acceptance, LedgerError> {
        let failed = storage("accept a request");
        let mut tx = self.write(failed).await?;
        if let Some(known) = known(&mut tx, asked).await? {
            return Ok(if known.body == asked.body { Acceptance::Known(known) } else { Acceptance::Mismatch });
        }
        let maker = match rows::live_of(&mut tx, &asked.customer).await? {
            Some(guest) => Some(guest.run.to_string()),
            None => unfinished(&mut tx, &asked.customer).await?.map(|(run, _)| run),
        };
        let accepted = insert(&mut tx, asked, maker.as_deref()).await?;
        tx.commit().await.map_err(failed)?;
        Ok(if maker.is_some() { Acceptance::Known(accepted) } else { Acceptance::New(accepted) })
    }

    /// Accepts a run about a guest that is there, or finds what was accepted before under the key.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn accept_run(&self, asked: &Asked) -> Result<Acceptance, LedgerError> {
        let failed = storage("accept a request");
        let mut tx = self.write(failed).await?;
        if let Some(known) = known(&mut tx, asked).await? {
            return Ok(if known.body == asked.body { Acceptance::Known(known) } else { Acceptance::Mismatch });
        }
        let accepted = insert(&mut tx, asked, None).await?;
        tx.commit().await.map_err(failed)?;
        Ok(Acceptance::New(accepted))
    }

    /// Accepts a request to bring a customer's guest back, or finds what was accepted before, in one transaction. A
    /// customer's guest is recovered once at a time: other requests are answered by the run that does it, also by one
    /// that no request of the API began (`under_way`).
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn accept_recovery(&self, asked: &Asked, under_way: Option<&str>) -> Result<Recovery, LedgerError> {
        let failed = storage("accept a request");
        let mut tx = self.write(failed).await?;
        if let Some(known) = known(&mut tx, asked).await? {
            return Ok(if known.body == asked.body { Recovery::Known(known) } else { Recovery::Mismatch });
        }
        let run = match unfinished(&mut tx, &asked.customer).await? {
            Some((run, plan)) if plan != asked.plan => return Ok(Recovery::Busy { run }),
            Some((run, _)) => Some(run),
            None => under_way.map(ToOwned::to_owned),
        };
        let accepted = insert(&mut tx, asked, run.as_deref()).await?;
        tx.commit().await.map_err(failed)?;
        Ok(if run.is_some() { Recovery::Known(accepted) } else { Recovery::New(accepted) })
    }

    /// What was accepted under a tenant's key.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn accepted(&self, tenant: &str, key: &str) -> Result<Option<Accepted>, LedgerError> {
        sqlx::query_as("SELECT * FROM api_requests WHERE tenant = $1 AND key = $2")
            .bind(tenant.to_owned())
            .bind(key.to_owned())
            .fetch_optional(&self.pool)
            .await
            .map_err(storage("look for a request"))
    }

    /// Accepted runs that the journal does not know: their agent died before it began them.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn accepted_not_begun(&self) -> Result<Vec<Accepted>, LedgerError> {
        sqlx::query_as(
            "SELECT * FROM api_requests WHERE existing = 0 AND run NOT IN (SELECT run FROM runs)
             ORDER BY accepted_at, run",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(storage("look for accepted runs"))
    }

    /// For which tenant a run was accepted; none: it did not come through the API.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn accepted_run(&self, run: &str) -> Result<Option<Accepted>, LedgerError> {
        sqlx::query_as("SELECT * FROM api_requests WHERE run = $1 ORDER BY existing, accepted_at LIMIT 1")
            .bind(run.to_owned())
            .fetch_optional(&self.pool)
            .await
            .map_err(storage("look for an accepted run"))
    }
}

async fn known(tx: &mut Tx, asked: &Asked) -> Result<Option<Accepted>, LedgerError> {
    sqlx::query_as("SELECT * FROM api_requests WHERE tenant = $1 AND key = $2")
        .bind(asked.tenant.clone())
        .bind(asked.key.clone())
        .fetch_optional(&mut **tx)
        .await
        .map_err(storage("look for a request"))
}

/// The accepted run that works on the customer's guest, or is about to, and its plan.
async fn unfinished(tx: &mut Tx, customer: &CustomerId) -> Result<Option<(String, String)>, LedgerError> {
    sqlx::query_as(
        "SELECT a.run, a.plan FROM api_requests a LEFT JOIN runs r ON r.run = a.run
         WHERE a.customer = $1 AND a.existing = 0 AND r.outcome IS NULL ORDER BY a.accepted_at LIMIT 1",
    )
    .bind(customer.to_string())
    .fetch_optional(&mut **tx)
    .await
    .map_err(storage("look for a customer's run"))
}

async fn insert(tx: &mut Tx, asked: &Asked, maker: Option<&str>) -> Result<Accepted, LedgerError> {
    let accepted = Accepted {
        tenant: asked.tenant.clone(),
        key: asked.key.clone(),
        body: asked.body.clone(),
        customer: asked.customer.to_string(),
        run: maker.unwrap_or(&asked.run).to_owned(),
        plan: asked.plan.clone(),
        input: asked.input.clone(),
        existing: i64::from(maker.is_some()),
        accepted_at: now(),
    };
    sqlx::query(
        "INSERT INTO api_requests (tenant, key, body, customer, run, plan, input, existing, accepted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(accepted.tenant.clone())
    .bind(accepted.key.clone())
    .bind(accepted.body.clone())
    .bind(accepted.customer.clone())
    .bind(accepted.run.clone())
    .bind(accepted.plan.clone())
    .bind(accepted.input.clone())
    .bind(accepted.existing)
    .bind(accepted.accepted_at.clone())
    .execute(&mut **tx)
    .await
    .map_err(storage("accept a request"))?;
    Ok(accepted)
}
