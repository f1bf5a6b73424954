//! What `recover` would do.

use std::collections::BTreeSet;

use super::guest;
use super::provision::{own_run, wanted};
use super::rehearsal::{Does, Rehearsal};
use super::script::{Script, refused};
use crate::agent::Agent;
use crate::ledger::GuestId;
use crate::placement::carrier;
use crate::request::RecoverRequest;
use crate::sagas::RECOVER;
use crate::steps::asks::{Order, archived_macs, choose, examine, original, refuse};
use crate::steps::{Examined, Names, Regained};
use crate::stop::Stop;
use crate::verbs::recover::begun;

/// Tells it.
///
/// # Errors
/// [`Stop`]: as things are now, the run would make nothing.
pub async fn recover(agent: &Agent, request: &RecoverRequest) -> Result<Rehearsal, Stop> {
    let mut script = Script::of(agent);
    if let Some(run) = begun(agent, &request.customer).await? {
        let what =
            format!("run {run} recovers this guest already: it is taken up; what it still does is not told here");
        script.tell("before", Does::Run { what });
        return Ok(script.end(RECOVER, &request.customer));
    }
    script.ctx = carrier(&script.ctx, &request.archive).await;
    let examined = examine(&script.ctx, request).await.map_err(refused)?;
    let regained = regained(&mut script, request, &examined).await?;
    let run = own_run(&mut script)?;
    let (golden, names) = (examined.source.clone(), regained.names.clone());
    let order = Order { request: wanted(request)?, golden, names, run };
    let born = guest::born(&mut script, &order).await?;
    guest::reset(&mut script, &order, &born).await?;
    let vmid = order.names.vmid;
    if let Some(twin) = original(&script.ctx, &regained, &examined, vmid).await.map_err(refused)? {
        let what = refuse(&twin, vmid, order.run.as_str()).to_string();
        script.tell("start", Does::Ends { what });
    } else if guest::start(&mut script, &order, &born).await? {
        guest::reach(&mut script, &order.request);
        guest::certify(&mut script);
        guest::record(&mut script, &order.request);
    }
    Ok(script.end(RECOVER, &request.customer))
}

/// The names under which it comes back; those that are not its own are the run's to draw.
async fn regained(script: &mut Script, request: &RecoverRequest, examined: &Examined) -> Result<Regained, Stop> {
    let choice = choose(&script.ctx, request, examined, &BTreeSet::new()).await.map_err(refused)?;
    let own = choice.before.as_ref().map(|before| before.0.id);
    script.hostname_is_free(&request.hostname, own).await?;
    let archived = archived_macs(examined).map_err(refused)?;
    script.later.vmid(choice.vmid);
    for (key, mac) in &choice.macs {
        if archived.get(key).copied().flatten() != Some(*mac) {
            script.later.mac(key, *mac);
        }
    }
    let row = if choice.before.is_some() { "the lost guest's row is taken over" } else { "a new row" };
    let (customer, hostname) = (&request.customer, request.hostname.clone());
    let macs: Vec<String> = choice.macs.iter().map(|(key, mac)| format!("{key} {mac}")).collect();
    let macs = macs.join(", ");
    script.ledger("reserve", format!("{row}: {customer}, a VMID, hostname {hostname}, MAC addresses {macs}"));
    let names = Names { guest: GuestId(0), vmid: choice.vmid, hostname, macs: choice.macs };
    Ok(Regained { names, before: choice.before })
}
