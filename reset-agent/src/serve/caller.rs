//! Who calls: a bearer token, or the page's cookie where only reading is asked for.

use std::time::Instant;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use spec::ids::CustomerId;

use super::api::Api;
use super::page::only_reads;
use super::problem::Problem;
use super::{Scope, Tenant, token};
use crate::ledger::TokenRow;

/// The cookie in which the page keeps its token.
pub(super) const COOKIE: &str = "mintmark";

/// A caller whose token is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    /// The token's id.
    pub(super) id: String,
    /// Whose guests it sees; all, where there is none.
    pub(super) tenant: Option<Tenant>,
    scopes: Vec<Scope>,
}

impl Caller {
    /// Refuses a caller whose token does not name this scope.
    pub(super) fn must(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        Err(forbidden(format!("the token {} has no scope {scope}", self.id)))
    }

    /// Refuses a tenant's caller: what is asked for is about the whole fleet.
    pub(super) fn must_be_operator(&self) -> Result<(), Problem> {
        match &self.tenant {
            None => Ok(()),
            Some(tenant) => {
                Err(forbidden(format!("the token {} is tenant {tenant}'s: only an operator's may", self.id)))
            }
        }
    }

    /// The ledger's id of the caller's customer.
    pub(super) fn customer(&self, own: &CustomerId) -> Result<CustomerId, Problem> {
        let Some(tenant) = &self.tenant else { return Ok(own.clone()) };
        tenant.customer(own).map_err(|_| {
            Problem::unacceptable(format!(
                "customer {own} is too long: tenant and customer have 63 characters together"
            ))
        })
    }

    /// The caller's own name of a customer of the ledger; none: it is not the caller's to see.
    pub(super) fn own<'a>(&self, customer: &'a str) -> Option<&'a str> {
        self.tenant.as_ref().map_or(Some(customer), |tenant| tenant.own(customer))
    }

    /// The tenant as the ledger keeps it: empty for an operator.
    pub(super) fn tenant_word(&self) -> &str {
        self.tenant.as_ref().map(Tenant::as_str).unwrap_or_default()
    }
}

fn forbidden(detail: String) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "forbidden", "The token may not do this", detail)
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        if let Some(text) = bearer(&parts.headers) {
            return authenticate(api, text).await;
        }
        match cookie(&parts.headers) {
            // A cookie comes along whoever made the request: nothing is ever changed for its sake.
            Some(text) if only_reads(&parts.method) => authenticate(api, text).await,
            _ => Err(unauthorized("send Authorization: Bearer TOKEN; `reset-agent tokens add` makes one")),
        }
    }
}

/// The caller who sends this token.
pub(super) async fn authenticate(api: &Api, text: &str) -> Result<Caller, Problem> {
    let row = match token::id_of(text) {
        Some(id) => api.agent.context.ledger.token(id).await.map_err(|error| Problem::broken(&error))?,
        None => None,
    };
    let Some(row) = row.filter(|row| token::is_taken(row, text, jiff::Timestamp::now())) else {
        // Guesses share one bucket, so that they cost us little.
        take(api, "")?;
        return Err(unauthorized("the token is not known, expired or revoked"));
    };
    take(api, &bucket(&row))?;
    caller(row)
}

/// A tenant has one bucket, however many tokens it has; an operator's tokens have one each.
fn bucket(row: &TokenRow) -> String {
    match &row.tenant {
        Some(tenant) => format!("tenant {tenant}"),
        None => format!("token {}", row.id),
    }
}

fn take(api: &Api, bucket: &str) -> Result<(), Problem> {
    api.limits.take(bucket, Instant::now()).map_err(|wait| {
        let per_second = api.settings.requests_per_second;
        let detail = format!("more than {per_second} requests a second");
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate", "Too many requests", detail)
            .retry_after(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).max(1))
    })
}

fn caller(row: TokenRow) -> Result<Caller, Problem> {
    let tenant = row.tenant.map(|tenant| tenant.parse()).transpose().map_err(|error| Problem::broken(&error))?;
    let scopes = row.scopes.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    Ok(Caller { id: row.id, tenant, scopes })
}

fn unauthorized(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "Who calls is not known", detail)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The page's token.
pub(super) fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenants_tokens_have_one_bucket_and_an_operators_have_their_own() {
        let row = |id: &str, tenant: Option<&str>| TokenRow {
            id: id.into(),
            name: "test".into(),
            tenant: tenant.map(Into::into),
            digest: String::new(),
            scopes: "read".into(),
            created_at: String::new(),
            expires_at: String::new(),
            revoked_at: None,
        };
        assert_eq!(bucket(&row("1", Some("a"))), bucket(&row("2", Some("a"))));
        assert_ne!(bucket(&row("1", Some("a"))), bucket(&row("1", Some("b"))));
        assert_ne!(bucket(&row("1", None)), bucket(&row("2", None)));
        assert_ne!(bucket(&row("a", None)), bucket(&row("a", Some("a"))));
    }
}
