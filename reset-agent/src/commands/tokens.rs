//! `tokens`: who may call the API.

use serde_json::json;
use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::cli::Tokens;
use crate::ledger::{Entry, TokenRow};
use crate::render::table;
use crate::serve::token::{self, Grant};
use crate::stop::Stop;

pub(super) async fn run(agent: &Agent, output: Output, tokens: Tokens) -> Result<Exit, Stop> {
    match tokens {
        Tokens::Add { name, tenant, scope, days } => {
            add(agent, output, Grant { name, tenant, scopes: scope, days }).await
        }
        Tokens::List => list(agent, output).await,
        Tokens::Revoke { id } => revoke(agent, output, &id).await,
    }
}

async fn add(agent: &Agent, output: Output, grant: Grant) -> Result<Exit, Stop> {
    let (row, text) = token::make(&grant).map_err(Stop::failed)?;
    let ledger = &agent.context.ledger;
    ledger.add_token(&row).await.map_err(Stop::failed)?;
    ledger.log_action(&by_hand("token.add", &row.id, &row.scopes)).await.map_err(Stop::failed)?;
    output.print(&json!({"version": 1, "id": row.id, "expires_at": row.expires_at, "token": text.as_str()}), || {
        format!("{}\nid {}, until {}; it is shown this once", text.as_str(), row.id, row.expires_at)
    })?;
    Ok(Exit::Done)
}

async fn list(agent: &Agent, output: Output) -> Result<Exit, Stop> {
    let rows = agent.context.ledger.tokens().await.map_err(Stop::failed)?;
    output.print(&json!({"version": 1, "tokens": rows}), || listed(&rows))?;
    Ok(Exit::Done)
}

fn listed(rows: &[TokenRow]) -> String {
    let mut table = table(["id", "name", "tenant", "scopes", "until", "revoked"]);
    for row in rows {
        let tenant = row.tenant.clone().unwrap_or_else(|| "(operator)".to_owned());
        let revoked = row.revoked_at.clone().unwrap_or_default();
        table.add_row([&row.id, &row.name, &tenant, &row.scopes, &row.expires_at, &revoked]);
    }
    table.to_string()
}

async fn revoke(agent: &Agent, output: Output, id: &str) -> Result<Exit, Stop> {
    let ledger = &agent.context.ledger;
    let Some(row) = ledger.token(id).await.map_err(Stop::failed)? else {
        return Err(Stop::bad_input(format!("there is no token {id}; `reset-agent tokens list` shows them")));
    };
    if ledger.revoke_token(id).await.map_err(Stop::failed)? {
        ledger.log_action(&by_hand("token.revoke", id, "done")).await.map_err(Stop::failed)?;
    }
    output.print(&json!({"version": 1, "id": row.id, "revoked": true}), || format!("token {id} is revoked"))?;
    Ok(Exit::Done)
}

/// What a local user did with the command line.
pub(super) fn by_hand(action: &str, object: &str, outcome: &str) -> Entry {
    let who = format!("uid {}", rustix::process::getuid().as_raw());
    Entry { who, action: action.into(), object: object.into(), outcome: outcome.into(), ..Entry::default() }
}
