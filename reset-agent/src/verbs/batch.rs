//! Many customers from one list: a plan, then the work, so many at once. Told again, it goes on where it was cut off:
//! who has a guest gets it back.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry::Vacant;

use futures_util::{StreamExt, stream};

use super::provision::provision_by;
use crate::agent::{Agent, Wake};
use crate::batch::{Entry, Planned, Standing, plan};
use crate::golden::admitting::admission;
use crate::ledger::Scope;
use crate::node::failure::chain;
use crate::outcome::Outcome;
use crate::sagas::PROVISION;
use crate::stop::Stop;

/// What came of one entry.
pub struct Carried {
    /// The entry.
    pub entry: Entry,
    /// Its run's outcome, or why it stopped on the way.
    pub result: Result<Outcome, Stop>,
}

/// What would be made of a list. A golden that does not count stands against every line that names it.
///
/// # Errors
/// The ledger cannot be read.
pub async fn planned(agent: &Agent, entries: Vec<Entry>) -> Result<Vec<Planned>, Stop> {
    let live = agent.context.ledger.list(Scope::Live).await.map_err(Stop::failed)?;
    let mut goldens: BTreeMap<String, Option<String>> = BTreeMap::new();
    for entry in &entries {
        if let Vacant(unseen) = goldens.entry(entry.request.golden.to_string()) {
            let refused = admission(&agent.context, &entry.request.golden).await.err();
            unseen.insert(refused.map(|error| chain(&error)));
        }
    }
    let mut planned = plan(entries, &live);
    for line in planned.iter_mut().filter(|line| line.standing == Standing::New) {
        let golden = line.entry.request.golden.to_string();
        if let Some(Some(why)) = goldens.get(&golden) {
            line.standing = Standing::Conflict { why: format!("golden {golden}: {why}") };
        }
    }
    Ok(planned)
}

/// Carries a list out, so many at once. One that fails does not keep the others; the results come in the list's order.
///
/// # Errors
/// The journal cannot be read.
pub async fn carry_out(agent: &Agent, entries: Vec<Entry>, parallel: usize) -> Result<Vec<Carried>, Stop> {
    agent.take_up_all(Wake::DeadOnly).await?;
    let carry = |entry: Entry| async move {
        let result = provision_by(agent, &entry.request, PROVISION).await;
        Carried { entry, result }
    };
    let mut carried: Vec<Carried> = stream::iter(entries).map(carry).buffer_unordered(parallel).collect().await;
    carried.sort_by_key(|carried| carried.entry.line);
    Ok(carried)
}
