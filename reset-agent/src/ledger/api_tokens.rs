//! Who may call the API: tokens by their digest, with tenant, scopes and an end.

use serde::Serialize;

use super::error::{LedgerError, storage};
use super::lookup::Ledger;
use crate::store::now;

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct TokenRow {
    /// What it is known by; part of the token itself.
    pub id: String,
    /// Whose it is, for people.
    pub name: String,
    /// Whose guests it sees; all, where there is none.
    pub tenant: Option<String>,
    /// SHA-256 of the whole token, as hex digits.
    #[serde(skip)]
    pub digest: String,
    /// What it may do: words, separated by blanks.
    pub scopes: String,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// From when on it is no longer taken, RFC 3339.
    pub expires_at: String,
    /// When it was revoked, RFC 3339.
    pub revoked_at: Option<String>,
}

impl Ledger {
    /// Adds a token.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn add_token(&self, token: &TokenRow) -> Result<(), LedgerError> {
        sqlx::query(
            "INSERT INTO api_tokens (id, name, tenant, digest, scopes, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(token.id.clone())
        .bind(token.name.clone())
        .bind(token.tenant.clone())
        .bind(token.digest.clone())
        .bind(token.scopes.clone())
        .bind(token.created_at.clone())
        .bind(token.expires_at.clone())
        .execute(&self.pool)
        .await
        .map(|_| ())
        .map_err(storage("add a token"))
    }

    /// The token of this id, revoked or not.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn token(&self, id: &str) -> Result<Option<TokenRow>, LedgerError> {
        sqlx::query_as("SELECT * FROM api_tokens WHERE id = $1")
            .bind(id.to_owned())
            .fetch_optional(&self.pool)
            .await
            .map_err(storage("look for a token"))
    }

    /// All tokens, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, LedgerError> {
        sqlx::query_as("SELECT * FROM api_tokens ORDER BY created_at, id")
            .fetch_all(&self.pool)
            .await
            .map_err(storage("list the tokens"))
    }

    /// Revokes a token; it stays in the list. False: there is none of this id that was not revoked before.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn revoke_token(&self, id: &str) -> Result<bool, LedgerError> {
        sqlx::query("UPDATE api_tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL")
            .bind(now())
            .bind(id.to_owned())
            .execute(&self.pool)
            .await
            .map(|done| done.rows_affected() > 0)
            .map_err(storage("revoke a token"))
    }
}
