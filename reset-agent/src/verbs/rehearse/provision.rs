//! What `provision` would do.

use std::collections::BTreeSet;

use saga::Journal;
use serde::Serialize;
use spec::ids::RunId;
use uuid::Uuid;

use super::guest;
use super::rehearsal::{Does, Rehearsal};
use super::script::{Script, refused};
use crate::agent::Agent;
use crate::config::Purpose;
use crate::golden::admitting::admission;
use crate::ledger::GuestId;
use crate::placement::choose;
use crate::request::{ProvisionRequest, Wanted};
use crate::sagas::PROVISION;
use crate::steps::Names;
use crate::steps::asks::{Order, draw_macs, examined, free_vmid, surveyed};
use crate::stop::Stop;

/// Tells it.
///
/// # Errors
/// [`Stop`]: as things are now, the run would not begin or would make nothing.
pub async fn provision(agent: &Agent, request: &ProvisionRequest) -> Result<Rehearsal, Stop> {
    let mut script = Script::of(agent);
    for header in agent.journal.unfinished().await.map_err(Stop::failed)? {
        let what = format!(
            "run {} ({}) is unfinished: it is taken up first where its process died; what it still does is not told here",
            header.run, header.plan
        );
        script.tell("before", Does::Run { what });
    }
    let customer = &request.customer;
    if let Some(guest) = script.ctx.ledger.by_customer(customer).await.map_err(Stop::failed)? {
        let (vmid, state, run) = (guest.vmid, guest.state, guest.run);
        let what = format!("nothing is made: {customer} has guest {vmid} ({state}) from run {run} already");
        script.tell("before", Does::Ends { what });
        return Ok(script.end(PROVISION, customer));
    }
    let order = names(&mut script, request).await?;
    let born = guest::born(&mut script, &order).await?;
    guest::reset(&mut script, &order, &born).await?;
    guest::mount(&mut script, &order, &born).await?;
    guest::issue(&mut script, &order, &born).await?;
    if guest::start(&mut script, &order, &born).await? {
        guest::reach(&mut script, &order.request);
        guest::certify(&mut script);
        guest::withdraw(&mut script, &order, &born).await?;
        guest::record(&mut script, &order.request);
        secrets(&mut script, request).await?;
    }
    Ok(script.end(PROVISION, customer))
}

/// What is resolved and reserved.
async fn names(script: &mut Script, request: &ProvisionRequest) -> Result<Order, Stop> {
    let admission = admission(&script.ctx, &request.golden).await.map_err(Stop::unusable)?;
    let golden = examined(&script.ctx, admission, request.size, &request.volumes).await.map_err(refused)?;
    script.ledger("resolve", format!("what was seen of {}, and its values as forbidden to guests", golden.title));
    let run = own_run(script)?;
    let node = choose(&script.ctx, &golden, request.size, Purpose::Customer, &run).await.map_err(refused)?;
    script.ctx = script.ctx.at(&node);
    let inventory = surveyed(&script.ctx, &request.hostname).await.map_err(refused)?;
    script.hostname_is_free(&request.hostname, None).await?;
    let drawn = script.ctx.settings.vmids.of(Purpose::Customer);
    let vmid = free_vmid(&script.ctx, drawn, &inventory, &BTreeSet::new(), 0).await.map_err(refused)?;
    let prefix = script.ctx.settings.guests.mac_prefix;
    let macs = draw_macs(prefix, &inventory.macs, golden.nics.len()).map_err(refused)?;
    let macs: Vec<_> = golden.nics.keys().cloned().zip(macs).collect();
    script.later.vmid(vmid);
    for (key, mac) in &macs {
        script.later.mac(key, *mac);
    }
    let ProvisionRequest { customer, hostname, .. } = request;
    let keys: Vec<&str> = macs.iter().map(|(key, _)| key.as_str()).collect();
    let addresses = keys.join(", ");
    script.ledger(
        "reserve",
        format!("{customer}, a VMID, hostname {hostname} and a MAC address for each of {addresses}"),
    );
    let names = Names { guest: GuestId(0), vmid, hostname: hostname.clone(), macs: macs.into_iter().collect() };
    Ok(Order { request: wanted(request)?, golden, names, run })
}

/// An id as a run would have it.
pub(super) fn own_run(script: &mut Script) -> Result<RunId, Stop> {
    let run: RunId = Uuid::now_v7().to_string().parse().map_err(Stop::failed)?;
    script.later.run(&run);
    Ok(run)
}

/// The request as steps read it.
pub(super) fn wanted(request: &impl Serialize) -> Result<Wanted, Stop> {
    let value = serde_json::to_value(request).map_err(Stop::failed)?;
    serde_json::from_value(value).map_err(Stop::failed)
}

async fn secrets(script: &mut Script, request: &ProvisionRequest) -> Result<(), Stop> {
    let registered = script.ctx.ledger.customer(&request.customer).await.map_err(Stop::failed)?;
    if registered.is_some() {
        script.ledger("secrets", "the registration is bound to the guest, and its customer `active`");
        let what = "the customer's secrets as one env file".to_owned();
        let by_helper = script.ctx.helper.is_some();
        script.tell("secrets", if by_helper { Does::Helper { what } } else { Does::Ssh { what } });
    }
    Ok(())
}
