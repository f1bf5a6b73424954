//! `audit-log`: who did what, and whether the chain is whole.

use serde_json::{Value, json};
use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::cli::AuditLog;
use crate::ledger::{Chained, Entry, Head, Walk};
use crate::render::table;
use crate::stop::Stop;

/// Entries read at once.
const PIECE: i64 = 1000;

pub(super) async fn run(agent: &Agent, output: Output, audit_log: AuditLog) -> Result<Exit, Stop> {
    match audit_log {
        AuditLog::Verify { head } => verify(agent, output, head.as_deref()).await,
        AuditLog::Show { after, limit } => show(agent, output, after, limit).await,
    }
}

async fn verify(agent: &Agent, output: Output, kept: Option<&str>) -> Result<Exit, Stop> {
    let kept = kept.map(|text| {
        head(text)
            .ok_or_else(|| Stop::bad_input(format!("--head {text:?}: write SEQ:HASH as `audit-log verify` prints it")))
    });
    let mut walk = Walk::begin(kept.transpose()?);
    let mut after = 0;
    loop {
        let piece = agent.context.ledger.audit_log(after, PIECE).await.map_err(Stop::failed)?;
        let Some(last) = piece.last() else { break };
        after = last.seq;
        piece.iter().try_for_each(|next| walk.take(next)).map_err(Stop::failed)?;
    }
    let head = walk.end().map_err(Stop::failed)?;
    output.print(&json!({"version": 1, "entries": head.seq, "head": head}), || {
        format!("{} entries, chain whole, head {}:{}", head.seq, head.seq, head.hash)
    })?;
    Ok(Exit::Done)
}

fn head(text: &str) -> Option<Head> {
    let (seq, hash) = text.split_once(':')?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then_some(Head { seq: seq.parse().ok()?, hash: hash.to_ascii_lowercase() })
}

async fn show(agent: &Agent, output: Output, after: i64, limit: i64) -> Result<Exit, Stop> {
    let entries = agent.context.ledger.audit_log(after, limit.max(0)).await.map_err(Stop::failed)?;
    let values: Vec<Value> = entries.iter().map(value).collect();
    output.print(&json!({"version": 1, "entries": values}), || listed(&entries))?;
    Ok(Exit::Done)
}

fn value(chained: &Chained) -> Value {
    let entry: Value = serde_json::from_str(&chained.entry).unwrap_or_else(|_| json!(chained.entry));
    json!({"seq": chained.seq, "hash": chained.hash, "entry": entry})
}

fn listed(entries: &[Chained]) -> String {
    let mut table = table(["seq", "at", "who", "tenant", "action", "object", "run", "outcome"]);
    for chained in entries {
        let entry: Entry = serde_json::from_str(&chained.entry).unwrap_or_default();
        let Entry { at, who, tenant, action, object, run, outcome } = entry;
        let or_none = Option::unwrap_or_default;
        table.add_row([chained.seq.to_string(), at, who, or_none(tenant), action, object, or_none(run), outcome]);
    }
    table.to_string()
}
